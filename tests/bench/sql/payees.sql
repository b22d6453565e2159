-- Accounts of those who earn, with Stripe and in the ledger, and why some of it stays where it is.
insert into account (id, kind, owner_id, currency, grows, may_overdraw)
select pg_temp.id_at(now(), 'payee' || id), 'payee', id, 'USD', 'C', true from crowd_person where n %% 20 < 12;
insert into payout_account (id, person_id, country, agreement, state, provider_id, requirements, opened_at)
select pg_temp.id_at(now(), 'account' || id), id, case when n %% 9 = 0 then 'DE' else 'US' end, 'full',
    case when n %% 10 = 7 then 'onboarding' else 'active' end, 'acct_crowd_' || n, '[]', now()
from crowd_person where n %% 20 < 11;
insert into blocked_payout (person_id, currency, reason, since)
select id, 'USD', case when n %% 20 = 11 then 'no_account' else 'not_onboarded' end, now() from crowd_person
where n %% 20 = 11 or (n %% 20 < 11 and n %% 10 = 7)

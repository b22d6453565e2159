-- People who can be paid, each with an account in the ledger and with Stripe.
insert into person (id, email, name, country, locale, time_zone)
select uuidv7(), 'payee' || n || '@crowd.example', 'Payee ' || n, 'US', 'en', 'America/Chicago' from generate_series(1, %(people)s) n;
insert into account (id, kind, owner_id, currency, grows, may_overdraw)
select uuidv7(), 'payee', id, 'USD', 'C', true from person where email like 'payee%%' order by id;
insert into payout_account (id, person_id, country, agreement, state, provider_id, requirements, opened_at)
select uuidv7(), id, 'US', 'full', 'active', 'acct_' || id, '[]', now() from person where email like 'payee%%' order by id

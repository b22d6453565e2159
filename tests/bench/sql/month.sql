-- A month's earnings: some thousands of people once, and the town's artists forty times.
insert into entry (journal_id, debit_id, credit_id, currency, amount, ref)
select %(journal)s, held.id, a.id, 'USD', 2500 + (e.n * 37) %% 9000, pg_temp.id_at(now(), 'entry' || %(month)s || e.person || e.n)
from (
    select * from (
        select owner_id as person, row_number() over (order by owner_id) as n from account where kind = 'payee' and owner_id <> all(%(artists)s)
    ) payee where n %% 12 = %(month)s
    union all select person, n from unnest(%(artists)s::uuid[]) person, generate_series(1, 40) n
) e
join account a on a.kind = 'payee' and a.owner_id = e.person and a.currency = 'USD'
join account held on held.kind = 'held' and held.owner_id = %(campaign)s and held.currency = 'USD'

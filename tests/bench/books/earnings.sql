-- Each of them has earned something, in one journal.
insert into entry (journal_id, debit_id, credit_id, currency, amount, ref)
select %(journal)s, held.id, a.id, 'USD', 2500 + row_number() over (order by a.id) %% 9000, a.owner_id
from account a join account held on held.kind = 'held' and held.owner_id = %(campaign)s where a.kind = 'payee' order by a.id

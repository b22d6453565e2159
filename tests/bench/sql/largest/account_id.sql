select a.id from account a where a.kind = 'held' and a.owner_id = %(campaign)s limit 1

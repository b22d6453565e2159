select p.id from proposal p join deliverable t on t.id = p.deliverable_id where t.campaign_id = %(campaign)s order by p.number desc limit 1

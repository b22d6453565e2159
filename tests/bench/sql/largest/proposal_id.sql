select p.id from proposal p join track t on t.id = p.track_id where t.campaign_id = %(campaign)s order by p.number desc limit 1

select c.id from proposal_comment c join proposal p on p.id = c.proposal_id join track t on t.id = p.track_id where t.campaign_id = %(campaign)s and c.disposition is null order by c.id desc limit 1

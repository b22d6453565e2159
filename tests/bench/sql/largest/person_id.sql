select l.person_id from proposal_line l join proposal p on p.id = l.proposal_id join track t on t.id = p.track_id where t.campaign_id = %(campaign)s order by p.number desc, l.amount desc limit 1

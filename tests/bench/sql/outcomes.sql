-- What published selections say of every contribution that was not chosen.
insert into selection_outcome (deliverable_id, visit, contribution_id, chosen, reason)
select s.deliverable_id, s.visit, w.id, false, 'Not this time.'
from selection s join deliverable t on t.id = s.deliverable_id join crowd_contribution w on w.campaign = t.campaign_id where w.state = 'screened_in'

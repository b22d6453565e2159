-- What published selections say of every work that was not chosen.
insert into outcome (deliverable_id, visit, work_id, chosen, reason)
select s.deliverable_id, s.visit, w.id, false, 'Not this time.'
from selection s join deliverable t on t.id = s.deliverable_id join crowd_work w on w.campaign = t.campaign_id where w.state = 'screened_in'

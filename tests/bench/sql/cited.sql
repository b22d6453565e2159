-- What was chosen is built, in turn, on the newest works of the crowd.
insert into source (work_id, source_id, id, kind, weight, state, claimed_by, claimed_as, claimed_at, at_upload, decided_by, decided_as, decided_at)
select k.work_id, s.id, pg_temp.id_at(s.came, 'cited' || k.work_id || s.id), 'influenced_by', 1, 'confirmed', c.uploaded_by, 'work', s.came, false,
    s.by, 'source', now()
from component k join version on version.id = k.version_id join deliverable t on t.id = version.deliverable_id join contribution c on c.id = k.work_id
join lateral (select * from crowd_work w where w.campaign = t.campaign_id and w.state = 'screened_in' order by w.n desc limit %(cited)s) s on true
where t.campaign_id = %(campaign)s and s.id < k.work_id

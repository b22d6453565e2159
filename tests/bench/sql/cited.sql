-- What was chosen is built, in turn, on the newest contributions of the crowd.
insert into source (contribution_id, source_id, id, kind, weight, state, claimed_by, claimed_as, claimed_at, at_upload, decided_by, decided_as, decided_at)
select k.contribution_id, s.id, pg_temp.id_at(s.came, 'cited' || k.contribution_id || s.id), 'influenced_by', 1, 'confirmed', c.uploaded_by, 'contribution', s.came, false,
    s.by, 'source', now()
from component k join version on version.id = k.version_id join deliverable t on t.id = version.deliverable_id join contribution c on c.id = k.contribution_id
join lateral (select * from crowd_contribution w where w.campaign = t.campaign_id and w.state = 'screened_in' order by w.n desc limit %(cited)s) s on true
where t.campaign_id = %(campaign)s and s.id < k.contribution_id

-- What people said of the proposal, most of it answered.
insert into proposal_comment (id, proposal_id, person_id, about_id, claim, evidence, made_at, disposition, reason, disposed_by, disposed_at)
select pg_temp.id_at(now() - (2000 - l.n) * interval '1 minute', 'comment' || l.n), l.proposal_id, l.person_id, l.person_id,
    'My part of it is larger.', 'The refrain is mine.', now(), case when l.n > 60 then 'declined' end, case when l.n > 60 then 'It is as it was.' end,
    case when l.n > 60 then %(manager)s::uuid end, case when l.n > 60 then now() end
from (select *, row_number() over (order by person_id) as n from proposal_line where proposal_id = %(proposal)s) l where l.n <= 2000

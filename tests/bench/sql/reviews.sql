-- Twenty curators and the town's own, most of whose contributions are judged.
create temp table crowd_review as
select pg_temp.id_at(now(), 'review' || w.id || c.number) as id, r.id as round, w.id as contribution, c.curator, w.n %% 10 < 8 as done, w.n
from review_round r join deliverable t on t.id = r.deliverable_id
join crowd_contribution w on w.campaign = t.campaign_id and w.state = 'screened_in'
cross join lateral (values (1, %(curator)s::uuid), (2, (select id from crowd_person where n = 1 + w.n %% 20))) as c(number, curator)
where t.campaign_id = %(campaign)s and (c.number = 2 or w.n %% 5 = 0);
insert into review_assignment (id, round_id, contribution_id, curator_id, place) select id, round, work, curator, md5(id::text) from crowd_review;
insert into review (assignment_id, reason, submitted_at) select id, 'It has a voice of its own.', now() from crowd_review where done;
insert into score (assignment_id, criterion_id, value)
select r.id, c.id, 1 + (r.n + c.number) %% 5 from crowd_review r join criterion c on c.campaign_id = %(campaign)s where r.done

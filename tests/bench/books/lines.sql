-- Everyone made a contribution of their own for the campaign, about which no event tells, and has a line in the proposal.
create temp table made on commit drop as
select uuidv7() as contribution_id, id as person_id from person where email like 'payee%%' order by id;
insert into contribution
select (jsonb_populate_record(one, jsonb_build_object('id', contribution_id, 'uploaded_by', person_id))).*
from contribution one, made where one.id = %(contribution)s;
insert into maker (contribution_id, person_id, shares) select contribution_id, person_id, 1 from made;
insert into proposal_line (proposal_id, person_id, amount, credit, before_staff, is_staff)
select %(proposal)s, id, 100, 100000000, 100000000, false from person where email like 'payee%%' on conflict do nothing

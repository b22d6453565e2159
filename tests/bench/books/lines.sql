-- Everyone made a work of the campaign, and has a line in the proposal.
insert into maker (contribution_id, person_id, shares) select %(work)s, id, 1 from person where email like 'payee%%';
insert into proposal_line (proposal_id, person_id, amount, credit, before_staff, is_staff)
select %(proposal)s, id, 100, 100000000, 100000000, false from person where email like 'payee%%' on conflict do nothing

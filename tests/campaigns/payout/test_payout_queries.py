"""Who sees what of a proposal, and what it is made of."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.collaboration.claims import actions as claim_actions
from campaigns.core.campaign import deliverables_of
from campaigns.core.ids import new_id
from campaigns.core.people import SYSTEM, Actor, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.stages import Stage
from campaigns.curation.errors import SeesNoNames
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.makers.actions import confirm_part
from campaigns.open_call.models import NamedMaker
from campaigns.payout.balances.reasons import Reason
from campaigns.payout.earnings.queries import Earning, Purse, my_earnings, my_money
from campaigns.payout.errors import NoSuchProposal
from campaigns.payout.models import Proposal
from campaigns.payout.proposals.changes import changes
from campaigns.payout.proposals.explanations import doubtful, edges_among, open_line, pairs_of
from campaigns.payout.proposals.queries import comments, find_proposal, lines, proposals
from campaigns.payout.queries import contributors, find_payout
from campaigns.payout.split import trace
from tests.called_off import call_off, paid_out, settle_what_is_due
from tests.campaigns.brief.counting import statements
from tests.campaigns.payout.lineages import contains, contribution, influenced_by
from tests.campaigns.payout.sharing import (
    AFTER,
    AT,
    STORY,
    TALE,
    assessed,
    computed,
    confirmed,
    in_payout,
    make_staff,
    named_too,
    posted,
    proposed,
    said_by,
)
from tests.factories import NOW, brand, contributed, curator, person, someone


def sees(session: Session, proposal: Proposal, who: Actor) -> bool:
    try:
        return find_proposal(session, proposal.id, by=who)[0] is proposal
    except NoSuchProposal:
        return False


def test_a_proposal_is_open_to_every_contributor_in_it_or_not_and_to_those_who_carry_the_campaign(session: Session) -> None:
    shared, proposal = proposed(session, assembly="0.05")
    leader = someone(session, Role.LEADER, "Lou", on=Scope(campaign_id=shared.made.id))
    for who in (shared.ana, shared.ben, shared.left_out, shared.editor, shared.manager, shared.made.finance, leader, SYSTEM):
        assert sees(session, proposal, who)


def test_for_everyone_else_there_is_none(session: Session) -> None:
    shared, proposal = proposed(session)
    other = brand(session, "Other")
    strangers = [
        person(session, "Nobody"),
        shared.approver,
        shared.made.signers["legal"],
        someone(session, Role.APPROVER, "Theirs", on=Scope(brand_id=other.id)),
        someone(session, Role.MANAGER, "Also theirs", on=Scope(brand_id=other.id)),
        curator(session, shared.made),
    ]
    for who in strangers:
        assert not sees(session, proposal, who)
        with pytest.raises(NoSuchProposal):
            find_payout(session, shared.deliverable.id, by=who)
    with pytest.raises(NoSuchProposal):
        find_proposal(session, new_id(), by=shared.manager)


def test_whoever_still_judges_blind_does_not_read_whose_contributions_they_are(session: Session) -> None:
    shared, proposal = proposed(session, STORY, TALE)
    grant_role(session, shared.ana.person, Role.CURATOR, on=Scope(campaign_id=shared.made.id), by=SYSTEM)
    ana = actor_for(session, shared.ana.person)
    assert sees(session, proposal, ana)
    tale = next(t for t in deliverables_of(session, shared.made.id) if t.title == TALE.title)
    tale.stage = Stage.CURATION
    session.flush()
    with pytest.raises(SeesNoNames):
        find_proposal(session, proposal.id, by=ana)


def test_the_contributors_are_all_makers_and_whoever_has_a_line(session: Session) -> None:
    shared, _proposal = proposed(session, assembly="0.05")
    everyone = (shared.ana, shared.ben, shared.left_out, shared.editor)
    assert contributors(session, shared.made.id) == sorted(who.person for who in everyone)


def test_whoever_was_only_named_as_a_maker_is_no_contributor_until_they_say_so(session: Session) -> None:
    shared, proposal = proposed(session)
    zoe = person(session, "Zoe")
    named_too(session, shared.unused.id, zoe)
    assert (sees(session, proposal, zoe), zoe.person in contributors(session, shared.made.id)) == (False, False)
    confirm_part(session, shared.unused.id, by=zoe, at=NOW)
    assert (sees(session, proposal, zoe), zoe.person in contributors(session, shared.made.id)) == (True, True)


def test_a_line_for_a_contribution_that_its_maker_has_not_confirmed_makes_them_no_contributor(session: Session) -> None:
    shared, proposal = proposed(session)
    session.add(NamedMaker(contribution_id=shared.newer.id, person_id=shared.ben.person, address="ben@elsewhere.example"))
    session.flush()
    assert (sees(session, proposal, shared.ben), shared.ben.person in contributors(session, shared.made.id)) == (False, False)
    confirm_part(session, shared.newer.id, by=shared.ben, at=NOW)
    assert (sees(session, proposal, shared.ben), shared.ben.person in contributors(session, shared.made.id)) == (True, True)


def test_lines_come_in_pages_the_largest_first_and_staff_last(session: Session) -> None:
    shared = in_payout(session, assembly="0.05")
    make_staff(session, shared, shared.ben)
    assessed(session, shared)
    proposal = computed(session, shared.deliverable)
    shown = [(n.name, n.line.amount, n.line.is_staff) for n in lines(session, proposal, by=SYSTEM)]
    assert shown == [("Ana", 850_746, False), ("Eddie", 149_254, False), ("Ben", 0, True)]
    first = lines(session, proposal, by=SYSTEM, limit=1)
    rest = lines(session, proposal, by=SYSTEM, after=first[0].line.person_id)
    assert [n.name for n in (*first, *rest)] == ["Ana", "Eddie", "Ben"]
    assert lines(session, proposal, by=SYSTEM, after=new_id()) == []


def test_lists_take_as_many_queries_for_thirty_as_for_one(session: Session) -> None:
    shared, proposal = proposed(session)
    counts = []
    for times in (1, 29):
        for _time in range(times):
            said_by(session, proposal, shared.ana, shared.ben.person)
        session.expire_all()
        proposal = proposals(session, shared.deliverable.id, by=shared.ana)[0]
        with statements(session) as sent:
            comments(session, proposal, by=SYSTEM)
            lines(session, proposal, by=SYSTEM)
            changes(session, proposal, by=SYSTEM)
        counts.append(len(sent))
    assert (counts, len(comments(session, proposal, by=SYSTEM, limit=100))) == ([2, 2], 30)


def test_contributors_are_found_in_one_query(session: Session) -> None:
    shared, _proposal = proposed(session)
    with statements(session) as sent:
        contributors(session, shared.made.id)
    assert len(sent) == 1


def test_a_line_opens_to_its_paths_and_who_stands_behind_each_edge(session: Session) -> None:
    shared, proposal = proposed(session)
    opened = open_line(session, proposal, shared.ana.person)
    assert opened.sentence == "$3,000.00: 100% passed on from 1 contribution that contains it"
    ((path,),) = [credit.paths for credit in opened.explanation.contributions]
    assert (path.component, path.points, [(s.kind, s.weight, s.fraction) for s in path.steps]) == (
        str(shared.newer.id), 5, [("contains", 1, "3/10")],
    )  # fmt: skip
    assert opened.titles == {shared.newer.id: "Lantern street", shared.older.id: "Lanterns"}
    (edge,) = opened.edges
    assert (edge.contribution, edge.source, edge.recorded_by, edge.recorded_as) == (shared.newer.id, shared.older.id, "Ben", "contribution")
    assert (edge.confirmed_by, edge.confirmed_as, edge.doubts) == (None, "licence", [])


def test_the_explanation_says_who_confirmed_what_and_stays_as_it_was_when_the_edge_changes(session: Session) -> None:
    shared, _first = proposed(session)
    confirmed(session, shared)
    assessed(session, shared, points=9)
    proposal = computed(session, shared.deliverable)
    claim_actions.decide(session, shared.newer.id, shared.unused.id, False, "It is not.", by=curator(session, shared.made), at=AFTER)
    (edge,) = open_line(session, proposal, shared.left_out.person).edges
    assert (edge.recorded_by, edge.confirmed_by, edge.confirmed_as, edge.confirmed_at) == ("Lea", "Ben", "contribution", AT.isoformat())


def test_someone_without_a_line_reads_that_nothing_of_theirs_led_there(session: Session) -> None:
    shared, proposal = proposed(session)
    opened = open_line(session, proposal, shared.left_out.person)
    assert (opened.sentence, opened.titles, opened.edges) == ("Nothing: none of their contributions is in the text or inspired it.", {}, [])


def test_a_contributions_title_is_not_shown_once_it_was_taken_down(session: Session) -> None:
    shared, proposal = proposed(session)
    withdraw(session, shared.older.id, by=shared.ana, at=AT)
    assert open_line(session, proposal, shared.ana.person).titles == {shared.newer.id: "Lantern street"}


def test_an_explanation_takes_a_fixed_number_of_queries(session: Session) -> None:
    shared, proposal = proposed(session)
    session.expire_all()
    with statements(session) as sent:
        open_line(session, proposal, shared.ana.person)
    assert len(sent) <= 7


def test_edges_that_the_rule_does_not_undo_come_first(session: Session) -> None:
    shared = in_payout(session)
    confirmed(session, shared)
    claim_actions.find_wrapper(session, shared.newer.id, True, "An untouched copy.", by=curator(session, shared.made), at=AT)
    assessed(session, shared)
    proposal = computed(session, shared.deliverable)
    edges = edges_among(session, proposal, pairs_of(proposal))
    assert [(edge.source, edge.kind, list(edge.doubts)) for edge in edges] == [
        (source, kind, []) for source, kind in sorted([(shared.older.id, "contains"), (shared.unused.id, "influenced_by")])
    ]


def test_a_wrapper_of_someone_elses_between_two_contributions_of_the_same_people_is_doubtful() -> None:
    lineage = trace(
        [contribution("w3", "ana", contains("w2")), contribution("w2", "bo", contains("w1"), wrapper=True), contribution("w1", "ana")]
    )
    wrapped = ["Someone else's wrapper is between two contributions by the same people."]
    assert doubtful(lineage) == {("w3", "w2"): wrapped, ("w2", "w1"): wrapped}


def test_a_chain_of_own_contributions_that_changes_the_kind_is_doubtful() -> None:
    lineage = trace([contribution("w3", "ana", contains("w2")), contribution("w2", "ana", influenced_by("w1")), contribution("w1", "bo")])
    changed = ["The link type changes within a chain of contributions by the same people."]
    assert doubtful(lineage) == {("w3", "w2"): changed, ("w2", "w1"): changed}


def test_other_edges_are_not_doubtful() -> None:
    own = trace([contribution("w3", "ana", contains("w2")), contribution("w2", "ana", contains("w1")), contribution("w1", "bo")])
    between_others = trace(
        [contribution("w3", "ana", contains("w2")), contribution("w2", "bo", contains("w1"), wrapper=True), contribution("w1", "cy")]
    )
    assert (doubtful(own), doubtful(between_others)) == ({}, {})


def test_everyone_sees_their_own_money_with_the_reason_why_it_stays(session: Session) -> None:
    shared, proposal = proposed(session)
    assert my_money(session, by=shared.ana, at=AT) == [Purse("USD", 0, 0, 0, 0, 0, 0, 300_000, None, None)]
    assert my_money(session, by=shared.left_out, at=AT) == []
    posted(session, proposal)
    sentence = "Set up payouts, and $3,000.00 will be paid in the next run."
    assert my_money(session, by=shared.ana, at=AFTER) == [Purse("USD", 300_000, 300_000, 0, 0, 0, 0, 0, Reason.NO_ACCOUNT, sentence)]
    assert my_earnings(session, by=shared.ana) == [
        (proposal.id, Earning("Holiday traditions", "Holiday story", 300_000, "USD", AFTER, is_kill_fee=False, proposal_id=proposal.id))
    ]
    assert my_earnings(session, by=shared.left_out) == []
    assert my_earnings(session, by=shared.ana, after=proposal.id) == []


def test_a_kill_fee_is_among_the_earnings(session: Session) -> None:
    shared = in_payout(session)
    call_off(session, shared.made.id, "The line is stopped.", by=shared.manager, at=AT + timedelta(days=1))
    settle_what_is_due(session, at=AT + timedelta(days=1))
    assert my_money(session, by=shared.ben, at=AT)[0].proposed == 700_000
    assert my_earnings(session, by=shared.ben) == []
    paid_out(session, shared.made.id, at=AT + timedelta(days=1))
    ((place, earned),) = my_earnings(session, by=shared.ben)
    assert isinstance(place, UUID)
    assert (earned.amount, earned.is_kill_fee) == (700_000, True)
    assert my_money(session, by=shared.ben, at=AT)[0].earned == 700_000


def test_what_has_come_in_since_makes_nobody_see_more(session: Session) -> None:
    shared, proposal = proposed(session)
    session.execute(text("update open_call set closes_at = :at"), {"at": AFTER})
    session.expire_all()
    noor = person(session, "Noor")
    assert not sees(session, proposal, noor)
    contributed(session, shared.made, noor)
    assert sees(session, proposal, noor)

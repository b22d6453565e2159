"""Where pools go: through which components to whom, how far each deliverable is, and what someone does next to be paid."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from sqlalchemy.orm import Session

from campaigns.brief.deliverables.actions import DeliverableOrder
from campaigns.brief.models import Brief
from campaigns.core.campaign import deliverables_of
from campaigns.core.people import SYSTEM, Actor, Person, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.stages import Stage
from campaigns.curation.errors import SeesNoNames
from campaigns.payments.actions import open_payout_account
from campaigns.payments.queries import payout_account
from campaigns.payout.assessments.queries import assessable
from campaigns.payout.earnings.next_steps import Deed, next_step
from campaigns.payout.earnings.queries import ProposedEarning, my_money, my_proposed
from campaigns.payout.errors import CommentsUnanswered, GainsFromIt, NoSuchProposal, WindowOpen
from campaigns.payout.finalizations.actions import why_not_final
from campaigns.payout.models import ProposalState
from campaigns.payout.proposals.pools import Total, pools, said_of, total_of
from campaigns.payout.split import Composition, Inputs, PayRule, split, streams, trace
from tests.called_off import call_off, kill_fee_proposals, settle_what_is_due
from tests.campaigns.brief.counting import statements
from tests.campaigns.payout.lineages import RULE, contains, contribution, inputs
from tests.campaigns.payout.sharing import AFTER, AT, STORY, TALE, assessed, computed, confirmed, in_payout, posted, proposed, said_by
from tests.factories import curator, person, someone


@given(inputs())
def test_what_came_through_each_component_adds_up_to_every_line_and_to_the_pool(given: Inputs) -> None:
    divided = split(given)
    found = streams(divided, 2)
    together: dict[str, int] = {}
    for stream in found:
        for who, amount in stream.amounts.items():
            together[who] = together.get(who, 0) + amount
    assert together == {line.person: line.amount for line in divided.lines}
    assert sum(stream.amount for stream in found) == (given.pool if divided.lines else 0)


def test_the_largest_components_stand_alone_and_the_rest_together() -> None:
    lineage = trace([contribution("w1", "ana"), contribution("w2", "bo"), contribution("w3", "cy", contains("w1"))])
    divided = split(Inputs(lineage, Composition({"w1": 1, "w2": 2, "w3": 7}, {"dee": 1}), PayRule(1000, *(RULE.contains, 0)), 1000, "USD"))
    assert [(s.components, dict(s.amounts)) for s in streams(divided, 1)] == [
        (("w3",), {"cy": 441, "ana": 189}), (("w2", "w1"), {"bo": 180, "ana": 90}), ((), {"dee": 100}),
    ]  # fmt: skip


def test_of_equal_components_the_lower_stands_alone() -> None:
    divided = split(
        Inputs(trace([contribution("w2", "ana"), contribution("w1", "bo")]), Composition({"w2": 1, "w1": 1}), PayRule(), 10, "USD")
    )
    assert [(s.components, dict(s.amounts)) for s in streams(divided, 1)] == [(("w1",), {"bo": 5}), (("w2",), {"ana": 5})]


def test_what_no_component_alone_would_have_brought_is_with_the_largest() -> None:
    """Two millionths, one from `a` and one from `b`, bring one to `root`; either alone would be floored away before it got there."""
    mixed = [
        contribution("a", "sam", contains("mix")),
        contribution("b", "sam", contains("mix")),
        contribution("mix", "ray", contains("root")),
    ]
    lineage = trace([*mixed, contribution("c", "sam"), contribution("root", "dee")])
    rule = PayRule(contains=5000, staff=frozenset({"ray", "sam"}))
    divided = split(Inputs(lineage, Composition({"a": 2, "b": 2, "c": 999_996}), rule, 1, "USD"))
    assert [(s.components, dict(s.amounts)) for s in streams(divided, 2)] == [(("c",), {"dee": 1}), (("a",), {}), (("b",), {})]


def test_each_deliverable_is_shown_with_how_far_its_payout_is(session: Session) -> None:
    shared, proposal = proposed(session, STORY, TALE)
    said_by(session, proposal, shared.left_out)
    campaign, found = pools(session, shared.made.id, by=shared.left_out)
    assert campaign.id == shared.made.id
    assert [(p.deliverable.title, p.price, p.currency, p.proposal, p.people, p.unanswered, p.words, p.kill_fee) for p in found] == [
        (STORY.title, STORY.price, "USD", proposal, 2, 1, 0, None), (TALE.title, TALE.price, "USD", None, 0, 0, 0, None),
    ]  # fmt: skip


def test_more_deliverables_cost_no_more_statements(session: Session) -> None:
    def cost(*wanted: DeliverableOrder) -> int:
        shared = in_payout(session, *wanted)
        with statements(session) as sent:
            pools(session, shared.made.id, by=shared.ana)
        return len(sent)

    assert cost(STORY) == cost(STORY, TALE)


def test_a_cancelled_campaign_shows_what_was_shared_instead(session: Session) -> None:
    shared, proposal = proposed(session)
    call_off(session, shared.made.id, "The product was withdrawn.", by=shared.manager, at=AT)
    settle_what_is_due(session, at=AT)
    (proposal,) = kill_fee_proposals(session, shared.made.id)
    _campaign, (pool,) = pools(session, shared.made.id, by=shared.ana)
    assert pool.kill_fee is not None
    assert (pool.proposal, pool.kill_fee.amount, pool.kill_fee.bps) == (proposal, STORY.price, 10_000)


def test_pools_are_for_contributors_and_for_those_who_carry_the_campaign(session: Session) -> None:
    shared, _proposal = proposed(session)
    for stranger in (person(session), shared.approver, curator(session, shared.made)):
        with pytest.raises(NoSuchProposal):
            pools(session, shared.made.id, by=stranger)


def test_whoever_still_judges_blind_does_not_see_the_pools(session: Session) -> None:
    shared, _proposal = proposed(session, STORY, TALE)
    grant_role(session, shared.ana.person, Role.CURATOR, on=Scope(campaign_id=shared.made.id), by=SYSTEM)
    deliverables_of(session, shared.made.id)[1].stage = Stage.CURATION
    session.flush()
    with pytest.raises(SeesNoNames):
        pools(session, shared.made.id, by=actor_for(session, shared.ana.person))


def test_what_was_said_of_an_older_version_stays_with_the_deliverable(session: Session) -> None:
    shared, first = proposed(session)
    made = said_by(session, first, shared.left_out)
    confirmed(session, shared)
    assessed(session, shared, points=9, at=AT)
    second = computed(session, shared.deliverable)
    assert [(r.said.comment.id, r.said.author, r.number) for r in said_of(session, shared.deliverable.id, by=SYSTEM)] == [
        (made.id, "Lea", 1)
    ]
    assert total_of(session, second.id) == Total(3, 0, STORY.price)


def test_a_contribution_is_assessable_by_its_makers_with_the_points_it_has(session: Session) -> None:
    shared = in_payout(session)
    before = assessable(session, shared.deliverable.id, by=shared.manager)[3]
    assessed(session, shared, 7)
    after = assessable(session, shared.deliverable.id, by=shared.left_out)[3]
    assert [(w.title, w.makers, w.points, w.reason) for w in (*before, *after)] == [
        ("Lantern street", ["Ben"], None, None), ("Lantern street", ["Ben"], 7, "It carries the story."),
    ]  # fmt: skip


def test_the_final_word_says_beforehand_what_would_refuse_it(session: Session) -> None:
    shared, proposal = proposed(session)
    fay = someone(session, Role.FINANCE)
    assert isinstance(why_not_final(session, proposal.id, by=fay, at=AT), WindowOpen)
    assert why_not_final(session, proposal.id, by=fay, at=AFTER) is None
    assert proposal.state is ProposalState.OPEN
    grant_role(session, shared.ben.person, Role.FINANCE, by=SYSTEM)
    assert isinstance(why_not_final(session, proposal.id, by=actor_for(session, shared.ben.person), at=AFTER), GainsFromIt)
    said_by(session, proposal, shared.left_out)
    assert isinstance(why_not_final(session, proposal.id, by=fay, at=AFTER), CommentsUnanswered)


def step(session: Session, who: Actor, at: datetime = AFTER) -> tuple[Deed, str] | None:
    found = next_step(session, my_money(session, by=who, at=at), by=who, at=at)
    return (found.deed, found.sentence) if found else None


def deed(session: Session, who: Actor) -> Deed | None:
    found = step(session, who)
    return found[0] if found else None


def test_a_share_that_is_proposed_is_listed_until_it_is_posted(session: Session) -> None:
    shared, proposal = proposed(session)
    assert my_proposed(session, by=shared.ana) == [
        ProposedEarning(proposal.id, "Holiday traditions", STORY.title, 300_000, "USD", proposal.closes_at, ProposalState.OPEN)
    ]
    assert my_proposed(session, by=shared.left_out) == []
    posted(session, proposal)
    assert my_proposed(session, by=shared.ana) == []


def test_there_is_one_thing_to_do_next_at_every_step_to_ones_money(session: Session) -> None:
    shared, proposal = proposed(session)
    ana, seen = shared.ana, list[object]()
    seen.append(step(session, shared.left_out))
    session.get_one(Person, ana.person).country = None
    seen.append(deed(session, ana))
    session.get_one(Person, ana.person).country = "US"
    seen.append(deed(session, ana))
    open_payout_account(session, by=ana, at=AT)
    seen.append(step(session, ana))
    account = payout_account(session, ana.person)
    account.state, account.provider_id, account.requirements = "onboarding", "acct_1", ["external_account"]
    session.flush()
    seen.append(deed(session, ana))
    posted(session, proposal)
    seen.append(step(session, ana))
    account.state, account.requirements = "active", []
    session.flush()
    seen.append(step(session, ana))
    opening = "Your Stripe account is being opened. Check again in a minute and complete your details there."
    unfinished = "Stripe still needs information from you. Complete your details there, and we will pay $3,000.00."
    ready = "Nothing to do. The next payout run will pay your balance."
    assert seen == [
        None, Deed.SAY_COUNTRY, Deed.OPEN_ACCOUNT, (Deed.NOTHING, opening), Deed.FINISH_FORM, (Deed.FINISH_FORM, unfinished),
        (Deed.NOTHING, ready),
    ]  # fmt: skip


def test_where_nothing_can_be_paid_to_there_is_nothing_to_do_but_to_know_why(session: Session) -> None:
    shared, proposal = proposed(session)
    session.get_one(Person, shared.ana.person).country = "IN"
    posted(session, proposal)
    found = step(session, shared.ana, AFTER + timedelta(days=1))
    assert found is not None
    said, sentence = found
    assert (said, "cannot pay USD to India yet" in sentence, session.get_one(Brief, shared.made.id).currency) == (
        Deed.NOTHING,
        True,
        "USD",
    )

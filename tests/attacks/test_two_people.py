"""One person with two addresses is one person: what an insider tried on a running installation."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core import clock, membership
from campaigns.core.appointing import actions
from campaigns.core.appointing.actions import begin_due
from campaigns.core.appointing.errors import SecondPersonNeeded
from campaigns.core.appointing.models import Appointment, State
from campaigns.core.errors import NotFound
from campaigns.core.people import Actor, Person, actor_for
from campaigns.core.permissions import Role
from campaigns.core.settings import settings
from campaigns.ledger.checks import broken
from campaigns.payout.assessments.actions import Impact, assess
from campaigns.payout.finalizations.actions import finalize
from campaigns.payout.models import ProposalState
from campaigns.payout.runs import checks as run_checks
from campaigns.payout.runs.actions import propose_limits
from campaigns.payout.runs.models import PayoutRun, RunLimits
from tests.api.caller import caller, token_of
from tests.api.visiting import be, browser
from tests.called_off import call_off, kill_fee_proposals, settle_what_is_due
from tests.campaigns.payout.runs.bureau import quote
from tests.campaigns.payout.sharing import AFTER, AT, computed, in_delivery, in_payout, made_final, proposed
from tests.factories import Partnership, someone
from tests.treasury import Treasury, treasury
from workers.transactions import unit_of_work

__all__ = ["treasury"]
API = "/api/v1"
OWN = ("oda+1@example.org", "o.da+2@example.org")
COOLING = timedelta(hours=73)


def of(actor: Actor) -> TestClient:
    with unit_of_work() as session:
        return caller(token_of(session, actor))


def holder(answer: Response) -> Actor:
    with unit_of_work() as session:
        return actor_for(session, answer.json()["person"])


def code(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def time_passes(treasury: Treasury) -> None:
    """The cooling is over, and the sweep has come round."""
    treasury.pass_time(COOLING)
    with unit_of_work() as session:
        begin_due(session, at=clock.business_now(session))


@pytest.fixture
def operator(treasury: Treasury) -> Actor:
    """An operator beside the two who have been in finance from the beginning."""
    for _each in range(2):
        treasury.person(role=Role.FINANCE)
    return treasury.person(role=Role.OPERATOR)


def test_an_operator_who_appoints_two_addresses_of_their_own_as_finance_releases_no_run(treasury: Treasury, operator: Actor) -> None:
    treasury.fund(50_000)
    treasury.payee()
    run_id = quote()
    oda = of(operator)
    asked = [oda.post(f"{API}/roles", json={"email": email, "role": "finance"}) for email in OWN]
    assert [(answer.status_code, answer.json()["state"]) for answer in asked] == [(201, "waiting")] * 2
    own = [of(holder(answer)) for answer in asked]
    for answer in asked:
        confirming = f"{API}/appointments/{answer.json()['id']}/confirm"
        assert {each.post(confirming).status_code for each in (oda, *own)} == {403, 404}
    time_passes(treasury)
    assert [each.post(f"{API}/payouts/runs/{run_id}/release").status_code for each in own] == [404, 404]
    with unit_of_work() as session:
        assert session.get_one(PayoutRun, run_id).state == "quoted"


def test_whoever_was_appointed_never_releases_a_run_with_who_appointed_or_confirmed_them(treasury: Treasury, operator: Actor) -> None:
    treasury.fund(50_000)
    treasury.payee()
    run_id = quote()
    first = treasury.person(role=Role.FINANCE)
    asked = of(operator).post(f"{API}/roles", json={"email": "rita@example.org", "role": "finance"})
    assert of(first).post(f"{API}/appointments/{asked.json()['id']}/confirm").status_code == 200
    time_passes(treasury)
    approving = f"{API}/payouts/runs/{run_id}/release"
    assert of(first).post(approving).status_code == 200
    assert code(of(holder(asked)).post(approving)) == (403, "SecondPersonNeeded")
    assert of(treasury.person(role=Role.FINANCE)).post(approving).json()["state"] == "released"
    with unit_of_work() as session:
        assert broken(session, run_checks.INVARIANTS) == []


def test_a_manager_who_appoints_two_managers_does_not_finalize_their_own_proposal(session: Session) -> None:
    shared, proposal = proposed(session)
    manager, finance = shared.made.manager, someone(session, Role.FINANCE)
    own = [membership.invite(session, email, Role.MANAGER, on=shared.made.campaign.scope, by=manager, at=AT) for email in OWN]
    for made in own:
        with pytest.raises(NotFound):
            finalize(session, proposal.id, by=actor_for(session, made.person_id), at=AFTER)
        actions.confirm(session, made.id, by=finance, at=AT)
    actions.begin_due(session, at=AT + COOLING)
    for made in own:
        with pytest.raises(SecondPersonNeeded):
            finalize(session, proposal.id, by=actor_for(session, made.person_id), at=AFTER)


def test_a_manager_does_not_finalize_what_their_own_second_address_assessed(session: Session) -> None:
    shared = in_payout(session)
    manager, finance = shared.made.manager, someone(session, Role.FINANCE)
    own = second_address(session, shared.made, confirmed_by=finance)
    assess(session, shared.deliverable.id, shared.deliverable.visit, [(shared.newer.id, Impact(5, "The voice."))], by=own, at=AT)
    proposal = computed(session, shared.deliverable)
    for tied in (manager, finance):
        with pytest.raises(SecondPersonNeeded):
            finalize(session, proposal.id, by=tied, at=AFTER)
    assert made_final(session, proposal).state is ProposalState.FINAL


def test_a_manager_does_not_finalize_kill_fees_that_their_own_second_address_asked_for(session: Session) -> None:
    shared = in_delivery(session)
    manager, finance = shared.made.manager, someone(session, Role.FINANCE)
    own = second_address(session, shared.made, confirmed_by=finance)
    call_off(session, shared.made.id, "The line has stopped.", by=own, at=AT)
    settle_what_is_due(session, at=AT)
    (proposal,) = kill_fee_proposals(session, shared.made.id)
    for tied in (manager, finance):
        with pytest.raises(SecondPersonNeeded):
            finalize(session, proposal.id, by=tied, at=AFTER)
    assert made_final(session, proposal).state is ProposalState.FINAL


def second_address(session: Session, made: Partnership, *, confirmed_by: Actor) -> Actor:
    """The manager's own, who is a manager of the campaign by the manager's word and another person's."""
    asked = membership.invite(session, OWN[0], Role.MANAGER, on=made.campaign.scope, by=made.manager, at=AT - COOLING)
    actions.confirm(session, asked.id, by=confirmed_by, at=AT - COOLING)
    actions.begin_due(session, at=AT)
    return actor_for(session, asked.person_id)


def test_under_a_live_key_limits_are_not_set_by_two_addresses_of_one_operator(
    treasury: Treasury, operator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [of(operator).post(f"{API}/roles", json={"email": email, "role": "finance"}) for email in OWN]
    time_passes(treasury)
    limits = {"currency": "USD", "most_per_run": 1_000_000_000, "most_per_person": 1_000_000_000}
    assert [of(holder(answer)).post(f"{API}/payouts/limits", json=limits).status_code for answer in asked] == [403, 403]
    with monkeypatch.context() as patch:
        patch.setenv("STRIPE_API_KEY", "sk_live_1234")
        settings.cache_clear()
        more = of(operator).post(f"{API}/roles", json={"email": "oda@example.org", "role": "finance"})
    settings.cache_clear()
    assert code(more) == (403, "ProofNeeded")
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(RunLimits)) == 0


def test_limits_are_not_confirmed_by_whom_their_proposer_confirmed(treasury: Treasury, operator: Actor) -> None:
    first = treasury.person(role=Role.FINANCE)
    asked = of(operator).post(f"{API}/roles", json={"email": "rita@example.org", "role": "finance"})
    of(first).post(f"{API}/appointments/{asked.json()['id']}/confirm")
    time_passes(treasury)
    with unit_of_work() as session:
        at = clock.business_now(session)
        limits = propose_limits(session, "USD", most_per_run=1_000, most_per_person=1_000, by=first, at=at).id
    assert code(of(holder(asked)).post(f"{API}/payouts/limits/{limits}/confirm")) == (403, "SecondPersonNeeded")


def test_addresses_that_look_alike_are_shown_to_whoever_confirms(treasury: Treasury, operator: Actor) -> None:
    asked = [of(operator).post(f"{API}/roles", json={"email": email, "role": "finance"}) for email in (*OWN, "O.DA@example.org")]
    finance = treasury.person(role=Role.FINANCE)
    shown = of(finance).get(f"{API}/appointments/{asked[0].json()['id']}").json()
    assert sorted(shown["looks_like"]) == ["O.DA@example.org", "o.da+2@example.org"]
    with browser() as client:
        page = be(client, finance).get(f"/appointments/{asked[0].json()['id']}").text
    assert [email in page for email in ("O.DA@example.org", "o.da+2@example.org")] == [True, True]


def test_nothing_begins_while_it_waits_or_once_it_was_stopped(treasury: Treasury, operator: Actor) -> None:
    asked = of(operator).post(f"{API}/roles", json={"email": "rita@example.org", "role": "finance"}).json()
    finance = treasury.person(role=Role.FINANCE)
    assert of(finance).post(f"{API}/appointments/{asked['id']}/confirm").json()["state"] == "cooling"
    assert of(treasury.person(role=Role.FINANCE)).post(f"{API}/appointments/{asked['id']}/stop").json()["state"] == "stopped"
    time_passes(treasury)
    with unit_of_work() as session:
        assert session.get_one(Appointment, asked["id"]).state is State.STOPPED
        rita = session.scalars(select(Person.id).where(Person.email == "rita@example.org")).one()
        assert {grant.role for grant in actor_for(session, rita).grants} == {Role.MEMBER, Role.ARTIST}

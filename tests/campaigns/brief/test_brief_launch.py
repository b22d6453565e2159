"""What the brief's gate waits for, and the launch that opens it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from campaigns.brief import board, errors, rules
from campaigns.brief.actions import edit_brief, launch, shift_dates
from campaigns.brief.board import Sought
from campaigns.brief.deliverables.actions import remove_deliverable
from campaigns.brief.models import Brief
from campaigns.brief.queries import PlannedGate, plan_back, sign_offs, slack, written_brief
from campaigns.core.campaign import Deliverable, Pause, deliverables_of
from campaigns.core.errors import Forbidden, Invalid
from campaigns.core.event_names import EventName
from campaigns.core.events import Event, recorded
from campaigns.core.membership import take_part_as_artist
from campaigns.core.people import RoleGrant, actor_for
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.ledger.accounts import Account, Entry, disputed, stripe_available, unrecovered
from campaigns.ledger.actions import post
from tests import factories
from tests.called_off import call_off
from tests.campaigns.brief.counting import statements
from tests.campaigns.brief.untouched import refusal_of
from tests.factories import NOW, Partnership

DAY = timedelta(days=1)


def waits(session: Session, made: Partnership) -> list[tuple[str, str, str]]:
    return [(b.code, b.waits_for, b.message) for b in rules.waits(session, [made.id], at=NOW)[made.id]]


LAUNCH = ("not_launched", "manager", "Waiting for the partnership manager to launch.")
UNSIGNED = [
    ("unsigned", "signer", "Waiting for Signer for marketing to sign for Marketing."),
    ("unsigned", "signer", "Waiting for Signer for legal to sign for Legal."),
]


def test_an_empty_brief_says_all_that_it_lacks(session: Session) -> None:
    made = factories.new_campaign(session)
    fields = "The story, What we ask for, Call closes, Collaboration closes, Selection published, Brand approval, Go-live"
    assert waits(session, made) == [
        ("deliverable_missing", "manager", "The brief has no deliverables yet. Add at least one."),
        ("brief_incomplete", "manager", f"The brief is incomplete. Missing: {fields}."),
        *UNSIGNED,
        LAUNCH,
    ]


def test_a_complete_brief_waits_for_signatures_money_and_its_launch(session: Session) -> None:
    made = factories.filled_brief(session)
    assert waits(session, made) == [*UNSIGNED, ("uncovered", "brand", "The budget is not fully covered yet."), LAUNCH]


def test_a_signed_and_funded_brief_waits_for_its_launch_alone(session: Session) -> None:
    assert waits(session, factories.funded_brief(session)) == [LAUNCH]


def test_a_sign_off_role_that_nobody_wears_is_the_managers_to_fill(session: Session) -> None:
    made = factories.funded_brief(session)
    edit_brief(session, made.id, {"story": "Another story."}, by=made.manager, at=NOW)
    session.execute(delete(RoleGrant).where(RoleGrant.sign_off_role == "legal"))
    asked = "Nobody signs for legal yet or can appoint someone. Ask Zappos for an administrator."
    assert waits(session, made) == [UNSIGNED[0], ("unsigned", "manager", asked), LAUNCH]
    ada = factories.administrator(session, made.brand.id)
    named = f"Nobody signs for legal yet. {ada.name} can appoint someone."
    assert waits(session, made) == [UNSIGNED[0], ("unsigned", "brand_administrator", named), LAUNCH]


def test_dates_that_have_gone_by_are_named(session: Session) -> None:
    made = factories.funded_brief(session)
    late = rules.waits(session, [made.id], at=NOW + 15 * DAY)[made.id]
    assert [(b.code, b.message) for b in late][:1] == [("date_passed", "The brief has dates in the past: Call closes.")]


def test_the_gate_is_open_for_every_deliverable_once_it_is_launched(session: Session) -> None:
    made = factories.launched_campaign(session)
    deliverables = deliverables_of(session, made.id)
    assert rules.blockers(session, deliverables, at=NOW) == {t.id: [] for t in deliverables}


def test_blockers_take_as_many_queries_for_thirty_campaigns_as_for_one(session: Session) -> None:
    made = [factories.signed_brief(session, (factories.FILM,)) for _ in range(30)]
    deliverables: list[Deliverable] = [t for m in made for t in deliverables_of(session, m.id)]
    with statements(session) as one:
        rules.blockers(session, deliverables[:1], at=NOW)
    with statements(session) as thirty:
        rules.blockers(session, deliverables, at=NOW)
    assert (len(one), len(thirty)) == (5, 5)


def test_a_launch_tells_the_sum_and_the_text_that_was_signed(session: Session) -> None:
    made = factories.funded_brief(session)
    launch(session, made.id, by=made.manager, at=NOW + DAY)
    told: list[Event] = recorded(session, EventName.BRIEF_LAUNCHED)
    assert made.campaign.launched_at == NOW + DAY
    assert [(fact.actor_id, fact.facts) for fact in told] == [
        (
            made.manager.person,
            {
                "hash": sign_offs(session, [made.id])[made.id][-1].given.hash,
                "pool": 5_000_000, "fee": 750_000, "reserve": 1_650_000, "currency": "USD",
            },
        )
    ]  # fmt: skip


def test_launching_twice_launches_once(session: Session) -> None:
    made = factories.launched_campaign(session)
    launch(session, made.id, by=made.manager, at=NOW + DAY)
    assert made.campaign.launched_at == NOW
    assert len(recorded(session, EventName.BRIEF_LAUNCHED)) == 1


def test_an_unsigned_brief_is_not_launched(session: Session) -> None:
    made = factories.funded_brief(session)
    edit_brief(session, made.id, {"dont_list": []}, by=made.manager, at=NOW)
    refused = refusal_of(session, made, lambda: launch(session, made.id, by=made.manager, at=NOW))
    assert (type(refused), refused.field, refused.message) == (
        errors.NotSigned, "signatures", "The current brief has not been signed by marketing, legal yet.",
    )  # fmt: skip


def test_an_unfunded_brief_is_not_launched(session: Session) -> None:
    made = factories.signed_brief(session)
    refused = refusal_of(session, made, lambda: launch(session, made.id, by=made.manager, at=NOW))
    assert (type(refused), refused.field) == (errors.NotFunded, "funding")


@pytest.mark.parametrize("kind", [disputed, unrecovered])
def test_a_brief_whose_money_a_bank_has_taken_back_is_not_launched(session: Session, kind: Callable[[UUID, str], Account]) -> None:
    made = factories.funded_brief(session)
    taken = [Entry(kind(made.id, "USD"), stripe_available("USD"), 100_000)]
    post(session, "brief.dispute_withdrawn", "taken", taken, at=NOW)
    refused = refusal_of(session, made, lambda: launch(session, made.id, by=made.manager, at=NOW))
    assert (type(refused), refused.field, refused.message) == (
        errors.NotFunded, "funding", "A bank has taken $1,000.00 back. Launch once the dispute is won or the brand has paid again.",
    )  # fmt: skip
    post(session, "brief.dispute_reinstated", "back", [Entry(stripe_available("USD"), kind(made.id, "USD"), 100_000)], at=NOW)
    assert launch(session, made.id, by=made.manager, at=NOW).launched_at == NOW


def test_a_brief_without_a_deliverable_is_not_launched(session: Session) -> None:
    made = factories.funded_brief(session, (factories.FILM,))
    remove_deliverable(session, made.id, deliverables_of(session, made.id)[0].id, by=made.manager, at=NOW)
    refused = refusal_of(session, made, lambda: launch(session, made.id, by=made.manager, at=NOW))
    assert (type(refused), refused.field) == (errors.NoDeliverable, "deliverables")


def test_a_brief_whose_dates_have_gone_by_is_not_launched(session: Session) -> None:
    made = factories.funded_brief(session)
    refused: Invalid | None = refusal_of(session, made, lambda: launch(session, made.id, by=made.manager, at=NOW + 15 * DAY))  # type: ignore[assignment]  # a refusal of this kind
    assert refused is not None
    assert (type(refused), refused.field) == (errors.DateInThePast, "call_closes_at")


def dates() -> dict[str, datetime]:
    """When each thing is planned by a complete brief."""
    return {name: planned for name, planned in factories.brief_text().items() if isinstance(planned, datetime)}


def test_only_the_manager_launches(session: Session) -> None:
    made = factories.funded_brief(session)
    for other in (made.finance, made.signers["legal"]):
        assert type(refusal_of(session, made, partial(launch, session, made.id, by=other, at=NOW))) is Forbidden


def test_a_cancelled_campaign_is_not_launched(session: Session) -> None:
    made = factories.funded_brief(session)
    made.campaign.cancelled_at = NOW
    assert type(refusal_of(session, made, lambda: launch(session, made.id, by=made.manager, at=NOW))) is errors.BriefClosed


def test_a_pause_moves_the_dates_that_lay_ahead_and_no_signature(session: Session) -> None:
    made = factories.funded_brief(session)
    before = dates()
    shift_dates(session, made.campaign, Pause(NOW + 15 * DAY, NOW + 18 * DAY))
    brief = session.get_one(Brief, made.id)
    assert (brief.call_closes_at, brief.collaboration_closes_at, brief.go_live_at) == (
        before["call_closes_at"], before["collaboration_closes_at"] + 3 * DAY, before["go_live_at"] + 3 * DAY,
    )  # fmt: skip
    assert waits(session, made) == [LAUNCH]


def test_a_date_that_is_written_anew_after_a_pause_is_signed_as_it_reads(session: Session) -> None:
    made = factories.funded_brief(session)
    shift_dates(session, made.campaign, Pause(NOW, NOW + 3 * DAY))
    edit_brief(session, made.id, {"go_live_at": NOW + 60 * DAY}, by=made.manager, at=NOW + 3 * DAY)
    assert written_brief(session, made.id).content["dates"]["go_live_at"] == (NOW + 60 * DAY).isoformat()


def test_the_plan_runs_from_go_live_back_to_today(session: Session) -> None:
    made = factories.launched_campaign(session)
    for deliverable in deliverables_of(session, made.id):
        deliverable.stage = Stage.COLLABORATION
    at = NOW + 23 * DAY
    text = dates()
    assert plan_back(session, made.campaign, at=at) == [
        PlannedGate("go_live", text["go_live_at"], 19, None, is_open=False),
        PlannedGate("client_delivery", text["delivery_due_at"], 15, 4, is_open=False),
        PlannedGate("curation", text["curation_due_at"], 5, 10, is_open=False),
        PlannedGate("collaboration", text["collaboration_closes_at"], -2, 5, is_open=False),
        PlannedGate("open_call", text["call_closes_at"], -9, -2, is_open=True),
        PlannedGate("brief", text["call_closes_at"], -9, -9, is_open=True),
    ]
    assert slack(session, made.campaign, Stage.COLLABORATION, at=at) == (text["go_live_at"], -2)
    assert slack(session, made.campaign, Stage.PAYOUT, at=at) == (text["go_live_at"], None)


def test_the_board_shows_to_each_what_is_theirs_and_finds_by_stage_pause_and_lateness(session: Session) -> None:
    begun, made = factories.new_campaign(session), factories.launched_campaign(session)
    for deliverable in deliverables_of(session, made.id):
        deliverable.stage = Stage.OPEN_CALL
    made.campaign.paused_at = NOW
    session.flush()

    def found(sought: Sought, days: int = 0, by: Partnership | None = None) -> list[tuple[str, Stage]]:
        signer = actor_for(session, (by or begun).signers["legal"].person)
        entries = board.campaigns(session, sought, after=None, limit=10, by=signer, at=NOW + days * DAY)
        names = {begun.id: "begun", made.id: "made"}
        return [(names[e.campaign.id], e.stage) for e in entries]

    both = [("made", Stage.OPEN_CALL), ("begun", Stage.BRIEF)]
    assert (found(Sought()), found(Sought(), by=made)) == (both[1:], both[:1])
    for each in (begun, made):
        take_part_as_artist(session, by=each.signers["legal"], at=NOW)
    assert (found(Sought()), found(Sought(), by=made)) == (both, both[:1])
    assert found(Sought(stage=Stage.BRIEF)) == both[1:]
    assert found(Sought(stage=Stage.OPEN_CALL, paused=True)) == both[:1]
    assert found(Sought(paused=False)) == both[1:]
    assert found(Sought(late=True)) == []
    assert found(Sought(late=True), days=15) == both[:1]
    assert found(Sought(late=False), days=15) == both[1:]


@pytest.mark.parametrize("stage", [Stage.DONE, Stage.CANCELLED])
def test_the_board_shows_the_end_that_a_campaign_came_to(session: Session, stage: Stage) -> None:
    made = factories.launched_campaign(session)
    if stage is Stage.DONE:
        made.campaign.done_at = NOW
        session.flush()
    else:
        call_off(session, made.id, "The brand stops.", by=made.manager, at=NOW)
    entries = board.campaigns(session, Sought(stage=stage), after=None, limit=10, by=factories.someone(session, Role.MANAGER), at=NOW)
    assert [(e.campaign.id, e.stage) for e in entries] == [(made.id, stage)]

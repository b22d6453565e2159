"""The call opens, closes and is extended; contributions come in with their makers and their licence."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, InternalError
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief.errors import CrossingDates, NaiveTime
from campaigns.collaboration.models import SourceKind
from campaigns.core.campaign import Pause, deliverables_of
from campaigns.core.errors import Forbidden, NotALaterClose, NotFound, NotSignedIn, ReasonMissing, Refusal
from campaigns.core.event_names import EventName
from campaigns.core.events import Event, recorded
from campaigns.core.ids import new_id
from campaigns.core.people import GUEST
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.open_call import errors, uploads
from campaigns.open_call.actions import enter, shift_dates
from campaigns.open_call.call.actions import extend_call
from campaigns.open_call.call.queries import call_page
from campaigns.open_call.contributions.actions import NewContribution, contribute, withdraw
from campaigns.open_call.credits import credits_of, grants_of, licence_hash
from campaigns.open_call.makers.actions import confirm_part
from campaigns.open_call.models import (
    CallExtension,
    Contribution,
    ContributionFile,
    ContributionState,
    LicenceGrant,
    Maker,
    OpenCall,
    UploadState,
)
from campaigns.open_call.queries import call_of, find_contribution
from tests import factories
from tests.factories import NOW
from workers.transactions import unit_of_work

DAY = timedelta(days=1)
CLOSE = NOW + timedelta(days=14)
LATER = CLOSE + timedelta(days=3)
ROWS = (Contribution, ContributionFile, Maker, LicenceGrant, CallExtension)


def refusal_of(session: Session, deed: Callable[[], Any]) -> Refusal:
    """The refusal that the deed meets; fails when anything has changed all the same."""
    session.flush()
    before = state_of(session)
    with pytest.raises(Refusal) as met:
        deed()
    assert (list(session.new), list(session.dirty), state_of(session)) == ([], [], before)
    return met.value


def state_of(session: Session) -> tuple[Any, ...]:
    counts = [session.scalar(select(func.count()).select_from(rows)) for rows in ROWS]
    closes = session.scalars(select(OpenCall.closes_at).order_by(OpenCall.campaign_id)).all()
    states = session.scalars(select(Contribution.state).order_by(Contribution.id)).all()
    return counts, closes, states, len(recorded(session))


def facts(session: Session, name: EventName) -> list[Event]:
    return recorded(session, name)


def test_the_call_opens_once_with_the_first_deliverable_and_closes_when_the_brief_says(session: Session) -> None:
    made = factories.opened_call(session)
    for deliverable in deliverables_of(session, made.id):
        enter(session, deliverable, at=NOW + timedelta(days=1))
    call = call_of(session, made.id)
    assert call is not None
    assert (call.opened_at, call.closes_at) == (NOW, CLOSE)
    assert [fact.facts for fact in facts(session, EventName.OPEN_CALL_OPENED)] == [{"closes_at": CLOSE.isoformat()}]


def test_a_contribution_comes_in_with_its_file_its_maker_and_the_licence_of_that_moment(session: Session) -> None:
    made, ana = factories.opened_call(session), factories.person(session, "Ana")
    contribution = factories.contributed(session, made, ana, words="Every December we walk.", statement=" Our street. ")
    assert (contribution.campaign_id, contribution.title, contribution.kind, contribution.statement, contribution.state) == (
        made.id,
        "Lantern street",
        "text",
        "Our street.",
        "received",
    )
    assert (contribution.received_at, contribution.by_extension_id, contribution.uploaded_by) == (NOW, None, ana.person)
    file = session.get_one(ContributionFile, contribution.id)
    assert (file.mime, file.bytes) == ("text/markdown", len("Every December we walk."))
    grant = grants_of(session, [contribution.id])[contribution.id][0]
    assert (grant.person_id, grant.version, grant.text_sha256, grant.ai_training, grant.given_by, grant.granted_at) == (
        ana.person, "2026-01", licence_hash("2026-01"), False, ana.person, NOW,
    )  # fmt: skip
    assert [(f.actor_id, f.facts) for f in facts(session, EventName.OPEN_CALL_CONTRIBUTION_RECEIVED)] == [
        (ana.person, {"contribution": str(contribution.id), "kind": "text"})
    ]


def test_a_maker_whom_somebody_named_is_credited_and_grants_the_licence_by_their_own_word_only(session: Session) -> None:
    made, ana, ben = factories.opened_call(session), factories.person(session, "Ana"), factories.person(session, "Ben")
    contribution = contribute(session, made.id, factories.entry(session, ana, makers={ana.person: 2, ben.person: 1}), by=ana, at=NOW)
    stranger = factories.person(session).person

    def told(to: UUID) -> list[tuple[str, int, bool]]:
        return [(c.name, c.shares, c.is_confirmed) for c in credits_of(session, [contribution.id], to=to)[contribution.id]]

    assert (told(ana.person)[1], told(ben.person)[1]) == (("Ben", 1, False), ("Ben", 1, False))
    assert told(stranger) == [("Ana", 2, True), ("someone who has not confirmed yet", 1, False)]
    assert [g.person_id for g in grants_of(session, [contribution.id])[contribution.id]] == [ana.person]
    confirm_part(session, contribution.id, by=ben, at=NOW)
    assert told(stranger) == [("Ana", 2, True), ("Ben", 1, True)]
    assert [(g.person_id, g.given_by) for g in grants_of(session, [contribution.id])[contribution.id]] == [
        (ana.person,) * 2,
        (ben.person,) * 2,
    ]


def test_the_database_refuses_a_licence_in_anothers_name(session: Session) -> None:
    ana, ben = factories.person(session, "Ana"), factories.person(session, "Ben")
    contribution = contribute(
        session, factories.opened_call(session).id, factories.entry(session, ana, makers={ana.person: 1, ben.person: 1}), by=ana, at=NOW
    )
    terms = {"version": "2026-01", "text_sha256": "0" * 64, "ai_training": False, "granted_at": NOW}
    session.add(LicenceGrant(contribution_id=contribution.id, person_id=ben.person, given_by=ana.person, **terms))
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize("table", ["maker", "licence_grant", "contribution_file"])
def test_what_was_agreed_with_a_contribution_never_changes(session: Session, table: str) -> None:
    contribution = factories.contributed(session, factories.opened_call(session))
    with pytest.raises((IntegrityError, InternalError)):
        session.connection().exec_driver_sql(f"delete from {table} where contribution_id = '{contribution.id}'")


def test_nobody_is_limited_to_one_contribution(session: Session) -> None:
    made, ana = factories.opened_call(session), factories.person(session)
    contributions = [factories.contributed(session, made, ana, title) for title in ("One", "Two")]
    assert contributions[0].id < contributions[1].id


def test_a_guest_cannot_contribute(session: Session) -> None:
    made, ana = factories.opened_call(session), factories.person(session)
    sent = factories.entry(session, ana)
    assert type(refusal_of(session, lambda: contribute(session, made.id, sent, by=GUEST, at=NOW))) in {Forbidden, NotSignedIn}


def test_a_contribution_before_the_launch_meets_no_campaign(session: Session) -> None:
    made, ana = factories.funded_brief(session), factories.person(session)
    sent = factories.entry(session, ana)
    assert type(refusal_of(session, lambda: contribute(session, made.id, sent, by=ana, at=NOW))) is NotFound


def test_a_contribution_before_the_call_has_opened_is_refused(session: Session) -> None:
    made, ana = factories.launched_campaign(session), factories.person(session)
    sent = factories.entry(session, ana)
    assert type(refusal_of(session, lambda: contribute(session, made.id, sent, by=ana, at=NOW))) is errors.CallNotOpen


def test_a_contribution_after_the_close_is_refused_with_the_moment_in_the_stated_zone(session: Session) -> None:
    made, ana = factories.opened_call(session), factories.person(session)
    sent = factories.entry(session, ana)
    refused = refusal_of(session, lambda: contribute(session, made.id, sent, by=ana, at=CLOSE))
    assert type(refused) is errors.CallClosed
    assert refused.message == (
        "This call closed on 16 November 2026, 01:00 (America/Los_Angeles; 16 November, 09:00 UTC). "
        "Late submissions are possible only if it is extended for everyone."
    )


def test_a_late_contribution_comes_in_by_an_extension_for_all_which_is_recorded_with_it(session: Session) -> None:
    made, ana = factories.opened_call(session), factories.person(session)
    extension = extend_call(session, made.id, LATER, "A storm kept half of Manila offline.", by=made.manager, at=CLOSE + timedelta(hours=1))
    early = factories.contributed(session, made, ana, at=CLOSE - timedelta(hours=1))
    late = factories.contributed(session, made, ana, at=CLOSE + timedelta(hours=2))
    assert (early.by_extension_id, late.by_extension_id) == (None, extension.id)
    assert (extension.from_close, extension.to_close, extension.extended_by) == (CLOSE, LATER, made.manager.person)
    assert [(f.reason, f.facts) for f in facts(session, EventName.OPEN_CALL_EXTENDED)] == [
        ("A storm kept half of Manila offline.", {"from_close": CLOSE.isoformat(), "to_close": LATER.isoformat()})
    ]


def test_an_extension_needs_a_reason_a_later_moment_a_zone_and_room_before_the_next_close(session: Session) -> None:
    made = factories.opened_call(session)

    def refused(closes_at: Any, reason: str = "A storm.") -> tuple[type[Refusal], str | None]:
        met = refusal_of(session, lambda: extend_call(session, made.id, closes_at, reason, by=made.manager, at=NOW))
        return type(met), met.field

    assert refused(LATER, " ") == (ReasonMissing, "reason")
    assert refused(CLOSE) == (NotALaterClose, "closes_at")
    assert refused(LATER.replace(tzinfo=None)) == (NaiveTime, "closes_at")
    assert refused(NOW + timedelta(days=22)) == (CrossingDates, "closes_at")


def test_a_close_that_would_be_past_already_is_refused(session: Session) -> None:
    made = factories.opened_call(session)
    deed = lambda: extend_call(session, made.id, LATER, "A storm.", by=made.manager, at=LATER)  # noqa: E731
    assert type(refusal_of(session, deed)) is NotALaterClose


def test_only_the_manager_extends_the_call(session: Session) -> None:
    made, curator = factories.opened_call(session), factories.someone(session, Role.CURATOR)
    assert type(refusal_of(session, lambda: extend_call(session, made.id, LATER, "A storm.", by=curator, at=NOW))) is Forbidden


def test_a_call_that_has_not_opened_is_not_extended(session: Session) -> None:
    made = factories.launched_campaign(session)
    assert (
        type(refusal_of(session, lambda: extend_call(session, made.id, LATER, "A storm.", by=made.manager, at=NOW))) is errors.CallNotOpen
    )


def test_a_call_to_which_nobody_came_opens_again_by_an_extension_once_its_deliverables_collaborate(session: Session) -> None:
    made = factories.opened_call(session)
    (deliverable, *_others) = lifecycle.move_on(session, made.id, at=CLOSE)
    assert deliverable.stage is Stage.COLLABORATION
    extend_call(session, made.id, LATER, "Nobody came: the year's end was too near.", by=made.manager, at=CLOSE + DAY)
    assert call_page(session, made.id, by=GUEST, at=CLOSE + DAY).is_open
    contribution = factories.contributed(session, made, at=CLOSE + DAY)
    assert contribution.by_extension_id is not None
    factories.remixed(
        session, made, factories.person(session), (factories.screened_in(session, contribution), SourceKind.CONTAINS), at=CLOSE + DAY
    )


def test_a_call_is_not_extended_once_no_deliverable_takes_contributions_and_opens_again_once_one_was_sent_back(session: Session) -> None:
    made = factories.opened_call(session)
    lifecycle.move_on(session, made.id, at=CLOSE)
    (deliverable, *_others) = lifecycle.move_on(session, made.id, at=NOW + 22 * DAY)
    until, at = NOW + 40 * DAY, NOW + 23 * DAY
    refused = refusal_of(session, lambda: extend_call(session, made.id, until, "Nobody came.", by=made.manager, at=at))
    assert (type(refused), refused.message) == (
        errors.CallClosed,
        "No deliverable is open for new contributions. Send one back to collaboration first to reopen the call.",
    )
    lifecycle.send_back(session, deliverable.id, Stage.COLLABORATION, deliverable.visit, "Nobody came.", by=made.manager, at=at)
    assert extend_call(session, made.id, until, "Nobody came.", by=made.manager, at=at).to_close == until
    assert factories.contributed(session, made, at=until - DAY).state is ContributionState.RECEIVED


def test_the_same_file_is_sent_in_once_by_its_makers_unless_it_was_taken_down(session: Session) -> None:
    made, ana, ben = factories.opened_call(session), factories.person(session, "Ana"), factories.person(session, "Ben")
    contribution = factories.contributed(session, made, ana, "Lantern street", words="We walk.", makers={ana.person: 1, ben.person: 1})
    for maker in (ana, ben):
        again = factories.entry(session, maker, "Once more", words="We walk.")
        refused = refusal_of(session, partial(contribute, session, made.id, again, by=maker, at=NOW))
        assert (type(refused), refused.field, refused.message) == (
            errors.SentAlready, "upload_id",
            "You already submitted this file as “Lantern street”. Submit another file or withdraw that contribution first.",
        )  # fmt: skip
    elsewhere, stranger = factories.opened_call(session), factories.person(session, "Cleo")
    for campaign, by in ((elsewhere, ana), (made, stranger)):
        assert factories.contributed(session, campaign, by, words="We walk.").state is ContributionState.RECEIVED
    withdraw(session, contribution.id, by=ana, at=NOW)
    assert factories.contributed(session, made, ana, words="We walk.").state is ContributionState.RECEIVED


def test_of_two_that_send_the_same_file_at_once_one_is_taken(fresh_database: str) -> None:
    with unit_of_work() as session:
        made, ana = factories.opened_call(session), factories.person(session, "Ana")
        sent = [factories.entry(session, ana, words="We walk.") for _ in range(2)]

    def send(entry: NewContribution) -> str:
        with unit_of_work() as session:
            contribution = contribute(session, made.id, entry, by=ana, at=NOW)
            sleep(0.2)
            return str(contribution.state)

    with ThreadPoolExecutor(2) as both:
        first, second = (both.submit(send, entry) for entry in sent)
    assert sorted(type(each.exception()).__name__ for each in (first, second)) == ["NoneType", "SentAlready"]


def test_a_contribution_that_comes_while_the_clocks_stand_still_before_the_old_close_needs_no_extension(session: Session) -> None:
    made = factories.opened_call(session)
    extend_call(session, made.id, LATER, "A storm.", by=made.manager, at=NOW)
    made.campaign.paused_at = CLOSE - DAY
    session.flush()
    assert factories.contributed(session, made, at=CLOSE + DAY).by_extension_id is None


def test_a_pause_moves_an_open_close_on_and_leaves_a_past_one(session: Session) -> None:
    made = factories.opened_call(session)
    shift_dates(session, made.campaign, Pause(NOW + timedelta(days=1), NOW + timedelta(days=3)))
    call = call_of(session, made.id)
    assert call is not None
    assert call.closes_at == CLOSE + timedelta(days=2)
    shift_dates(session, made.campaign, Pause(CLOSE + timedelta(days=29), CLOSE + timedelta(days=30)))
    assert call.closes_at == CLOSE + timedelta(days=2)


def test_while_a_campaign_is_paused_its_call_does_not_close(session: Session) -> None:
    made = factories.opened_call(session)
    made.campaign.paused_at = CLOSE - timedelta(days=1)
    session.flush()
    assert factories.contributed(session, made, at=CLOSE + timedelta(days=1)).state is ContributionState.RECEIVED


def test_the_licence_granted_is_the_one_that_the_call_asks_for(session: Session) -> None:
    made, ana = factories.opened_call(session), factories.person(session)
    sent = factories.entry(session, ana)
    old = NewContribution(title=sent.title, upload_id=sent.upload_id, licence_version="2025-07")
    refused = refusal_of(session, lambda: contribute(session, made.id, old, by=ana, at=NOW))
    assert (type(refused), refused.field) == (errors.WrongLicence, "licence_version")


def test_a_contribution_has_a_title(session: Session) -> None:
    made, ana = factories.opened_call(session), factories.person(session)
    for title in (" ", "x" * 161):
        sent = factories.entry(session, ana, title)
        assert type(refusal_of(session, partial(contribute, session, made.id, sent, by=ana, at=NOW))) is errors.UntitledContribution


def test_nobody_sends_in_someone_elses_upload(session: Session) -> None:
    made, ana, ben = factories.opened_call(session), factories.person(session), factories.person(session)
    sent = factories.entry(session, ana)
    assert type(refusal_of(session, lambda: contribute(session, made.id, sent, by=ben, at=NOW))) is errors.NoSuchUpload


def test_an_upload_becomes_one_contribution(session: Session) -> None:
    made, ana = factories.opened_call(session), factories.person(session)
    sent = factories.entry(session, ana)
    contribute(session, made.id, sent, by=ana, at=NOW)
    assert type(refusal_of(session, lambda: contribute(session, made.id, sent, by=ana, at=NOW))) is errors.UploadUsed


def test_an_upload_that_has_not_arrived_whole_is_no_contribution(session: Session) -> None:
    made, ana = factories.opened_call(session), factories.person(session)
    upload = uploads.begin(session, "lantern.jpg", "image/jpeg", 100, by=ana)
    assert upload.state is UploadState.ARRIVING
    sent = NewContribution(title="Lantern", upload_id=upload.id, licence_version="2026-01")
    assert type(refusal_of(session, lambda: contribute(session, made.id, sent, by=ana, at=NOW))) is errors.UploadNotReady


def test_makers_are_known_have_whole_shares_and_include_the_sender(session: Session) -> None:
    made, ana, ben = factories.opened_call(session), factories.person(session), factories.person(session)

    def refused(makers: dict[Any, int]) -> type[Refusal]:
        sent = factories.entry(session, ana, makers=makers)
        return type(refusal_of(session, lambda: contribute(session, made.id, sent, by=ana, at=NOW)))

    assert refused({ben.person: 1}) is errors.NotAMaker
    assert refused({ana.person: 0}) is errors.SharesOutOfRange
    assert refused({ana.person: 1, new_id(): 1}) is errors.UnknownMaker


def test_whoever_is_only_named_as_a_maker_takes_no_contribution_down_until_they_have_said_so_themselves(session: Session) -> None:
    made, ana, ben = factories.opened_call(session), factories.person(session, "Ana"), factories.person(session, "Ben")
    sent = factories.entry(session, ana, makers={ana.person: 1, ben.person: 1})
    contribution = contribute(session, made.id, sent, by=ana, at=NOW)
    assert type(refusal_of(session, lambda: withdraw(session, contribution.id, by=ben, at=NOW))) is errors.PartUnconfirmed
    assert contribution.state is not ContributionState.WITHDRAWN
    confirm_part(session, contribution.id, by=ben, at=NOW)
    assert withdraw(session, contribution.id, by=ben, at=LATER).state is ContributionState.WITHDRAWN


def test_a_maker_takes_a_contribution_down_at_any_time_and_nobody_else_does(session: Session) -> None:
    made, ana, ben = factories.opened_call(session), factories.person(session, "Ana"), factories.person(session, "Ben")
    contribution = factories.screened_in(session, factories.contributed(session, made, ana))
    assert type(refusal_of(session, lambda: withdraw(session, contribution.id, by=ben, at=NOW))) is errors.NoSuchContribution
    assert withdraw(session, contribution.id, by=ana, at=LATER).state is ContributionState.WITHDRAWN
    assert contribution.state_since == LATER
    with pytest.raises(errors.NoSuchContribution):
        find_contribution(session, contribution.id, by=ben)
    assert type(refusal_of(session, lambda: withdraw(session, contribution.id, by=ana, at=NOW))) is errors.AlreadyWithdrawn

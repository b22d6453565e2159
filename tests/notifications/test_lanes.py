"""Lanes: what is urgent goes its way while sixty thousand others wait, and each message is in the lane that its event is for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event as Flag
from threading import Thread

import pytest
from sqlalchemy import func, select, update

from campaigns.core import access, clock, outbox
from campaigns.core.access import LINK_LIFE, SignInLink
from campaigns.core.emails import Email
from campaigns.core.errors import NotSignedIn
from campaigns.core.event_names import Emails, EventName
from campaigns.core.lanes import FEW, Lane
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from flows import relay
from flows.handlers import HANDLERS
from notifications.registry import NOTIFICATIONS
from tests.notifications.conftest import Postroom
from tests.notifications.stories import campaign_of, happens, people
from tests.postroom import emails_to, wait_for
from tests.postroom import relay as handle_all
from workers.transactions import unit_of_work


@contextmanager
def at_work() -> Iterator[None]:
    """A relay runs within the block."""
    stop = Flag()
    loop = Thread(target=relay.run, args=(stop,))
    loop.start()
    yield
    stop.set()
    loop.join(30)


@contextmanager
def nobody_sends(notification: str) -> Iterator[None]:
    """Whoever would send an email of this notification is held up, as by a slow provider."""
    with unit_of_work() as session:
        session.scalars(select(Email.id).where(Email.notification == notification).with_for_update()).all()
        yield


def ask(address: str) -> None:
    with unit_of_work() as session:
        access.ask_for_link(session, address, at=clock.business_now(session))


def lanes() -> dict[str, int]:
    """How many emails wait in each lane."""
    with unit_of_work() as session:
        waiting = (
            select(OutboxMessage.lane, func.count())
            .where(OutboxMessage.kind == OutboxKind.EMAIL, OutboxMessage.done_at.is_(None))
            .group_by(OutboxMessage.lane)
        )
        return dict(session.execute(waiting).all())


def handle_events() -> None:
    """Have every email written, and none sent."""
    with unit_of_work() as session:
        claimed = [each for each in outbox.claim(session, 100) if each.kind == OutboxKind.EVENT]
    for each in claimed:
        relay.handle(each)


def test_every_notification_is_told_in_the_lane_of_its_events() -> None:
    urgent = {name for name, notification in NOTIFICATIONS.items() if Lane.SIGN_IN in {event.lane for event in notification.on}}
    of_access = {"sign_in", "factor_added", "factor_removed", "token_created", "invited", "colleague_appointed", "role_of_money"}
    assert urgent == {*of_access, "destination"}
    assert {name for name, notification in NOTIFICATIONS.items() if notification.lane(1) is Lane.SIGN_IN} == urgent
    assert {name for notification in NOTIFICATIONS.values() if notification.announcement for name in notification.on} == {
        name for name in EventName if name.emails is Emails.TO_ALL
    }


def test_every_kind_of_message_has_a_handler_and_every_lane_has_hands() -> None:
    assert (set(HANDLERS), set(relay.HANDS)) == (set(OutboxKind), set(Lane))


def test_an_email_to_many_waits_behind_emails_to_a_few_and_a_sign_in_link_behind_neither(postroom: Postroom) -> None:
    happens(EventName.CAMPAIGN_PAUSED, campaign_of(people(FEW + 1)))
    happens(EventName.CAMPAIGN_PAUSED, campaign_of(people(2, locale="fr")))
    ask("ana@example.org")
    handle_events()
    assert lanes() == {"bulk_emails": FEW + 1, "emails": 2, "sign_in": 1}


def test_a_sign_in_link_goes_out_while_every_hand_for_other_emails_is_held_up(postroom: Postroom) -> None:
    happens(EventName.CAMPAIGN_PAUSED, campaign_of(people(FEW + 1)))
    handle_events()
    with at_work():
        with nobody_sends("paused"):
            ask("ana@example.org")
            wait_for(lambda: emails_to(postroom.beyond, "ana@example.org"))
            with unit_of_work() as session:
                assert session.scalar(select(func.count()).where(Email.notification == "paused", Email.state == "promised")) == FEW + 1
        wait_for(lambda: len(emails_to(postroom.beyond)) == FEW + 2, 30)


def test_what_takes_long_keeps_its_lease_and_is_not_taken_a_second_time(postroom: Postroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "RENEWED_EVERY", timedelta(seconds=0.2))
    happens(EventName.CAMPAIGN_PAUSED, campaign_of(people(1)))
    handle_events()
    with at_work():
        with nobody_sends("paused"):
            wait_for(lambda: attempts() == 1)
            first = lease()
            wait_for(lambda: lease() > first)
        wait_for(lambda: emails_to(postroom.beyond))
    assert attempts() == 1


def attempts() -> int:
    with unit_of_work() as session:
        return session.scalars(select(OutboxMessage.attempts).where(OutboxMessage.kind == OutboxKind.EMAIL)).one()


def lease() -> datetime:
    """Until when the email is its relay's."""
    with unit_of_work() as session:
        until = session.scalars(select(OutboxMessage.leased_until).where(OutboxMessage.kind == OutboxKind.EMAIL)).one()
        assert until is not None
        return until


def test_a_links_life_begins_when_it_is_handed_to_the_provider(postroom: Postroom) -> None:
    ask("ana@example.org")
    handle_events()
    with unit_of_work() as session:  # it lay for an hour
        session.execute(update(SignInLink).values(expires_at=clock.process_now() - timedelta(minutes=45)))
        secret = session.scalars(select(Email.text)).one().partition("/sign-in/")[2].split()[0]
    with unit_of_work() as session, pytest.raises(NotSignedIn):
        access.use_link(session, secret)
    handle_all()
    with unit_of_work() as session:
        left = session.scalars(select(SignInLink.expires_at)).one() - clock.process_now()
        assert LINK_LIFE - timedelta(minutes=1) < left <= LINK_LIFE
        assert access.use_link(session, secret) == session.scalars(select(Email.recipient_id)).one()


def test_a_link_that_was_used_stays_used_when_its_email_is_sent_again(postroom: Postroom) -> None:
    ask("ana@example.org")
    handle_events()
    with unit_of_work() as session:
        secret = session.scalars(select(Email.text)).one().partition("/sign-in/")[2].split()[0]
        access.use_link(session, secret)
    handle_all()
    with unit_of_work() as session, pytest.raises(NotSignedIn):
        access.use_link(session, secret)

"""What keeps an email from being lost or from arriving twice: outbox, the one email of each fact, the relay's lease, SendGrid's word."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from campaigns.core import clock, outbox
from campaigns.core.emails import Email
from campaigns.core.outbox_kinds import OutboxKind
from flows import relay
from notifications.sender import Outgoing
from notifications.sendgrid_sender import SendgridSender
from tests.chaos.company import ON_ITS_WAY
from tests.chaos.guards import Ground, struck
from tests.chaos.mailboxes import arrived
from tests.flows.engine_room import LATE, calling, frozen, send_in
from tests.installation import wait_for
from workers.emails.outcomes import settle_unknown
from workers.transactions import unit_of_work

AN_HOUR, TEN_MINUTES = timedelta(hours=1), timedelta(minutes=10)
# Longer than the relay's lease: what was taken by a dead relay is taken again by then.
LEASE_IS_OVER = 30.0
# What is to be sent is sent by then.
SENT_BY = 60.0
# What is sent arrives by then, a second copy too.
ARRIVED_BY = 30.0
# By then a relay has taken what it may take.
TAKEN_BY = 20.0
MANY = 100


def relay_killed_with_an_email_in_hand(ground: Ground) -> list[str]:
    made_before = last_email()
    struck(ground, "relay.to_send", lambda: send_in(calling()))
    with suppress(AssertionError):
        wait_for(lambda: not emails_since(made_before, "sending"), LEASE_IS_OVER)
    end_waits()
    with suppress(AssertionError):
        wait_for(lambda: not emails_since(made_before, *ON_ITS_WAY), SENT_BY)
    return [f"an email is lost: it is {state}" for state in emails_since(made_before, *ON_ITS_WAY)]


def relay_killed_with_emails_just_written(ground: Ground) -> list[str]:
    made_before = last_email()
    struck(ground, "relay.wrote_emails", lambda: send_in(calling()))
    wait_for(lambda: not facts_untold(), LATE)
    same = (Email.event_id, Email.recipient_id, Email.notification)
    with unit_of_work() as session:
        twice = session.scalars(select(Email.notification).where(Email.id > made_before).group_by(*same).having(func.count() > 1)).all()
    return [f"an email is written twice: {notification}" for notification in twice]


def at_hand_of_two_relays(ground: Ground) -> list[str]:
    """This process, as a relay, is slow at an email and within its lease, and the installation's own looks for something to do.

    Whatever that one finds being sent waits for SendGrid's word, and that wait is over before the slow one makes its request.
    """
    made_before = last_email()
    with ThreadPoolExecutor(1) as slow_hand, held_up() as is_at_it:
        with frozen(ground.up.pid("relay")):
            send_in(calling())
            slow_hand.submit(look_for_something_to_do, 2)
            assert is_at_it.wait(LATE)
            lengthen_leases()
        with suppress(AssertionError):
            wait_for(lambda: emails_since(made_before, "unknown"), TAKEN_BY)
        end_waits()
        with suppress(AssertionError):
            wait_for(lambda: emails_since(made_before, "uncertain"), TAKEN_BY)
    return arrived_twice(made_before)


@contextmanager
def held_up() -> Iterator[Event]:
    """Until the block ends, whoever wants to send an email in this process waits; tells when somebody does."""
    is_at_it, may_go_on, send = Event(), Event(), SendgridSender.send

    def send_late(sender: SendgridSender, email: Outgoing) -> str:
        is_at_it.set()
        may_go_on.wait(LATE)
        return send(sender, email)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SendgridSender, "send", send_late)
        try:
            yield is_at_it
        finally:
            may_go_on.set()


def relay_killed_once_sendgrid_had_the_email(ground: Ground) -> list[str]:
    """The relay is killed between SendGrid's answer and our note of it, and SendGrid's word comes late: the web is away, which hears it."""
    made_before = last_email()
    with frozen(*ground.up.web()):
        struck(ground, "relay.sent", lambda: send_in(calling()))
        end_leases()
        wait_for(lambda: not emails_since(made_before, "sending"), LATE)
        with suppress(AssertionError):
            wait_for(lambda: copies_of_one(made_before), ARRIVED_BY)
    return arrived_twice(made_before)


def lengthen_leases() -> None:
    """However slow the machine is, what a relay has in hand stays its own."""
    with unit_of_work() as session:
        held = update(outbox.OutboxMessage).where(outbox.OutboxMessage.leased_until.is_not(None), *outbox.OPEN)
        session.execute(held.values(leased_until=clock.process_now() + TEN_MINUTES))


def end_leases() -> None:
    """What a moment brings: the leases of a relay that is dead are over."""
    with unit_of_work() as session:
        held = update(outbox.OutboxMessage).where(outbox.OutboxMessage.kind == OutboxKind.EMAIL, *outbox.OPEN)
        session.execute(held.values(leased_until=clock.process_now() - timedelta(seconds=1)))


def end_waits() -> None:
    """What two minutes bring: SendGrid's word has been waited for long enough."""
    with unit_of_work() as session:
        session.execute(update(Email).where(Email.state == "unknown").values(wait_until=clock.process_now() - AN_HOUR))
    with unit_of_work() as session:
        settle_unknown(session, at=clock.business_now(session))


def look_for_something_to_do(times: int) -> None:
    """What a relay does again and again; of an event it writes emails, and finds these when it looks the next time."""
    for _time in range(times):
        for claimed in relay.claim(MANY):
            relay.handle(claimed)


def arrived_twice(made_before: UUID) -> list[str]:
    """Which emails have arrived more than once, when all are sent and a further copy would have come."""
    wait_for(lambda: not emails_since(made_before, *ON_ITS_WAY), LATE)
    with suppress(AssertionError):
        wait_for(lambda: copies_of_one(made_before), ARRIVED_BY)
    return [f"an email arrived {count} times" for count in copies_of_one(made_before)]


def copies_of_one(made_before: UUID) -> Sequence[int]:
    """Of each email that arrived more than once, how often it did."""
    with unit_of_work() as session:
        return [len(copies) for email, copies in arrived(session).items() if email > made_before and len(copies) > 1]


def last_email() -> UUID:
    with unit_of_work() as session:
        return session.scalar(select(Email.id).order_by(Email.id.desc()).limit(1)) or UUID(int=0)


def emails_since(last: UUID, *states: str) -> Sequence[str]:
    with unit_of_work() as session:
        return session.scalars(select(Email.state).where(Email.id > last, Email.state.in_(states))).all()


def facts_untold() -> int:
    with unit_of_work() as session:
        untold = (outbox.OutboxMessage.done_at.is_(None), outbox.OutboxMessage.kind == OutboxKind.EVENT)
        return session.scalar(select(func.count()).select_from(outbox.OutboxMessage).where(*untold)) or 0


@contextmanager
def emails_may_be_written_twice() -> Iterator[None]:
    """No constraint keeps one email about one fact to one person from being written twice; put back at the end, without such emails."""
    name, columns = "uq_email_event_id_recipient_id_notification", "event_id, recipient_id, notification"
    with unit_of_work() as session:
        session.execute(text(f"alter table email drop constraint {name}"))
    try:
        yield
    finally:
        with unit_of_work() as session:
            session.execute(
                text(f"delete from email where id not in (select distinct on ({columns}) id from email order by {columns}, id)")
            )
            session.execute(text(f"alter table email add constraint {name} unique ({columns})"))

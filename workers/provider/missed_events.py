"""Events that no webhook brought: asked for by the hour, each account's by the day, and after an outage until all of them have come.

Stripe posts an event for three days and keeps it for 30. What is older than that is not asked for: the objects themselves are.
The sweep enqueues the questions and the relay puts them; no more than a few are open at a time, however many accounts there are. What is
refused is asked again by the relay, ever more rarely, and leaves its place to others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns.core import clock, outbox
from campaigns.core.inbox import InboxMark, receive
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.payments.gateway import EventFeed
from campaigns.payments.models import PayoutAccount
from campaigns.payments.money_out import MoneyOut
from campaigns.payments.provider_errors import MISSING, Definite
from workers.provider.accounts import look_at_account
from workers.provider.event_origins import EventOrigin
from workers.provider.received_events import look_at_each
from workers.provider_events import HEARD, PROVIDER_EVENTS
from workers.transactions import unit_of_work

PLATFORM = "platform"
EVERY, EVERY_OF_AN_ACCOUNT = timedelta(hours=1), timedelta(days=1)
KEPT = timedelta(days=29)  # of the 30, so that none is gone while we ask
AT_ONCE = timedelta(hours=6)  # of the platform's events, which are many; an account has few
OVERLAP = timedelta(minutes=10)
MOST_OPEN, MOST_REFUSED = 5, 50
BATCH = 100


def enqueue_questions() -> int:
    """The sweep's part: enqueue questions for what each side may have missed and has not been asked for lately; returns how many."""
    with unit_of_work() as session:
        now = clock.business_now(session)
        due = [*_platform_due(session, now), *_accounts_due(session, now)]
        for account in due:
            outbox.enqueue_again(session, OutboxKind.MISSED_EVENTS, key=account, account=account)
        return len(due)


def _platform_due(session: Session, now: datetime) -> Iterator[str]:
    """The platform, if it is due; what happened before it was first asked for is not missed."""
    session.execute(insert(InboxMark).values(provider="stripe", until=now).on_conflict_do_nothing())
    due = select(InboxMark.provider).where(InboxMark.provider == "stripe", InboxMark.until < now - EVERY)
    is_open = exists().where(*_open(), outbox.OutboxMessage.key == PLATFORM)
    if session.scalar(due.where(~is_open)):
        yield PLATFORM


def _accounts_due(session: Session, now: datetime) -> Sequence[str]:
    room = _room(session)
    if not room:
        return ()
    is_open = exists().where(*_open(), outbox.OutboxMessage.key == PayoutAccount.provider_id)
    due = select(PayoutAccount.provider_id).where(
        PayoutAccount.provider_id.is_not(None), PayoutAccount.heard_until < now - EVERY_OF_AN_ACCOUNT, ~is_open
    )
    return [str(each) for each in session.scalars(due.order_by(PayoutAccount.heard_until, PayoutAccount.id).limit(room))]


def _room(session: Session) -> int:
    """How many more may be open; those that went wrong when last tried do not count, up to MOST_REFUSED of them."""
    refused = session.scalar(select(func.count()).where(*_open(), outbox.OutboxMessage.last_error.is_not(None))) or 0
    return outbox.room(session, OutboxKind.MISSED_EVENTS, MOST_OPEN + min(refused, MOST_REFUSED))


def _open() -> tuple[Any, ...]:
    return (outbox.OutboxMessage.kind == OutboxKind.MISSED_EVENTS, *outbox.OPEN)


def fetch_missed(money_out: MoneyOut, event_feed: EventFeed, claimed: outbox.Claimed) -> None:
    """Handler of `missed_events`: keep every event since those that came, one stretch of time after the other."""
    account = claimed.body["account"]
    with unit_of_work() as session:
        now, since = clock.business_now(session), _mark(session, account)
    if since is None:
        return
    is_old, since = since < now - KEPT, max(since, now - KEPT)
    until = since + AT_ONCE if account == PLATFORM and now - since > AT_ONCE + EVERY else now
    try:
        if is_old:
            look_at_open() if account == PLATFORM else look_at_account(money_out, account)
        _fetch(event_feed, account, since - OVERLAP, until)
    except Definite as refused:
        # Of what is not ours any more nothing will be heard; whatever else is refused, as to a wrong key, is still to be asked.
        if account == PLATFORM or refused.code not in MISSING:
            raise
    with unit_of_work() as session:
        _set_mark(session, account, until)


def look_at_open() -> None:
    """Look at everything that may still change at the provider, whatever it told of it."""
    look_at_each(_open_objects())


def _open_objects() -> Iterator[tuple[str, str]]:
    for kind, events in PROVIDER_EVENTS[EventOrigin.PLATFORM].items():
        if events.still_open:
            with unit_of_work() as session:
                named = events.still_open(session)
            yield from ((kind, each) for each in named)


def _fetch(event_feed: EventFeed, account: str, since: datetime, until: datetime) -> None:
    side = EventOrigin.PLATFORM if account == PLATFORM else EventOrigin.CONNECT
    whose = "" if account == PLATFORM else account
    found = event_feed.events_since(since, until, account=whose, names=HEARD[side])
    for batch in _batches({**event, **({"account": whose} if whose else {})} for event in found):
        with unit_of_work() as session:
            for event in batch:
                receive(session, "stripe", event["id"], event["type"], dict(event), is_fetched=True)


def _batches(events: Iterable[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    remaining = iter(events)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _mark(session: Session, account: str) -> datetime | None:
    if account == PLATFORM:
        return session.scalar(select(InboxMark.until).where(InboxMark.provider == "stripe"))
    return session.scalar(select(PayoutAccount.heard_until).where(PayoutAccount.provider_id == account))


def _set_mark(session: Session, account: str, until: datetime) -> None:
    """Never back: whoever asked at the same time may have come further."""
    if account == PLATFORM:
        session.execute(update(InboxMark).where(InboxMark.provider == "stripe", InboxMark.until < until).values(until=until))
        return
    theirs = update(PayoutAccount).where(PayoutAccount.provider_id == account, PayoutAccount.heard_until < until)
    session.execute(theirs.values(heard_until=until))

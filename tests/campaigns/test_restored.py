"""What a restored backup does with what was on its way when it was taken."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.core import clock, outbox
from campaigns.core.emails import Email, EmailChunk
from campaigns.core.ids import new_id
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.restoration import behind
from campaigns.installation import restored
from tests import factories
from workers.emails import outcomes

YESTERDAY = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)


def email(session: Session, chunk: EmailChunk | None = None) -> Email:
    ana = factories.person(session, "Ana")
    written = {"notification": "paid", "address": "ana@example.org", "subject": "", "text": "", "html": "", "enqueued_at": YESTERDAY}
    email = Email(event_id=new_id(), recipient_id=ana.person, chunk_id=chunk.id if chunk else None, **written)
    session.add(email)
    session.flush()
    return email


def announcement(session: Session) -> EmailChunk:
    written = {"notification": "call_opened", "locale": "en", "subject": "", "text": "", "html": "", "send_at": YESTERDAY}
    chunk = EmailChunk(id=new_id(), event_id=new_id(), number=1, **written)
    session.add(chunk)
    session.flush()
    return chunk


def test_an_email_on_its_way_goes_out_as_one_that_may_come_twice_and_an_announcement_does_not(session: Session) -> None:
    chunk = announcement(session)
    alone, among_many = email(session), email(session, chunk)
    restored.take_up(session, "callboard-2026-11-01T030000Z", YESTERDAY)
    session.expire_all()
    assert (alone.state, alone.sends, chunk.state, among_many.state) == ("promised", 1, "unknown", "promised")
    assert outcomes.settle_unknown(session, at=clock.business_now(session)) == 0
    chunk.wait_until = clock.process_now()
    assert outcomes.settle_unknown(session, at=clock.business_now(session)) == 1
    session.expire_all()
    assert (alone.state, chunk.state, among_many.state) == ("promised", "failed", "failed")


def test_no_message_is_handled_before_the_restored_backup_has_caught_up(session: Session) -> None:
    outbox.enqueue(session, OutboxKind.BATCH_OVER, key="b1", batch="b1")
    restored.take_up(session, "callboard-2026-11-01T030000Z", YESTERDAY)
    assert (outbox.claim(session), outbox.seconds_to_next(session) > 1_000_000) == ([], True)
    restoration = behind(session)
    assert restoration
    restoration.caught_up_at = clock.process_now()
    session.flush()
    assert [claimed.key for claimed in outbox.claim(session) if claimed.kind == OutboxKind.BATCH_OVER] == ["b1"]


def test_the_earliest_of_several_backups_says_since_when_stripe_is_asked(session: Session) -> None:
    for days in (2, 5, 3):
        restored.take_up(session, f"callboard-{days}", YESTERDAY - timedelta(days=days))
    found = behind(session)
    assert found
    assert found.backup == "callboard-5"

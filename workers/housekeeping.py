"""What nobody needs any more is forgotten: once an hour, a batch at a time."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, Connection, delete, exists, inspect, select, text, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.brief.disputes.models import DisputeFile
from campaigns.client_delivery.models import Package, Version, VersionRendition
from campaigns.core import clock, throttle
from campaigns.core.access import SESSION_IDLE, SignInLink, WebSession
from campaigns.core.db import Base
from campaigns.core.factors.models import PasskeyChallenge
from campaigns.core.files import storage
from campaigns.core.flow_processes import FlowProcess
from campaigns.core.heartbeat import Heartbeat
from campaigns.core.idempotency import KeptAnswer
from campaigns.core.security_log import KEPT_FOR, SecurityEntry
from campaigns.core.throttle import Rate, ThrottleBucket
from campaigns.core.tokens import ApiToken
from campaigns.open_call.models import ContributionFile, Rendition, Upload
from campaigns.open_call.uploads import LIFE
from workers.transactions import unit_of_work

LOOKED_BACK_ON = timedelta(days=7)
LEFT_OVER = timedelta(hours=1)
TURN = Rate(burst=1, every=timedelta(hours=1))
BATCH = 1_000
MOST_BATCHES = 100
FILES_STAY = 73
FILES: Collection[InstrumentedAttribute[str] | InstrumentedAttribute[str | None]] = (
    Upload.sha256,
    ContributionFile.sha256,
    Rendition.sha256,
    Version.sha256,
    VersionRendition.sha256,
    Package.sha256,
    DisputeFile.sha256,
)


def tidy() -> int:
    """Forget what was over a week ago and the uploads that expired as nothing; returns how many rows, 0 when this hour had its turn."""
    with unit_of_work() as session:
        if not throttle.drawn(session, "housekeeping", TURN):
            return 0
    long_ago = clock.process_now() - LOOKED_BACK_ON
    rows = sum(forget(table, over) for table, over in outlived(long_ago).items())
    with unit_of_work() as guard:
        if guard.scalar(text("select pg_try_advisory_xact_lock(:key)"), {"key": FILES_STAY}):
            rows += forget_uploads(clock.process_now() - LEFT_OVER)
            forget_files(_shelf_of_the_hour(), long_ago)
    return rows


@contextmanager
def every_file_stays(connection: Connection) -> Iterator[None]:
    """No file is forgotten while the block runs: a backup still needs those that its snapshot names."""
    connection.execute(text("select pg_advisory_lock_shared(:key)"), {"key": FILES_STAY})
    connection.rollback()  # the lock is the session's, and stays
    try:
        yield
    finally:
        connection.execute(text("select pg_advisory_unlock_shared(:key)"), {"key": FILES_STAY})


def named_files(session: Session) -> set[str]:
    """Every file that a row speaks of, also in the database of an older Callboard, which has fewer tables."""
    there = set(inspect(session.connection()).get_table_names())
    of_tables = [column for column in FILES if column.class_.__tablename__ in there]
    return {sha256 for column in of_tables for sha256 in session.scalars(select(column).where(column.is_not(None)).distinct())}  # type: ignore[misc]


def outlived(long_ago: datetime) -> Mapping[type[Base], ColumnElement[bool]]:
    """Of each table whose rows have an end: those that had it before `long_ago`, a process time."""
    return {
        ThrottleBucket: ThrottleBucket.filled_at < long_ago,  # full again by now, as if it had never been drawn from
        SignInLink: SignInLink.expires_at < long_ago,
        PasskeyChallenge: PasskeyChallenge.expires_at < long_ago,
        WebSession: (WebSession.expires_at < long_ago) | (WebSession.last_seen_at < long_ago - SESSION_IDLE),
        ApiToken: (ApiToken.expires_at < long_ago) | (ApiToken.revoked_at < long_ago),
        KeptAnswer: KeptAnswer.created_at < long_ago,
        SecurityEntry: SecurityEntry.at < long_ago + LOOKED_BACK_ON - KEPT_FOR,
        Heartbeat: Heartbeat.beat_at < long_ago,
        FlowProcess: FlowProcess.ended_at < long_ago,
    }


def forget(table: type[Base], over: ColumnElement[bool]) -> int:
    """Delete the rows of which `over` holds; returns how many."""

    def forget_some() -> int:
        with unit_of_work() as session:
            key = inspect(table).primary_key
            return len(session.execute(delete(table).where(_some(table, over)).returning(*key)).all())

    return _in_batches(forget_some)


def forget_uploads(long_ago: datetime) -> int:
    """Forget the uploads that expired before `long_ago` and became neither a contribution nor a version, with their files; returns how
    many."""

    def forget_some() -> int:
        with unit_of_work() as session:
            became_nothing = _some(Upload, _became_nothing(long_ago))
            hashes = session.scalars(delete(Upload).where(became_nothing).returning(Upload.sha256)).all()
            unnamed = _unnamed(session, {sha256 for sha256 in hashes if sha256})
        # Only now: a file without its row is a file too many, a row without its file is a contribution that is lost.
        for sha256 in unnamed:
            storage().discard(sha256, kept_before=long_ago)
        return len(hashes)

    return _in_batches(forget_some)


def let_go(upload: Upload) -> None:
    """Forget the file of an upload that its owner gave up, unless another row speaks of it or someone has kept it since it came."""
    if upload.sha256 is None:
        return
    with unit_of_work() as session:
        unnamed = _unnamed(session, [upload.sha256])
    for sha256 in unnamed:
        storage().discard(sha256, kept_before=upload.expires_at - LIFE)


def forget_files(shelf: str, long_ago: datetime) -> int:
    """Forget the files on a shelf that no row speaks of, kept before `long_ago` for something that was then refused; returns how many."""
    gone = 0
    found = storage().kept(shelf, before=long_ago)
    while hashes := list(islice(found, BATCH)):
        with unit_of_work() as session:
            unnamed = _unnamed(session, hashes)
        for sha256 in unnamed:
            storage().discard(sha256, kept_before=long_ago)
        gone += len(unnamed)
    return gone


def _shelf_of_the_hour() -> str:
    """The store's 256 shelves take turns, so that no hour looks through all of it."""
    return f"{int(clock.process_now().timestamp() // 3600) % 256:02x}"


def _in_batches(forget_some: Callable[[], int]) -> int:
    gone = 0
    for _batch in range(MOST_BATCHES):
        some = forget_some()
        gone += some
        if some < BATCH:
            break
    return gone


def _some(table: type[Base], over: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of the rows of which `over` holds, a batch that nobody is using."""
    key = inspect(table).primary_key
    return tuple_(*key).in_(select(*key).where(over).limit(BATCH).with_for_update(skip_locked=True))


def _became_nothing(long_ago: datetime) -> ColumnElement[bool]:
    is_contribution, is_version = exists().where(ContributionFile.upload_id == Upload.id), exists().where(Version.upload_id == Upload.id)
    return (Upload.expires_at < long_ago) & ~is_contribution & ~is_version


def _unnamed(session: Session, hashes: Collection[str]) -> Collection[str]:
    """Those among these files that no row speaks of."""
    named = {sha256 for column in FILES for sha256 in session.scalars(select(column).where(column.in_(hashes)))}
    return set(hashes) - named

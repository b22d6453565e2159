"""What is forgotten once it has been over for a week, and what never is."""

import os
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from campaigns.core import access, clock, idempotency, throttle, tokens
from campaigns.core.access import SignInLink, WebSession
from campaigns.core.db import Base
from campaigns.core.errors import NotFound, Refusal
from campaigns.core.files import storage
from campaigns.core.idempotency import KeptAnswer
from campaigns.core.people import Actor
from campaigns.core.throttle import Rate, ThrottleBucket
from campaigns.core.tokens import ApiToken
from campaigns.open_call import uploads
from campaigns.open_call.models import Upload
from flows import sweep
from tests import factories
from workers import housekeeping
from workers.transactions import unit_of_work

WEEK = housekeeping.LOOKED_BACK_ON
LITTLE = timedelta(minutes=1)
RATE = Rate(burst=1, every=timedelta(hours=1))
ENDS = {
    ThrottleBucket: ThrottleBucket.filled_at,
    SignInLink: SignInLink.expires_at,
    ApiToken: ApiToken.expires_at,
    KeptAnswer: KeptAnswer.created_at,
}


def one_of_each() -> Actor:
    """Someone who has one row in each table that is tidied."""
    with unit_of_work() as session:
        ana = factories.person(session)
        throttle.take(session, "ana", RATE)
        access.make_link(session, ana.person)
        access.open_session(session, ana.person)
        tokens.issue_token(session, ana.person, "laptop")
        idempotency.take_key(session, ana.person, "k1", b"")
    return ana


def counts() -> dict[str, int]:
    with unit_of_work() as session:
        tables: tuple[type[Base], ...] = (ThrottleBucket, SignInLink, WebSession, ApiToken, KeptAnswer)
        return {t.__tablename__: session.execute(select(func.count()).select_from(t)).scalar_one() for t in tables}


def change(table: type[Base], **values: Any) -> None:
    with unit_of_work() as session:
        session.execute(update(table).values(values))


def tidy_up() -> int:
    """A turn, whatever this hour has had."""
    with unit_of_work() as session:
        session.execute(update(ThrottleBucket).where(ThrottleBucket.key == "housekeeping").values(tokens=1))
    return housekeeping.tidy()


ALL = {"bucket": 2, "sign_in_link": 1, "web_session": 1, "api_token": 1, "kept_answer": 1}  # housekeeping has a bucket of its own


@pytest.mark.parametrize("table", ENDS, ids=lambda table: table.__tablename__)
def test_what_was_over_a_week_ago_is_forgotten_and_nothing_else(fresh_database: str, table: type[Base]) -> None:
    one_of_each()
    name, end = table.__tablename__, ENDS[table].key
    change(table, **{end: clock.process_now() - WEEK + LITTLE})
    assert (tidy_up(), counts()) == (0, ALL)
    change(table, **{end: clock.process_now() - WEEK - LITTLE})
    assert tidy_up() == 1
    assert counts() == ALL | {name: ALL[name] - 1}


def test_a_session_that_lay_idle_and_a_token_that_was_revoked_are_over(fresh_database: str) -> None:
    one_of_each()
    change(WebSession, last_seen_at=clock.process_now() - WEEK - access.SESSION_IDLE - LITTLE)
    change(ApiToken, revoked_at=clock.process_now() - WEEK - LITTLE)
    assert (tidy_up(), counts()) == (2, ALL | {"web_session": 0, "api_token": 0})


def test_each_hour_has_one_turn_however_many_sweeps_there_are(fresh_database: str) -> None:
    one_of_each()
    assert housekeeping.tidy() == 0
    change(SignInLink, expires_at=clock.process_now() - WEEK - LITTLE)
    assert (housekeeping.tidy(), counts()) == (0, ALL)
    with unit_of_work() as session:
        session.execute(
            update(ThrottleBucket)
            .where(ThrottleBucket.key == "housekeeping")
            .values(filled_at=ThrottleBucket.filled_at - timedelta(hours=1))
        )
    assert (housekeeping.tidy(), counts()) == (1, ALL | {"sign_in_link": 0})


def test_much_is_forgotten_a_batch_at_a_time_up_to_a_bound(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    monkeypatch.setattr(housekeeping, "MOST_BATCHES", 2)
    ana = one_of_each()
    with unit_of_work() as session:
        for _number in range(5):
            access.make_link(session, ana.person)
    change(SignInLink, expires_at=clock.process_now() - WEEK - LITTLE)
    assert ([tidy_up() for _turn in range(3)], counts()["sign_in_link"]) == ([4, 2, 0], 0)


def test_the_sweep_tidies(fresh_database: str) -> None:
    assert housekeeping.tidy in sweep.PARTS


def written(text: str, by: Actor, *, expired_at: datetime) -> Upload:
    """A text of `by`'s that was written and expired long ago."""
    with unit_of_work() as session:
        upload = uploads.take_text(session, text, "text/plain", by=by)
        upload.expires_at = expired_at
    age(upload, expired_at)
    return upload


def age(upload: Upload, moment: datetime) -> None:
    """The upload's file, as if it had been kept at `moment`."""
    os.utime(storage().path(upload.sha256 or ""), (moment.timestamp(), moment.timestamp()))


def is_there(upload: Upload) -> tuple[bool, bool]:
    """Whether the upload's row is there, and whether its file is."""
    with unit_of_work() as session:
        row = session.get(Upload, upload.id) is not None
    try:
        storage().path(upload.sha256 or "")
    except NotFound:
        return row, False
    return row, True


def test_an_upload_that_became_nothing_is_forgotten_with_its_file(fresh_database: str) -> None:
    with unit_of_work() as session:
        ana = factories.person(session)
    now = clock.process_now()
    old, young = written("Unused for long.", ana, expired_at=now - WEEK - LITTLE), written("Fresh.", ana, expired_at=now)
    assert (tidy_up(), is_there(old), is_there(young)) == (1, (False, False), (True, True))


def test_an_upload_that_became_a_contribution_stays_and_so_does_a_file_that_another_row_names(fresh_database: str) -> None:
    long_ago = clock.process_now() - WEEK - LITTLE
    with unit_of_work() as session:
        made = factories.opened_call(session, at=clock.business_now(session))
        ana = factories.person(session)
        factories.contributed(session, made, ana, words="The same words.", at=clock.business_now(session))
        used = session.scalars(select(Upload)).one()
        used.expires_at = long_ago
    twin = written("The same words.", ana, expired_at=long_ago)
    assert twin.sha256 == used.sha256
    assert (tidy_up(), is_there(used), is_there(twin)) == (1, (True, True), (False, True))


def test_a_file_that_was_kept_again_in_the_meantime_stays(fresh_database: str) -> None:
    long_ago = clock.process_now() - WEEK
    with unit_of_work() as session:
        ana = factories.person(session)
    upload = written("Kept twice.", ana, expired_at=long_ago - LITTLE)
    with storage().scratch() as folder:
        (folder / "again").write_text("Kept twice.")
        storage().keep(folder / "again")
    storage().discard(upload.sha256 or "", kept_before=long_ago)
    assert is_there(upload) == (True, True)


def test_every_column_that_names_a_file_is_asked_before_the_file_is_forgotten() -> None:
    columns = {c for mapper in Base.registry.mappers for c in mapper.local_table.c if c.name == "sha256"}
    assert {column.property.columns[0] for column in housekeeping.FILES} == columns


def test_the_file_of_a_text_that_was_refused_after_it_was_written_is_forgotten_in_its_shelfs_turn(fresh_database: str) -> None:
    with unit_of_work() as session:
        ana = factories.person(session)
    long_ago = clock.process_now() - WEEK
    kept, refused = written("Of use.", ana, expired_at=clock.process_now()), None
    age(kept, long_ago - LITTLE)
    with suppress(Refusal), unit_of_work() as session:
        refused = uploads.take_text(session, "Refused after all.", "text/plain", by=ana)
        session.flush()
        raise Refusal("The call has closed.")
    assert refused is not None
    assert is_there(refused) == (False, True)
    shelf = (refused.sha256 or "")[:2]
    assert (housekeeping.forget_files(shelf, long_ago), is_there(refused)) == (0, (False, True))
    age(refused, long_ago - LITTLE)
    assert (housekeeping.forget_files(shelf, long_ago), is_there(refused)) == (1, (False, False))
    assert (housekeeping.forget_files((kept.sha256 or "")[:2], long_ago), is_there(kept)) == (0, (True, True))


def test_every_shelf_of_the_store_has_its_turn_within_eleven_days(monkeypatch: pytest.MonkeyPatch) -> None:
    now, seen = clock.process_now(), set()
    for hour in range(256):
        monkeypatch.setattr(clock, "process_now", lambda hour=hour: now + timedelta(hours=hour))
        seen.add(housekeeping._shelf_of_the_hour())
    assert seen == {f"{number:02x}" for number in range(256)}

"""Files that belong to nothing are bounded, finished or not, for each person and in all, and never fill the disk."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from campaigns.core import clock
from campaigns.core.errors import NotFound
from campaigns.core.files import LocalFolder, NoRoom, storage
from campaigns.core.people import Actor
from campaigns.core.settings import settings
from campaigns.open_call import uploads
from campaigns.open_call.errors import TooManyUploads, TooMuchUploaded, UploadUsed
from campaigns.open_call.models import Upload
from campaigns.open_call.room import disk
from tests import factories
from tests.factories import NOW, in_delivery, version
from workers import housekeeping
from workers.open_call.upload_writers import arrival
from workers.open_call.uploads import settle
from workers.transactions import unit_of_work

GB = 1024**3


@pytest.fixture
def ana(session: Session) -> Actor:
    return factories.person(session, "Ana")


def left(monkeypatch: pytest.MonkeyPatch, free: int, total: int = 100 * GB) -> None:
    monkeypatch.setattr(LocalFolder, "room", lambda _self: (free, total))


def test_a_finished_upload_that_belongs_to_nothing_counts_as_much_as_an_unfinished_one(session: Session, ana: Actor) -> None:
    for number in range(10):
        uploads.take_text(session, f"Text {number}.", "text/plain", by=ana)
        uploads.begin(session, f"{number}.mp4", "video/mp4", 1000, by=ana)
    with pytest.raises(TooManyUploads, match="20 unused uploads"):
        uploads.begin(session, "film.mp4", "video/mp4", 1000, by=ana)
    with pytest.raises(TooManyUploads, match="20 unused uploads"):
        uploads.take_text(session, "One more.", "text/plain", by=ana)
    uploads.begin(session, "film.mp4", "video/mp4", 1000, by=factories.person(session, "Ben"))


def test_what_a_contribution_or_a_version_has_counts_no_more_and_the_database_says_so(session: Session) -> None:
    made = factories.opened_call(session)
    ana = factories.person(session, "Ana")
    for _each in range(22):
        factories.contributed(session, made, ana)
    delivery = in_delivery(session)
    for _each in range(22):
        version(session, delivery)
    used = session.scalars(select(Upload.is_used).where(Upload.person_id.in_([ana.person, delivery.editor.person]))).all()
    assert (len(used), set(used)) == (44, {True})


def test_one_person_has_at_most_four_times_the_largest_file_in_what_belongs_to_nothing(session: Session, ana: Actor) -> None:
    largest = settings().upload_limit_bytes
    for number in range(4):
        uploads.begin(session, f"{number}.mp4", "video/mp4", largest, by=ana)
    with pytest.raises(TooMuchUploaded, match=r"limited to 8\.6 GB in total"):
        uploads.begin(session, "film.mp4", "video/mp4", 1, by=ana)


def test_all_together_have_no_more_than_the_installation_allows(session: Session, ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "loose_upload_bytes", 10_000)
    uploads.begin(session, "a.mp4", "video/mp4", 9_000, by=factories.person(session, "Ben"))
    with pytest.raises(NoRoom, match="Upload storage is full"):
        uploads.begin(session, "b.mp4", "video/mp4", 1_001, by=ana)
    uploads.begin(session, "b.mp4", "video/mp4", 1_000, by=ana)


def test_an_upload_is_refused_long_before_the_disk_is_full(session: Session, ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    left(monkeypatch, 6 * GB)
    assert (disk().reserve, disk().is_short) == (5 * GB, False)
    uploads.begin(session, "a.mp4", "video/mp4", GB // 2, by=ana)
    with pytest.raises(NoRoom, match="The disk is nearly full, so uploads are paused"):  # what was announced counts as taken
        uploads.begin(session, "b.mp4", "video/mp4", GB // 2 + 1, by=ana)
    monkeypatch.setattr(settings(), "disk_reserve_bytes", 6 * GB)
    with pytest.raises(NoRoom):
        uploads.begin(session, "c.mp4", "video/mp4", 1, by=ana)


def test_the_reserve_is_a_twentieth_of_the_disk_but_a_gigabyte_at_least_and_twenty_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    for total, reserve in ((4 * GB, GB), (100 * GB, 5 * GB), (4000 * GB, 20 * GB)):
        left(monkeypatch, total, total)
        assert disk().reserve == reserve


def test_an_upload_that_has_begun_goes_on_once_there_is_room_again(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with unit_of_work() as session:
        ana = factories.person(session)
        upload = uploads.begin(session, "story.txt", "text/plain", 5, by=ana)
    with monkeypatch.context() as short:
        left(short, GB)
        with pytest.raises(NoRoom), arrival(upload.id, 0, None, by=ana):
            pass
    with arrival(upload.id, 0, None, by=ana) as arriving:
        arriving.write(b"Once.")
        arriving.finish()
    assert settle(upload.id, by=ana).state == "proven"


def test_a_finished_upload_is_given_up_with_its_file_unless_somebody_else_has_the_same(fresh_database: str) -> None:
    with unit_of_work() as session:
        ana, ben = factories.person(session, "Ana"), factories.person(session, "Ben")
        alone, shared = (uploads.take_text(session, words, "text/plain", by=ana) for words in ("Alone.", "Shared."))
        same = uploads.take_text(session, "Shared.", "text/plain", by=ben)
    for upload in (alone, shared):
        with unit_of_work() as session:
            given_up = uploads.give_up(session, upload.id, by=ana)
        housekeeping.let_go(given_up)
    with pytest.raises(NotFound):
        storage().path(alone.sha256 or "")
    assert storage().path(same.sha256 or "").read_text() == "Shared."


def test_what_a_contribution_has_is_not_given_up(session: Session) -> None:
    made = factories.opened_call(session)
    ana = factories.person(session, "Ana")
    factories.contributed(session, made, ana, at=NOW)
    upload = session.scalars(select(Upload).where(Upload.person_id == ana.person)).one()
    with pytest.raises(UploadUsed):
        uploads.give_up(session, upload.id, by=ana)


def test_what_has_expired_as_nothing_is_forgotten_within_hours(fresh_database: str) -> None:
    with unit_of_work() as session:
        ana = factories.person(session)
        upload = uploads.take_text(session, "Left.", "text/plain", by=ana)
        session.execute(text("update upload set expires_at = :then"), {"then": clock.process_now() - housekeeping.LEFT_OVER * 2})
    assert housekeeping.tidy() >= 1
    with unit_of_work() as session:
        assert session.get(Upload, upload.id) is None


def test_what_has_expired_counts_and_can_be_given_up_until_it_is_deleted(
    session: Session, ana: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        uploads.take_text(session, f"Text {number}.", "text/plain", by=ana)
    later = clock.process_now() + uploads.LIFE + housekeeping.LEFT_OVER / 2
    monkeypatch.setattr(clock, "process_now", lambda: later)
    with pytest.raises(TooManyUploads):
        uploads.take_text(session, "One more.", "text/plain", by=ana)
    here = uploads.at_hand(session, by=ana)
    assert len(here) == 20
    monkeypatch.setattr(settings(), "loose_upload_bytes", sum(each.length for each in here))
    with pytest.raises(NoRoom, match="Upload storage is full"):
        uploads.take_text(session, "Mine.", "text/plain", by=factories.person(session, "Ben"))
    for each in here:
        uploads.give_up(session, each.id, by=ana)
    uploads.take_text(session, "One more.", "text/plain", by=ana)


def test_bytes_that_did_not_come_in_time_count_until_they_are_deleted_and_are_waited_for_no_more(
    session: Session, ana: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads.begin(session, "a.mp4", "video/mp4", GB, by=ana)
    later = clock.process_now() + uploads.LIFE
    monkeypatch.setattr(clock, "process_now", lambda: later)
    monkeypatch.setattr(settings(), "loose_upload_bytes", GB)
    with pytest.raises(NoRoom, match="Upload storage"):
        uploads.begin(session, "b.mp4", "video/mp4", 1, by=ana)
    monkeypatch.setattr(settings(), "loose_upload_bytes", 2 * GB)
    left(monkeypatch, 6 * GB)
    uploads.begin(session, "b.mp4", "video/mp4", GB, by=ana)
    assert uploads.discard_expired(session, at=later) == 1

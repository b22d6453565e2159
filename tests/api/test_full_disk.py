"""A disk that is full: what was asked for is refused with a sentence, nothing is half kept, and it goes on once there is room."""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from campaigns.client_delivery.packages import actions as package_actions
from campaigns.client_delivery.packages.actions import Contents
from campaigns.core import clock
from campaigns.core.files import NoRoom, sha256_of, storage
from campaigns.open_call.media import confined
from flows.backup import __main__ as command
from tests import factories
from tests.api.caller import caller, token_of
from tests.api.test_upload_routes import TUS, begin, offset, send, staged
from workers.transactions import unit_of_work

SENTENCE = "Our disk is full, so this was not saved. Tell whoever runs Callboard, and try again later."
NOISE = bytes(range(256)) * 8000


@contextmanager
def room_for(most: int) -> Iterator[None]:
    """No file can be made larger than that, by this process or by those that it starts: what a full disk is to whoever writes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def ana(fresh_database: str) -> TestClient:
    with unit_of_work() as session:
        return caller(token_of(session, factories.person(session, "Ana")))


def kept() -> set[str]:
    """All that the storage holds, what is being made included."""
    return {place.name for place in storage().home.rglob("*") if place.is_file()}  # type: ignore[attr-defined]


def test_an_upload_is_told_that_there_is_no_room_and_goes_on_where_its_safe_bytes_end(ana: TestClient) -> None:
    address = begin(ana, len(NOISE))
    assert send(ana, address, 0, NOISE[:200_000]) == (204, "200000")
    with room_for(1_000_000):
        answer = ana.patch(
            address, content=NOISE[200_000:], headers=TUS | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "200000"}
        )
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (507, "NoRoom", SENTENCE)
    name = address.rpartition("/")[2]
    assert (offset(ana, address), storage().staged(name).stat().st_size, name in staged()) == ("200000", 200_000, True)  # type: ignore[arg-type]
    assert send(ana, address, 200_000, NOISE[200_000:-1]) == (204, str(len(NOISE) - 1))


def test_a_text_for_which_there_is_no_room_leaves_nothing_behind(fresh_database: str) -> None:
    with unit_of_work() as session:
        made = factories.opened_call(session, at=clock.business_now(session))
        ana = caller(token_of(session, factories.person(session, "Ana")))
    form = {"title": "Doors", "text": "Snow on the market square. " * 600, "licence_version": "2026-01"}
    address, before = f"/api/v1/campaigns/{made.id}/contributions", kept()
    with room_for(8_000):
        answer = ana.post(address, json=form)
    assert (answer.status_code, answer.json()["code"], kept()) == (507, "NoRoom", before)
    assert (ana.get("/api/v1/me/contributions").json()["items"], ana.post(address, json=form).status_code) == ([], 201)


def test_a_package_for_which_there_is_no_room_is_made_once_there_is(fresh_database: str) -> None:
    with storage().scratch() as folder:
        (folder / "film").write_bytes(NOISE)
        film = storage().keep(folder / "film")
    before, contents = kept(), Contents("film.mp4", film.sha256, {"CREDITS.txt": b"Ana"})
    with room_for(1_000_000), pytest.raises(OSError, match="File too large"):
        package_actions.build(contents)
    assert kept() == before
    made = package_actions.build(contents)
    assert kept() - before == {made.sha256}


def test_a_program_that_finds_the_disk_full_does_not_condemn_the_file() -> None:
    with pytest.raises(NoRoom, match="Our disk is full"):
        confined.run([sys.executable, "-c", "open('/dev/full', 'wb').write(bytes(99_999))"], "lantern.jpg")
    with pytest.raises(confined.Failed, match="Permission"):
        confined.run([sys.executable, "-c", "raise PermissionError(13, 'Permission denied')"], "lantern.jpg")


@pytest.mark.parametrize("most", [4_000, 1_000_000])  # within the dump, and within a file
def test_a_backup_for_which_there_is_no_room_leaves_nothing_behind(
    ana: TestClient, tmp_path: Path, capsys: pytest.CaptureFixture[str], most: int
) -> None:
    with storage().scratch() as folder, unit_of_work() as session:
        (folder / "film").write_bytes(NOISE)
        film = storage().keep(folder / "film").sha256
        session.execute(
            text(
                'insert into upload (id, person_id, name, length, "offset", state, sha256, mime, began_at, expires_at) '
                "select gen_random_uuid(), id, 'film', 1, 1, 'proven', :film, 'video/mp4', now(), now() from person"
            ),
            {"film": film},
        )
    with room_for(most):
        assert command.main(["take", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert (len(said.splitlines()), any(why in said for why in ("File size limit exceeded", "File too large"))) == (1, True)
    assert list(tmp_path.iterdir()) == []
    assert command.main(["take", str(tmp_path)]) == 0
    [backup] = tmp_path.iterdir()
    assert [sha256_of(place) for place in (backup / "files").rglob("*") if place.is_file()] == [film]


def test_a_database_without_room_is_told_as_a_moment_in_which_nothing_changed(ana: TestClient) -> None:
    with unit_of_work() as session:
        session.execute(text("create function full_disk() returns trigger language plpgsql as $$ begin raise sqlstate '53100'; end $$"))
        session.execute(text("create trigger full_disk before insert on upload execute function full_disk()"))
    before = staged()
    answer = ana.post("/api/v1/uploads", headers=TUS | {"Upload-Length": "9", "Upload-Metadata": "filename bGFudGVybnMuanBn"})
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"], staged()) == (503, "Unavailable", "5", before)

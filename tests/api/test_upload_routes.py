"""Files in pieces, over HTTP as tus 1.0 has it."""

import hashlib
from base64 import b64encode
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from campaigns.core import clock
from campaigns.core.files import sha256_of, storage
from campaigns.core.settings import settings
from campaigns.open_call import uploads
from campaigns.open_call.media import proof
from campaigns.open_call.media.formats import Format
from campaigns.open_call.models import Upload
from tests import factories, samples
from tests.api.caller import caller, token_of
from workers.open_call.uploads import held
from workers.transactions import unit_of_work

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = TUS | {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def ana(fresh_database: str) -> TestClient:
    with unit_of_work() as session:
        return caller(token_of(session, factories.person(session, "Ana")))


@pytest.fixture
def ben(fresh_database: str) -> TestClient:
    with unit_of_work() as session:
        return caller(token_of(session, factories.person(session, "Ben")))


def begin(client: TestClient, length: int, name: str = "lantern.jpg", mime: str = "image/jpeg") -> str:
    """The address of a new upload."""
    said = f"filename {b64encode(name.encode()).decode()},filetype {b64encode(mime.encode()).decode()}"
    answer = client.post("/api/v1/uploads", headers=TUS | {"Upload-Length": str(length), "Upload-Metadata": said})
    assert (answer.status_code, answer.headers["Tus-Resumable"]) == (201, "1.0.0")
    return str(answer.headers["Location"])


def send(client: TestClient, address: str, offset: int, part: bytes, **more: str) -> tuple[int, str | None]:
    """The status of the answer and what it says: the next offset, or the code of the refusal."""
    answer = client.patch(address, content=part, headers=BYTES | {"Upload-Offset": str(offset)} | more)
    return answer.status_code, answer.headers.get("Upload-Offset") or answer.json()["code"]


def offset(client: TestClient, address: str) -> str:
    answer = client.head(address, headers=TUS)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return str(answer.headers["Upload-Offset"])


def staged() -> list[str]:
    return sorted(path.name for path in (settings().files_home / "tmp").iterdir())


def test_the_server_says_what_it_can_do(ana: TestClient) -> None:
    answer = ana.options("/api/v1/uploads")
    assert (answer.status_code, {k: v for k, v in answer.headers.items() if k.startswith("tus")}) == (
        204,
        {
            "tus-resumable": "1.0.0",
            "tus-version": "1.0.0",
            "tus-extension": "creation,expiration,checksum,termination",
            "tus-checksum-algorithm": "sha256",
            "tus-max-size": str(2 * 1024**3),
        },
    )


def test_a_file_arrives_in_pieces_and_is_kept_under_the_hash_of_its_bytes(ana: TestClient, tmp_path: Path) -> None:
    path = samples.picture(tmp_path)
    whole = path.read_bytes()
    address = begin(ana, len(whole))
    assert offset(ana, address) == "0"
    assert send(ana, address, 0, whole[:1000]) == (204, "1000")
    assert offset(ana, address) == "1000"
    assert send(ana, address, 1000, whole[1000:]) == (204, str(len(whole)))
    shown = ana.get(address).json()
    assert (shown["state"], shown["mime"], shown["offset"]) == ("proven", "image/jpeg", len(whole))
    assert storage().path(sha256_of(path)).read_bytes() == whole
    assert address.rpartition("/")[2] not in staged()


def test_bytes_at_any_other_offset_than_the_last_safe_one_are_refused(ana: TestClient) -> None:
    address = begin(ana, 1000)
    send(ana, address, 0, b"x" * 100)
    assert send(ana, address, 0, b"x" * 100) == (409, "StaleOffset")
    assert send(ana, address, 200, b"x" * 100) == (409, "StaleOffset")
    assert offset(ana, address) == "100"


def test_more_bytes_than_were_announced_end_the_upload_and_leave_nothing(ana: TestClient) -> None:
    address = begin(ana, 100)
    assert send(ana, address, 0, b"x" * 101) == (413, "TooLarge")
    assert ana.head(address, headers=TUS).status_code == 404
    assert address.rpartition("/")[2] not in staged()


def test_a_file_larger_than_we_take_is_refused_before_its_first_byte(ana: TestClient) -> None:
    answer = ana.post("/api/v1/uploads", headers=TUS | {"Upload-Length": str(2 * 1024**3 + 1), "Upload-Metadata": "filename YS5qcGc="})
    assert (answer.status_code, answer.json()["code"]) == (413, "TooLarge")
    assert answer.json()["detail"] == "“a.jpg” is too large. Files can have up to 2147483648 bytes."


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload-Length": "5", "Upload-Metadata": "filename YS5qcGc="}, 412, "UnknownProtocol"),
        (TUS | {"Upload-Length": "0", "Upload-Metadata": "filename YS5qcGc="}, 400, "EmptyFile"),
        (TUS | {"Upload-Length": "5"}, 400, "Invalid"),
        (TUS | {"Upload-Length": "5", "Upload-Metadata": "filename ***"}, 400, "Invalid"),
        (TUS | {"Upload-Length": "five"}, 422, "Malformed"),
    ],
)
def test_an_upload_that_is_not_announced_as_it_should_be_is_refused(
    ana: TestClient, headers: dict[str, str], status: int, code: str
) -> None:
    answer = ana.post("/api/v1/uploads", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_body_that_is_not_marked_as_bytes_is_refused(ana: TestClient) -> None:
    address = begin(ana, 5)
    answer = ana.patch(address, content=b"hello", headers=TUS | {"Upload-Offset": "0", "Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["code"]) == (415, "NotBytes")


def test_nobody_sees_or_goes_on_with_someone_elses_upload(ana: TestClient, ben: TestClient) -> None:
    address = begin(ana, 5)
    assert ben.head(address, headers=TUS).status_code == 404
    assert send(ben, address, 0, b"hello") == (404, "NoSuchUpload")
    assert caller().get(address).status_code == 401


def test_bytes_under_a_checksum_are_all_kept_or_all_dropped(ana: TestClient) -> None:
    address, part = begin(ana, 100), b"x" * 60
    right = b64encode(hashlib.sha256(part).digest()).decode()
    assert send(ana, address, 0, part[::-1] + b"y", **{"Upload-Checksum": f"sha256 {right}"}) == (460, "ChecksumMismatch")
    assert offset(ana, address) == "0"
    assert send(ana, address, 0, part, **{"Upload-Checksum": f"sha256 {right}"}) == (204, "60")
    assert send(ana, address, 60, part, **{"Upload-Checksum": "md5 abc="}) == (400, "Invalid")


def test_one_upload_has_one_writer(ana: TestClient) -> None:
    address = begin(ana, 5)
    with held(UUID(address.rpartition("/")[2])):
        assert send(ana, address, 0, b"hello") == (423, "BeingWritten")


@pytest.mark.parametrize(
    ("name", "content", "code", "detail"),
    [
        (
            "lantern.jpg",
            b"GIF89a" + b"x" * 50,
            "NotWhatItSays",
            "“lantern.jpg” is not what its name or type says: it looks like image/gif.",
        ),
        (
            "story.md",
            b"<script>alert(1)</script>",
            "Unsafe",
            "“story.md” contains HTML that could run in a browser: “<script” at byte 0. Remove it.",
        ),
    ],
)
def test_a_bad_file_is_refused_with_its_last_byte_and_each_time_it_is_asked_for(
    ana: TestClient, name: str, content: bytes, code: str, detail: str
) -> None:
    address = begin(ana, len(content), name, "")
    answer = ana.patch(address, content=content, headers=BYTES | {"Upload-Offset": "0"})
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"], answer.json()["field"]) == (400, code, detail, "file")
    shown = ana.get(address).json()
    assert (shown["state"], shown["refusal"], shown["mime"]) == ("refused", detail, None)
    assert address.rpartition("/")[2] not in staged()


def test_an_upload_whose_bytes_do_not_come_in_time_is_gone(ana: TestClient) -> None:
    address = begin(ana, 5)
    with unit_of_work() as session:
        session.execute(update(Upload).values(expires_at=clock.process_now()))
    assert ana.head(address, headers=TUS).status_code == 410
    with unit_of_work() as session:
        assert uploads.discard_expired(session, at=clock.process_now()) == 1
    assert ana.head(address, headers=TUS).status_code == 404
    assert address.rpartition("/")[2] not in staged()


def test_nobody_has_more_than_twenty_uploads_under_way_until_one_is_given_up(ana: TestClient, ben: TestClient) -> None:
    before = set(staged())
    addresses = [begin(ana, 100) for _ in range(20)]
    said = TUS | {"Upload-Length": "100", "Upload-Metadata": "filename bGFudGVybnMuanBn"}
    refused = ana.post("/api/v1/uploads", headers=said)
    assert (refused.status_code, refused.json()["code"], refused.json()["detail"]) == (
        409,
        "TooManyUploads",
        "You have 20 unused uploads. Use or cancel one before you start another.",
    )
    assert len(set(staged()) - before) == 20
    begin(ben, 100)
    answers = [client.delete(addresses[0], headers=TUS).status_code for client in (ben, ana, ana)]
    assert (answers, len(set(staged()) - before)) == ([404, 204, 404], 20)
    begin(ana, 100)


def test_an_upload_that_has_come_whole_is_given_up_with_its_file_while_it_belongs_to_nothing(ana: TestClient) -> None:
    address = begin(ana, 5, "story.txt", "text/plain")
    assert send(ana, address, 0, b"Hello")[0] == 204
    place = storage().path(hashlib.sha256(b"Hello").hexdigest())
    assert ana.delete(address, headers=TUS).status_code == 204
    assert (ana.get(address).status_code, place.exists()) == (404, False)


def test_two_who_ask_for_a_complete_file_prove_it_once(ana: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = samples.picture(tmp_path).read_bytes()
    address, proved = begin(ana, len(whole)), list[str]()
    prove = proof.prove

    def noted(path: Path, name: str, declared: str) -> Format:
        proved.append(name)
        return prove(path, name, declared)

    monkeypatch.setattr(proof, "prove", noted)
    with monkeypatch.context() as cut_off:
        cut_off.setattr("api.open_call.uploads.settle", lambda upload_id, **_by: cut_off_upload(upload_id))
        send(ana, address, 0, whole)
    assert ana.get(address).json()["state"] == "complete"
    askers = [Thread(target=offset, args=(ana, address)) for _ in range(2)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert (ana.get(address).json()["state"], proved) == ("proven", ["lantern.jpg"])


def cut_off_upload(upload_id: object) -> Upload:
    """The upload as it stands when the server dies before its proof."""
    with unit_of_work() as session:
        return session.get_one(Upload, upload_id)

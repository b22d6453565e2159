"""A contribution that is sent in while the connection is lost, while the server is away, and while the page is left."""

import re
import resource
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Locator, Page, expect
from sqlalchemy import select

from campaigns.core import clock
from campaigns.core.people import Actor
from campaigns.open_call.models import Contribution, ContributionFile
from flows.supervise.process import children
from tests.browser.town import Town, within
from tests.factories import opened_call, person
from workers.transactions import unit_of_work

SECONDS, RATE = 8, 44_100
BYTES_A_SECOND = 250_000
NO_ROOM = "Our disk is full, so this was not saved. Tell whoever runs Callboard, and try again later."
SOME_OF_IT = re.compile(r"^[1-7]\d%")
LOST = "Connection lost. The upload resumes automatically when you are back online."
UPLOADS = re.compile("/api/v1/uploads")


@dataclass
class Desk:
    """An artist's page for a contribution, and the line that it hangs on."""

    page: Page
    line: CDPSession
    artist: Actor
    song: Path

    def slow_down(self) -> None:
        self._have(uploadThroughput=BYTES_A_SECOND)

    def cut(self) -> None:
        self._have(offline=True, uploadThroughput=BYTES_A_SECOND)

    def mend(self) -> None:
        self._have()

    def _have(self, **line: object) -> None:
        whole = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.line.send("Network.emulateNetworkConditions", whole | line)

    def choose(self) -> Locator:
        self.page.set_input_files("#file", self.song)
        return self.page.locator("li.upload").first

    def fill_in(self) -> None:
        self.page.get_by_label("Title").fill("Harbour, early")
        self.page.locator("[name=licence_version]").check()

    def arrived(self) -> list[tuple[str, str]]:
        """What has come in of the artist's, by title and digest."""
        with unit_of_work() as session:
            query = select(Contribution.title, ContributionFile.sha256).where(ContributionFile.contribution_id == Contribution.id)
            return list(session.execute(query.where(Contribution.uploaded_by == self.artist.person)).tuples())


@pytest.fixture
def desk(busy_town: Town, browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    with within(busy_town.environment):
        with unit_of_work() as session:
            made = opened_call(session, at=clock.business_now(session))
            artist = person(session, "Ana")
        busy_town.sign_in(artist)
        page = busy_town.context(browser, artist).new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(f"/calls/{made.id}/contribute")
        yield Desk(page, page.context.new_cdp_session(page), artist, _song(tmp_path / "harbour.wav"))
        page.context.close()


def _song(path: Path) -> Path:
    """A tone that no other test's is like."""
    with wave.open(str(path), "wb") as song:
        song.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        song.writeframes(sha256(str(path).encode()).digest() * (SECONDS * RATE * 2 // 32))
    return path


def test_a_file_whose_connection_was_lost_goes_on_when_it_is_back_and_arrives_whole_and_once(desk: Desk) -> None:
    desk.fill_in()
    desk.slow_down()
    line = desk.choose()
    expect(line.locator("[data-said]")).to_have_text(SOME_OF_IT)
    desk.cut()
    expect(line.locator("[data-said]")).to_have_text(LOST)
    desk.page.get_by_role("button", name="Submit work").click()
    expect(desk.page.get_by_text("The file is still uploading.")).to_be_visible()
    desk.mend()
    desk.page.wait_for_url("**/me/contributions/*")
    assert desk.arrived() == [("Harbour, early", sha256(desk.song.read_bytes()).hexdigest())]


def test_a_file_goes_on_from_where_it_was_when_its_page_was_loaded_again(desk: Desk) -> None:
    desk.slow_down()
    expect(desk.choose().locator("[data-said]")).to_have_text(SOME_OF_IT)
    desk.page.reload()
    expect(desk.page.locator(".half-way")).to_contain_text("Choose the same file again to resume.")
    desk.mend()
    desk.fill_in()
    with desk.page.expect_request(lambda request: request.method == "PATCH") as going_on:
        line = desk.choose()
    assert int(going_on.value.headers["upload-offset"]) > 0
    expect(line.locator("[data-said]")).to_have_text("Upload complete")
    desk.page.get_by_role("button", name="Submit work").click()
    desk.page.wait_for_url("**/me/contributions/*")
    assert desk.arrived() == [("Harbour, early", sha256(desk.song.read_bytes()).hexdigest())]


def test_a_file_waits_for_a_server_that_is_away_and_says_so_at_once(desk: Desk) -> None:
    desk.page.route(UPLOADS, lambda route: route.abort("connectionrefused"))
    line = desk.choose()
    expect(line.locator("[data-said]")).to_have_text(LOST)
    desk.page.unroute(UPLOADS)
    expect(line.locator("[data-said]")).to_have_text("Upload complete")


@contextmanager
def no_room_on_the_server() -> Iterator[None]:
    """Every web process of ours can make no file larger than a few bytes: its disk is full."""
    servers = [pid for pid in children() if Path(f"/proc/{pid}/cmdline").read_bytes().endswith(b"-m\0api\0")]
    assert servers
    before = [resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in servers]
    for pid, (_soft, hard) in zip(servers, before, strict=True):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1000, hard))
    try:
        yield
    finally:
        for pid, limits in zip(servers, before, strict=True):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def test_a_file_for_which_there_is_no_room_is_told_so_and_goes_on_once_there_is(desk: Desk) -> None:
    with no_room_on_the_server():
        line = desk.choose()
        expect(line.locator("[data-said]")).to_have_text(NO_ROOM)
    expect(line.locator("[data-said]")).to_have_text("Upload complete")

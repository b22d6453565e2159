"""`make pictures`: every page of the tour on a phone and a desk, in both lights, with the demo's own contributions; six are the
README's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
import pyvips
from playwright.sync_api import Browser, Page, ViewportSize

from campaigns.core.stages import Stage
from flows.supervise.postgres import Cluster
from tests.browser.lively import lively
from tests.browser.tour import TOUR, Stop
from tests.browser.town import Town

ROOT = Path(__file__).parents[2]
CONTRIBUTIONS, PICTURES, DOCS = ROOT / ".callboard" / "demo" / "works", ROOT / ".callboard" / "pictures", ROOT / "docs"
SIZES = {"phone": ViewportSize(width=390, height=844), "desk": ViewportSize(width=1280, height=860)}
WIDTHS = {"phone": 390, "desk": 960}


@dataclass(frozen=True)
class Shown:
    """A picture of the README: its name, and where it is taken."""

    name: str
    stop: Stop
    size: Literal["phone", "desk"]
    light: Literal["light", "dark"]


README = (
    Shown("board", Stop("/board?whose=everyone", "manager"), "desk", "light"),
    Shown("room", Stop("/versions/{version_id}", "approver", Stage.CLIENT_DELIVERY), "desk", "dark"),
    Shown("desk", Stop("/desk/{assignment_id}", "curator", Stage.CURATION), "desk", "light"),
    Shown("proposal", Stop("/proposals/{proposal_id}", "artist", Stage.PAYOUT), "desk", "light"),
    Shown("call", Stop("/calls/{campaign_id}"), "phone", "light"),
    Shown("money", Stop("/me/money", "artist", Stage.PAYOUT), "phone", "dark"),
)


@pytest.fixture(scope="module")
def lively_town(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town in which some of the demo's contributions have been sent in."""
    cluster.add_database("lively", template=template)
    with lively(cluster.url("lively"), tmp_path_factory.mktemp("lively"), CONTRIBUTIONS) as town:
        yield town


def opened(town: Town, browser: Browser, stop: Stop, size: str, light: str) -> Page:
    context = town.context(browser, stop.reader(town), viewport=SIZES[size], color_scheme=light)
    page = context.new_page()
    answer = page.goto(stop.address(town), wait_until="networkidle")
    assert answer is not None
    assert answer.status == stop.status
    return page


@pytest.mark.parametrize("shown", README, ids=lambda shown: shown.name)
def test_a_picture_of_the_readme_is_taken(lively_town: Town, browser: Browser, shown: Shown) -> None:
    page = opened(lively_town, browser, shown.stop, shown.size, shown.light)
    taken = pyvips.Image.thumbnail_buffer(page.screenshot(), WIDTHS[shown.size])
    taken.webpsave(str(DOCS / f"{shown.name}.webp"), Q=82)
    page.context.close()


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("stop", TOUR, ids=lambda stop: stop.path)
def test_a_picture_is_taken(lively_town: Town, browser: Browser, stop: Stop, size: str, light: str) -> None:
    page = opened(lively_town, browser, stop, size, light)
    name = re.sub(r"\W+", "-", stop.path).strip("-") or "front"
    page.screenshot(path=PICTURES / f"{name}-{size}-{light}.png", full_page=True)
    page.context.close()

"""What holds of every page, for those who see little, read from the right, have no mouse, or wait for each byte."""

from collections.abc import Iterator
from typing import get_type_hints

import pytest
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page

from api.app import PAGES
from tests.api.bodies import routes
from tests.browser.looking import MOVING, UNSEEN_FOCUS, WIDER, WIDER_WHEN_ASKED, faults_in, shown_tags, torn_names, weighed
from tests.browser.tour import TOUR, Stop
from tests.browser.town import Town

LIGHT_ENOUGH = 150_000
# Put into a page while someone types or comes near, and nowhere else.
PARTS = {"/contributions/{contribution_id}/remix/titles", "/campaigns/{campaign_id}/brief/example", "/board/shelf"}
# With the letters twice as large, and with the page twice as large: WCAG 1.4.4, 1.4.10.
LOOKS = {
    "320": (320, "100%", "ltr"),
    "phone": (390, "100%", "ltr"),
    "tablet": (768, "100%", "ltr"),
    "desk": (1280, "100%", "ltr"),
    "wall": (1920, "100%", "ltr"),
    "large letters": (1280, "200%", "ltr"),
    "zoomed": (640, "100%", "ltr"),
    "from the right": (1280, "100%", "rtl"),
    "from the right, phone": (390, "100%", "rtl"),
}
# The names on a page may have any letters: what it weighs is with every file of every typeface.
EVERY_LETTER = "Promise.all([...document.fonts].map(each => each.load())).then(() => true)"
WRITE = "([size, dir]) => { document.documentElement.style.fontSize = size; document.documentElement.dir = dir }"


@pytest.fixture(params=TOUR, ids=lambda stop: f"{stop.who} at {stop.path}")
def visit(request: pytest.FixtureRequest, town: Town, browser: Browser) -> Iterator[tuple[Page, list[str], int]]:
    """A page of the tour, what its console says, and its weight for someone who has never been here."""
    stop: Stop = request.param
    context = town.context(browser, stop.reader(town), viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    sizes = weighed(context.new_cdp_session(page))
    answer = page.goto(stop.address(town))
    assert answer is not None
    assert (answer.status, stop.address(town)) == (stop.status, stop.address(town))
    page.evaluate(EVERY_LETTER)
    yield page, said, sum(sizes)
    context.close()


def test_a_page_serves_everyone_on_every_screen_in_both_lights(visit: tuple[Page, list[str], int]) -> None:
    page, said, weight = visit
    faults = faults_in(page)
    found = {"moving": page.evaluate(MOVING), "focus": page.evaluate(UNSEEN_FOCUS), "names": torn_names(page), "tags": shown_tags(page)}
    too_wide = {look: wide for look in LOOKS if (wide := wide_in(page, look))}
    assert (faults, found, too_wide, said) == ([], {"moving": [], "focus": [], "names": [], "tags": []}, {}, [])
    assert weight < LIGHT_ENOUGH


def wide_in(page: Page, look: str) -> list[str]:
    """What is wider than the window in this look, the questions before what cannot be undone among it."""
    width, letters, direction = LOOKS[look]
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(WRITE, [letters, direction])
    found: list[str] = page.evaluate(WIDER) + page.evaluate(WIDER_WHEN_ASKED)
    return found


def test_the_tour_leads_through_every_page() -> None:
    pages = {route.path for router in PAGES for route, _path in routes(router) if is_page(route)}
    seen = {stop.path.replace("{remix_id}", "{contribution_id}") for stop in TOUR}
    assert pages - seen - PARTS == set()


def is_page(route: APIRoute) -> bool:
    """Whether the route shows a page of its own: not a form's answer, a file, a stream or a way elsewhere."""
    answers = get_type_hints(route.endpoint).get("return")
    return "GET" in (route.methods or ()) and (route.response_class is HTMLResponse or answers is HTMLResponse)

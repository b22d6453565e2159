"""What holds of every page: nothing to mend for those who cannot see it well, nothing wider than the screen, nothing the policy stops."""

from collections.abc import Iterator
from typing import get_type_hints

import pytest
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute, APIRouter
from playwright.sync_api import Browser, Page

from api.app import PAGES
from api.assets import MODULES
from tests.browser.tour import TOUR, Stop
from tests.browser.town import Town

AXE = (MODULES / "axe-core" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FAULTS = """tags => axe.run({runOnly: tags}).then(found => found.violations.flatMap(
    each => each.nodes.map(node => `${each.id}: ${node.target.join(" ")}: ${node.failureSummary}`)))"""
# Put into a page while someone types, and nowhere else.
PARTS = {"/works/{work_id}/remix/titles", "/campaigns/{campaign_id}/brief/example"}
WIDTHS = (320, 390, 768, 1280, 1920)


@pytest.fixture(params=TOUR, ids=lambda stop: f"{stop.who} at {stop.path}")
def visit(request: pytest.FixtureRequest, town: Town, browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page of the tour, and what its console says."""
    stop: Stop = request.param
    context = town.context(browser, stop.reader(town))
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    answer = page.goto(stop.address(town))
    assert answer is not None
    assert (answer.status, stop.address(town)) == (stop.status, stop.address(town))
    yield page, said
    context.close()


def test_a_page_serves_everyone_on_every_screen_in_both_lights(visit: tuple[Page, list[str]]) -> None:
    page, said = visit
    too_wide = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            too_wide.append(width)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate(AXE)
    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        faults += [f"{scheme}: {fault}" for fault in page.evaluate(FAULTS, TAGS)]
    assert (too_wide, faults, said) == ([], [], [])


def test_the_tour_leads_through_every_page() -> None:
    pages = {route.path for router in PAGES for route in routes_of(router) if is_page(route)}
    seen = {stop.path.replace("{remix_id}", "{work_id}") for stop in TOUR}
    assert pages - seen - PARTS == set()


def routes_of(router: APIRouter) -> Iterator[APIRoute]:
    """A router's own routes and those of the routers in it."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif within := getattr(route, "original_router", None):
            yield from routes_of(within)


def is_page(route: APIRoute) -> bool:
    """Whether the route shows a page of its own: not a form's answer, a file, a stream or a way elsewhere."""
    answers = get_type_hints(route.endpoint).get("return")
    return "GET" in route.methods and (route.response_class is HTMLResponse or answers is HTMLResponse)

"""A strip of tabs or steps that is wider than a phone shows where one is."""

import pytest
from playwright.sync_api import Browser, Route, expect

from campaigns.core.stages import Stage
from tests.browser.looking import HERE_IN_STRIPS
from tests.browser.tour import Stop
from tests.browser.town import Town

PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize(
    ("stop", "here"),
    [
        (Stop("/status/people", "operator"), ["People"]),
        (Stop("/campaigns/{campaign_id}/payout", "manager", Stage.PAYOUT), ["Payout"]),
        (Stop("/campaigns/{campaign_id}", "manager", Stage.CURATION), ["Overview", "CURATION"]),
        (Stop("/campaigns/{campaign_id}/brief/terms", "manager", Stage.BRIEF), ["Terms"]),
    ],
    ids=lambda each: each.path if isinstance(each, Stop) else "",
)
def test_a_strip_opens_where_one_is(town: Town, browser: Browser, stop: Stop, here: list[str], direction: str) -> None:
    context = town.context(browser, stop.reader(town), viewport=PHONE, reduced_motion="reduce")
    page = context.new_page()
    page.route(lambda url: url.endswith(stop.address(town)), lambda route: turned(route, direction))
    page.goto(stop.address(town))
    assert page.evaluate("document.dir") == direction
    page.evaluate("document.fonts.ready.then(() => true)")
    assert page.evaluate(HERE_IN_STRIPS) == [[each, True] for each in here]
    assert page.evaluate("scrollY") == 0
    context.close()


def turned(route: Route, direction: str) -> None:
    """Let the page come as it is served to those who read in this direction."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('dir="ltr"', f'dir="{direction}"', 1))


def test_a_strip_stays_where_one_is_when_saving_brings_a_new_one(busy_town: Town, browser: Browser) -> None:
    stop = Stop("/campaigns/{campaign_id}/brief/terms", "manager", Stage.BRIEF)
    context = busy_town.context(browser, stop.reader(busy_town), viewport=PHONE, reduced_motion="reduce")
    page = context.new_page()
    page.goto(stop.address(busy_town))
    page.evaluate("document.fonts.ready.then(() => document.getElementById('steps').classList.add('old'))")
    page.get_by_label("Everyone whose work is used is credited.").click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    expect(page.locator("#steps.old")).to_have_count(0)
    assert page.evaluate(HERE_IN_STRIPS) == [["Terms", True]]
    context.close()

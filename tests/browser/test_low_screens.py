"""On a low screen, or one that is zoomed to twice or four times its size, nothing lies over what can be pressed, and all of it is seen."""

import pytest
from playwright.sync_api import Browser, Page

from campaigns.core.stages import Stage
from tests.browser.tour import Stop
from tests.browser.town import Town

DESK = Stop("/desk/{assignment_id}", "curator", Stage.CURATION)
# Each thing that the Tab key comes to of which a corner is not seen, once it is there.
CUT = """within => [...document.querySelectorAll(within)].flatMap(part => [...part.querySelectorAll('a[href], button, input, summary')])
  .filter(each => each.type !== 'hidden' && each.checkVisibility({ visibilityProperty: true }))
  .filter(each => {
    each.focus({ focusVisible: true });
    const shown = each.type === 'radio' ? each.closest('label') : each, box = shown.getBoundingClientRect();
    const corners = [box.left + 4, box.right - 4].flatMap(x => [box.top + 4, box.bottom - 4].map(y => document.elementFromPoint(x, y)));
    return corners.some(top => !top || !(shown.contains(top) || top.contains(shown)));
  })
  .map(each => each.outerHTML.slice(0, 120))"""
SENDS = "document.querySelector('.send').getBoundingClientRect().bottom <= innerHeight"


def at(town: Town, browser: Browser, width: int, height: int, letters: str = "100%") -> Page:
    page = town.context(browser, DESK.reader(town), viewport={"width": width, "height": height}, reduced_motion="reduce").new_page()
    page.goto(DESK.address(town))
    page.evaluate(f"document.documentElement.style.fontSize = '{letters}'")
    page.evaluate("document.fonts.ready.then(() => true)")
    return page


@pytest.mark.parametrize(("width", "height"), [(640, 400), (320, 256), (390, 844), (880, 400), (960, 500)])
def test_what_can_be_pressed_at_the_desk_is_seen_whole(town: Town, browser: Browser, width: int, height: int) -> None:
    page = at(town, browser, width, height)
    assert page.evaluate(CUT, ".bar, main") == []
    for fold in (".bar .menu", ".further .confirm"):
        page.locator(f"{fold} > summary").click()
        assert page.evaluate(CUT, f"{fold} .sheet") == []
    page.context.close()


@pytest.mark.parametrize(("height", "letters"), [(500, "100%"), (800, "100%"), (800, "200%")])
def test_what_sends_a_judgement_is_seen_before_anything_is_scrolled(town: Town, browser: Browser, height: int, letters: str) -> None:
    page = at(town, browser, 1280, height, letters)
    assert page.evaluate(SENDS)
    page.context.close()

"""What holds of every page for those who see little, read from the right, have no mouse, or wait for each byte."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from api.assets import STATIC
from tests.browser.tour import TOUR, Stop
from tests.browser.town import Town
from tests.browser.wider import WIDER

LIGHT_ENOUGH = 150_000
# With the letters twice as large, and with the page twice as large: WCAG 1.4.4, 1.4.10.
LOOKS = {
    "large letters": (1280, "200%", "ltr"),
    "zoomed": (640, "100%", "ltr"),
    "from the right": (1280, "100%", "rtl"),
    "from the right, phone": (390, "100%", "rtl"),
}
# Each thing that the Tab key comes to: whether its focus is drawn, and whether something else lies over it.
UNSEEN_FOCUS = """() => {
  const faults = [], can = 'a[href], button, input, select, textarea, summary, audio, video, [tabindex="0"]';
  const say = (fault, each) => faults.push(`${fault}: ${each.outerHTML.slice(0, 120)}`);
  const isDrawn = each => {
    const style = getComputedStyle(each), ring = each.querySelector(':scope > rect');
    const beside = each.nextElementSibling && getComputedStyle(each.nextElementSibling);
    return [style, beside].some(one => one && one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 2)
      || ring && parseFloat(getComputedStyle(ring).strokeWidth) >= 2;
  };
  const isSeen = each => {
    const box = each.getBoundingClientRect(), over = each.labels?.[0] ?? each;
    const spots = [0.02, 0.5, 0.98].flatMap(x => [0.1, 0.5, 0.9].map(y => [box.left + box.width * x, box.top + box.height * y]));
    const tops = spots.map(([x, y]) => document.elementFromPoint(x, y)).filter(Boolean);
    return box.width <= 1 || tops.some(top => over.contains(top) || top.contains(each));
  };
  const look = each => {
    if (each.disabled || each.type === 'hidden' || !each.checkVisibility({ visibilityProperty: true })) return;
    each.focus({ focusVisible: true });
    if (document.activeElement !== each) return say('takes no focus', each);
    if (!isDrawn(each)) say('no outline', each);
    if (!isSeen(each)) say('covered', each);
  };
  document.querySelectorAll(can).forEach(look);
  for (const fold of document.querySelectorAll('details:not([open])')) {
    fold.open = true;
    fold.querySelectorAll(can).forEach(look);
    fold.open = false;
  }
  return faults;
}"""
MOVING = """() => [...document.querySelectorAll('*')].filter(each => { const style = getComputedStyle(each);
  return [style.animationDuration, style.transitionDuration].some(all => all.split(',').some(one => parseFloat(one) > 0)) })
  .map(each => each.outerHTML.slice(0, 120))"""


@pytest.fixture(params=TOUR, ids=lambda stop: f"{stop.who} at {stop.path}")
def visit(request: pytest.FixtureRequest, town: Town, browser: Browser) -> Iterator[tuple[Page, str, list[int]]]:
    """A page, its address, and the sizes of what comes over the wire for it, to someone who has never been here."""
    stop: Stop = request.param
    context = town.context(browser, stop.reader(town), viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    yield page, stop.address(town), _weighed(context.new_cdp_session(page))
    context.close()


def _weighed(wire: CDPSession) -> list[int]:
    """The bytes of all that is loaded from now on, but for what people sent in."""
    media, sizes = set[str](), list[int]()
    wire.send("Network.enable")
    wire.on("Network.responseReceived", lambda told: "/files/" in told["response"]["url"] and media.add(told["requestId"]))
    wire.on("Network.loadingFinished", lambda told: told["requestId"] in media or sizes.append(told["encodedDataLength"]))
    return sizes


def test_a_page_is_within_everyones_reach(visit: tuple[Page, str, list[int]]) -> None:
    page, address, sizes = visit
    page.goto(address)
    page.evaluate("document.fonts.ready.then(() => true)")
    first_view, too_wide = sum(sizes), {}
    faults = page.evaluate(UNSEEN_FOCUS)
    for look, (width, letters, direction) in LOOKS.items():
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(
            "([size, dir]) => { document.documentElement.style.fontSize = size; document.documentElement.dir = dir }", [letters, direction]
        )
        if wide := page.evaluate(WIDER):
            too_wide[look] = wide
    assert (faults, too_wide, page.evaluate(MOVING), first_view < LIGHT_ENOUGH) == ([], {}, [], True), first_view


PHYSICAL = re.compile(
    r"(?<![-\w])(?:(?:margin|padding|border)-(?:left|right)[-\w]*|left|right|float|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
    r"|text-align\s*:\s*(?:left|right)"
)
FOUR_SIDES = re.compile(r"(?<![-\w])(?:margin|padding|inset)\s*:(\s*[^\s;}]+(?:\s+[^\s;}]+){3})\s*[;}]")


def test_no_style_knows_left_from_right() -> None:
    styles = {path.name: path.read_text() for path in (STATIC / "css").glob("*.css")}
    physical = [(name, found[0]) for name, style in styles.items() for found in PHYSICAL.finditer(style)]
    lopsided = [
        (name, found[0]) for name, style in styles.items() for found in FOUR_SIDES.finditer(style) if _is_lopsided(found[1].split())
    ]
    assert (physical, lopsided) == ([], [])


def _is_lopsided(sides: list[str]) -> bool:
    _top, right, _bottom, left = sides
    return right != left

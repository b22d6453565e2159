"""What is asked of a page that is looked at: its width, its focus, its weight, what moves, what axe finds."""

import re
from typing import Any

from playwright.sync_api import CDPSession, Page

from api.assets import MODULES

AXE = (MODULES / "axe-core" / "axe.min.js").read_text()
NAMED = {"link", "button", "DisclosureTriangle", "checkbox", "radio", "textbox", "combobox", "searchbox", "spinbutton"}
TAG = re.compile(r"</?(?:time|bdi|small|abbr|svg)\b[^>]*>")
TORN = re.compile(r"\s[:,;.!?](?:\s|$)")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FAULTS = """tags => axe.run({runOnly: tags}).then(found => found.violations.flatMap(
    each => each.nodes.map(node => `${each.id}: ${node.target.join(" ")}: ${node.failureSummary}`)))"""
# What makes a page wider than its window.
WIDER = """() => {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  const scrolls = each => each !== document.documentElement && each !== document.body && getComputedStyle(each).overflowX !== 'visible';
  const isWithin = each => { for (let up = each.parentElement; up; up = up.parentElement) if (scrolls(up)) return true; };
  const isBeside = each => { const box = each.getBoundingClientRect(); return box.right > innerWidth + 1 || box.left < -1; };
  const isShown = each => !each.matches('.unseen, .skip') && !isWithin(each);
  const wide = [...document.querySelectorAll('body *')].filter(each => isBeside(each) && isShown(each));
  return ['wider than the window', ...wide.slice(0, 3).map(each => each.outerHTML.slice(0, 160))];
}"""
# The same for each question before what cannot be undone.
WIDER_WHEN_ASKED = f"""() => [...document.querySelectorAll('.confirm')].flatMap(each => {{
  each.open = true;
  const wide = ({WIDER})();
  each.open = false;
  return wide;
}})"""
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
# Where one is in a strip that does not show all of itself: whether it is seen there.
HERE_IN_STRIPS = """() => [...document.querySelectorAll('[aria-current]')].flatMap(here => {
  const strip = here.closest('nav, ol, .rooms');
  if (!strip || strip.scrollWidth <= strip.clientWidth) return [];
  const box = here.getBoundingClientRect(), seen = strip.getBoundingClientRect();
  return [[here.innerText.trim().split('\\n')[0], box.left >= seen.left - 1 && box.right <= seen.right + 1]];
})"""
MOVING = """() => [...document.querySelectorAll('*')].filter(each => { const style = getComputedStyle(each);
  return [style.animationDuration, style.transitionDuration].some(all => all.split(',').some(one => parseFloat(one) > 0)) })
  .map(each => each.outerHTML.slice(0, 120))"""


def torn_names(page: Page) -> list[str]:
    """The names of what can be pressed or filled in that have a gap before a mark that follows on a word."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    names = [node["name"]["value"] for node in nodes if not node["ignored"] and node["role"]["value"] in NAMED]
    return [name for name in names if TORN.search(name)]


def shown_tags(page: Page) -> list[str]:
    """Tags that a page shows as text, for they were escaped: those that it makes itself, and no person would write."""
    return TAG.findall(page.inner_text("body"))


def faults_in(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, in both lights."""
    page.evaluate(AXE)
    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        faults += [f"{scheme}: {fault}" for fault in page.evaluate(FAULTS, TAGS)]
    return faults


def weighed(wire: CDPSession) -> list[int]:
    """The bytes of all that is loaded from now on, but for what people sent in."""
    media, sizes = set[str](), list[int]()
    wire.send("Network.enable")

    def note_media(told: Any) -> None:
        if "/files/" in told["response"]["url"]:
            media.add(told["requestId"])

    def note_size(told: Any) -> None:
        if told["requestId"] not in media:
            sizes.append(told["encodedDataLength"])

    wire.on("Network.responseReceived", note_media)
    wire.on("Network.loadingFinished", note_size)
    return sizes

"""What strangers write is shown as they wrote it: it never runs, never breaks a page, and never turns round what stands beside it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request

from campaigns.core.people import Actor
from flows.supervise.postgres import Cluster
from tests.browser.looking import WIDER
from tests.browser.strangers import pen_that_means_harm
from tests.browser.tour import TOUR, Stop
from tests.browser.town import Town, standing

# One town is enough: whoever has it visits every page.
pytestmark = pytest.mark.xdist_group("hostile")
PHONE = 390
# What a template would make of a sum that someone wrote: so long that no identifier has it by chance.
WORKED_OUT = str(7919 * 7927)
CANARY = "window.harm = () => document.documentElement.setAttribute('data-harmed', '')"
ALIVE = """() => [...document.querySelectorAll('[data-harmed], script:not([src]), style, iframe, main b[hx-get]')]
    .concat([...document.querySelectorAll('*')].filter(each => each.getAttributeNames().some(name => /^(on|hx-on)/.test(name))))
    .concat([...document.querySelectorAll('a[href]')].filter(a => !/^https?:$/.test(new URL(a.getAttribute('href'), location).protocol)))
    .map(each => each.outerHTML.slice(0, 200))"""
# Words of theirs that stand in one line with words of ours, and are kept apart from them by nothing.
TURNING = """() => {
  const found = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const apart = each => /isolate|plaintext/.test(getComputedStyle(each).unicodeBidi);
  for (let text; (text = texts.nextNode());) {
    const bare = text.data.replace(/\\u2068[^]*?\\u2069/g, '').trim();
    if (!/[\\u0590-\\u05ff]/.test(bare) || text.parentElement.closest('script, option, textarea, title, desc, .unseen')) continue;
    let line = text.parentElement;
    while (!apart(line) && getComputedStyle(line).display === 'inline') line = line.parentElement;
    const isAlone = /^\\u27e6[^\\u27e6]*\\u27e7$/.test(bare);
    if (!isAlone || (!apart(line) && line.textContent.trim() !== text.data.trim()))
      found.push(line.outerHTML.replace(/W{20,}/g, 'W').replace(/\\s+/g, ' ').slice(0, 300));
  }
  return [...new Set(found)];
}"""


@pytest.fixture(scope="module")
def hostile_town(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town in which everyone means harm."""
    cluster.add_database("hostile", template=template)
    with pen_that_means_harm(), standing(cluster.url("hostile"), tmp_path_factory.mktemp("hostile")) as town:
        yield town


@dataclass
class Window:
    """One reader's window: what its pages said, and what they asked of others, since it was last emptied."""

    page: Page
    home: str
    said: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", self._note_dialog)
        self.page.on("request", self._note_request)

    def _note_dialog(self, dialog: Dialog) -> None:
        self.said.append(dialog.message)
        dialog.dismiss()

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith(self.home):
            self.abroad.append(request.url)


@pytest.fixture(scope="module")
def window(hostile_town: Town, browser: Browser) -> Iterator[Callable[[Actor | None], Window]]:
    """A window for each reader, which stays open from one page to the next."""

    @cache
    def of(reader: Actor | None) -> Window:
        context = hostile_town.context(browser, reader, viewport={"width": PHONE, "height": 844})
        context.add_init_script(CANARY)
        contexts.append(context)
        return Window(context.new_page(), hostile_town.url)

    contexts: list[BrowserContext] = []
    yield of
    for context in contexts:
        context.close()


@pytest.mark.parametrize("stop", TOUR, ids=lambda stop: stop.path)
def test_what_a_stranger_wrote_only_stands_there(hostile_town: Town, window: Callable[[Actor | None], Window], stop: Stop) -> None:
    at = window(stop.reader(hostile_town))
    at.said.clear()
    at.abroad.clear()
    page = at.page
    answer = page.goto(stop.address(hostile_town))
    assert answer is not None
    assert answer.status == stop.status
    assert WORKED_OUT not in page.content()
    found = {"alive": page.evaluate(ALIVE), "turning": page.evaluate(TURNING), "too wide": page.evaluate(WIDER)}
    assert (found, at.said, at.abroad) == ({"alive": [], "turning": [], "too wide": []}, [], [])

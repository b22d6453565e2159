"""What strangers write is shown as they wrote it: it never runs, never breaks a page, and never turns round what stands beside it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

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


@pytest.fixture
def page(hostile_town: Town, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    stop: Stop = request.param
    context = hostile_town.context(browser, stop.reader(hostile_town), viewport={"width": PHONE, "height": 844})
    context.add_init_script(CANARY)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("stop", "page"), [(stop, stop) for stop in TOUR], ids=lambda stop: stop.path, indirect=["page"])
def test_what_a_stranger_wrote_only_stands_there(hostile_town: Town, stop: Stop, page: Page) -> None:
    said, abroad = list[str](), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message) or dialog.dismiss())  # type: ignore[func-returns-value]
    page.on("request", lambda asked: asked.url.startswith(hostile_town.url) or abroad.append(asked.url))
    answer = page.goto(stop.address(hostile_town))
    assert answer is not None
    assert answer.status == stop.status
    assert WORKED_OUT not in page.content()
    found = {"alive": page.evaluate(ALIVE), "turning": page.evaluate(TURNING), "too wide": page.evaluate(WIDER)}
    assert (found, said, abroad) == ({"alive": [], "turning": [], "too wide": []}, [], [])

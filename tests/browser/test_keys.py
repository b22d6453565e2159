"""Everything by the keyboard; and single keys that do something only for those who want them."""

from playwright.sync_api import Browser, Page, expect

from campaigns.core.stages import Stage
from tests.browser.town import Town

REACHED = "document.activeElement.dataset.turn"
REACHABLE = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter(each => !each.disabled && each.type !== 'hidden' && each.checkVisibility({ visibilityProperty: true }))
  .map((each, turn) => each.dataset.turn = `${turn} ${each.textContent.trim()}`)"""


def board(town: Town, browser: Browser, **looks: object) -> Page:
    page = town.context(browser, town.person("manager", Stage.BRIEF), **looks).new_page()
    page.goto("/board?everyone=yes")
    return page


def test_the_tab_key_comes_to_everything_in_its_order(town: Town, browser: Browser) -> None:
    page = board(town, browser)
    there, reached = page.evaluate(REACHABLE), list[str]()
    for _press in there:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(REACHED))
    assert reached == there


def test_a_fold_opens_and_closes_by_keys_alone(town: Town, browser: Browser) -> None:
    page = board(town, browser)
    page.locator(".bar .menu summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="My contributions")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="My contributions")).to_be_hidden()
    expect(page.locator(".bar .menu summary")).to_be_focused()


def test_a_list_of_the_keys_opens_by_a_key_and_leads_to_where_they_are_switched_off(town: Town, browser: Browser) -> None:
    page = board(town, browser)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_contain_text("move down or up a list")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("?")
    keys.get_by_role("link", name="Turn them off").click()
    page.get_by_role("checkbox", name="Keyboard shortcuts").uncheck()
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    for key in ("?", "/", "j"):
        page.keyboard.press(key)
    expect(page).to_have_url(f"{town.url}/me")
    assert (page.locator("kbd:visible").count(), page.locator("#keys").count()) == (0, 0)
    page.get_by_role("checkbox", name="Keyboard shortcuts").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Save").first.click()
    page.keyboard.press("/")
    expect(page).to_have_url(f"{town.url}/search")


def test_who_touches_is_told_of_no_keys(town: Town, browser: Browser) -> None:
    context = town.context(browser, town.person("curator", Stage.CURATION), has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto("/desk/{assignment_id}".format(**town.things[Stage.CURATION]))
    assert (page.locator("kbd").count() > 0, page.locator("kbd:visible").count()) == (True, 0)


def test_pages_turned_before_the_last_was_drawn_complain_of_nothing_but_real_faults(town: Town, browser: Browser) -> None:
    page, said = board(town, browser), list[str]()
    page.on("pageerror", lambda error: said.append(error.message))
    page.evaluate("void document.startViewTransition(() => {}).skipTransition()")
    page.evaluate("void Promise.reject(new Error('a real fault'))")
    page.evaluate("void setTimeout(() => Promise.reject(new Error('the last')), 100)")
    page.wait_for_event("pageerror", lambda error: error.message == "the last")
    assert said == ["a real fault", "the last"]

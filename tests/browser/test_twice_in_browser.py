"""The actions that matter most, in a real browser: double click, reload, and back to the form to press it once more."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.deed import Scene
from tests.browser.deeds import DEEDS
from tests.browser.forms import Form, forms_for
from tests.browser.test_twice import everything, said
from tests.browser.town import Town, within

# In this order: what is done first leaves the campaign as the next one needs it.
FOREMOST = (
    "/calls/{campaign_id}/contribute",
    "/campaigns/{campaign_id}/people",
    "/sources/{contribution_id}/{source_id}/confirm",
    "/campaigns/{campaign_id}/remind",
    "/desk/{assignment_id}",
    "/deliverables/{deliverable_id}/selection",
    "/versions/{version_id}/notes",
    "/versions/{version_id}/decision",
    "/campaigns/{campaign_id}/funding/invoice",
    "/campaigns/{campaign_id}/brief/launch",
    "/proposals/{proposal_id}/comments",
    "/runs/{run_id}/release",
)
DONE = 303
IN_THE_TABLE = {deed.route: deed for deed in DEEDS}
UNFOLDED = """form => {
    for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    for (const fold of form.querySelectorAll("details")) fold.open = true;
}"""


@dataclass
class Pressing:
    """A deed's form in a browser."""

    page: Page
    scene: Scene

    def _form(self) -> tuple[Form, Locator] | None:
        """The form as it is written, and as it is shown."""
        deed = self.scene.deed
        found = next((form for form in forms_for(deed.route, self.page.content(), self.scene.page) if form.holds(deed.holds)), None)
        if found is None:
            return None
        shown = self.page.locator(f'main form[method=post]:is([action="{found.action}"], :not([action]))')
        return found, shown.filter(has=self.page.locator(f'[value="{deed.holds}"]')).first if deed.holds else shown.first

    def fill_in(self) -> None:
        self.page.goto(self.scene.page)
        found = self._form()
        assert found
        found[1].evaluate(UNFOLDED)
        for name, values in found[0].filled(self.scene.typed, "").items():
            self._type(found[1].locator(f'[name="{name}"]:not([type=hidden])'), values[-1])

    def _type(self, fields: Locator, value: str) -> None:
        if not fields.count():
            return
        kind = fields.first.evaluate("field => field.type")
        if kind in ("radio", "checkbox"):
            fields.and_(self.page.locator(f'[value="{value}"]')).evaluate("field => field.checked || field.click()")
        elif kind == "select-one":
            fields.first.select_option(value)
        else:
            fields.first.fill(value)

    def press(self, clicks: int) -> int:
        """The status of the answer; 303, too, where there is nothing to send any more."""
        found = self._form()
        if found is None:
            return DONE
        found[1].evaluate(UNFOLDED)
        if not found[1].evaluate("form => form.noValidate || form.checkValidity()"):
            return DONE
        with self.page.expect_event("load"), self.page.expect_response(lambda answer: answer.request.method == "POST") as answer:
            found[1].locator("button[type=submit]").last.click(click_count=clicks)
        return answer.value.status


@pytest.fixture(params=FOREMOST)
def pressing(request: pytest.FixtureRequest, busy_town: Town, browser: Browser) -> Iterator[Pressing]:
    with within(busy_town.environment):
        scene = Scene.of(IN_THE_TABLE[request.param], busy_town)
        who = scene.person(scene.deed.who)
        busy_town.sign_in(who)
        page = busy_town.context(browser, who).new_page()
        yield Pressing(page, scene)
        page.context.close()


def test_a_button_pressed_twice_does_it_once_and_reload_and_the_way_back_do_nothing_more(pressing: Pressing) -> None:
    pressing.fill_in()
    before = everything()
    assert (pressing.press(clicks=2), pressing.page.locator("#refused").count()) == (DONE, 0)
    after = everything()
    assert after != before
    pressing.page.reload()
    assert everything() == after
    pressing.page.go_back()
    status = pressing.press(clicks=1)
    assert status in (DONE, 400, 403, 409, 422)
    assert status == DONE or said(pressing.page.content())
    assert everything() == after

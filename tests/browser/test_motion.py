"""Pages fade into each other, but not for whoever asked for less motion."""

import pytest
from playwright.sync_api import Browser

from campaigns.core.stages import Stage
from tests.browser.tour import Stop
from tests.browser.town import Town

NOTE_A_FADE = "addEventListener('pagereveal', (event) => { window.hasFaded = event.viewTransition !== null })"


@pytest.mark.parametrize(("motion", "fades"), [("no-preference", True), ("reduce", False)])
def test_one_page_fades_into_the_next_unless_less_motion_was_asked_for(town: Town, browser: Browser, motion: str, fades: bool) -> None:
    stop = Stop("/campaigns/{campaign_id}/payout", "manager", Stage.PAYOUT)
    context = town.context(browser, stop.reader(town), reduced_motion=motion)
    context.add_init_script(NOTE_A_FADE)
    page = context.new_page()
    page.goto(stop.address(town))
    with page.expect_navigation():
        page.get_by_role("link", name="Overview").first.click()
    assert page.evaluate("hasFaded") is fades
    context.close()

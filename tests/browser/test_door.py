"""At the door: what a guest meets."""

from playwright.sync_api import Browser, expect

from tests.browser.town import Town


def test_a_guest_is_asked_for_an_address_and_told_to_look_into_the_mail(town: Town, browser: Browser) -> None:
    page = town.context(browser, None).new_page()
    page.goto("/sign-in")
    page.get_by_label("Email").fill("nobody@example.org")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()

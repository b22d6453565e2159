"""A session that ends while a form is being filled in: nothing that was typed is lost."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from campaigns.core import access, clock
from campaigns.core.people import Actor
from campaigns.core.stages import Stage
from tests.browser.town import Town, within
from tests.factories import filled_brief, opened_call, person
from workers.transactions import unit_of_work

LONG = "Every December we walk from house to house.\n\nAt each door somebody sings, and nobody asks who began it.\n" * 12


@dataclass
class Street:
    """The town's people at their browsers, and what befalls their sessions."""

    town: Town
    browser: Browser

    def at_page(self, who: Actor, path: str) -> Page:
        return self.town.at_page(self.browser, who, path)

    def sign_in_here(self, who: Actor, page: Page) -> None:
        """By the link of an email."""
        with unit_of_work() as session:
            link = access.make_link(session, who.person)
        page.goto(f"/sign-in/{link}")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("Your account")).to_be_attached()

    def end_session(self, who: Actor) -> None:
        """The person signs out everywhere else, in another browser."""
        elsewhere = self.at_page(who, "/me/sessions")
        elsewhere.get_by_text("Sign out everywhere else").click()
        elsewhere.get_by_role("button", name="Sign them out").click()
        expect(elsewhere.get_by_text("1 browser is signed in as you.")).to_be_visible()

    def sign_in_again(self, who: Actor, page: Page) -> None:
        """By the link of an email, in a tab beside the page that waits."""
        with page.expect_popup() as asked:
            page.get_by_role("link", name="Open a new tab to sign in").click()
        with unit_of_work() as session:
            link = access.make_link(session, who.person)
        asked.value.goto(f"{self.town.url}/sign-in/{link}")
        asked.value.get_by_role("button", name="Sign in").click()
        expect(asked.value.get_by_text("Your account")).to_be_attached()
        asked.value.close()


@pytest.fixture
def street(busy_town: Town, browser: Browser) -> Iterator[Street]:
    with within(busy_town.environment):
        yield Street(busy_town, browser)
    for context in browser.contexts:
        context.close()


def expect_that_it_waits(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name="Your session has ended")).to_be_visible()
    expect(page.get_by_text("What you typed is still on this page")).to_be_visible()
    expect(page.get_by_text(words.strip().splitlines()[0]).first).to_be_visible()


def test_a_text_that_was_written_while_the_session_ended_is_sent_in_after_signing_in_again(street: Street) -> None:
    with unit_of_work() as session:
        made, artist = opened_call(session, at=clock.business_now(session)), person(session, "Ana")
    page = street.at_page(artist, f"/calls/{made.id}/contribute")
    page.get_by_text("Write a text here instead").click()
    page.locator("[name=text]").fill(LONG)
    page.get_by_label("Title").fill("Doors that sing")
    page.locator("[name=licence_version]").check()
    street.end_session(artist)
    page.get_by_role("button", name="Submit work").click()
    expect_that_it_waits(page, LONG)
    street.sign_in_again(artist, page)
    page.get_by_role("button", name="Submit again").click()
    page.wait_for_url("**/me/contributions/*")
    expect(page.get_by_role("heading", name="Doors that sing")).to_be_visible()


def test_a_step_of_a_brief_says_that_one_is_signed_out_and_is_saved_after_signing_in_again(street: Street) -> None:
    with unit_of_work() as session:
        made = filled_brief(session, at=clock.business_now(session))
    page = street.at_page(made.manager, f"/campaigns/{made.id}/brief/words")
    street.end_session(made.manager)
    story = page.locator("[name=story]")
    story.fill(LONG)
    expect(page.get_by_role("status").filter(has_text="You are signed out.")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect_that_it_waits(page, LONG)
    street.sign_in_again(made.manager, page)
    page.get_by_role("button", name="Submit again").click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    expect(story).to_have_value(LONG.strip())


def test_a_comment_that_was_written_while_the_session_ended_is_made_once_after_signing_in_again(street: Street) -> None:
    artist = street.town.person("artist", Stage.PAYOUT)
    page = street.at_page(artist, street.town.address("/proposals/{proposal_id}", Stage.PAYOUT))
    page.get_by_label("What is wrong").fill(LONG)
    page.get_by_label("Evidence").fill("In the call, on its first day.")
    street.end_session(artist)
    page.get_by_role("button", name="Post comment").click()
    expect_that_it_waits(page, LONG)
    street.sign_in_again(artist, page)
    page.get_by_role("button", name="Submit again").click()
    expect(page.get_by_text("In the call, on its first day.")).to_have_count(1)


def test_a_page_that_was_left_open_is_gone_once_its_session_has_lain_idle(street: Street) -> None:
    with unit_of_work() as session:
        artist = person(session, "Ana")
    page = street.town.context(street.browser, None).new_page()
    page.clock.install()
    street.sign_in_here(artist, page)
    page.goto("/me")
    with unit_of_work() as session:
        access.end_access(session, artist.person)
    page.clock.fast_forward(int(access.SESSION_IDLE.total_seconds() * 1000) - 60_000)
    expect(page.get_by_text("Passkeys and codes")).to_be_visible()
    page.clock.fast_forward(61_000)
    page.wait_for_url("**/sign-in")


def test_signing_out_in_one_tab_takes_what_the_others_show_but_nothing_that_is_being_written(street: Street) -> None:
    with unit_of_work() as session:
        made, artist = opened_call(session, at=clock.business_now(session)), person(session, "Ana")
    context = street.town.context(street.browser, None)
    page, left, writing = (context.new_page() for _ in range(3))
    street.sign_in_here(artist, page)
    left.goto("/me/sessions")
    writing.goto(f"/calls/{made.id}/contribute")
    writing.get_by_text("Write a text here instead").click()
    writing.locator("[name=text]").fill(LONG)
    page.goto("/me")
    page.locator(".bar-end summary").click()
    page.get_by_role("button", name="Sign out").click()
    left.wait_for_url("**/sign-in")
    expect(writing.locator("[name=text]")).to_have_value(LONG)

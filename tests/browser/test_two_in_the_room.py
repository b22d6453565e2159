"""Two people in the review room at the same time, each in a browser of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from campaigns.client_delivery.models import ReviewDecision, Version
from campaigns.core import clock
from campaigns.core.people import Actor, Scope
from campaigns.core.permissions import Role
from tests.browser.town import Town, within
from tests.factories import Delivery, in_delivery, presented_version, someone
from workers.transactions import unit_of_work

UNTIL_IT_LOOKS = 6_000


@dataclass
class Room:
    """A version that waits for the brand's word, and the browsers at it."""

    town: Town
    browser: Browser
    delivery: Delivery
    second: Actor
    version: Version

    def entered_by(self, who: Actor) -> Page:
        """The room in this person's browser, whose clock goes on when it is told to."""
        page = self.town.context(self.browser, who).new_page()
        page.clock.install()
        page.goto(f"/versions/{self.version.id}")
        return page

    def decisions(self) -> int:
        with unit_of_work() as session:
            return session.scalar(select(func.count()).where(ReviewDecision.version_id == self.version.id)) or 0

    def next_version(self) -> UUID:
        with unit_of_work() as session:
            return presented_version(session, self.delivery, at=clock.business_now(session), words="Twice, in December.").id


@pytest.fixture
def room(busy_town: Town, browser: Browser) -> Iterator[Room]:
    with within(busy_town.environment):
        with unit_of_work() as session:
            now = clock.business_now(session)
            delivery = in_delivery(session, at=now)
            second = someone(session, Role.APPROVER, "Nils", on=Scope(brand_id=delivery.made.brand.id))
            version = presented_version(session, delivery, at=now)
        for who in (delivery.approver, second, delivery.editor, delivery.made.manager):
            busy_town.sign_in(who)
        yield Room(busy_town, browser, delivery, second, version)
    for context in browser.contexts:
        context.close()


def test_what_one_notes_the_other_sees_and_is_told_while_what_they_were_writing_stays(room: Room) -> None:
    brand, editor = room.entered_by(room.delivery.approver), room.entered_by(room.delivery.editor)
    editor.get_by_label("Your note").fill("Half a thought")
    brand.get_by_label("Your note").fill("Warmer lanterns.")
    brand.get_by_role("button", name="Add note").click()
    expect(brand.locator(".note .words")).to_have_text("Warmer lanterns.")
    editor.clock.run_for(UNTIL_IT_LOOKS)
    expect(editor.get_by_role("status").filter(has_text="New note by Noor: Warmer lanterns.")).to_be_visible()
    expect(editor.locator(".note .words")).to_have_text("Warmer lanterns.")
    expect(editor.get_by_label("Your note")).to_have_value("Half a thought")


def test_of_two_who_decide_at_once_the_second_reads_both_decisions_and_what_to_do(room: Room) -> None:
    first, second = room.entered_by(room.delivery.approver), room.entered_by(room.second)
    second.get_by_text("Approve version 1", exact=True).click()
    first.get_by_text("Request changes", exact=True).click()
    first.get_by_label("What should change").fill("Brighter.")
    first.get_by_role("button", name="Request changes to version 1").click()
    expect(first.get_by_text("Noor requested changes to version 1.")).to_be_visible()
    second.clock.run_for(UNTIL_IT_LOOKS)
    expect(second.get_by_role("link", name="Reload")).to_be_visible()
    second.get_by_role("button", name="Yes, approve version 1").click()
    expect(second.get_by_role("alert")).to_contain_text("Version 1 has already been decided on.")
    bar = second.get_by_role("region", name="Decision")
    for said in ("Noor requested changes to version 1.", "Noor: Brighter.", "You wanted to approve it.", "Add your own points as notes"):
        expect(bar).to_contain_text(said)
    assert room.decisions() == 1


def test_a_version_that_is_not_the_newest_any_more_cannot_be_approved_and_leads_to_the_newest(room: Room) -> None:
    about_to_decide, looking = room.entered_by(room.delivery.approver), room.entered_by(room.second)
    about_to_decide.get_by_text("Approve version 1", exact=True).click()
    newest = room.next_version()
    about_to_decide.get_by_role("button", name="Yes, approve version 1").click()
    expect(about_to_decide.get_by_role("alert")).to_contain_text("Version 1 is no longer the latest.")
    looking.clock.run_for(UNTIL_IT_LOOKS)
    for page in (about_to_decide, looking):
        page.get_by_role("link", name="Go to version 2").click()
        expect(page).to_have_url(f"{room.town.url}/versions/{newest}")
        expect(page.get_by_text("Version 2 needs your decision.")).to_be_visible()
    assert room.decisions() == 0

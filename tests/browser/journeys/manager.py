"""The partnership manager: from a new client to the answer to a comment."""

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from tests.browser.journeys.hands import Hands
from tests.browser.journeys.plot import ASKED_FOR, CAMPAIGN, PIECE, STORY, WHY

DAYS_TO_GO_LIVE = 45


def take_a_client_on(mara: Hands, billing: str) -> None:
    """From the board to a new campaign of a new client."""
    mara.go("New campaign", re.compile("[Tt]ake a (new )?client on"))
    mara.write("Name of the brand", "Zappos")
    mara.write("Billing email", billing)
    mara.write("Administrator at the brand", billing)
    mara.press("Take on")
    mara.find("Zappos is a client now. A letter to its billing email asks to confirm the administrator.")
    mara.write("Title", CAMPAIGN)
    mara.press("Begin")


def write_the_brief(mara: Hands) -> None:
    """Its six steps, one after the other."""
    mara.write("The story", STORY)
    mara.write("What we ask for", ASKED_FOR)
    mara.write("Please do", "Tell it from the inside\nBuild on what others have sent, and cite it")
    mara.press("Save and go on")
    _plan_the_dates(mara)
    _add_the_piece(mara)
    _set_the_rule(mara)
    mara.find("If the campaign is cancelled")
    mara.press("Save and go on")
    mara.press("Save and read it as a whole")
    mara.find("Before the launch")


def _plan_the_dates(mara: Hands) -> None:
    mara.choose("Time zone", "America/Los_Angeles")
    mara.write("Go-live", f"{date.today() + timedelta(days=DAYS_TO_GO_LIVE)}T09:00")  # noqa: DTZ011  # a person's own calendar
    mara.press("Fill in the dates that are empty")
    expect(mara.blank("Call closes")).not_to_have_value("")
    mara.press("Save and go on")


def _add_the_piece(mara: Hands) -> None:
    mara.find("Nothing to deliver yet")
    mara.write("Title", PIECE)
    mara.choose("Kind", "sound")
    mara.write("Format", "MP3, stereo")
    mara.write("Length", "about half a minute")
    mara.write("Price in USD", "8000")
    mara.press("Add it")
    mara.find(PIECE)
    mara.press("Save and go on")


def _set_the_rule(mara: Hands) -> None:
    """The worked example follows what is typed."""
    example = mara.page.get_by_role("region", name="For example")
    before = example.inner_text()
    mara.write("For making the cut, in percent", "12")
    expect(example).not_to_have_text(before)
    mara.press("Save and go on")


def invite(mara: Hands, whom: Hands, role: str) -> None:
    """Give someone a role, on the campaign's page of people."""
    mara.write("E-mail address", whom.email)
    mara.write("Name", whom.name)
    mara.choose("Role", role)
    mara.press("Invite")
    mara.find(f"{whom.email} now has the role.")


def open_the_campaign(mara: Hands) -> None:
    """From the board to the campaign's own page."""
    mara.go("Board", re.compile(CAMPAIGN))


def ask_for_signatures(mara: Hands) -> None:
    """A word to those who sign."""
    mara.go("Brief")
    for hat in ("marketing", "legal"):
        mara.press(f"Remind 1 person – Signed by {hat}")
        mara.find("1 person gets a letter from you now.")


def ask_for_the_money(mara: Hands) -> None:
    """The whole sum by an invoice of Stripe's."""
    open_the_campaign(mara)
    mara.go("Brief", "Funding", "Ask by invoice")
    mara.write("Purchase order", "PO-20419")
    mara.press("Send the invoice")
    mara.look_until("See and pay")


def launch(mara: Hands) -> None:
    """Open the call to everyone, once the brief says that nothing is left to do."""
    open_the_campaign(mara)
    mara.go("Brief")
    mara.unfold("Launch")
    mara.press("Open the call now")
    open_the_campaign(mara)
    mara.look_until("The call is open to everyone until")


def say_that_the_material_is_complete(mara: Hands) -> None:
    """The manager's word ends the collaboration before its hour."""
    open_the_campaign(mara)
    mara.look_until("Material is complete")
    mara.press(re.compile("^Material is complete"))


def ask_curators(mara: Hands) -> None:
    """Hand the works out to those who judge them."""
    open_the_campaign(mara)
    mara.look_until("Ask curators")
    mara.go("Ask curators")
    mara.press("Hand the works out")
    mara.find("Who judges")


def choose_and_publish(mara: Hands, *titles: str) -> None:
    """Choose these works with a reason, and publish it in one act."""
    open_the_campaign(mara)
    mara.look_until("Choose and publish")
    mara.go("Choose and publish", re.compile("^Choose –"))
    for title in titles:
        mara.unfold(re.compile(f"Choose or leave it – {title}$"))
        mara.write("Why, for its makers to read", WHY)
        mara.press("Choose")
    mara.write("Why not the others", "A good work that this piece had no room for.")
    mara.unfold(f"Publish {len(titles)} choices")
    mara.press("Publish for good")


def present(mara: Hands, number: int) -> None:
    """Look at a version, and present it to the brand."""
    open_the_campaign(mara)
    mara.look_until("Look and approve")
    mara.go("Look and approve", re.compile("^Look and present it"))
    mara.press(f"Present version {number} to the brand")


def assess_the_points(mara: Hands) -> None:
    """Say what each work adds, and why."""
    open_the_campaign(mara)
    mara.look_until("Assess the points")
    mara.go("Assess the points", re.compile("^Assign points –"))
    works = mara.page.get_by_label("Points")
    for number in range(works.count()):
        works.nth(number).fill(str(3 + number))
        mara.page.get_by_label("Why").nth(number).fill("How long it is heard, and whether the piece would stand without it.")
    mara.press("Publish points")


def answer_the_comment(mara: Hands, of: str) -> None:
    """Each comment ends in an answer that everyone reads."""
    mara.attend_to(re.compile("comment is unanswered"))
    mara.go(re.compile("^Answer the comments"), f"Answer – {of}")
    mara.tick("Declined")
    mara.write("Why", "The points say how long each is heard; yours is heard the longest already.")
    mara.press("Publish answer")

"""The partnership manager: from a new client to the answer to a comment."""

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from tests.browser.journeys.hands import Hands
from tests.browser.journeys.plot import ASKED_FOR, CAMPAIGN, PIECE, STORY, WHY

DAYS_TO_GO_LIVE = 45


def take_a_client_on(mara: Hands, billing: str) -> None:
    """From the board to a new campaign of a new client."""
    mara.go("New campaign", "Add a brand")
    mara.write("Brand name", "Zappos")
    mara.write("Billing email", billing)
    mara.write("Brand administrator", billing)
    mara.press("Add brand")
    mara.find("Zappos has been added. An email to its billing address asks to confirm the administrator.")
    mara.write("Title", CAMPAIGN)
    mara.press("Create campaign")


def write_the_brief(mara: Hands) -> None:
    """Its six steps, one after the other."""
    mara.write("The story", STORY)
    mara.write("What we ask for", ASKED_FOR)
    mara.write("Please do", "Tell it from the inside\nBuild on what others have submitted, and cite it")
    mara.press("Save and continue")
    _plan_the_dates(mara)
    _add_the_piece(mara)
    _set_the_rule(mara)
    mara.find("If the campaign is canceled")
    mara.press("Save and continue")
    mara.press("Save and review brief")
    mara.find("Before launch")


def _plan_the_dates(mara: Hands) -> None:
    mara.choose("Time zone", "America/Los_Angeles")
    mara.write("Go-live", f"{date.today() + timedelta(days=DAYS_TO_GO_LIVE)}T09:00")  # noqa: DTZ011  # a person's own calendar
    mara.press("Fill in empty dates")
    expect(mara.blank("Call closes")).not_to_have_value("")
    mara.press("Save and continue")


def _add_the_piece(mara: Hands) -> None:
    mara.find("No deliverables yet")
    mara.write("Title", PIECE)
    mara.choose("Kind", "sound")
    mara.write("Format", "MP3, stereo")
    mara.write("Length", "about half a minute")
    mara.write("Price in USD", "8000")
    mara.press("Add deliverable")
    mara.find(PIECE)
    mara.press("Save and continue")


def _set_the_rule(mara: Hands) -> None:
    """The worked example follows what is typed."""
    example = mara.page.get_by_role("region", name="For example")
    before = example.inner_text()
    mara.write("Editor's share (%)", "12")
    expect(example).not_to_have_text(before)
    mara.press("Save and continue")


def invite(mara: Hands, whom: Hands, role: str) -> None:
    """Give someone a role, on the campaign's page of people."""
    mara.write("Email address", whom.email)
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
    for sign_off_role in ("marketing", "legal"):
        mara.press(f"Remind 1 person – Signed by {sign_off_role}")
        mara.find("Reminder sent to 1 person.")


def ask_for_the_money(mara: Hands) -> None:
    """The whole sum by an invoice of Stripe's."""
    open_the_campaign(mara)
    mara.go("Brief", "Funding", "Send invoice")
    mara.write("Purchase order number", "PO-20419")
    mara.press("Send invoice")
    mara.look_until("View and pay")


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
    mara.look_until("Close collaboration now")
    mara.press(re.compile("^Close collaboration now"))


def ask_curators(mara: Hands) -> None:
    """Hand the contributions out to those who judge them."""
    open_the_campaign(mara)
    mara.look_until("Assign curators")
    mara.go("Assign curators")
    mara.press("Assign reviews")
    mara.find("Curators")


def choose_and_publish(mara: Hands, *titles: str) -> None:
    """Choose these contributions with a reason, and publish it in one act."""
    open_the_campaign(mara)
    mara.look_until("Choose and publish")
    mara.go("Choose and publish", re.compile("^Choose –"))
    for title in titles:
        mara.unfold(re.compile(f"Decide – {title}$"))
        mara.write("Reason (its makers will read it)", WHY)
        mara.press("Choose")
    mara.write("Why the others were not chosen", "A good contribution that this piece had no room for.")
    mara.unfold(f"Publish {len(titles)} chosen contributions")
    mara.press("Publish selection")


def present(mara: Hands, number: int) -> None:
    """Look at a version, and present it to the brand."""
    open_the_campaign(mara)
    mara.look_until("Review and approve")
    mara.go("Review and approve", re.compile("^Review and present"))
    mara.press(f"Present version {number} to the brand")


def assess_the_points(mara: Hands) -> None:
    """Say what each contribution adds, and why."""
    open_the_campaign(mara)
    mara.look_until("Assign points")
    mara.go("Assign points", re.compile("^Assign points –"))
    contributions = mara.page.get_by_label("Points")
    for number in range(contributions.count()):
        contributions.nth(number).fill(str(3 + number))
        mara.page.get_by_label("Why").nth(number).fill("How long it is heard, and whether the piece would stand without it.")
    mara.press("Publish points")


def answer_the_comment(mara: Hands, of: str) -> None:
    """Each comment ends in an answer that everyone reads."""
    mara.attend_to(re.compile("comment is unanswered"))
    mara.go(re.compile("^Answer the comments"), f"Answer – {of}")
    mara.tick("Declined")
    mara.write("Why", "The points say how long each is heard; yours is heard the longest already.")
    mara.press("Publish answer")

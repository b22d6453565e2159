"""Finance, in two persons: what is final, and the money on its way."""

import re

from playwright.sync_api import expect

from tests.browser.journeys.hands import PATIENCE, Hands


def say_that_it_is_final(person: Hands) -> None:
    """Read the proposal, and say so."""
    person.attend_to(re.compile("Finalized by"))
    person.go(re.compile("^Open proposal"))
    person.unfold("Finalize")
    person.press("Finalize proposal")
    person.find("Approvals")


def quote(femi: Hands) -> None:
    """Freeze who gets how much, and approve it."""
    femi.go("Payouts", "Prepare payout")
    femi.look_until(re.compile(r"^Prepare payout of \$"))
    femi.press(re.compile(r"^Prepare payout of \$"))
    femi.unfold("Approve")
    femi.press("Approve")
    femi.find("You have approved this run.")


def send(greta: Hands) -> None:
    """The second word sends the money; the page tells how far it is, by itself, until it is done."""
    greta.attend_to(re.compile("payout run needs approval"))
    greta.go(re.compile(r"^Run \d+"))
    greta.unfold("Approve")
    greta.press("Approve and send")
    greta.find("Progress")
    expect(greta.page.get_by_text("Completed", exact=True)).to_be_visible(timeout=PATIENCE * 1000)
    greta.find(re.compile("100 percent"))

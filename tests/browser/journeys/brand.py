"""The brand's people: they sign, pay, look, ask for changes and approve."""

import re

from playwright.sync_api import expect

from tests.browser.journeys.hands import MOMENT, Hands
from tests.browser.journeys.plot import CAMPAIGN, LATE


def confirm_the_administrator(denise: Hands) -> None:
    """The reader of the billing email follows the link in its email and confirms who appoints for the brand."""
    denise.open_email(re.compile(r"https?://\S+/administrators/[\w-]{20,}"))
    denise.press(re.compile("^Confirm"))
    denise.find("Confirmed")


def appoint(denise: Hands, whom: Hands, role: str, sign_off_role: str = "") -> None:
    """Give someone of the brand a role, on the brand's page of people."""
    denise.write("Email address", whom.email)
    denise.write("Name", whom.name)
    denise.choose("Role", role)
    denise.choose("Signs on behalf of", sign_off_role)
    denise.press("Appoint")
    denise.find(f"{whom.email} now has the role. The others at Zappos are notified.")


def sign(signer: Hands, sign_off_role: str) -> None:
    """Read the brief, and sign it under one's sign-off role."""
    signer.attend_to(re.compile("to sign for"))
    signer.press(f"Sign for {sign_off_role}")
    signer.find("signed, current version")


def pay(denise: Hands) -> None:
    """See the invoice on Stripe's page, pay a part by card and the rest by transfer, and come back by its footer."""
    denise.go("Deliveries", CAMPAIGN, "Brief", "Funding")
    with denise.page.context.expect_page() as opened:
        denise.link(re.compile("^View and pay at Stripe")).click()
    stripe = opened.value
    button = stripe.get_by_role("button", name="Pay")
    stripe.get_by_label("Amount, for a partial payment").fill("200000")
    button.click()
    stripe.get_by_label("Pay by").select_option("bank transfer")
    button.click()
    expect(stripe.get_by_text("This invoice is paid.")).to_be_visible(timeout=MOMENT)
    stripe.get_by_role("link", name=re.compile("funding$")).click()
    expect(stripe).to_have_url(denise.page.url)
    stripe.close()
    denise.look_until(re.compile(r"^\s*paid\s*$"))


def ask_for_changes(denise: Hands) -> None:
    """A note at its moment, required, becomes what is asked for."""
    denise.go("Deliveries", re.compile("^Review and decide"))
    denise.write("Your note", LATE)
    denise.write("At", "0:01")
    denise.tick("Must fix")
    denise.press("Add note")
    denise.unfold("Request changes")
    expect(denise.blank("What should change")).to_have_value(re.compile(LATE))
    denise.press("Request changes to version 1")
    denise.find("requested changes to version 1.")


def approve(denise: Hands, number: int) -> None:
    """Approve exactly this version, and fetch its package."""
    denise.go("Deliveries", re.compile("^Review and decide"))
    denise.find(f"Done in v{number}")
    denise.unfold(f"Approve version {number}")
    denise.press(f"Yes, approve version {number}")
    denise.look_until("Download delivery package")
    with denise.page.expect_download() as package:
        denise.link("Download delivery package").click()
    assert package.value.suggested_filename.endswith(".zip")

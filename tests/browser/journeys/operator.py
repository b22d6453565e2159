"""The operator: the staff, the sandbox's clock, and whether everything works."""

import re

from tests.browser.journeys.hands import Hands
from tests.browser.journeys.plot import CAMPAIGN


def appoint(odile: Hands, whom: Hands, role: str) -> None:
    """Give someone a role on staff."""
    odile.go("Status", "People")
    odile.write("Email address", whom.email)
    odile.write("Name", whom.name)
    odile.choose("Role", role)
    odile.press("Appoint")
    odile.find(f"{whom.email} gets the role")


def confirm(femi: Hands, whom: Hands) -> None:
    """Confirm, as a second person, what the operator gave."""
    femi.page.goto("/appointments")
    femi.go(whom.name)
    femi.press("Confirm role")
    femi.find("Confirmed. The role becomes active on")


def let_it_cool(odile: Hands) -> None:
    """Two weeks later every new role counts."""
    odile.go("Status", "skip ahead")
    odile.press("Skip ahead two weeks")
    odile.find("The clock was moved.")


def let_time_pass(odile: Hands, until: str) -> None:
    """Move the clock on to just after what falls due next in the campaign."""
    odile.go("Status", "skip ahead")
    odile.press(re.compile(f"^Skip ahead: {CAMPAIGN}, {until}"))
    odile.find("The clock was moved.")


def see_that_everything_works(odile: Hands) -> None:
    """At a glance."""
    odile.go("Status")
    odile.look_until("Everything works and nothing is stuck.")

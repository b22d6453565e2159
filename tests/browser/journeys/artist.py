"""The artists: they read the call, send contributions in, build on each other, read why they get what they get, and are paid."""

import base64
import re
from pathlib import Path

from tests.browser.journeys.hands import Hands
from tests.browser.journeys.plot import CAMPAIGN, PIECE, PRICE, REMIX, VERSE

DROPPED = """([name, type, content]) => {
    const carried = new DataTransfer();
    carried.items.add(new File([Uint8Array.from(atob(content), (each) => each.charCodeAt(0))], name, { type }));
    return carried;
}"""


def read_the_call(guest: Hands) -> None:
    """Without signing in: the money, the rule, the rights."""
    guest.page.goto("/")
    guest.go(re.compile(CAMPAIGN))
    guest.find(PRICE, "How the money is split", "Your rights in five sentences", "Dates")


def say_who_they_are(artist: Hands) -> None:
    """Their name, and where they live, which decides how they can be paid."""
    artist.write("Name", artist.name)
    artist.choose("Country", "US")
    artist.press("Save")


def open_the_form(artist: Hands) -> None:
    """From any page to the form for a contribution."""
    artist.go("Open calls", re.compile(CAMPAIGN), "Submit work")


def drop_file(artist: Hands, file: Path, mime: str) -> None:
    """Drag a file from the desk of the machine, and drop it on the page."""
    content = base64.b64encode(file.read_bytes()).decode()
    carried = artist.page.evaluate_handle(DROPPED, [file.name, mime, content])
    artist.shown("or drop it here").dispatch_event("drop", {"dataTransfer": carried})
    artist.find("Upload complete")


def write_text(artist: Hands, words: str) -> None:
    """Write the contribution on the page itself."""
    artist.unfold("Write a text here instead")
    artist.write("Text", words)


def send_in(artist: Hands, title: str) -> None:
    """Give it a title, accept the licence, and send it."""
    artist.write("Title", title)
    artist.tick(re.compile("I have read license"))
    artist.press("Submit work")
    artist.find("Submitted.")


def build_on(artist: Hands, title: str, also: str) -> None:
    """A remix that has one contribution in it, and says that another led to it."""
    artist.go("Open calls", re.compile(CAMPAIGN), "Remix a contribution", re.compile(f"^{title}"), "Remix this")
    artist.tick(re.compile("I used material from it"))
    artist.unfold("Add other sources")
    artist.write("Contribution 2", also)
    artist.choose("How your work relates to contribution 2", "It inspired mine")
    write_text(artist, VERSE)
    send_in(artist, REMIX)


def confirm_the_influence(artist: Hands) -> None:
    """Say that one's own contribution led to another's."""
    artist.attend_to(re.compile("claimed influence"))
    artist.press(re.compile("^Confirm"))


def read_that_it_was_chosen(artist: Hands, reason: str) -> None:
    """Each contribution says whether it was chosen, and why."""
    artist.go("My contributions")
    artist.find(f"Chosen for “{PIECE}”", reason)


def read_why(artist: Hands) -> None:
    """From one's money to one's line, cent by cent."""
    artist.go("My money")
    artist.look_until("Proposed, not final yet")
    artist.go(PIECE)
    artist.find("Your share")
    artist.unfold("Why, cent by cent")
    artist.find("Total credit", re.compile("is in the deliverable with"))


def comment(artist: Hands) -> None:
    """Say in public what is wrong with one's line."""
    artist.choose("About", "My share")
    artist.write("What is wrong", "My verse is heard twice, and has the points of one.")
    artist.write("Evidence", "From the tenth second on, and again at the end.")
    artist.press("Post comment")
    artist.find("Waiting for an answer")


def set_up_how_they_are_paid(artist: Hands) -> None:
    """Through the form that Stripe keeps, and back."""
    artist.go("My money")
    artist.press("Set up payouts")
    artist.look_until("Complete my details on Stripe")
    artist.go("Complete my details on Stripe")
    artist.press("Submit my details")
    artist.look_until(re.compile("[Yy]ou are ready to be paid"))


def read_that_it_was_paid(artist: Hands) -> None:
    """The money has left for one's own account."""
    artist.go("My money")
    artist.find("Payments to you", re.compile("^Sent$"))

"""`python -m api.demo`: one real assignment through all six stages, against a running installation."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import httpx

from demo.cast import Cast
from demo.client import CALLBOARD, MAILBOX, DemoFailed
from demo.display import Display, display
from demo.story import brief, client_delivery, collaboration, curation, open_call, payout
from demo.story.partnership import Partnership
from demo.works.catalogue import CONTRIBUTIONS
from demo.works.make import make_versions, make_works
from demo.works.versions import FILM, POSTER, SONG

KEPT = Path(".callboard/demo/works")
NEW_DOOR = "The beach is the only picture that nobody can walk into. Send us one more door, and we will have the series."
UNREADABLE = "The title cannot be read on a phone, and the credits name only the editor. Please credit everyone whose work is in it."


def main() -> int:
    """Tell the story; exit code 0 when every deliverable is done, every payable item paid and every check clean."""
    parser = argparse.ArgumentParser(prog="callboard demo")
    parser.add_argument("--once", action="store_true", help="plain lines, no live display")
    once = parser.parse_args().once
    with display(plain=once) as shown:
        try:
            partnership = Partnership(Cast(), shown, _files())
            tell_the_story(partnership)
        except (DemoFailed, httpx.HTTPError) as failed:
            shown.tell(f"The demo failed: {failed}")
            return 1
    payout.print_results(partnership, Display(shown.console))
    if not once:
        shown.console.print(where_to_look(), highlight=False)
    return 0


def where_to_look() -> str:
    """What there is to see while everything runs."""
    prefect = os.environ.get("PREFECT_API_URL", "").removesuffix("/api").replace("127.0.0.1", "localhost")
    user = os.environ.get("PREFECT_API_AUTH_STRING", "").partition(":")[0]
    return (
        f"\nLook around until Ctrl-C:\n"
        f"  switch role    {CALLBOARD}/sandbox\n"
        f"  API docs       {CALLBOARD}/docs\n"
        f"  all emails     {MAILBOX}/page\n"
        f"  Prefect        {prefect}  (sign in as {user}; the output at startup says where to find the password)"
    )


def tell_the_story(p: Partnership) -> None:
    """The assignment, chapter by chapter; three deliverables, three speeds."""
    p.display.chapter("Brief")
    for act in (brief.begin, brief.write, brief.sign, brief.fund, brief.launch):
        act(p)
    p.display.chapter("Open call")
    for act in (open_call.read, open_call.join, open_call.contribute, open_call.close):
        act(p)
    p.display.chapter("Collaboration")
    for act in (collaboration.remix, collaboration.confirm, collaboration.trace, collaboration.complete):
        act(p)
    _carry_the_song(p)
    p.display.chapter("The film and the poster")
    collaboration.close(p)
    _carry_the_film_and_the_poster(p)
    p.display.chapter("Payout")
    for act in (payout.propose, payout.comment, payout.onboard, payout.finalize, payout.run, payout.check):
        act(p)


def _carry_the_song(p: Partnership) -> None:
    p.display.chapter("The song goes ahead")
    curation.review(p, SONG)
    curation.select(p, SONG)
    client_delivery.approve(p, client_delivery.present(p, "night-1"), SONG)


def _carry_the_film_and_the_poster(p: Partnership) -> None:
    for title in (FILM, POSTER):
        curation.review(p, title)
        curation.select(p, title, without=[collaboration.LATE])
    first = client_delivery.present(p, "table-1", forget_a_licence=True)
    client_delivery.ask_for_changes(p, first, UNREADABLE)
    client_delivery.ask_for_changes(p, client_delivery.present(p, "come-in-1"), NEW_DOOR)
    client_delivery.send_back(p, POSTER, "collaboration", NEW_DOOR)
    client_delivery.approve(p, client_delivery.present(p, "table-2"), FILM)
    _build_one_more_door(p)


def _build_one_more_door(p: Partnership) -> None:
    late = [contribution for contribution in CONTRIBUTIONS if contribution.key == collaboration.LATE]
    open_call.send(p, late)
    p.tell(f"“{late[0].title}” arrives, built on contributions of this call.")
    open_call.screen(p, late)
    collaboration.confirm(p)
    collaboration.say_complete(p, POSTER)
    curation.review(p, POSTER)
    curation.select(p, POSTER)
    client_delivery.approve(p, client_delivery.present(p, "come-in-2"), POSTER)


def _files() -> Path:
    if (KEPT / "versions").is_dir():
        return KEPT
    folder = Path(tempfile.mkdtemp(prefix="callboard-demo-"))
    make_works(folder)
    make_versions(folder / "versions")
    return folder


if __name__ == "__main__":
    sys.exit(main())

"""A town in which the demo's own contributions have been sent in, and a film is being talked about in its review room."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from campaigns.client_delivery.annotations.actions import annotate, finish
from campaigns.client_delivery.models import Verdict, Weight
from campaigns.client_delivery.queries import find_version_details
from campaigns.client_delivery.versions.actions import approve_internally, decide, make_version
from campaigns.core import clock
from campaigns.core.stages import Stage
from campaigns.curation.selections.queries import chosen_contributions
from tests.browser.town import Town, founded, open_to_all, uploaded, within
from tests.everyone import Cast
from tests.journeys.world import work
from workers.transactions import unit_of_work

SHOWN, OF_EACH = ("*.md", "*.jpg", "*.png", "*.mp3", "*.mp4"), 3
FIRST_VERSION, SECOND_VERSION = "the-table-is-set_v1.mp4", "the-table-is-set_v2.mp4"


@contextmanager
def lively(database_url: str, home: Path, contributions: Path) -> Iterator[Town]:
    """The town, built from the demo's contributions in this folder and served."""
    town = founded(database_url, home, [file for kind in SHOWN for file in sorted(contributions.glob(kind))[:OF_EACH]])
    with within(town.environment):
        town.things[Stage.CLIENT_DELIVERY]["version_id"] = _talked_about(town.casts[Stage.CLIENT_DELIVERY], contributions / "versions")
    with open_to_all(town) as served:
        yield served


def _talked_about(all_: Cast, versions: Path) -> UUID:
    """The second version of the film: what was asked of the first is done in it, and two things more are noted."""
    first = _presented(all_, versions / FIRST_VERSION)
    done = _noted(all_, first, "Let the song begin before the candles do.", Weight.REQUIRED, 2_500)
    with unit_of_work() as session:
        seen = find_version_details(session, first, by=all_.approver)
        hashes = (seen.version.sha256, seen.parts_sha256)
        decide(session, first, Verdict.CHANGES, *hashes, "Nearly there.", by=all_.approver, at=clock.business_now(session))
    second = _presented(all_, versions / SECOND_VERSION)
    with unit_of_work() as session:
        finish(session, done, second, by=all_.editor, at=clock.business_now(session))
    _noted(all_, second, "The bread comes a breath too late after the word “table”.", Weight.REQUIRED, 7_300)
    _noted(all_, second, "Could the last picture stay a little longer?", Weight.WISH, 17_000)
    return second


def _presented(all_: Cast, file: Path) -> UUID:
    """A version made of this file and of all that was chosen, shown to the brand."""
    upload_id = uploaded(file, all_.editor)
    with unit_of_work() as session:
        [deliverable], now = all_.deliverables(session), clock.business_now(session)
        parts = sorted(chosen_contributions(session, deliverable.id))
        version = make_version(session, deliverable.id, upload_id, parts, {all_.editor.person: 1}, by=all_.editor, at=now)
        approve_internally(session, version.id, by=all_.manager, at=now)
    while work(all_.made.id):
        pass
    return version.id


def _noted(all_: Cast, version_id: UUID, words: str, weight: Weight, at_ms: int) -> UUID:
    with unit_of_work() as session:
        return annotate(session, version_id, words, weight, at_ms, by=all_.approver, at=clock.business_now(session)).id

"""What a browser shows of a version, whatever its file is; the file stays what is approved."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Showing, Version
from campaigns.client_delivery.packages.queries import unprepared, work_waiting
from campaigns.client_delivery.queries import find_version_details
from campaigns.client_delivery.versions import renditions
from campaigns.client_delivery.versions.actions import make_version
from campaigns.core import clock
from campaigns.core.campaign import Deliverable
from campaigns.core.event_names import EventName
from campaigns.core.events import recorded
from campaigns.core.files import storage
from campaigns.open_call.media.formats import BY_ENDING
from campaigns.open_call.models import Upload, UploadState
from campaigns.open_call.renditions import Prepared, prepare
from campaigns.open_call.uploads import LIFE
from tests import factories, samples
from tests.factories import DELIVERING, Delivery


@pytest.fixture
def delivery(session: Session) -> Delivery:
    delivery = factories.in_delivery(session)
    session.get_one(Deliverable, delivery.deliverable.id).kind = "other"
    return delivery


def version_of(session: Session, delivery: Delivery, path: Path) -> Version:
    """A version whose file is the one at `path`."""
    stored, now, by = storage().keep(path), clock.process_now(), delivery.editor
    upload = Upload(
        person_id=by.person, name=path.name, length=stored.bytes, offset=stored.bytes, began_at=now, expires_at=now + LIFE,
        state=UploadState.PROVEN, sha256=stored.sha256, mime=BY_ENDING[path.suffix[1:]].mime,
    )  # fmt: skip
    session.add(upload)
    session.flush()
    return make_version(
        session, delivery.deliverable.id, upload.id, [w.id for w in delivery.contributions], {by.person: 1}, by=by, at=DELIVERING
    )


@pytest.mark.parametrize(
    ("source", "ending", "shown"),
    [
        (samples.film, "mov", {"film": "video/mp4", "poster": "image/webp", "thumbnail": "image/webp"}),
        (samples.sound, "wav", {"sound": "audio/mp4"}),
        (samples.picture, "tif", {"picture": "image/webp", "thumbnail": "image/webp"}),
    ],
)
def test_a_version_in_any_format_has_what_a_browser_shows_and_its_file_stays_as_it_came(
    session: Session, delivery: Delivery, tmp_path: Path, source: Callable[[Path, str], Path], ending: str, shown: dict[str, str]
) -> None:
    version = version_of(session, delivery, source(tmp_path, ending))
    whole = version.sha256
    assert (unprepared(session, [delivery.deliverable.id], 5), work_waiting(session, [delivery.made.id])) == (
        [version.id],
        {delivery.made.id},
    )
    for _again in range(2):
        renditions.record(session, version.id, prepare(renditions.original_of(session, version.id)), at=DELIVERING)
    details = find_version_details(session, version.id, by=delivery.editor)
    assert {made.role: made.mime for made in details.renditions} == shown
    assert (version.showing, version.sha256) == (Showing.READY, whole)
    assert (unprepared(session, [delivery.deliverable.id], 5), work_waiting(session, [delivery.made.id])) == ([], set())


def test_a_version_of_which_nothing_can_be_shown_says_why_and_stays_a_version(session: Session, delivery: Delivery) -> None:
    version = factories.version(session, delivery)
    for problem in ("It takes too long.", "Something else."):
        renditions.record(session, version.id, Prepared([], problem), at=DELIVERING)
    assert (version.showing, version.show_problem, unprepared(session, [delivery.deliverable.id], 5)) == (
        Showing.FAILED,
        "It takes too long.",
        [],
    )
    told = recorded(session, EventName.CLIENT_DELIVERY_VERSION_UNSHOWABLE)
    assert [(fact.reason, fact.facts) for fact in told] == [("It takes too long.", {"cut": str(version.id), "number": 1})]

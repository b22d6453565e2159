"""Making a work ready: its redacted renditions, made outside any transaction and recorded once. Versions are made ready by the same."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.errors import Invalid, NotFound
from campaigns.core.event_names import EventName
from campaigns.core.files import storage
from campaigns.core.people import SYSTEM
from campaigns.core.words import _
from campaigns.open_call.credits import makers_of
from campaigns.open_call.media import renditions
from campaigns.open_call.media.confined import Failed
from campaigns.open_call.media.formats import BY_MIME
from campaigns.open_call.models import Contribution, ContributionFile, Rendition, WorkState

log = logging.getLogger("callboard.open_call")


@dataclass(frozen=True, slots=True)
class Kept:
    """A rendition that is in the storage; sizes in pixels."""

    role: str
    sha256: str
    mime: str
    bytes: int
    width: int | None = None
    height: int | None = None
    words: int | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What came of it: the renditions, all in the storage, or the sentence that says why there are none."""

    renditions: Sequence[Kept]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """The file of a work or version as it came, and the names that its renditions must not show."""

    id: UUID
    sha256: str
    mime: str
    unnamed: Sequence[str] = ()


def original_of(session: Session, work_id: UUID) -> Original:
    """What the work's renditions are made from; they must not say who made it."""
    file = session.get_one(ContributionFile, work_id)
    return Original(work_id, file.sha256, file.mime, [maker.name for maker in makers_of(session, [work_id])[work_id]])


def prepare(original: Original) -> Prepared:
    """Make the renditions of a file and put them into the storage; safe to do twice."""
    with storage().scratch() as folder:
        try:
            return Prepared(_made(original, folder))
        except (Invalid, NotFound) as refusal:
            return Prepared([], refusal.message)
        except Failed as failure:
            # What the program said names the original's path and hash, which those who screen must not learn.
            log.warning("the file of %s could not be rendered: %s", original.id, failure)
            return Prepared([], _("The file could not be processed for display."))


def _made(original: Original, folder: Path) -> Sequence[Kept]:
    made = renditions.make(BY_MIME[original.mime], storage().path(original.sha256), folder, _("the file"), original.unnamed)
    return [_kept(each) for each in made]


def _kept(made: renditions.RenditionFile) -> Kept:
    stored = storage().keep(made.path)
    return Kept(made.role, stored.sha256, made.mime, stored.bytes, made.width, made.height, made.words)


def record(session: Session, work_id: UUID, prepared: Prepared, *, at: datetime) -> Contribution:
    """Record what came of it, once: a work that has gone on meanwhile stays as it is. A failure shows itself to those who screen."""
    work = session.get_one(Contribution, work_id, with_for_update=True, populate_existing=True)
    if work.state is not WorkState.RECEIVED:
        return work
    session.add_all(Rendition(contribution_id=work_id, **asdict(kept)) for kept in prepared.renditions)
    work.state, work.state_since, work.state_reason = WorkState.READY, at, None
    if prepared.problem is not None:
        work.state, work.state_reason = WorkState.UNSHOWABLE, prepared.problem
        events.record(
            session, EventName.OPEN_CALL_WORK_UNSHOWABLE, by=SYSTEM, at=at, campaign_id=work.campaign_id, reason=prepared.problem,
            contribution=str(work_id),
        )  # fmt: skip
    session.flush()
    return work

"""Making a contribution ready: its redacted renditions, made outside any transaction and recorded once. Versions are made ready by the
same."""

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
from campaigns.open_call.models import Contribution, ContributionFile, ContributionState, Rendition

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
    """The file of a contribution or version as it came, and the names that its renditions must not show."""

    id: UUID
    sha256: str
    mime: str
    unnamed: Sequence[str] = ()


def original_of(session: Session, contribution_id: UUID) -> Original:
    """What the contribution's renditions are made from; they must not say who made it."""
    file = session.get_one(ContributionFile, contribution_id)
    return Original(
        contribution_id, file.sha256, file.mime, [maker.name for maker in makers_of(session, [contribution_id])[contribution_id]]
    )


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


def record(session: Session, contribution_id: UUID, prepared: Prepared, *, at: datetime) -> Contribution:
    """Record what came of it, once: a contribution that has gone on meanwhile stays as it is. A failure shows itself to those who
    screen."""
    contribution = session.get_one(Contribution, contribution_id, with_for_update=True, populate_existing=True)
    if contribution.state is not ContributionState.RECEIVED:
        return contribution
    session.add_all(Rendition(contribution_id=contribution_id, **asdict(kept)) for kept in prepared.renditions)
    contribution.state, contribution.state_since, contribution.state_reason = ContributionState.READY, at, None
    if prepared.problem is not None:
        contribution.state, contribution.state_reason = ContributionState.UNSHOWABLE, prepared.problem
        events.record(
            session, EventName.OPEN_CALL_CONTRIBUTION_UNSHOWABLE, by=SYSTEM, at=at, campaign_id=contribution.campaign_id,
            reason=prepared.problem,
            contribution=str(contribution_id),
        )  # fmt: skip
    session.flush()
    return contribution

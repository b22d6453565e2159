"""What the next version can be made of: files, contributions, makers, and what the versions before it had."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.client_delivery.annotations.queries import Noted, open_notes_of
from campaigns.client_delivery.details import VersionDetails
from campaigns.client_delivery.queries import credits_seen, list_version_details, may_contain, possible_makers
from campaigns.client_delivery.rules import require_in_delivery
from campaigns.collaboration.lineage.obstacles import Obstacle, obstacles_in
from campaigns.core.campaign import Deliverable, find_deliverable
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.curation.queries import contributions_taking_part
from campaigns.curation.selections.queries import chosen_contributions
from campaigns.open_call.credits import Credit
from campaigns.open_call.media.formats import BY_MIME
from campaigns.open_call.models import Contribution, Upload
from campaigns.open_call.uploads import at_hand


@dataclass(frozen=True, slots=True)
class Material:
    """A contribution that may be in the version, chosen for the deliverable or contained in one that is; not while `obstacles` are in its
    way."""

    contribution: Contribution
    is_chosen: bool
    credits: Sequence[Credit]
    obstacles: Sequence[Obstacle]


@dataclass(frozen=True, slots=True)
class Makings:
    """All that a next version can be made of; `before` is the newest one, whose parts it takes over."""

    deliverable: Deliverable
    kind: str
    material: Sequence[Material]
    files: Sequence[Upload]
    makers: Sequence[Person]
    notes: Sequence[Noted]
    before: VersionDetails | None


def makings(session: Session, deliverable_id: UUID, *, by: Actor) -> Makings:
    """What whoever makes the deliverable's next version has at hand."""
    deliverable = find_deliverable(session, deliverable_id, by=by)
    by.require(Permission.MAKE_VERSION, on=deliverable)
    require_in_delivery(deliverable)
    before = next(iter(list_version_details(session, deliverable.id, by=by, limit=1)), None)
    return Makings(
        deliverable, deliverable.kind, _material(session, deliverable, by), _files(session, deliverable.kind, by),
        possible_makers(session, deliverable, by=by),
        open_notes_of(session, deliverable), before,
    )  # fmt: skip


def _material(session: Session, deliverable: Deliverable, by: Actor) -> list[Material]:
    fitting, chosen = may_contain(session, deliverable), chosen_contributions(session, deliverable.id)
    there = contributions_taking_part(session, deliverable.campaign_id, fitting)
    contributions = session.scalars(select(Contribution).where(Contribution.id.in_(there)).order_by(Contribution.id)).all()
    made = credits_seen(session, [contribution.id for contribution in contributions], deliverable, by=by)
    stopped = obstacles_in(session, there)
    found = (
        Material(contribution, contribution.id in chosen, made[contribution.id], stopped[contribution.id]) for contribution in contributions
    )
    return sorted(found, key=lambda one: not one.is_chosen)


def _files(session: Session, kind: str, by: Actor) -> Sequence[Upload]:
    """The actor's files at hand, of the kind asked as far as that is known."""
    return [u for u in at_hand(session, by=by) if u.mime is None or kind in ("other", BY_MIME[u.mime].kind.value)]

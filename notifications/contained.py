"""The emails of what is in a deliverable: that something in it stops it, and that its credits have changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Version
from campaigns.client_delivery.packages.queries import Affected, affected, built_on
from campaigns.collaboration.models import Party, Source, SourceKind, SourceState
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.event_names import EVENTS, EventName
from campaigns.core.events import Event
from campaigns.core.permissions import Role
from campaigns.core.role_grants import holders
from campaigns.open_call.models import Contribution
from notifications.audiences import managers
from notifications.notification import EmailDraft, notification

STOPS = (
    EventName.OPEN_CALL_CONTRIBUTION_WITHDRAWN, EventName.OPEN_CALL_SCREENING_TAKEN_BACK, EventName.COLLABORATION_SOURCE_CLAIMED,
    EventName.COLLABORATION_SOURCE_DECLINED,
)  # fmt: skip


@dataclass
class Concern:
    """What of it concerns one person: the contributions of theirs that were built on it, and the deliverables that they answer for."""

    path: str
    contributions: list[str] = field(default_factory=list)
    deliverables: list[str] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)


def _claim(session: Session, fact: Event) -> Source | None:
    """The claim that the fact is about; None where it is about a contribution."""
    if not fact.name.startswith("collaboration."):
        return None
    return session.get_one(Source, (UUID(fact.facts["work"]), UUID(fact.facts["source"])))


def _stops(session: Session, fact: Event) -> bool:
    """Whether it still stops anything: a claim does while it says that material is inside and neither side nor a curator has settled it."""
    source = _claim(session, fact)
    if source is None:
        return True
    is_open = source.state is SourceState.OPEN or (source.state is SourceState.DECLINED and source.decided_as is not Party.CURATOR)
    return source.kind is SourceKind.CONTAINS and is_open


@notification(
    stage="client_delivery", on=STOPS, still_true=_stops,
    sample={
        "path": "/versions/0199a1b2", "title": "Lantern street", "cause": "taken_down", "inside": None,
        "contributions": ["First foot"], "deliverables": ["Holiday film"], "delivered": ["Holiday reel"],
    },
)  # fmt: skip
def version_stopped(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Who manages, makes and approves a deliverable, and who built on the contribution, learn that something in it stops it.

    Of what was handed over already they learn what has come of a contribution in it since.
    """
    if not _stops(session, fact):
        return
    source = _claim(session, fact)
    contribution = session.get_one(Contribution, source.contribution_id if source else UUID(fact.facts["contribution"]))
    gone = session.get_one(Contribution, source.source_id) if source else contribution
    said = {"title": gone.title, "cause": _cause(fact), "inside": contribution.title if source else None}
    for person_id, concern in sorted(_concerned(session, contribution).items()):
        if person_id != fact.actor_id:
            named = {"contributions": concern.contributions, "deliverables": concern.deliverables, "delivered": concern.delivered}
            yield EmailDraft(person_id, path=concern.path, **said, **named)


def _cause(fact: Event) -> str:
    return {
        EventName.OPEN_CALL_CONTRIBUTION_WITHDRAWN: "taken_down", EventName.OPEN_CALL_SCREENING_TAKEN_BACK: "screened_again",
        EventName.COLLABORATION_SOURCE_CLAIMED: "claimed", EventName.COLLABORATION_SOURCE_DECLINED: "disputed",
    }[EVENTS[fact.name]]  # fmt: skip


def _concerned(session: Session, contribution: Contribution) -> dict[UUID, Concern]:
    concerned: dict[UUID, Concern] = {}
    for each in affected(session, contribution.campaign_id, [contribution.id]):
        for person_id, path in _who_answer_for(session, each):
            concern = concerned.setdefault(person_id, Concern(path))
            (concern.delivered if each.is_delivered else concern.deliverables).append(each.deliverable.title)
    for built in built_on(session, [contribution.id]):
        concerned.setdefault(built.person_id, Concern(f"/contributions/{built.contribution_id}")).contributions.append(built.title)
    return concerned


def _who_answer_for(session: Session, each: Affected) -> Iterable[tuple[UUID, str]]:
    """The managers and the editors; of the brand its approvers, once they have the version."""
    room = f"/versions/{each.version.id}" if each.version else f"/versions?campaign={each.deliverable.campaign_id}"
    runs_it = managers(session, session.get_one(Campaign, each.deliverable.campaign_id))
    inside = {*runs_it, *(person.id for person in holders(session, Role.EDITOR, each.deliverable.scope))}
    yield from ((person_id, room) for person_id in inside)
    if each.version and each.version.presented_at:
        yield from ((person.id, room) for person in holders(session, Role.APPROVER, each.deliverable.scope) if person.id not in inside)


@notification(
    stage="client_delivery", on=EventName.CLIENT_DELIVERY_PACKAGED_AGAIN,
    sample={"path": "/versions/0199a1b2/package", "deliverable": "Holiday film", "number": 2},
)  # fmt: skip
def package_changed(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever may have the package learns that its credits have changed, and to use the new one."""
    deliverable, version = session.get_one(Deliverable, fact.deliverable_id), session.get_one(Version, UUID(fact.facts["cut"]))
    runs_it = managers(session, session.get_one(Campaign, deliverable.campaign_id))
    approvers: Sequence[UUID] = [person.id for person in holders(session, Role.APPROVER, deliverable.scope)]
    for person_id in sorted({*runs_it, *approvers}):
        yield EmailDraft(person_id, path=f"/versions/{version.id}/package", deliverable=deliverable.title, number=version.number)

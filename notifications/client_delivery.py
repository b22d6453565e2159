"""The emails of client delivery."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.client_delivery.annotations.queries import timecode
from campaigns.client_delivery.makers.queries import unanswered_of
from campaigns.client_delivery.models import Annotation, ReviewDecision, Verdict, Version, Weight
from campaigns.client_delivery.queries import latest_version, makers_of
from campaigns.client_delivery.telling import notes_by
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.core.people import Person
from campaigns.core.permissions import Role
from campaigns.core.role_grants import holders
from notifications.audiences import managers
from notifications.notification import EmailDraft, notification

VERSION = {"path": "/versions/0199a1b2", "deliverable": "Holiday film", "number": 2}
NOTES = {"required": ["0:04.2 The logo is the old one."], "wishes": ["The bells a little softer."]}


def _deliverable(session: Session, fact: Event) -> Deliverable:
    return session.get_one(Deliverable, fact.deliverable_id)


def _awaits_decision(session: Session, fact: Event) -> bool:
    """Whether the brand still has to decide: no move has left the version's visit, and none is newer."""
    deliverable, told_of = _deliverable(session, fact), UUID(fact.facts["cut"])
    newest = latest_version(session, deliverable.id)
    return newest is not None and (newest.id, newest.visit) == (told_of, deliverable.visit) and session.get(ReviewDecision, told_of) is None


@notification(stage="client_delivery", on=EventName.CLIENT_DELIVERY_VERSION_READY, still_true=_awaits_decision, sample=VERSION)
def version_ready(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Each of the brand's approvers learns that a version waits for their decision."""
    deliverable = _deliverable(session, fact)
    for approver in holders(session, Role.APPROVER, deliverable.scope):
        yield EmailDraft(approver.id, path=f"/versions/{fact.facts['cut']}", deliverable=deliverable.title, number=fact.facts["number"])


def _has_unanswered(session: Session, fact: Event) -> bool:
    return bool(unanswered_of(session, UUID(fact.facts["cut"])))


@notification(
    stage="client_delivery", on=EventName.CLIENT_DELIVERY_VERSION_MADE, still_true=_has_unanswered,
    sample=VERSION | {"path": "/me/versions", "by": "Edda Berg"},
)  # fmt: skip
def version_names_you(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever is named as a maker of a version that somebody else made is asked to confirm it."""
    deliverable = _deliverable(session, fact)
    for person_id in unanswered_of(session, UUID(fact.facts["cut"])):
        yield EmailDraft(person_id, path="/me/versions", deliverable=deliverable.title, number=fact.facts["number"], by=fact.actor_name)


@notification(
    stage="client_delivery", on=EventName.CLIENT_DELIVERY_DECIDED,
    sample=VERSION
    | NOTES
    | {"by": "Noor Haddad", "approved": False, "note": "Let the lanterns stay two seconds longer.\nThe rest is lovely."},
)  # fmt: skip
def decision(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Those who made the version, lead the deliverable or manage the campaign learn what the brand decided, in its own words and notes."""
    deliverable, version = _deliverable(session, fact), session.get_one(Version, UUID(fact.facts["cut"]))
    see_it, approved = _see_versions(session, deliverable, version), fact.facts["verdict"] == Verdict.APPROVED.value
    brand = [person.id for person in holders(session, Role.APPROVER, deliverable.scope)]
    said = {} if approved else _said(notes_by(session, version.id, brand))
    for person_id in sorted({*see_it, *makers_of(session, version.id)} - {fact.actor_id}):
        yield EmailDraft(
            person_id, path=f"/versions/{version.id}" if person_id in see_it else "/me/contributions", deliverable=deliverable.title,
            number=fact.facts["number"],
            by=fact.actor_name, approved=approved, note=fact.reason, required=said.get("required", []), wishes=said.get("wishes", []),
        )  # fmt: skip


def _see_versions(session: Session, deliverable: Deliverable, version: Version) -> set[UUID]:
    """Those concerned who have a role here; a maker without one sees what was made, not the room."""
    runs_it = managers(session, session.get_one(Campaign, deliverable.campaign_id))
    return {*runs_it, version.made_by, *(person.id for person in holders(session, Role.LEADER, deliverable.scope))}


def _said(notes: Iterable[Annotation]) -> dict[str, list[str]]:
    """What the notes say, each with its moment, apart by what they ask for."""
    said: dict[str, list[str]] = {"required": [], "wishes": []}
    for note in notes:
        moment = "" if note.at_ms is None else f"{timecode(note.at_ms)} "
        said["required" if note.weight is Weight.REQUIRED else "wishes"].append(f"{moment}{note.words}")
    return said


@notification(
    stage="client_delivery", on=EventName.CLIENT_DELIVERY_NOTES_GATHERED,
    sample=VERSION | NOTES | {"by": "Noor Haddad", "count": 2, "of_brand": False},
)  # fmt: skip
def notes_left(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """What one person noted on a version is read by those who make and present it, and, of staff's notes for it, by the brand."""
    deliverable, version, writer = (
        _deliverable(session, fact),
        session.get_one(Version, UUID(fact.facts["cut"])),
        UUID(fact.facts["writer"]),
    )
    query = select(Annotation).where(Annotation.id.in_([UUID(note_id) for note_id in fact.facts["notes"]]))
    notes = session.scalars(query.order_by(Annotation.at_ms.nulls_last(), Annotation.id)).all()
    inside, by = _who_see_inside(session, deliverable), session.get_one(Person, writer).name
    inside = {
        *managers(session, session.get_one(Campaign, deliverable.campaign_id)),
        version.made_by,
        *makers_of(session, version.id),
    } & inside
    for_brand = [note for note in notes if not note.internal and writer in inside]
    approvers = {person.id for person in holders(session, Role.APPROVER, deliverable.scope)} - inside if for_brand else set()
    for people, read in ((inside, notes), (approvers, for_brand)):
        for person_id in sorted(people - {writer}):
            yield EmailDraft(
                person_id, path=f"/versions/{version.id}", deliverable=deliverable.title, number=version.number, by=by, count=len(read),
                of_brand=person_id in approvers, **_said(read),
            )  # fmt: skip


def _who_see_inside(session: Session, deliverable: Deliverable) -> set[UUID]:
    """Those who read what the brand does not."""
    return {person.id for role in (Role.MANAGER, Role.EDITOR) for person in holders(session, role, deliverable.scope)}

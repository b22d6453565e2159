"""The emails of the collaboration."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.collaboration.models import CollaborationWindow, Source, SourceKind, SourceState
from campaigns.collaboration.queries import deciders, makers_of
from campaigns.core.campaign import Deliverable
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.open_call.models import Contribution, ContributionState
from notifications.lifecycle import everyone_in, is_live
from notifications.notification import EmailDraft, notification


def _cited(session: Session, fact: Event, state: SourceState) -> Sequence[Source]:
    """The sources in `state` of a contribution that was just let in; none of one that was not."""
    if not fact.facts["takes_part"]:
        return []
    query = select(Source).where(Source.contribution_id == UUID(fact.facts["contribution"]), Source.at_upload, Source.state == state)
    return session.scalars(query.order_by(Source.source_id)).all()


def _titles(session: Session, sources: Sequence[Source]) -> dict[UUID, str]:
    """What the contributions on both sides of the sources are called."""
    contributions = {contribution_id for source in sources for contribution_id in (source.contribution_id, source.source_id)}
    return dict(session.execute(select(Contribution.id, Contribution.title).where(Contribution.id.in_(contributions))).all())


def _takes_part(session: Session, fact: Event) -> bool:
    """Whether the newer contribution still takes part: what it uses, and what is said of it, concerns nobody once it does not."""
    newer = UUID(fact.facts["contribution"] if fact.name == EventName.OPEN_CALL_SCREENED else fact.facts["work"])
    return session.get_one(Contribution, newer).state is ContributionState.SCREENED_IN


def _is_still_used(session: Session, fact: Event) -> bool:
    return _takes_part(session, fact) and bool(_cited(session, fact, SourceState.CONFIRMED))


@notification(
    stage="collaboration", on=EventName.OPEN_CALL_SCREENED, still_true=_is_still_used,
    sample={"path": "/contributions/0199a1b2", "title": "Lantern street, sung", "used": ["Lantern street", "First foot"]},
)  # fmt: skip
def your_contribution_was_used(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """The makers of what a new contribution contains learn of it, but for those who made it themselves."""
    sources = _cited(session, fact, SourceState.CONFIRMED)
    makers, titles = makers_of(session, [UUID(fact.facts["contribution"]), *(s.source_id for s in sources)]), _titles(session, sources)
    used: dict[UUID, list[str]] = {}
    for source in sources:
        for person_id in makers[source.source_id] - makers[source.contribution_id]:
            used.setdefault(person_id, []).append(titles[source.source_id])
    for person_id, theirs in sorted(used.items()):
        contribution_id = sources[0].contribution_id
        yield EmailDraft(person_id, path=f"/contributions/{contribution_id}", title=titles[contribution_id], used=theirs)


def _claims(session: Session, fact: Event) -> Sequence[Source]:
    """The claims that the fact raises and that are still open."""
    if fact.name == EventName.OPEN_CALL_SCREENED:
        return _cited(session, fact, SourceState.OPEN)
    source = _source(session, fact)
    return [source] if source.state is SourceState.OPEN else []


def _source(session: Session, fact: Event) -> Source:
    return session.get_one(Source, (UUID(fact.facts["work"]), UUID(fact.facts["source"])))


@notification(
    stage="collaboration", on=(EventName.OPEN_CALL_SCREENED, EventName.COLLABORATION_SOURCE_CLAIMED),
    still_true=lambda session, fact: is_live(session, fact) and _takes_part(session, fact) and bool(_claims(session, fact)),
    sample={
        "path": "/me/claims",
        "claims": [["Lantern street, sung", "Lantern street", "influenced_by"], ["Doors", "First foot", "contains"]],
    },
)  # fmt: skip
def influence_claimed(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Those who answer a claim learn that it waits for them."""
    claimed, asked = _claims(session, fact), dict[UUID, list[list[str]]]()
    titles = _titles(session, claimed)
    makers = makers_of(session, titles)
    for source in claimed:
        claim = [titles[source.contribution_id], titles[source.source_id], source.kind.value]
        for person_id in deciders(source, makers):
            asked.setdefault(person_id, []).append(claim)
    for person_id, claims in sorted(asked.items()):
        yield EmailDraft(person_id, path="/me/claims", claims=claims)


def _still_so(session: Session, fact: Event) -> bool:
    """Whether nobody has decided otherwise since."""
    counts = fact.name.endswith("confirmed")
    return _source(session, fact).state is (SourceState.CONFIRMED if counts else SourceState.DECLINED)


@notification(
    stage="collaboration", on=(EventName.COLLABORATION_SOURCE_CONFIRMED, EventName.COLLABORATION_SOURCE_DECLINED), still_true=_still_so,
    sample={
        "path": "/contributions/0199a1b2", "contribution": "Lantern street, sung", "older": "Lantern street", "contains": False,
        "counts": True,
        "by_curator": True, "reason": "The refrain comes back, note for note.",
    },
)  # fmt: skip
def influence_decided(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """The makers on both sides learn whether one contribution counts as a source of the other, and why; not who decided it."""
    source = _source(session, fact)
    makers, titles = makers_of(session, [source.contribution_id, source.source_id]), _titles(session, [source])
    for person_id in sorted(set().union(*makers.values()) - {fact.actor_id}):
        yield EmailDraft(
            person_id, path=f"/contributions/{source.contribution_id}", contribution=titles[source.contribution_id],
            older=titles[source.source_id],
            contains=source.kind is SourceKind.CONTAINS, counts=fact.name.endswith("confirmed"),
            by_curator=fact.facts["party"] == "curator", reason=fact.reason,
        )  # fmt: skip


def _window(session: Session, fact: Event) -> CollaborationWindow:
    return session.get_one(CollaborationWindow, (fact.deliverable_id, fact.facts["visit"]))


def _still_open(session: Session, fact: Event) -> bool:
    deliverable = session.get_one(Deliverable, fact.deliverable_id)
    return deliverable.visit == fact.facts["visit"] and _window(session, fact).completed_at is None


@notification(
    stage="collaboration", on=EventName.COLLABORATION_EXTENDED, still_true=_still_open,
    sample={
        "path": "/campaigns/0199a1b2", "deliverable": "Holiday film", "closes_at": "2026-12-14T23:59:00-08:00",
        "zone": "America/Los_Angeles", "reason": "Two of the songs are still being recorded.",
    },
)  # fmt: skip
def collaboration_extended(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Everyone in the campaign learns until when contributions may now be built on, which holds for all."""
    zone, deliverable = session.get_one(Brief, fact.campaign_id).time_zone, session.get_one(Deliverable, fact.deliverable_id).title
    closes_at = _window(session, fact).closes_at
    for person_id in everyone_in(session, fact):
        yield EmailDraft(
            person_id, path=f"/campaigns/{fact.campaign_id}", deliverable=deliverable, closes_at=closes_at,
            zone=zone, reason=fact.reason,
        )  # fmt: skip

"""A deliverable brought to payout by the real actions, and what happens to its proposal there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief.deliverables.actions import DeliverableOrder
from campaigns.client_delivery.makers.actions import confirm_version
from campaigns.client_delivery.models import Package, Verdict, Version
from campaigns.client_delivery.packages import actions as package_actions
from campaigns.client_delivery.packages.actions import build, contents_of
from campaigns.client_delivery.queries import components_of, find_version_details
from campaigns.client_delivery.versions.actions import approve_internally, decide, make_version
from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.lineage.queries import lineage_of
from campaigns.collaboration.models import SourceKind
from campaigns.collaboration.remixes.actions import Citation, remix
from campaigns.core.campaign import Deliverable, deliverables_of
from campaigns.core.events import Event
from campaigns.core.people import SYSTEM, Actor, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.curation.selections.actions import publish
from campaigns.open_call import renditions, uploads
from campaigns.open_call.models import Contribution, Maker, NamedMaker
from campaigns.open_call.screening.actions import screen
from campaigns.payout.assessments.actions import Impact, assess
from campaigns.payout.finalizations.actions import finalize, post_final
from campaigns.payout.models import Assessment, Comment, Proposal, ProposalLine
from campaigns.payout.proposals.actions import WINDOW, comment, draft, gather_due, open_proposal
from campaigns.payout.proposals.rules import miscredited
from tests.factories import NOW, Partnership, came_into, contributed, entry, opened_call, person, someone

AT = NOW + timedelta(days=40)
AFTER = AT + WINDOW
STORY = DeliverableOrder("Holiday story", kind="text", format="Markdown", length="600 words", price=1_000_000)
TALE = DeliverableOrder("Holiday tale", kind="text", format="Markdown", length="900 words", price=500_001)
CLAIM, EVIDENCE = "My street led to “Lantern street”.", "I posted it on 3 November."
CONTAINS, INFLUENCED_BY = SourceKind.CONTAINS, SourceKind.INFLUENCED_BY


@dataclass
class Shared:
    """A campaign with a deliverable, its people, and two contributions: Ben's remix, which is in the version, contains Ana's."""

    made: Partnership
    deliverable: Deliverable
    ana: Actor
    ben: Actor
    editor: Actor
    approver: Actor
    older: Contribution
    newer: Contribution
    left_out: Actor
    unused: Contribution

    @property
    def manager(self) -> Actor:
        return self.made.manager


def let_in(session: Session, made: Partnership, *contributions: Contribution) -> None:
    """The contributions, taking part; what would be shown of them is not made, for nobody here looks at it."""
    for contribution in contributions:
        renditions.record(session, contribution.id, renditions.Prepared([]), at=NOW)
        screen(session, contribution.id, True, None, by=made.manager, at=NOW)


def collaborating(session: Session, *wanted: DeliverableOrder, **changes: Any) -> Shared:
    """The campaign with its contributions, its first deliverable in collaboration."""
    made = opened_call(session, wanted or (STORY,), **changes)
    ana, ben, left_out = person(session, "Ana"), person(session, "Ben"), person(session, "Lea")
    older, unused = (
        contributed(session, made, by, title) for by, title in ((ana, "Lanterns"), (left_out, "Old street"))
    )  # fmt: skip
    let_in(session, made, older, unused)
    newer = remix(session, made.id, entry(session, ben, "Lantern street"), [Citation(older.id, CONTAINS)], by=ben, at=NOW)
    let_in(session, made, newer)
    editor = someone(session, Role.EDITOR, "Eddie", on=Scope(campaign_id=made.id))
    approver = someone(session, Role.APPROVER, "Abe", on=Scope(brand_id=made.brand.id))
    return Shared(made, deliverables_of(session, made.id)[0], ana, ben, editor, approver, older, newer, left_out, unused)


def in_delivery(session: Session, *wanted: DeliverableOrder, **changes: object) -> Shared:
    """Ben's remix is chosen for every deliverable, and each is in client delivery."""
    shared = collaborating(session, *wanted, **changes)
    for deliverable in deliverables_of(session, shared.made.id):
        came_into(session, deliverable, Stage.CURATION, at=AT)
        publish(session, deliverable.id, deliverable.visit, {shared.newer.id: "The voice."}, {}, "Not this time.", by=shared.manager, at=AT)
    lifecycle.move_on(session, shared.made.id, at=AT)
    return shared


def version(
    session: Session, shared: Shared, deliverable: Deliverable | None = None, *, makers: Mapping[UUID, int] | None = None
) -> Version:
    """The next version, with Ben's remix in it, before the brand."""
    made = version_inside(
        session, shared, shared.newer, deliverable=deliverable, makers=makers or {shared.editor.person: 1}, by=shared.editor
    )
    for each in makers or {}:
        confirm_version(session, made.id, by=actor_for(session, each), at=AT)
    return approve_internally(session, made.id, by=shared.manager, at=AT)


def version_inside(
    session: Session, shared: Shared, *contributions: Contribution, by: Actor, makers: Mapping[UUID, int],
    deliverable: Deliverable | None = None
) -> Version:  # fmt: skip
    """The next version, with these contributions in it, which the brand has not been shown."""
    upload = uploads.take_text(session, "The whole story.", "text/markdown", by=by)
    return make_version(
        session,
        (deliverable or shared.deliverable).id,
        upload.id,
        [contribution.id for contribution in contributions],
        makers,
        by=by,
        at=AT,
    )


def decided(session: Session, shared: Shared, version: Version, verdict: Verdict = Verdict.APPROVED) -> None:
    """The brand's word on the version."""
    found = find_version_details(session, version.id, by=SYSTEM)
    decide(session, version.id, verdict, found.version.sha256, found.parts_sha256, "As we hoped.", by=shared.approver, at=AT)
    if verdict is Verdict.APPROVED:
        named = lineage_of(session, components_of(session, version.id)).sha256
        session.add(Package(version_id=version.id, sha256="0" * 64, bytes=1, made_at=AT, lineage_sha256=named))
        session.flush()


def in_payout(session: Session, *wanted: DeliverableOrder, **changes: object) -> Shared:
    """Every deliverable is approved and in payout, its points not assessed yet."""
    shared = in_delivery(session, *wanted, **changes)
    for deliverable in deliverables_of(session, shared.made.id):
        decided(session, shared, version(session, shared, deliverable))
    lifecycle.move_on(session, shared.made.id, at=AT)
    return shared


def assessed(session: Session, shared: Shared, points: int = 5, deliverable: Deliverable | None = None, *, at: datetime = AT) -> Assessment:
    deliverable = deliverable or shared.deliverable
    impacts = [(shared.newer.id, Impact(points, "It carries the story."))]
    return assess(session, deliverable.id, deliverable.visit, impacts, by=shared.manager, at=at)


def computed(session: Session, deliverable: Deliverable, *, at: datetime = AT) -> Proposal:
    """What the flow's task makes of what is due."""
    due = gather_due(session, deliverable.id)
    assert due is not None
    proposal = open_proposal(session, deliverable.id, draft(*due), at=at)
    assert proposal is not None
    for outdated in miscredited(session, [deliverable.id]).values():
        package_actions.record_again(session, outdated.version_id, build(contents_of(session, outdated.version_id)), at=at)
    return proposal


def proposed(session: Session, *wanted: DeliverableOrder, **changes: object) -> tuple[Shared, Proposal]:
    """A proposal that has just opened."""
    shared = in_payout(session, *wanted, **changes)
    assessed(session, shared)
    return shared, computed(session, shared.deliverable)


def finalizers(session: Session) -> tuple[Actor, Actor]:
    return someone(session, Role.FINANCE, "Fay"), someone(session, Role.FINANCE, "Flo")


def made_final(session: Session, proposal: Proposal, *, at: datetime = AFTER) -> Proposal:
    for one in finalizers(session):
        finalize(session, proposal.id, by=one, at=at)
    return proposal


def posted(session: Session, proposal: Proposal, *, at: datetime = AFTER) -> Proposal:
    return post_final(session, made_final(session, proposal, at=at).id, at=at)


def amounts(session: Session, proposal: Proposal) -> dict[UUID, int]:
    return {line.person_id: line.amount for line in session.scalars(select(ProposalLine).where(ProposalLine.proposal_id == proposal.id))}


def told(session: Session, name: str) -> list[Event]:
    """Each event of one name, in order; what was to be told is sealed by it."""
    session.commit()
    return list(session.scalars(select(Event).where(Event.name == name).order_by(Event.number)))


def make_staff(session: Session, shared: Shared, *people: Actor) -> None:
    """These people work for us: the brief names them as staff."""
    session.execute(
        text("update brief set staff_ids = cast(:ids as jsonb) where campaign_id = :id"),
        {"ids": json.dumps([str(one.person) for one in people]), "id": shared.made.id},
    )
    session.expire_all()


def confirmed(session: Session, shared: Shared, *, at: datetime = AT) -> None:
    """Lea's work turns out to have influenced Ben's."""
    claim_actions.claim(session, shared.newer.id, shared.unused.id, INFLUENCED_BY, by=shared.left_out, at=at)
    claim_actions.confirm(session, shared.newer.id, shared.unused.id, by=shared.ben, at=at)


def said_by(session: Session, proposal: Proposal, by: Actor, about: UUID | None = None, *, at: datetime = AT) -> Comment:
    return comment(session, proposal.id, about, CLAIM, EVIDENCE, by=by, at=at)


def named_too(session: Session, contribution_id: UUID, who: Actor) -> None:
    """`who` was named as a maker of the contribution, and has not answered."""
    session.execute(insert(Maker).values(contribution_id=contribution_id, person_id=who.person, shares=1))
    session.add(NamedMaker(contribution_id=contribution_id, person_id=who.person, address="z@elsewhere.example"))
    session.flush()

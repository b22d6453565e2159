"""Campaigns as far as a test needs them, brought there by the real actions: one function for each stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief.actions import create_campaign, edit_brief, launch
from campaigns.brief.deliverables.actions import DeliverableOrder, add_deliverable
from campaigns.brief.funding.actions import confirm_receipt, record_receipt
from campaigns.brief.licenses import NEWEST_LICENCE
from campaigns.brief.queries import cover, written_brief
from campaigns.brief.signatures.actions import sign
from campaigns.brief.terms.checks import BriefChanges
from campaigns.client_delivery.models import Verdict, Version
from campaigns.client_delivery.queries import find_version_details
from campaigns.client_delivery.versions.actions import Outside, approve_internally, decide, make_version
from campaigns.collaboration import actions as collaboration_actions
from campaigns.collaboration.models import SourceKind
from campaigns.collaboration.remixes.actions import Citation, remix
from campaigns.core.campaign import Campaign, Deliverable, StageVisit, deliverables_of
from campaigns.core.ids import new_id
from campaigns.core.people import SYSTEM, Actor, Brand, Person, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.stages import Stage
from campaigns.curation import actions as curation_actions
from campaigns.curation.selections.actions import publish
from campaigns.open_call import renditions, uploads
from campaigns.open_call.contributions.actions import NewContribution, contribute
from campaigns.open_call.makers.actions import confirm_part
from campaigns.open_call.media import confined, words
from campaigns.open_call.models import Contribution, NamedMaker
from campaigns.open_call.screening import actions as screening_actions

EVERYWHERE = Scope()
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DELIVERING = NOW + timedelta(days=24)
FILM = DeliverableOrder("Holiday film", kind="film", format="MP4, 1920 × 1080", length="30 to 60 seconds", price=3_000_000)
CARD = DeliverableOrder("Holiday card", kind="picture", format="PNG, 300 dpi", length="one side", price=1_000_000)
SONG = DeliverableOrder("Holiday song", kind="sound", format="WAV, 48 kHz", length="2 minutes", price=1_000_000)
READER = DeliverableOrder("Holiday reader", kind="text", format="Markdown", length="12 pages", price=1_000_000)
_confined = confined.python
Wanteds: TypeAlias = tuple[DeliverableOrder, ...]
DELIVERABLES: Wanteds = (FILM, CARD, SONG)


def person(session: Session, name: str = "Ana", *, country: str | None = "US") -> Actor:
    """Someone new, with no role."""
    new = Person(email=f"{name.lower().replace(' ', '.')}.{new_id().hex[-8:]}@example.org", name=name, country=country)
    session.add(new)
    session.flush()
    return actor_for(session, new.id)


def someone(session: Session, role: Role, name: str | None = None, *, on: Scope = EVERYWHERE, sign_off_role: str | None = None) -> Actor:
    """Someone new who holds `role`."""
    new = person(session, name or role.value.capitalize())
    grant_role(session, new.person, role, on=on, sign_off_role=sign_off_role, by=SYSTEM)
    return actor_for(session, new.person)


def administrator(session: Session, brand_id: UUID, name: str = "Ada") -> Actor:
    """Somebody new who appoints for the brand."""
    return someone(session, Role.BRAND_ADMINISTRATOR, name, on=Scope(brand_id=brand_id))


@dataclass
class Partnership:
    """A campaign and the people who carry it; `signers` by their sign-off roles."""

    campaign: Campaign
    brand: Brand
    manager: Actor
    finance: Actor
    signers: dict[str, Actor] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        return self.campaign.id


def brand(session: Session, name: str = "Zappos", sign_off_roles: tuple[str, ...] = ("marketing", "legal")) -> Brand:
    """A client whose briefs are signed under `sign_off_roles`."""
    new = Brand(name=name, sign_off_roles=list(sign_off_roles), billing_email=f"invoices@{name.lower()}.example")
    session.add(new)
    session.flush()
    return new


def new_campaign(session: Session, *, at: datetime = NOW, title: str = "Holiday traditions") -> Partnership:
    """A campaign just begun, with an empty brief."""
    client = brand(session)
    manager, finance = someone(session, Role.MANAGER, "Mara"), someone(session, Role.FINANCE, "Femi")
    within = Scope(brand_id=client.id)
    signers = {
        sign_off_role: someone(session, Role.SIGNER, f"Signer for {sign_off_role}", on=within, sign_off_role=sign_off_role)
        for sign_off_role in client.sign_off_roles
    }
    campaign = create_campaign(session, client.id, title, by=manager, at=at)
    return Partnership(campaign, client, actor_for(session, manager.person), finance, signers)


def brief_text(at: datetime = NOW) -> BriefChanges:
    """A complete brief whose dates follow each other from `at` on."""
    return {
        "story": "Families everywhere keep a holiday in their own way. We want to hear how.",
        "asked_for": "Stories, pictures, songs and films about a tradition of yours.",
        "do_list": ["Tell it in your own words"],
        "dont_list": ["No brand names"],
        "time_zone": "America/Los_Angeles",
        "call_closes_at": at + timedelta(days=14),
        "collaboration_closes_at": at + timedelta(days=21),
        "curation_due_at": at + timedelta(days=28),
        "delivery_due_at": at + timedelta(days=38),
        "go_live_at": at + timedelta(days=42),
    }


def filled_brief(session: Session, deliverables: Wanteds = DELIVERABLES, *, at: datetime = NOW, **changes: object) -> Partnership:
    """A campaign whose brief is complete, neither signed nor funded."""
    made = new_campaign(session, at=at)
    edit_brief(session, made.id, {**brief_text(at), **changes}, by=made.manager, at=at)  # type: ignore[typeddict-item]  # a test's changes
    for wanted in deliverables:
        add_deliverable(session, made.id, wanted, by=made.manager, at=at)
    return made


def signed_brief(session: Session, deliverables: Wanteds = DELIVERABLES, *, at: datetime = NOW, **changes: object) -> Partnership:
    """A campaign whose brief every sign-off role has signed, not funded."""
    made = filled_brief(session, deliverables, at=at, **changes)
    for sign_off_role, signer in made.signers.items():
        sign(session, made.id, sign_off_role, written_brief(session, made.id).hash, by=signer, at=at)
    return made


def funded_brief(session: Session, deliverables: Wanteds = DELIVERABLES, *, at: datetime = NOW, **changes: object) -> Partnership:
    """A campaign whose brief is signed and whose sum came by a bank transfer that two people have seen."""
    made = signed_brief(session, deliverables, at=at, **changes)
    owed = cover(session, written_brief(session, made.id)).owed
    receipt = record_receipt(session, made.id, owed, "WIRE 1", at.date(), by=made.manager, at=at)
    confirm_receipt(session, made.id, receipt.id, by=made.finance, at=at)
    return made


def launched_campaign(session: Session, deliverables: Wanteds = DELIVERABLES, *, at: datetime = NOW, **changes: object) -> Partnership:
    """A campaign that its manager has launched; its deliverables have not moved on yet."""
    made = funded_brief(session, deliverables, at=at, **changes)
    launch(session, made.id, by=made.manager, at=at)
    return made


def opened_call(session: Session, deliverables: Wanteds = DELIVERABLES, *, at: datetime = NOW, **changes: object) -> Partnership:
    """A campaign whose call is open until two weeks from `at`."""
    made = launched_campaign(session, deliverables, at=at, **changes)
    lifecycle.move_on(session, made.id, at=at)
    return made


def entry(session: Session, by: Actor, title: str = "Lantern street", *, words: str | None = None, **more: Any) -> NewContribution:
    """A text of `by`'s, unlike any other unless its words are given, ready to be sent in; `more` are further fields of an entry."""
    upload = uploads.take_text(session, words or f"Every December we walk: {new_id()}.", "text/markdown", by=by)
    return NewContribution(title=title, upload_id=upload.id, licence_version=NEWEST_LICENCE, **more)


def contributed(
    session: Session, made: Partnership, by: Actor | None = None, title: str = "Lantern street", *, at: datetime = NOW, **more: Any
) -> Contribution:
    """A contribution that has just come in, by someone new unless `by` is given; its words and makers may be given too."""
    by = by or person(session, "Ana")
    return confirmed_by_all(session, contribute(session, made.id, entry(session, by, title, **more), by=by, at=at), at=at)


def confirmed_by_all(session: Session, contribution: Contribution, *, at: datetime = NOW) -> Contribution:
    """The contribution, with everyone's word who was named as one of its makers as a member."""
    named = select(NamedMaker.person_id).where(NamedMaker.contribution_id == contribution.id, NamedMaker.address.is_(None))
    for maker in session.scalars(named).all():
        confirm_part(session, contribution.id, by=actor_for(session, maker), at=at)
    return contribution


def ready(session: Session, contribution: Contribution, *, at: datetime = NOW) -> Contribution:
    """The contribution with what is shown of it; the texts here are our own, and need no process around them."""
    with patch.object(confined, "python", _python):
        prepared = renditions.prepare(renditions.original_of(session, contribution.id))
    return renditions.record(session, contribution.id, prepared, at=at)


def _python(module: str, *arguments: str, name: str, **within: Any) -> Mapping[str, Any]:
    return words.main(*arguments) if module == words.__name__ else _confined(module, *arguments, name=name, **within)


def screened_in(session: Session, contribution: Contribution, *, by: Actor | None = None, at: datetime = NOW) -> Contribution:
    """The contribution, taking part."""
    ready(session, contribution, at=at)
    screening_actions.screen(session, contribution.id, True, None, by=by or someone(session, Role.CURATOR), at=at)
    return contribution


def taking_part(session: Session, made: Partnership, by: Actor | None = None, title: str = "Lantern street", **more: Any) -> Contribution:
    """A contribution that takes part, let in by the manager."""
    return screened_in(session, contributed(session, made, by, title, **more), by=made.manager)


def remixed(
    session: Session, made: Partnership, by: Actor, *sources: tuple[Contribution, SourceKind], at: datetime = NOW, **more: Any
) -> Contribution:
    """A contribution built on others that takes part."""
    cited = [Citation(contribution.id, kind) for contribution, kind in sources]
    contribution = confirmed_by_all(session, remix(session, made.id, entry(session, by, **more), cited, by=by, at=at), at=at)
    return screened_in(session, contribution, by=made.manager, at=at)


def curator(session: Session, made: Partnership, name: str = "Curator") -> Actor:
    """Someone who curates this campaign."""
    return someone(session, Role.CURATOR, name, on=Scope(campaign_id=made.id))


def entered(session: Session, made: Partnership, stage: Stage, *, at: datetime) -> Sequence[Deliverable]:
    """All deliverables of the campaign, each in a new visit to collaboration or curation."""
    deliverables = deliverables_of(session, made.id)
    for deliverable in deliverables:
        came_into(session, deliverable, stage, at=at)
    return deliverables


def came_into(session: Session, deliverable: Deliverable, stage: Stage, *, at: datetime) -> Deliverable:
    """The deliverable, in a new visit to collaboration or curation."""
    deliverable.stage, deliverable.visit, deliverable.entered_at = stage, deliverable.visit + 1, at
    session.add(StageVisit(deliverable_id=deliverable.id, number=deliverable.visit, stage=stage, entered_at=at))
    session.flush()
    {Stage.COLLABORATION: collaboration_actions.enter, Stage.CURATION: curation_actions.enter}[stage](session, deliverable, at=at)
    return deliverable


@dataclass
class Delivery:
    """A deliverable in client delivery: the contributions chosen for it, and who makes its versions and approves them for the brand."""

    made: Partnership
    deliverable: Deliverable
    contributions: list[Contribution]
    editor: Actor
    approver: Actor


def in_delivery(session: Session, *, at: datetime = NOW) -> Delivery:
    """A text that is asked for, 23 days after `at`: chosen for it are a contribution of Ana's, and Ben's remix that contains it."""
    made = opened_call(session, (READER,), at=at)
    first = taking_part(session, made, person(session, "Ana"), "Lantern street", at=at)
    second = remixed(session, made, person(session, "Ben"), (first, SourceKind.CONTAINS), title="First foot", at=at)
    return delivered_from(session, made, [first, second], at=at)


def delivered_from(session: Session, made: Partnership, contributions: Sequence[Contribution], *, at: datetime = NOW) -> Delivery:
    """The campaign's first deliverable, 23 days after `at`, with these contributions chosen for each of its deliverables."""
    lifecycle.move_on(session, made.id, at=at + timedelta(days=15))
    chosen = {contribution.id: "It moved us." for contribution in contributions}
    for deliverable in lifecycle.move_on(session, made.id, at=at + timedelta(days=22)):
        publish(session, deliverable.id, deliverable.visit, chosen, {}, "Not this time.", by=made.manager, at=at + timedelta(days=23))
    deliverable = lifecycle.move_on(session, made.id, at=at + timedelta(days=23))[0]
    editor = someone(session, Role.EDITOR, "Edda", on=Scope(campaign_id=made.id))
    approver = someone(session, Role.APPROVER, "Noor", on=Scope(brand_id=made.brand.id))
    return Delivery(made, deliverable, list(contributions), editor, approver)


def back_in_delivery(session: Session, delivery: Delivery, *, at: datetime = DELIVERING) -> Deliverable:
    """The deliverable in a second visit, after it went back to curation and its contributions were chosen again."""
    manager, deliverable = delivery.made.manager, delivery.deliverable
    lifecycle.send_back(session, deliverable.id, Stage.CURATION, deliverable.visit, "Choose again.", by=manager, at=at)
    publish(
        session,
        deliverable.id,
        deliverable.visit,
        {contribution.id: "Still." for contribution in delivery.contributions},
        {},
        "Not this time.",
        by=manager,
        at=at,
    )
    lifecycle.move_on(session, delivery.made.id, at=at)
    return deliverable


def version(
    session: Session,
    delivery: Delivery,
    *,
    words: str = "Once, in December.",
    outside: Sequence[Outside] = (),
    note: str = "",
    at: datetime = DELIVERING,
) -> Version:
    """The deliverable's next version, by its editor, with all of its contributions."""
    by = delivery.editor
    upload = uploads.take_text(session, words, "text/markdown", by=by)
    contributions = [contribution.id for contribution in delivery.contributions]
    return make_version(session, delivery.deliverable.id, upload.id, contributions, {by.person: 1}, outside, note, by=by, at=at)


def presented_version(session: Session, delivery: Delivery, *, at: datetime = DELIVERING, **more: Any) -> Version:
    """The deliverable's next version, which the brand sees."""
    return approve_internally(session, version(session, delivery, at=at, **more).id, by=delivery.made.manager, at=at)


def approved_version(session: Session, delivery: Delivery, *, at: datetime = DELIVERING, **more: Any) -> Version:
    """The deliverable's next version, which the brand has approved; its package is not made."""
    made = presented_version(session, delivery, at=at, **more)
    seen = find_version_details(session, made.id, by=delivery.approver)
    decide(session, made.id, Verdict.APPROVED, made.sha256, seen.parts_sha256, by=delivery.approver, at=at)
    return made

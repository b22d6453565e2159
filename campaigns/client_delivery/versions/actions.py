"""What is done in client delivery: versions are made, cleared, presented, and decided on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.annotations.actions import settle_required
from campaigns.client_delivery.details import VersionDetails
from campaigns.client_delivery.errors import (
    AlreadyPresented,
    AnotherFile,
    ComponentNotAccepted,
    FileInUse,
    FileNotReady,
    MaterialUnnamed,
    NoComponents,
    NotChosen,
    NoteMissing,
    NotPresented,
    NotTheKindAsked,
    OldVersion,
    UnknownVersionMaker,
)
from campaigns.client_delivery.models import Component, OutsideKind, OutsideMaterial, ReviewDecision, Verdict, Version, VersionMaker
from campaigns.client_delivery.queries import find_version_details, latest_version, may_contain, possible_makers
from campaigns.client_delivery.rules import require_deliverable, require_free, require_in_delivery, require_unapproved
from campaigns.client_delivery.telling import tell_with_decision
from campaigns.collaboration.lineage.obstacles import obstacles_in
from campaigns.core import events
from campaigns.core.campaign import Deliverable, find_deliverable
from campaigns.core.errors import NotFound
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.curation.queries import contributions_taking_part
from campaigns.open_call.contributions.actions import MOST_SHARES
from campaigns.open_call.media.formats import BY_MIME
from campaigns.open_call.models import Contribution, Upload, UploadState
from campaigns.open_call.uploads import find_upload


@dataclass(frozen=True, slots=True)
class Outside:
    """Material from outside as it is declared; `licence` is its reference, None while there is none."""

    kind: OutsideKind
    title: str
    origin: str
    licence: str | None = None


def make_version(
    session: Session,
    deliverable_id: UUID,
    upload_id: UUID,
    components: Sequence[UUID],
    makers: Mapping[UUID, int],
    outside: Collection[Outside] = (),
    note: str = "",
    *,
    by: Actor,
    at: datetime,
) -> Version:
    """Make the deliverable's next version from a proven upload of the actor's, with all that is in it."""
    deliverable = find_deliverable(session, deliverable_id, by=by, lock=True)
    by.require(Permission.MAKE_VERSION, on=deliverable)
    require_in_delivery(deliverable)
    require_unapproved(session, deliverable)
    upload = _file_of_the_kind_asked(session, deliverable, upload_id, by=by)
    _require_components(session, deliverable, components)
    _require_makers(session, deliverable, makers, by)
    _require_named(outside)
    version = _next_version(session, deliverable, upload, note, by=by, at=at)
    _bind(session, version, components, makers, outside)
    events.record(
        session, EventName.CLIENT_DELIVERY_VERSION_MADE, by=by, at=at, campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id,
        cut=str(version.id), number=version.number, sha256=version.sha256,
    )  # fmt: skip
    return version


def _next_version(session: Session, deliverable: Deliverable, upload: Upload, note: str, *, by: Actor, at: datetime) -> Version:
    before = latest_version(session, deliverable.id)
    version = Version(
        deliverable_id=deliverable.id, visit=deliverable.visit, number=before.number + 1 if before else 1, upload_id=upload.id,
        sha256=upload.sha256, mime=upload.mime, bytes=upload.length, note=note.strip(), made_by=by.person, made_at=at,
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version


def _bind(session: Session, version: Version, components: Sequence[UUID], makers: Mapping[UUID, int], outside: Collection[Outside]) -> None:
    session.add_all(Component(version_id=version.id, contribution_id=contribution_id) for contribution_id in components)
    by_that = {version.made_by: version.made_at}  # the others are asked
    session.add_all(
        VersionMaker(version_id=version.id, person_id=each, shares=shares, confirmed_at=by_that.get(each))
        for each, shares in makers.items()
    )
    for m in outside:
        licence = (m.licence or "").strip() or None
        session.add(OutsideMaterial(version_id=version.id, kind=m.kind, title=m.title.strip(), origin=m.origin.strip(), licence=licence))
    session.flush()


def license_outside(session: Session, version_id: UUID, material_id: UUID, licence: str, *, by: Actor, at: datetime) -> OutsideMaterial:
    """Say under which licence a piece of outside material is in a version that the brand has not seen yet."""
    details = find_version_details(session, version_id, by=by, lock=True)
    by.require(Permission.MAKE_VERSION, on=details.deliverable)
    require_in_delivery(details.deliverable)
    material = next((m for m in details.outside if m.id == material_id), None)
    if material is None:
        raise NotFound(_("There is no such asset in this version."))
    if details.version.presented_at is not None:
        raise AlreadyPresented(_("The brand already has this version. Add the license in the next one."))
    if material.licence == (licence.strip() or None):
        return material
    material.licence = licence.strip() or None
    session.flush()
    events.record(
        session, EventName.CLIENT_DELIVERY_LICENCE_DECLARED, by=by, at=at, campaign_id=details.deliverable.campaign_id,
        deliverable_id=details.deliverable.id,
        cut=str(version_id), material=str(material_id),
    )  # fmt: skip
    return material


def approve_internally(session: Session, version_id: UUID, *, by: Actor, at: datetime) -> Version:
    """Present the newest version to the brand; doing it twice changes nothing."""
    details = find_version_details(session, version_id, by=by, lock=True)
    by.require(Permission.APPROVE_INTERNALLY, on=details.deliverable)
    if details.version.presented_at is not None:
        return details.version
    require_in_delivery(details.deliverable)
    _require_newest(session, details)
    require_deliverable(details)
    details.version.presented_by, details.version.presented_at = by.person, at
    session.flush()
    events.record(
        session, EventName.CLIENT_DELIVERY_VERSION_READY, by=by, at=at, campaign_id=details.deliverable.campaign_id,
        deliverable_id=details.deliverable.id,
        cut=str(version_id), number=details.version.number,
    )  # fmt: skip
    return details.version


def decide(
    session: Session,
    version_id: UUID,
    verdict: Verdict,
    file_sha256: str,
    parts_sha256: str,
    note: str = "",
    let_go: Collection[UUID] = (),
    *,
    by: Actor,
    at: datetime,
) -> ReviewDecision:
    """Decide, as an approver of the brand, on exactly this file with exactly these parts; the same decision again changes nothing.

    `let_go` are the required changes, still open, that an approval does without.
    """
    details = find_version_details(session, version_id, by=by, lock=True)
    by.require(Permission.DECIDE_VERSION, on=details.deliverable)
    decision = ReviewDecision(
        version_id=version_id, verdict=verdict, file_sha256=file_sha256, parts_sha256=parts_sha256,
        note=note.strip(), decided_by=by.person, decided_at=at,
    )  # fmt: skip
    if details.decision is not None and _said(details.decision) == _said(decision):
        return details.decision
    _require_decidable(session, details)
    _require_same(details, decision)
    _settle(session, details, decision, let_go, by=by, at=at)
    session.add(decision)
    session.flush()
    events.record(
        session, EventName.CLIENT_DELIVERY_DECIDED, by=by, at=at, campaign_id=details.deliverable.campaign_id,
        deliverable_id=details.deliverable.id,
        reason=decision.note or None, cut=str(version_id), number=details.version.number, verdict=verdict.value,
        file_sha256=file_sha256, parts_sha256=parts_sha256,
    )  # fmt: skip
    return decision


def _settle(
    session: Session, details: VersionDetails, decision: ReviewDecision, let_go: Collection[UUID], *, by: Actor, at: datetime
) -> None:
    """An approval does without the changes that it names; a word for changes takes the brand's notes with it."""
    if decision.verdict is Verdict.APPROVED:
        require_deliverable(details)
        settle_required(session, details.deliverable, let_go, by=by, at=at)
        return
    if not decision.note:
        raise NoteMissing(_("Describe what should change. The makers work from your description."), field="note")
    tell_with_decision(session, details.version, details.deliverable, at=at)


def _said(decision: ReviewDecision) -> tuple[object, ...]:
    """A decision but for its moment."""
    return decision.verdict, decision.file_sha256, decision.parts_sha256, decision.note, decision.decided_by


def _require_newest(session: Session, details: VersionDetails) -> None:
    newest = latest_version(session, details.deliverable.id)
    if newest is None or newest.id != details.version.id or details.version.visit != details.deliverable.visit:
        raise OldVersion(_("Version {number} is no longer the latest.", number=details.version.number), field="version_id")


def _require_decidable(session: Session, details: VersionDetails) -> None:
    require_in_delivery(details.deliverable)
    if details.version.presented_at is None:
        raise NotPresented(_("This version has not been presented yet."))
    _require_newest(session, details)
    if details.decision is not None:
        raise OldVersion(_("Version {number} has already been decided on.", number=details.version.number), field="version_id")


def _require_same(details: VersionDetails, decision: ReviewDecision) -> None:
    """Raise AnotherFile unless the decision names the very file and parts that the version has."""
    for field, has in (("file_sha256", details.version.sha256), ("parts_sha256", details.parts_sha256)):
        if getattr(decision, field) != has:
            raise AnotherFile(
                _("Your decision refers to a different file or different parts than this version has. Reload it first."), field=field
            )


def _file_of_the_kind_asked(session: Session, deliverable: Deliverable, upload_id: UUID, *, by: Actor) -> Upload:
    upload = find_upload(session, upload_id, by=by, lock=True)
    if upload.state is not UploadState.PROVEN or upload.mime is None:
        raise FileNotReady(_("This upload is not complete yet."), field="upload_id")
    if session.scalar(select(exists().where(Version.upload_id == upload.id))):
        raise FileInUse(_("This upload is already used in a version. Upload the new file."), field="upload_id")
    kind = BY_MIME[upload.mime].kind.value
    if deliverable.kind not in (kind, "other"):
        raise NotTheKindAsked(
            _("The brief asks for type “{asked}”; this file is “{kind}”.", asked=deliverable.kind, kind=kind), field="upload_id"
        )
    return upload


def _require_components(session: Session, deliverable: Deliverable, components: Sequence[UUID]) -> None:
    if not components:
        raise NoComponents(_("List the contributions in this version. Their makers are paid from it."), field="components")
    there = contributions_taking_part(session, deliverable.campaign_id, components)
    if len(set(components)) < len(components) or set(components) - there:
        raise ComponentNotAccepted(_("One of the contributions is not accepted in this campaign or is listed twice."), field="components")
    if unchosen := set(components) - may_contain(session, deliverable):
        titles = ", ".join(session.scalars(select(Contribution.title).where(Contribution.id.in_(unchosen)).order_by(Contribution.id)))
        sentence = _("Not chosen for this deliverable: {titles}. Leave it out, or send the deliverable back to curation.", titles=titles)
        raise NotChosen(sentence, field="components")
    found = obstacles_in(session, components)
    require_free([obstacle for contribution_id in components for obstacle in found[contribution_id]], field="components")


def _require_makers(session: Session, deliverable: Deliverable, makers: Mapping[UUID, int], by: Actor) -> None:
    if not all(1 <= shares <= MOST_SHARES for shares in makers.values()):
        raise UnknownVersionMaker(_("Every maker needs a share from 1 to {most}.", most=MOST_SHARES), field="makers")
    if set(makers) - {person.id for person in possible_makers(session, deliverable, by=by)}:
        sentence = _("Only editors of this deliverable can be makers of a version. The manager has to give them the role first.")
        raise UnknownVersionMaker(sentence, field="makers")


def _require_named(outside: Collection[Outside]) -> None:
    if not all(m.title.strip() and m.origin.strip() for m in outside):
        raise MaterialUnnamed(_("Give every third-party asset a title and a source."), field="outside")

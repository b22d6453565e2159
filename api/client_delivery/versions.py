"""A deliverable's versions over HTTP, their internal approval, the brand's decision, and the package."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import At, By, FromRow, Listing, OnlyOnce, Page, Tx, page_of
from api.open_call.contributions import RenditionShown, Shares
from campaigns.client_delivery import queries
from campaigns.client_delivery.details import VersionDetails
from campaigns.client_delivery.models import OutsideKind, OutsideMaterial, ReviewDecision, Showing, Verdict
from campaigns.client_delivery.packages import actions as package_actions
from campaigns.client_delivery.packages.queries import Handover, handover
from campaigns.client_delivery.queries import find_version_details, sees_inside
from campaigns.client_delivery.versions import actions as version_actions
from campaigns.client_delivery.versions.actions import Outside
from campaigns.collaboration.lineage.obstacles import ObstacleCause
from campaigns.core.people import Actor

router = APIRouter()
Licence = Annotated[str, Field(max_length=200, examples=["Order 4471, all media, worldwide, 12 months"])]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])]


class OutsideForm(BaseModel):
    """A third-party asset, which no artist of the campaign made. Without a license, the brand cannot see the version."""

    kind: OutsideKind
    title: str = Field(min_length=1, max_length=160, examples=["Sleigh bells, loop 3"])
    origin: str = Field(min_length=1, max_length=200, examples=["Northern Stock Music"])
    licence: Licence | None = None


class VersionForm(BaseModel):
    """The next version: a file that you have uploaded, the contributions in it, its makers and its third-party assets."""

    upload_id: UUID
    components: list[UUID] = Field(
        max_length=1000, description="Every contribution in the version: chosen for the deliverable, or contained in a chosen contribution."
    )
    makers: dict[UUID, Shares] = Field({}, max_length=100, description="Who edited, mixed or assembled it, with their shares.")
    outside: list[OutsideForm] = Field([], max_length=100)
    note: str = Field("", max_length=2000, description="An internal note; the brand cannot see it.", examples=["The ending is shorter."])


class LicenceForm(BaseModel):
    licence: Licence


class ReviewDecisionForm(BaseModel):
    """The brand's decision on one version, with both hashes as the version shows them."""

    verdict: Verdict
    file_sha256: Sha256
    parts_sha256: Sha256
    note: str = Field("", max_length=4000, description="What should change.", examples=["Let the lanterns stay two seconds longer."])
    let_go: list[UUID] = Field([], max_length=1000, description="Open required notes that this approval dismisses.")


class VersionMakerShown(FromRow):
    person_id: UUID
    name: str
    shares: int
    is_confirmed: bool


class PartShown(FromRow):
    """A contribution in the version. If it has been withdrawn since, the version cannot be approved."""

    contribution_id: UUID
    title: str
    takes_part: bool


class ObstacleShown(FromRow):
    """A contribution that is in the version at any depth, or is claimed to be, and blocks its approval and delivery.

    `contribution_id` is null where a maker of the version itself has not confirmed it.
    """

    contribution_id: UUID | None
    title: str
    cause: ObstacleCause


class OutsideShown(FromRow):
    id: UUID
    kind: OutsideKind
    title: str
    origin: str
    licence: str | None


class ReviewDecisionShown(BaseModel):
    verdict: Verdict
    file_sha256: str
    parts_sha256: str
    note: str
    by: str
    at: datetime

    @classmethod
    def of(cls, decision: ReviewDecision, by: str) -> "ReviewDecisionShown":
        return cls(
            verdict=decision.verdict, file_sha256=decision.file_sha256, parts_sha256=decision.parts_sha256,
            note=decision.note, by=by, at=decision.decided_at,
        )  # fmt: skip


class VersionSeen(BaseModel):
    """The part of a version that all its readers see. A decision sends `file_sha256` and `parts_sha256` back."""

    id: UUID
    deliverable: UUID
    number: int
    mime: str
    bytes: int
    url: str = Field(description="A link to the file, valid for one hour.")
    showing: Showing = Field(description="The state of the web preview. Approval applies to the original file.")
    show_problem: str | None
    renditions: list[RenditionShown]
    file_sha256: str
    parts_sha256: str = Field(description="The hash of the makers, components and third-party assets together.")
    makers: list[VersionMakerShown]
    components: list[PartShown]
    outside: list[OutsideShown]
    obstacles: list[ObstacleShown]
    decision: ReviewDecisionShown | None


class PresentedVersion(VersionSeen):
    """A version as the brand sees it."""

    presented_at: datetime


class InternalVersion(VersionSeen):
    """A version as those who make and present it see it."""

    visit: int
    note: str
    made_by: UUID
    made_at: datetime
    presented_by: UUID | None
    presented_at: datetime | None


VersionShown = InternalVersion | PresentedVersion


class VersionList(Listing):
    items: list[VersionShown]


class TakenDownShown(FromRow):
    """A contribution in the version or its lineage that its makers have withdrawn. What was delivered before stays licensed."""

    contribution_id: UUID
    title: str
    at: datetime


class PackageShown(BaseModel):
    """The delivery package: one file with the deliverable, its credits, licenses, manifest and hashes."""

    deliverable: UUID
    version: UUID
    number: int
    file_sha256: str
    parts_sha256: str
    sha256: str = Field(description="The hash of the package itself.")
    bytes: int
    made_at: datetime
    edition: int = Field(description="How many times it has been built.")
    is_outdated: bool = Field(description="Whether a withdrawal or a confirmed credit is newer than its texts.")
    taken_down: list[TakenDownShown]
    url: str = Field(description="A link to the package, valid for one hour.")

    @classmethod
    def of(cls, handed: Handover) -> "PackageShown":
        details, version, package = handed.details, handed.details.version, handed.package
        return cls(
            deliverable=details.deliverable.id, version=version.id, number=version.number, file_sha256=version.sha256,
            parts_sha256=details.parts_sha256, sha256=package.sha256, bytes=package.bytes, made_at=package.made_at, url=handed.url,
            edition=package.edition, is_outdated=package.is_outdated,
            taken_down=[TakenDownShown.model_validate(each) for each in handed.taken_down],
        )  # fmt: skip


def version_for(by: Actor, details: VersionDetails) -> VersionShown:
    """The version as this reader may see it."""
    version = details.version
    seen = {
        "id": version.id, "deliverable": version.deliverable_id, "number": version.number,
        "mime": version.mime, "bytes": version.bytes, "url": details.url, "showing": version.showing, "show_problem": version.show_problem,
        "renditions": [RenditionShown.model_validate(shown) for shown in details.renditions],
        "file_sha256": version.sha256, "parts_sha256": details.parts_sha256,
        "makers": [VersionMakerShown.model_validate(maker) for maker in details.makers],
        "components": [PartShown.model_validate(part) for part in details.components],
        "outside": [OutsideShown.model_validate(material) for material in details.outside],
        "obstacles": [ObstacleShown.model_validate(each) for each in details.obstacles],
        "decision": ReviewDecisionShown.of(*details.decided) if details.decided else None,
    }  # fmt: skip
    if not sees_inside(by, details.deliverable):
        return PresentedVersion.model_validate(seen | {"presented_at": version.presented_at})
    inside = ("visit", "note", "made_by", "made_at", "presented_by", "presented_at")
    return InternalVersion.model_validate(seen | {name: getattr(version, name) for name in inside})


@router.post("/deliverables/{deliverable_id}/versions", status_code=201, response_model=InternalVersion)
def make_version(deliverable_id: UUID, body: VersionForm, session: Tx, by: By, at: At, once: OnlyOnce) -> VersionShown | Response:
    """Create the deliverable's next version from a file that you have uploaded."""
    outside = [Outside(**material.model_dump()) for material in body.outside]

    def make() -> VersionShown:
        version = version_actions.make_version(
            session, deliverable_id, body.upload_id, body.components, body.makers, outside, body.note, by=by, at=at
        )
        return version_for(by, find_version_details(session, version.id, by=by))

    return once(make)


@router.get("/deliverables/{deliverable_id}/versions")
def list_versions(deliverable_id: UUID, session: Tx, by: By, page: Page) -> VersionList:
    """The deliverable's versions, newest first. The brand's people see only those presented to them."""
    found = queries.list_version_details(session, deliverable_id, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda details: details.version.id)
    return VersionList(items=[version_for(by, details) for details in shown], next=following)


@router.get("/versions/{version_id}")
def show_version(version_id: UUID, session: Tx, by: By) -> VersionShown:
    """One version with everything in it and a link to its file."""
    return version_for(by, find_version_details(session, version_id, by=by))


@router.put("/versions/{version_id}/outside/{material_id}/licence")
def license_outside(version_id: UUID, material_id: UUID, body: LicenceForm, session: Tx, by: By, at: At) -> OutsideShown:
    """Set the license of a third-party asset in a version that the brand has not seen yet."""
    material: OutsideMaterial = version_actions.license_outside(session, version_id, material_id, body.licence, by=by, at=at)
    return OutsideShown.model_validate(material)


@router.post("/versions/{version_id}/internal-approval")
def approve_internally(version_id: UUID, session: Tx, by: By, at: At) -> VersionShown:
    """Present the latest version to the brand. Its approvers are notified."""
    version_actions.approve_internally(session, version_id, by=by, at=at)
    return version_for(by, find_version_details(session, version_id, by=by))


@router.post("/versions/{version_id}/decision")
def decide(version_id: UUID, body: ReviewDecisionForm, session: Tx, by: By, at: At) -> ReviewDecisionShown:
    """Record the brand's decision on exactly this version. Sending the same decision again changes nothing."""
    decision = version_actions.decide(
        session, version_id, body.verdict, body.file_sha256, body.parts_sha256, body.note, body.let_go, by=by, at=at
    )
    return ReviewDecisionShown.of(decision, by.name)


@router.post("/versions/{version_id}/package/again", status_code=202)
def pack_again(version_id: UUID, session: Tx, by: By, at: At) -> VersionShown:
    """Retry a failed package once its approved file has been restored."""
    package_actions.pack_again(session, version_id, by=by, at=at)
    return version_for(by, find_version_details(session, version_id, by=by))


@router.get("/deliverables/{deliverable_id}/package")
def show_package(deliverable_id: UUID, session: Tx, by: By) -> PackageShown:
    """The package of the approved version: its hashes, its size, and a link to download it."""
    return PackageShown.of(handover(session, deliverable_id, by=by))

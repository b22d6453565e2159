"""The review room: one version on a dark stage, its notes, what is in it, and the bar that says who decides."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from api.client_delivery.stage import look_at
from api.reader import Reader, SignedIn
from campaigns.client_delivery.annotations.queries import Noted, notes, timecode
from campaigns.client_delivery.details import VersionDetails
from campaigns.client_delivery.models import Verdict
from campaigns.client_delivery.packages.queries import handover, taken_down
from campaigns.client_delivery.queries import credits_seen, find_version, find_version_details, list_version_details, sees_inside
from campaigns.core.campaign import Campaign
from campaigns.core.people import Brand, Person
from campaigns.core.permissions import Permission, Role
from campaigns.core.role_grants import holders
from campaigns.core.stages import Stage
from campaigns.open_call.credits import Credit

pages = APIRouter()
MOST_NOTES = 500
MOST_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes as they concern one version: those on it and those that came with it, and the ones that are settled before it."""

    shown: Sequence[Noted]
    earlier: Sequence[Noted]

    @classmethod
    def on(cls, details: VersionDetails, found: Sequence[Noted]) -> "Notes":
        known = [noted for noted in found if noted.version.number <= details.version.number]
        shown = [n for n in known if n.version.id == details.version.id or n.is_open or n.done_in == details.version.number]
        shown.sort(key=lambda n: (n.note.at_ms is None, n.note.at_ms or 0, n.note.id))
        return cls(shown, [n for n in known if n not in shown])

    @property
    def open(self) -> list[Noted]:
        return [noted for noted in self.shown if noted.is_open]

    @property
    def required(self) -> list[Noted]:
        """What keeps the version from being approved, oldest first."""
        return sorted((noted for noted in self.shown if noted.is_required), key=lambda noted: noted.note.id)


@pages.get("/versions/{version_id}")
def show_room(version_id: UUID, reader: SignedIn) -> HTMLResponse:
    """One version, to look at, to note on and to decide on."""
    details, stack = _details_and_stack(version_id, reader)
    found = notes(reader.session, details.deliverable, by=reader.by, limit=MOST_NOTES)
    campaign = reader.session.get_one(Campaign, details.deliverable.campaign_id)
    return reader.page(
        "client_delivery/room.html",
        details=details,
        version=details.version,
        deliverable=details.deliverable,
        campaign=campaign,
        brand=reader.session.get_one(Brand, campaign.brand_id),
        stack=stack,
        is_newest=stack[0].version.id == version_id,
        notes=Notes.on(details, found),
        standing=_standing(stack, found),
        timecode=timecode,
        deciders=holders(reader.session, Role.APPROVER, details.deliverable.scope),
        presenter=reader.session.get_one(Person, campaign.owner_id),
        credits=_credits(reader, details),
        may=_deeds(details, stack, reader),
        look=look_at(details),
        taken_down=taken_down(reader.session, version_id) if details.package else [],
    )


def _details_and_stack(version_id: UUID, reader: Reader) -> tuple[VersionDetails, Sequence[VersionDetails]]:
    """The version and, newest first, all that the reader sees of its deliverable."""
    version, _deliverable = find_version(reader.session, version_id, by=reader.by)
    stack = list_version_details(reader.session, version.deliverable_id, by=reader.by, limit=MOST_VERSIONS)
    details = next((v for v in stack if v.version.id == version_id), None)
    return details or find_version_details(reader.session, version_id, by=reader.by), stack


def _credits(reader: Reader, details: VersionDetails) -> dict[UUID, list[Credit]]:
    return credits_seen(reader.session, [part.contribution_id for part in details.components], details.deliverable, by=reader.by)


def _deeds(details: VersionDetails, stack: Sequence[VersionDetails], reader: Reader) -> dict[str, bool]:
    """What the reader may do in the room now."""
    by, deliverable = reader.by, details.deliverable
    in_delivery = deliverable.stage is Stage.CLIENT_DELIVERY and not any(_is_approved(each) for each in stack)
    decides = by.may(Permission.DECIDE_VERSION, on=deliverable)
    presents = by.may(Permission.APPROVE_INTERNALLY, on=deliverable)
    return {
        "note": in_delivery and by.may(Permission.ANNOTATE, on=deliverable),
        "require": decides or presents,
        "decide": in_delivery and decides,
        "present": in_delivery and presents,
        "pack_again": presents,
        "make": in_delivery and by.may(Permission.MAKE_VERSION, on=deliverable),
        "see_inside": sees_inside(by, deliverable),
        "end_namings": bool(details.unconfirmed) and (presents or details.version.made_by == by.person_id) and not _is_approved(details),
        "fetch": by.may(Permission.VIEW_PACKAGE, on=deliverable),
    }


def _is_approved(details: VersionDetails) -> bool:
    """Whether the brand has approved it in the deliverable's present visit."""
    decision = details.decision
    return decision is not None and decision.verdict is Verdict.APPROVED and details.version.visit == details.deliverable.visit


def _standing(stack: Sequence[VersionDetails], found: Sequence[Noted]) -> str:
    """What two readers of the room compare to know whether they look at the same."""
    said = [(str(n.note.id), n.note.state.value, str(n.note.done_in)) for n in found]
    decided = [
        (
            v.version.number,
            str(v.version.presented_at),
            v.decision and v.decision.verdict.value,
            v.package and (v.package.edition, v.package.is_outdated),
        )
        for v in stack
    ]
    licences = [[str(m.licence) for m in v.outside] for v in stack]
    shown = [(v.version.showing.value, v.version.package_problem, [(each.title, each.cause.value) for each in v.obstacles]) for v in stack]
    return hashlib.sha256(repr((said, decided, licences, shown)).encode()).hexdigest()[:16]


@pages.get("/versions/{version_id}/standing")
def tell_standing(version_id: UUID, reader: SignedIn) -> dict[str, str]:
    """Whether something has happened in the room, for a page that is open in it."""
    details, stack = _details_and_stack(version_id, reader)
    return {"standing": _standing(stack, notes(reader.session, details.deliverable, by=reader.by, limit=MOST_NOTES))}


@pages.get("/versions/{version_id}/package")
def fetch_package(version_id: UUID, reader: SignedIn) -> RedirectResponse:
    """On to what is handed over for the deliverable's approved version."""
    _version, deliverable = find_version(reader.session, version_id, by=reader.by)
    return RedirectResponse(handover(reader.session, deliverable.id, by=reader.by).url, 303)

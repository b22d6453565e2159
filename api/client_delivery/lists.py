"""Deliverables in lists: the brand's with what waits for its decision, and the versions of those who make them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel

from api.deps import Page, Paging, page_of
from api.reader import Reader, SignedIn
from api.spreadsheet import AT_ONCE, all_of, spreadsheet
from campaigns.client_delivery import rules
from campaigns.client_delivery.deliveries import BRANDS, LOOKERS, MAKERS, Delivery, awaiting_decision, deliveries
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.errors import Forbidden
from campaigns.core.people import Brand
from campaigns.core.permissions import Permission, Role
from campaigns.core.stages import Stage
from campaigns.core.words import _

pages = APIRouter()
HEADER = (
    "campaign", "brand", "deliverable", "stage", "due", "version", "presented", "verdict", "decided", "open notes", "must fix",
)  # fmt: skip


class DeliverableFilter(BaseModel):
    """Which deliverables: those of one campaign, or all; of the versions, those in delivery now, or all that ever were."""

    campaign: UUID | None = None
    all: bool = False


Asked = Annotated[DeliverableFilter, Query()]


@pages.get("/deliveries")
def show_deliveries(asked: Asked, reader: SignedIn, page: Page) -> HTMLResponse:
    """What waits for the brand's decision, and everything that it gets."""
    roles = _require_any(reader, BRANDS | LOOKERS)
    waiting = [] if page.after else awaiting_decision(reader.session, roles, by=reader.by, campaign_id=asked.campaign)
    found = deliveries(reader.session, roles, by=reader.by, campaign_id=asked.campaign, after=page.after, limit=page.one_more)
    return reader.page(
        "client_delivery/deliveries.html",
        waiting=[each for each in waiting if _sees(reader, each)],
        decides=lambda each: reader.by.may(Permission.DECIDE_VERSION, on=each.deliverable),
        sees=lambda each: _sees(reader, each),
        **_listed(found, page),
        **_within(asked, reader),
    )


@pages.get("/deliveries.csv")
def download_deliveries(asked: Asked, reader: SignedIn) -> StreamingResponse:
    """Every deliverable as the brand sees it, as a table."""
    roles = _require_any(reader, BRANDS | LOOKERS)
    some = partial(deliveries, roles=roles, by=reader.by, campaign_id=asked.campaign, limit=AT_ONCE)
    return spreadsheet("deliverables", HEADER, _rows(_every(some), reader))


@pages.get("/versions", response_model=None)
def show_versions(asked: Asked, reader: SignedIn, page: Page) -> Response:
    """The deliverables that are being made, each with what it waits for."""
    if not _holds_any(reader, MAKERS):
        _require_any(reader, LOOKERS)
        return RedirectResponse(f"/deliveries?campaign={asked.campaign}" if asked.campaign else "/deliveries", 303)
    found = deliveries(
        reader.session, MAKERS, by=reader.by, campaign_id=asked.campaign, inside=True, in_delivery=not asked.all,
        after=page.after, limit=page.one_more,
    )  # fmt: skip
    waits = rules.blockers(
        reader.session, [each.deliverable for each in found if each.deliverable.stage is Stage.CLIENT_DELIVERY], at=reader.at
    )
    return reader.page(
        "client_delivery/versions.html", waits=waits, all=asked.all, presents=lambda each: _presents(reader, each),
        **_listed(found, page), **_within(asked, reader),
    )  # fmt: skip


@pages.get("/versions.csv")
def download_versions(asked: Asked, reader: SignedIn) -> StreamingResponse:
    """Every deliverable as those who make it see it, as a table."""
    _require_any(reader, MAKERS)
    some = partial(
        deliveries, roles=MAKERS, by=reader.by, campaign_id=asked.campaign, inside=True, in_delivery=not asked.all, limit=AT_ONCE
    )
    return spreadsheet("versions", HEADER, _rows(_every(some), reader))


def _every(some: Callable[..., Sequence[Delivery]]) -> Iterator[Delivery]:
    return all_of(lambda session, after: some(session, after=after), lambda each: each.deliverable.id)


def _listed(found: list[Delivery], page: Paging[UUID]) -> dict[str, Any]:
    shown, following = page_of(found, page.limit, lambda each: each.deliverable.id)
    return {"deliveries": shown, "next": following, "is_first": page.after is None}


def _within(asked: DeliverableFilter, reader: Reader) -> dict[str, Any]:
    """The campaign whose room this is, where it is one's."""
    campaign: Campaign | None = find_campaign(reader.session, asked.campaign, by=reader.by) if asked.campaign else None
    brand = reader.session.get_one(Brand, campaign.brand_id).name if campaign else None
    return {"campaign": campaign, "brand": brand, "of_campaign": f"campaign={campaign.id}" if campaign else ""}


def _rows(found: Iterable[Delivery], reader: Reader) -> Iterator[tuple[Any, ...]]:
    for each in found:
        seen = each if _sees(reader, each) else None
        version, decision = (seen.version, seen.decision) if seen else (None, None)
        yield (
            each.campaign.title, each.brand, each.deliverable.title, each.deliverable.stage.value, each.due,
            version and version.number, version and version.presented_at,
            decision and decision.verdict.value, decision and decision.decided_at, seen and seen.open_notes, seen and seen.open_required,
        )  # fmt: skip


def _sees(reader: Reader, each: Delivery) -> bool:
    """Whether the reader sees versions of it at all; a signer sees only where it stands."""
    return reader.by.may(Permission.VIEW_VERSIONS, on=each.deliverable)


def _presents(reader: Reader, each: Delivery) -> bool:
    return reader.by.may(Permission.APPROVE_INTERNALLY, on=each.deliverable)


def _holds_any(reader: Reader, roles: frozenset[Role]) -> bool:
    return any(grant.role in roles for grant in reader.by.granting_any())


def _require_any(reader: Reader, roles: frozenset[Role]) -> frozenset[Role]:
    if not _holds_any(reader, roles):
        raise Forbidden(
            _("Only the brand's people and the makers can see deliverables. Your own contributions are under “My contributions”.")
        )
    return roles

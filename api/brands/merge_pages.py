"""Two entries of one brand become one: which goes into which, what goes over, and the click that cannot be undone."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse

from api.brands.routes import MergeForm
from api.reader import SignedIn
from campaigns.administration import brands as administration_brands
from campaigns.core import brands
from campaigns.core.people import Scope
from campaigns.core.permissions import Permission
from campaigns.core.words import _

pages = APIRouter()
MOST_BRANDS = 500


@pages.get("/brands/{brand_id}/merge", response_class=HTMLResponse)
def ask_merge(brand_id: UUID, reader: SignedIn, into: Annotated[UUID | None, Query()] = None) -> HTMLResponse:
    """Into which brand; and, once one is chosen, what goes over."""
    brand = brands.find_brand(reader.session, brand_id, by=reader.by)
    reader.by.require(Permission.MERGE_BRANDS, on=Scope(brand_id=brand.id))
    others = brands.brands_seen(reader.session, after=None, limit=MOST_BRANDS, by=reader.by)
    chosen = brands.find_brand(reader.session, into, by=reader.by) if into and into != brand.id else None
    return reader.page(
        "brands/merge.html",
        brand=brand,
        into=chosen,
        others=[(each.id, each.name) for each in sorted(others, key=lambda each: each.name.lower()) if each.id != brand.id],
        moved=administration_brands.what_moves(reader.session, brand.id) if chosen else None,
    )


@pages.post("/brands/{brand_id}/merge")
def merge(brand_id: UUID, form: Annotated[MergeForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Merge it, for good."""
    brand = administration_brands.merge_brands(reader.session, brand_id, form.into, by=reader.by, at=reader.at)
    return reader.done(f"/brands/{brand.id}/people", _("The brands have been merged into {brand}.", brand=brand.name))

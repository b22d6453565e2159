"""Whoever read a brand's billing email until it was changed may object while the new one cools, and it is theirs again."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import At, By, Tx
from api.reader import SignedIn
from campaigns.administration import brands
from campaigns.core import billing
from campaigns.core.words import _

router = APIRouter()
pages = APIRouter()


@router.post("/brands/{brand_id}/billing/objection", status_code=204)
def object_to_billing(brand_id: UUID, session: Tx, by: By, at: At) -> None:
    """Restore your address as the billing email; only possible until the new one takes effect."""
    brands.object_to_billing(session, brand_id, by=by, at=at)


@pages.get("/brands/{brand_id}/billing", response_class=HTMLResponse)
def show_change(brand_id: UUID, reader: SignedIn) -> HTMLResponse:
    """What was changed, from when on it counts, and the way to object."""
    brand = billing.changed_from(reader.session, brand_id, by=reader.by, at=reader.at)
    return reader.page("brands/billing.html", brand=brand)


@pages.post("/brands/{brand_id}/billing/objection")
def object_on_page(brand_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Put it back."""
    brand = brands.object_to_billing(reader.session, brand_id, by=reader.by, at=reader.at)
    return reader.done("/", _("Your address is the billing email of {brand} again, and the operators are notified.", brand=brand.name))

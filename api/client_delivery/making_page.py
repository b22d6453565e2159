"""The next version: its file, the contributions that are in it, who made it, what came from outside, and the notes that it settles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.forms import Chosen
from api.reader import OnceForm, Reader, SignedIn
from campaigns.client_delivery.annotations import actions as annotation_actions
from campaigns.client_delivery.annotations.queries import timecode
from campaigns.client_delivery.models import OutsideKind
from campaigns.client_delivery.versions import actions as version_actions
from campaigns.client_delivery.versions.actions import Outside
from campaigns.client_delivery.versions.queries import Makings, makings
from campaigns.core.campaign import Campaign
from campaigns.core.people import Brand
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.open_call import uploads
from campaigns.open_call.contributions.actions import MOST_SHARES
from campaigns.open_call.errors import NothingSent
from campaigns.open_call.media.formats import FORMATS, MARKDOWN
from campaigns.open_call.models import UploadState

pages = APIRouter()
SPARE_ROWS = 2
MOST_OUTSIDE = 100


class MadeForm(OnceForm):
    """A version as it is typed: columns of the makers and of the material from outside, row by row; empty rows are none."""

    upload_id: Chosen = None
    text: str = Field("", max_length=1_000_000)
    components: list[UUID] = Field([], max_length=1000)
    maker: list[UUID] = Field([], max_length=100)
    shares: list[Annotated[int, Field(ge=0, le=MOST_SHARES)]] = Field([], max_length=100)
    outside_kind: list[OutsideKind] = Field([], max_length=MOST_OUTSIDE)
    outside_title: list[Annotated[str, Field(max_length=160)]] = Field([], max_length=MOST_OUTSIDE)
    outside_origin: list[Annotated[str, Field(max_length=200)]] = Field([], max_length=MOST_OUTSIDE)
    outside_licence: list[Annotated[str, Field(max_length=200)]] = Field([], max_length=MOST_OUTSIDE)
    settles: list[UUID] = Field([], max_length=1000)
    note: str = Field("", max_length=2000)

    @property
    def makers(self) -> Mapping[UUID, int]:
        """Those with a share in the assembly."""
        return {maker: shares for maker, shares in zip(self.maker, self.shares, strict=False) if shares}

    @property
    def outside(self) -> Sequence[Outside]:
        """Every row with a word in it."""
        rows = zip(self.outside_kind, self.outside_title, self.outside_origin, self.outside_licence, strict=False)
        return [Outside(kind, title, origin, licence or None) for kind, title, origin, licence in rows if title or origin or licence]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the form for what came from outside."""

    kind: str = OutsideKind.STOCK_MUSIC.value
    title: str = ""
    origin: str = ""
    licence: str = ""


@pages.get("/deliverables/{deliverable_id}/versions/new")
def ask_for_version(deliverable_id: UUID, reader: SignedIn) -> HTMLResponse:
    """The form for the next version, filled in with what the one before had."""
    made_of = makings(reader.session, deliverable_id, by=reader.by)
    campaign = reader.session.get_one(Campaign, made_of.deliverable.campaign_id)
    before = made_of.before
    return reader.page(
        "client_delivery/new_version.html",
        makings=made_of,
        campaign=campaign,
        brand=reader.session.get_one(Brand, campaign.brand_id).name,
        number=before.version.number + 1 if before else 1,
        contained={part.contribution_id for part in before.components}
        if before
        else {m.contribution.id for m in made_of.material if m.is_chosen},
        shares=_shares(made_of, reader),
        rows=_rows(made_of, reader),
        kinds=list(OutsideKind),
        timecode=timecode,
        **_files(made_of),
    )


def _files(made_of: Makings) -> dict[str, Any]:
    endings = [ending for f in FORMATS if made_of.kind in ("other", f.kind.value) for ending in f.endings]
    return {
        "arrived": [upload for upload in made_of.files if upload.state is UploadState.PROVEN],
        "under_way": [upload for upload in made_of.files if upload.state is not UploadState.PROVEN],
        "accepted": ",".join(f".{ending}" for ending in endings),
        "most_bytes": settings().upload_limit_bytes,
    }


def _shares(made_of: Makings, reader: Reader) -> dict[str, Any]:
    """Each maker's shares, as they were typed or as the version before had them; the one who makes the first has one."""
    before = {str(m.person_id): m.shares for m in made_of.before.makers} if made_of.before else {str(reader.by.person): 1}
    return before | dict(zip(reader.typed_all("maker"), reader.typed_all("shares"), strict=False))


def _rows(made_of: Makings, reader: Reader) -> list[Row]:
    """The rows for material from outside: as typed, or those of the version before; with empty ones after them."""
    names = ("outside_kind", "outside_title", "outside_origin", "outside_licence")
    typed = [Row(*row) for row in zip(*(reader.typed_all(name) for name in names), strict=False)]
    before = made_of.before.outside if made_of.before else ()
    kept = [Row(m.kind.value, m.title, m.origin, m.licence or "") for m in before]
    rows = [row for row in typed or kept if row.title or row.origin or row.licence]
    return [*rows, *[Row()] * SPARE_ROWS]


@pages.post("/deliverables/{deliverable_id}/versions/new")
def make_version(deliverable_id: UUID, form: Annotated[MadeForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Make the version, and settle the notes that it settles."""

    def make() -> tuple[str, str]:
        file = _file_of(form, reader)
        version = version_actions.make_version(
            reader.session, deliverable_id, file, form.components, form.makers, form.outside, form.note, by=reader.by, at=reader.at
        )  # fmt: skip
        for note_id in form.settles:
            annotation_actions.finish(reader.session, note_id, version.id, by=reader.by, at=reader.at)
        return f"/versions/{version.id}", _("Version {number} uploaded. The brand sees it once it is presented.", number=version.number)

    return reader.once(form, make)


def _file_of(form: MadeForm, reader: Reader) -> UUID:
    if form.upload_id is not None and form.text.strip():
        raise NothingSent(_("Upload a file or enter text, not both."), field="text")
    if form.upload_id is None and not form.text.strip():
        raise NothingSent(_("Choose a file or enter text."), field="upload_id")
    return form.upload_id or uploads.take_text(reader.session, form.text, MARKDOWN.mime, by=reader.by).id

"""The brief as a guided form: a step for each subject, saved as it is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from babel.numbers import get_currency_name
from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from api.brief.deliverable_pages import kind_choices
from api.brief.example import example_of
from api.brief.plan_picture import plan_picture
from api.brief.step_forms import (
    SHOWN,
    CurrencyForm,
    DatesForm,
    FeesForm,
    PayForm,
    StepForm,
    TermsForm,
    WordsForm,
)
from api.brief.steps import after, step_address, steps_of
from api.everyone.choices import Choices, time_zones
from api.reader import Reader, SignedIn
from campaigns.brief import actions, queries
from campaigns.brief.errors import WrittenMeanwhile
from campaigns.brief.licenses import LICENCES
from campaigns.brief.models import DATES, SignOff
from campaigns.brief.queries import WrittenBrief
from campaigns.brief.terms.labels import label
from campaigns.core.people import Person, RoleGrant
from campaigns.core.permissions import Permission, Role
from campaigns.core.words import _
from campaigns.payments.routes import payable_currencies

pages = APIRouter()
WORKING = (Role.MANAGER, Role.CURATOR, Role.LEADER, Role.EDITOR)


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field that someone else has written meanwhile: what the reader typed, and what stands."""

    name: str
    typed: str
    stands: str


def open_for(campaign_id: UUID, reader: Reader) -> WrittenBrief:
    """The brief, for whoever may write it; raises NotFound or Forbidden."""
    written = queries.brief_for(reader.session, campaign_id, by=reader.by)
    reader.by.require(Permission.EDIT_BRIEF, on=written.campaign)
    return written


def step_page(key: str, written: WrittenBrief, reader: Reader, **values: Any) -> Response:
    """One step of a brief that is still being written; of one that binds, the way to it."""
    campaign_id = written.campaign.id
    if written.campaign.launched_at or not written.campaign.is_live:
        return RedirectResponse(f"/campaigns/{campaign_id}/brief", 303)
    shown = SHOWN[key](written)
    return reader.page(
        f"brief/{key}.html",
        written=written,
        step=key,
        steps=steps_of(written, at=reader.at),
        next=after(campaign_id, key),
        shown=shown,
        version=written.brief.version if "version" in reader.refused else reader.typed("version", written.brief.version),
        differences=_differences(shown, reader) if "version" in reader.refused else [],
        signed=_holding(written, reader),
        label=label,
        **values,
    )


def _holding(written: WrittenBrief, reader: Reader) -> Sequence[SignOff]:
    """The signatures that a change would undo."""
    given = queries.sign_offs(reader.session, [written.campaign.id]).get(written.campaign.id, [])
    return [each.given for each in given if each.holds(written)]


def _differences(shown: dict[str, Any], reader: Reader) -> list[FieldConflict]:
    found = [FieldConflict(label(name), str(reader.typed(name)), stands) for name, stands in shown.items() if isinstance(stands, str)]
    return [each for each in found if each.typed.splitlines() != each.stands.splitlines()]


def write(key: str, campaign_id: UUID, form: StepForm, reader: Reader) -> RedirectResponse:
    """Keep what was typed in a step, unless someone else has written the brief meanwhile, and go where the reader wants."""
    written = queries.brief_for(reader.session, campaign_id, by=reader.by, lock=True)
    reader.by.require(Permission.EDIT_BRIEF, on=written.campaign)
    if form.version != written.brief.version and actions.would_change(written, form.changes):
        sentence = _("Someone else has edited this brief since you opened it. Compare both versions, and save the one to keep.")
        raise WrittenMeanwhile(sentence, field="version")
    actions.edit_brief(reader.session, campaign_id, form.changes, by=reader.by, at=reader.at)
    there = after(campaign_id, key) if form.then == "next" else step_address(campaign_id, key)
    return reader.done(there, _("Saved."))


@pages.get("/campaigns/{campaign_id}/brief/words")
def show_words(campaign_id: UUID, reader: SignedIn) -> Response:
    """What the brief is about."""
    return step_page("words", open_for(campaign_id, reader), reader)


@pages.post("/campaigns/{campaign_id}/brief/words")
def write_words(campaign_id: UUID, form: Annotated[WordsForm, Form()], reader: SignedIn) -> RedirectResponse:
    return write("words", campaign_id, form, reader)


@pages.get("/campaigns/{campaign_id}/brief/dates")
def show_dates(campaign_id: UUID, reader: SignedIn) -> Response:
    """The dates in the stated zone, and the plan that they make."""
    written = open_for(campaign_id, reader)
    gates = queries.plan_back(reader.session, written.campaign, at=reader.at)
    picture = plan_picture(gates, reader.at, at=reader.at)
    zones = time_zones(written.brief.time_zone)
    return step_page("dates", written, reader, fields=DATES, zones=zones, gates=gates, picture=picture)


@pages.post("/campaigns/{campaign_id}/brief/dates")
def write_dates(campaign_id: UUID, form: Annotated[DatesForm, Form()], reader: SignedIn) -> RedirectResponse:
    return write("dates", campaign_id, form, reader)


@pages.get("/campaigns/{campaign_id}/brief/deliverables")
def show_deliverables(campaign_id: UUID, reader: SignedIn) -> Response:
    """What is to be delivered, and its currency."""
    written = open_for(campaign_id, reader)
    return step_page("deliverables", written, reader, kinds=kind_choices(), currencies=_currencies(written, reader))


@pages.post("/campaigns/{campaign_id}/brief/currency")
def write_currency(campaign_id: UUID, form: Annotated[CurrencyForm, Form()], reader: SignedIn) -> RedirectResponse:
    return write("deliverables", campaign_id, form, reader)


def _currencies(written: WrittenBrief, reader: Reader) -> Choices:
    """The currencies in which artists can be paid, by their names; the present one is always among them."""
    offered = sorted({written.brief.currency, *payable_currencies(reader.at)})
    return [(code, f"{code} · {get_currency_name(code, locale=reader.locale)}") for code in offered]


@pages.get("/campaigns/{campaign_id}/brief/pay")
def show_pay(campaign_id: UUID, reader: SignedIn) -> Response:
    """The pay rule beside its example."""
    written = open_for(campaign_id, reader)
    return step_page("pay", written, reader, example=example_of(written), crew=_crew(written, reader))


@pages.post("/campaigns/{campaign_id}/brief/pay")
def write_pay(campaign_id: UUID, form: Annotated[PayForm, Form()], reader: SignedIn) -> RedirectResponse:
    return write("pay", campaign_id, form, reader)


def _crew(written: WrittenBrief, reader: Reader) -> Sequence[Person]:
    """Who may be staff of the campaign, and whoever is already."""
    held = (RoleGrant.campaign_id == written.campaign.id, RoleGrant.role.in_([role.value for role in WORKING]))
    working = reader.session.scalars(select(RoleGrant.person_id).where(*held)).all()
    crew = {*working, *(UUID(each) for each in written.brief.staff_ids)}
    return reader.session.scalars(select(Person).where(Person.id.in_(crew)).order_by(Person.name)).all()


@pages.get("/campaigns/{campaign_id}/brief/fees")
def show_fees(campaign_id: UUID, reader: SignedIn) -> Response:
    """The platform's fee, the reserve and the kill fees."""
    return step_page("fees", open_for(campaign_id, reader), reader)


@pages.post("/campaigns/{campaign_id}/brief/fees")
def write_fees(campaign_id: UUID, form: Annotated[FeesForm, Form()], reader: SignedIn) -> RedirectResponse:
    return write("fees", campaign_id, form, reader)


@pages.get("/campaigns/{campaign_id}/brief/terms")
def show_terms(campaign_id: UUID, reader: SignedIn) -> Response:
    """The licence and what else contributors agree to."""
    return step_page("terms", open_for(campaign_id, reader), reader, licences=LICENCES)


@pages.post("/campaigns/{campaign_id}/brief/terms")
def write_terms(campaign_id: UUID, form: Annotated[TermsForm, Form()], reader: SignedIn) -> RedirectResponse:
    return write("terms", campaign_id, form, reader)

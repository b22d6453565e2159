"""What bounds the runs, in a browser: limits set by two people, holds, and the balances that stay where they are."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from pydantic import Field

from api.deps import Page, page_of
from api.forms import ReasonForm
from api.payout.runs import Currency
from api.reader import OnceForm, SignedIn
from api.spreadsheet import AT_ONCE, all_of, figure, spreadsheet
from campaigns.core.money import minor_units
from campaigns.core.people import person_known_at
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payments.countries import country_changes
from campaigns.payments.routes import country_name
from campaigns.payout.balances.queries import blocked, payee_currencies
from campaigns.payout.errors import NobodyThere
from campaigns.payout.holds import actions as hold_actions
from campaigns.payout.holds import queries as hold_queries
from campaigns.payout.runs import actions as run_actions
from campaigns.payout.runs import queries
from campaigns.payout.runs.failures import failure_sentence

pages = APIRouter()
AT_A_LOOK = 50


class LimitsPageForm(OnceForm):
    """Amounts as people write them; 0 ends that runs go out by themselves."""

    currency: Currency
    most_per_run: str = Field(max_length=40)
    most_per_person: str = Field(max_length=40)


class HoldPageForm(ReasonForm, OnceForm):
    email: str = Field(max_length=254)


@pages.get("/runs/limits", response_class=HTMLResponse)
def show_limits(reader: SignedIn, page: Page) -> HTMLResponse:
    """The limits in force, those that wait for a second person, and those before them."""
    found = queries.limits(reader.session, by=reader.by, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row.id)
    people = [person for each in found for person in (each.proposed_by, each.confirmed_by)]
    currencies = payee_currencies(reader.session)
    in_force = [each for currency in currencies if (each := queries.limits_in_force(reader.session, currency))]
    return reader.page(
        "payout/limits.html",
        limits=shown,
        in_force={each.id for each in in_force},
        names=queries.names_of(reader.session, people),
        currencies=currencies or ["USD"],
        may_set=reader.by.may(Permission.SET_LIMITS),
        next=following,
    )


@pages.get("/runs/limits.csv")
def download_limits(reader: SignedIn) -> StreamingResponse:
    """Every limits that were proposed, newest first."""
    reader.by.require(Permission.VIEW_MONEY)
    by = reader.by

    found = all_of(lambda session, before: queries.limits(session, by=by, before=before, limit=AT_ONCE), lambda limits: limits.id)
    rows = (
        (each.currency, figure(each.most_per_run, each.currency), figure(each.most_per_person, each.currency), each.proposed_at,
         each.confirmed_at)
        for each in found
    )  # fmt: skip
    return spreadsheet("limits", (_("Currency"), _("Per run"), _("Per person"), _("Proposed"), _("Confirmed")), rows)


@pages.post("/runs/limits")
def propose_limits(form: Annotated[LimitsPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Propose up to which sums a run goes out by itself."""
    amounts = {name: _amount(getattr(form, name), form.currency, name) for name in ("most_per_run", "most_per_person")}

    def deed() -> tuple[str, str]:
        run_actions.propose_limits(reader.session, form.currency, **amounts, by=reader.by, at=reader.at)
        return "/runs/limits", _("Limits proposed. They take effect once another person in finance confirms them.")

    return reader.once(form, deed)


def _amount(typed: str, currency: str, field: str) -> int:
    return 0 if not typed.strip().strip("0.") and "0" in typed else minor_units(typed.strip(), currency, field=field)


@pages.post("/runs/limits/{limits_id}/confirm")
def confirm_limits(limits_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Put limits that a colleague proposed in force."""
    run_actions.confirm_limits(reader.session, limits_id, by=reader.by, at=reader.at)
    return reader.done("/runs/limits", _("The limits are now in force."))


@pages.get("/runs/holds", response_class=HTMLResponse)
def show_holds(reader: SignedIn, page: Page) -> HTMLResponse:
    """Whose payments stand still, why, and since when."""
    found = hold_queries.holds(reader.session, by=reader.by, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row[0].id)
    return reader.page(
        "payout/holds.html",
        holds=shown,
        names=queries.names_of(reader.session, [hold.placed_by for hold, _name in found]),
        failure_sentence=failure_sentence,
        moved=[] if page.after else country_changes(reader.session, by=reader.by, limit=AT_A_LOOK),
        country_name=country_name,
        next=following,
    )


@pages.get("/runs/holds.csv")
def download_holds(reader: SignedIn) -> StreamingResponse:
    """The open holds, newest first."""
    reader.by.require(Permission.VIEW_MONEY)
    by = reader.by

    found = all_of(lambda session, before: hold_queries.holds(session, by=by, before=before, limit=AT_ONCE), lambda named: named[0].id)
    rows = ((name, hold.reason, hold.placed_at) for hold, name in found)
    return spreadsheet("holds", (_("Name"), _("Why"), _("Since")), rows)


@pages.post("/runs/holds")
def hold(form: Annotated[HoldPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Leave what a person earns on their account until the hold is lifted."""
    reader.by.require(Permission.RELEASE_RUN)

    def deed() -> tuple[str, str]:
        person = person_known_at(reader.session, form.email)
        if person is None:
            raise NobodyThere(_("No account uses this address."), field="email")
        hold_actions.hold_payments(reader.session, person.id, form.reason, by=reader.by, at=reader.at)
        return "/runs/holds", _("Payments to {name} are on hold. Payments already being sent still arrive.", name=person.name)

    return reader.once(form, deed)


@pages.post("/runs/holds/{person_id}/lift")
def lift(person_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Let the person be paid again, from the next run on."""
    hold_actions.lift_hold(reader.session, person_id, by=reader.by, at=reader.at)
    return reader.done("/runs/holds", _("Hold lifted. They will be paid in the next run."))


@pages.get("/runs/unpayable", response_class=HTMLResponse)
def show_unpayable(reader: SignedIn, page: Page, currency: Currency | None = None) -> HTMLResponse:
    """Each balance that stays where it is, whose it is, and what they have been told."""
    reader.by.require(Permission.VIEW_MONEY)
    currencies = payee_currencies(reader.session)
    chosen = currency or (currencies[0] if currencies else None)
    found = blocked(reader.session, chosen, reader.at, by=reader.by, after=page.after, limit=page.one_more) if chosen else []
    shown, following = page_of(found, page.limit, lambda row: row[1].person_id)
    return reader.page(
        "payout/unpayable.html",
        currencies=currencies,
        chosen=chosen,
        blocked=shown,
        next=following,
    )


@pages.get("/runs/unpayable.csv")
def download_unpayable(reader: SignedIn, currency: Currency) -> StreamingResponse:
    """Each balance in a currency that stays where it is."""
    reader.by.require(Permission.VIEW_MONEY)
    by, at = reader.by, reader.at

    found = all_of(
        lambda session, after: blocked(session, currency, at, by=by, after=after, limit=AT_ONCE), lambda named: named[1].person_id
    )
    rows = ((name, figure(s.amount, s.currency), s.currency, s.reason, s.sentence) for name, s in found)
    return spreadsheet("unpayable", (_("Name"), _("Amount"), _("Currency"), _("Reason"), _("What they see")), rows)

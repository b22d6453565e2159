"""Payout runs over HTTP: quoted, released by two people, watched; limits, and what the provider and we disagree in."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.deps import At, By, FromRow, Listing, OnlyOnce, Page, Tx, page_of
from api.forms import ReasonForm
from api.payout.run_payouts import PayoutPage, place_of
from campaigns.core.permissions import Permission
from campaigns.payments.routes import STRIPE_CONNECT
from campaigns.payout.balances.queries import PayeeBalance, blocked, unpayable
from campaigns.payout.balances.reasons import Reason
from campaigns.payout.reconciliations import queries as reconciliation_queries
from campaigns.payout.runs import actions, queries
from campaigns.payout.runs import actions as run_actions
from campaigns.payout.runs.exclusions import ChangesSinceQuote, changes_of
from campaigns.payout.runs.failures import failure_sentence
from campaigns.payout.runs.models import Payout, PayoutRun
from campaigns.payout.runs.states import PayoutRunState, PayoutState

router = APIRouter(prefix="/payouts")
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["USD"])]
Minor = Annotated[int, Field(strict=True, lt=2**53, description="Minor units.", examples=[100_000])]
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=80, description="Identifies the run: the same key, the same run.")]


class RunForm(BaseModel):
    """A run by hand, of what is payable now."""

    currency: Currency
    route: str = Field(STRIPE_CONNECT, max_length=40, examples=[STRIPE_CONNECT])


class RunShown(FromRow):
    """A run: quoted, released, paused, closed or discarded."""

    id: UUID
    number: int
    currency: str
    route: str
    sequence: str
    state: PayoutRunState
    cause: str | None = Field(description="Why it is paused: `balance_insufficient`, `finance` or `prefect`; then `reason` says more.")
    reason: str | None
    quoted_at: datetime
    released_at: datetime | None
    closed_at: datetime | None
    file_hash: str | None = Field(description="SHA-256 of the payment file, frozen when the run was prepared.")

    @classmethod
    def of(cls, run: PayoutRun) -> "RunShown":
        return cls.model_validate(run)


class RunList(Listing):
    items: list[RunShown]


class SumShown(FromRow):
    """How many payouts stand in one state, and what they come to."""

    state: PayoutState
    items: int
    amount: int


class RunPayoutShown(FromRow):
    """One payment of a run."""

    id: UUID
    person_id: UUID
    amount: int
    currency: str
    state: PayoutState
    attempt: int
    tries: int
    first_sent_at: datetime | None
    failure: str | None
    transfer_id: str | None
    settled_at: datetime | None = Field(description="When it was sent, or failed.")
    arrived_at: datetime | None = Field(description="When the payee's bank received it. Only then is the payment paid.")


class ExcludedPayoutShown(FromRow):
    """A payment that is left out, because something has changed since the quote; `sentence` says what."""

    payout_id: UUID
    person_id: UUID
    name: str
    amount: int
    currency: str
    reason: str = Field(examples=["held"])
    sentence: str = Field(examples=["Payments to the payee are on hold."])


class ChangesShown(BaseModel):
    """What stands against a run's open payments now: the first of them, how many there are, and what they come to."""

    first: list[ExcludedPayoutShown]
    payments: int
    amount: int


class RunOpened(RunShown):
    """A run with its sums, who approved it, what changed since its quote, and a page of its payouts, failures first."""

    sums: list[SumShown]
    changed: ChangesShown | None = Field(None, description="Set while the run is waiting for approval; null afterward.")
    approved_by: list[UUID]
    items: list[RunPayoutShown]
    next: str | None = None


class LimitsForm(BaseModel):
    """Up to which sums a run goes out by itself; 0 ends it."""

    currency: Currency
    most_per_run: Minor
    most_per_person: Minor


class LimitsShown(FromRow):
    """Limits as proposed; in force once a second person has confirmed them, until newer ones are."""

    id: UUID
    currency: str
    most_per_run: int
    most_per_person: int
    proposed_by: UUID
    proposed_at: datetime
    confirmed_by: UUID | None
    confirmed_at: datetime | None


class LimitsList(Listing):
    items: list[LimitsShown]


class UnpayableShown(FromRow):
    """How many people have a balance that stays where it is for one reason."""

    currency: str
    reason: Reason
    people: int


class BalanceShown(BaseModel):
    """A balance that stays where it is; `sentence` is what its owner reads of the reason."""

    person: UUID
    name: str
    amount: int = Field(description="Minor units; negative after a payment was reversed.", examples=[12_000])
    currency: str
    reason: Reason = Field(examples=["no_account"])
    sentence: str = Field(examples=["Set up payouts, and $120.00 will be paid in the next run."])

    @classmethod
    def of(cls, name: str, stands: PayeeBalance) -> "BalanceShown":
        return cls(
            person=stands.person_id, name=name, amount=stands.amount, currency=stands.currency,
            reason=Reason(str(stands.reason)), sentence=stands.sentence,
        )  # fmt: skip


class BalanceList(Listing):
    items: list[BalanceShown]


class DiscrepancyShown(FromRow):
    """Something in which the provider and our rows disagree."""

    id: UUID
    kind: str
    subject: str
    amount: int
    currency: str
    payout_id: UUID | None
    found_at: datetime


class DiscrepancyList(Listing):
    items: list[DiscrepancyShown]


class UnpayableList(Listing):
    items: list[UnpayableShown]


@router.get("/runs")
def list_runs(session: Tx, by: By, page: Page) -> RunList:
    """The payout runs, newest first."""
    found = queries.runs(session, by=by, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda run: run.id)
    return RunList(items=[RunShown.of(run) for run in shown], next=following)


@router.post("/runs", status_code=201)
def quote(body: RunForm, session: Tx, by: By, at: At, sequence: Key) -> RunShown:
    """Prepare a payout run from all balances payable now. The same idempotency key returns the same run."""
    return RunShown.of(actions.quote_by_hand(session, body.currency, body.route, sequence, by=by, at=at))


@router.get("/runs/{run_id}")
def show_run(run_id: UUID, session: Tx, by: By, at: At, page: PayoutPage) -> RunOpened:
    """One run with its payouts; failed and unknown payouts come first."""
    run = queries.find_run(session, run_id, by=by)
    found = queries.payouts_failures_first(session, run.id, by=by, after=page.after, limit=page.one_more)
    opened = _opened(session, run, found, page)
    opened.changed = _changed(changes_of(session, run, by=by, at=at)) if run.state == "quoted" else None
    return opened


def _changed(changes: ChangesSinceQuote) -> ChangesShown:
    first = [ExcludedPayoutShown(**asdict(each), sentence=failure_sentence(each.reason)) for each in changes.first]
    return ChangesShown(first=first, payments=changes.payments, amount=changes.amount)


def _opened(session: Session, run: PayoutRun, found: Sequence[Payout], page: PayoutPage) -> RunOpened:
    items, following = page_of(found, page.limit, place_of)
    return RunOpened(
        **RunShown.of(run).model_dump(), sums=[SumShown.model_validate(each) for each in queries.sums_of(session, run.id)],
        approved_by=[approval.person_id for approval in queries.approvals_of(session, run.id)],
        items=[RunPayoutShown.model_validate(item) for item in items], next=following,
    )  # fmt: skip


@router.post("/runs/{run_id}/release")
def release(run_id: UUID, session: Tx, by: By, at: At) -> RunShown:
    """Approve the run. The second person's approval sends it."""
    return RunShown.of(actions.approve_run(session, run_id, by=by, at=at))


@router.post("/runs/{run_id}/discard")
def discard(run_id: UUID, body: ReasonForm, session: Tx, by: By, at: At) -> RunShown:
    """Discard a run that has not been released."""
    return RunShown.of(actions.discard_run(session, run_id, body.reason, by=by, at=at))


@router.post("/runs/{run_id}/pause")
def pause(run_id: UUID, body: ReasonForm, session: Tx, by: By, at: At) -> RunShown:
    """Pause a released run. Payouts already being sent still arrive."""
    return RunShown.of(actions.pause_run(session, run_id, body.reason, by=by, at=at))


@router.post("/runs/{run_id}/resume")
def resume(run_id: UUID, session: Tx, by: By, at: At) -> RunShown:
    """Resume a paused run."""
    return RunShown.of(actions.resume_run(session, run_id, by=by, at=at))


@router.get("/limits")
def list_limits(session: Tx, by: By, page: Page) -> LimitsList:
    """All proposed limits, newest first."""
    found = queries.limits(session, by=by, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda each: each.id)
    return LimitsList(items=[LimitsShown.model_validate(each) for each in shown], next=following)


@router.post("/limits", status_code=201, response_model=LimitsShown)
def propose_limits(body: LimitsForm, session: Tx, by: By, at: At, once: OnlyOnce) -> LimitsShown | Response:
    """Propose limits within which runs are sent automatically. Another person must confirm them."""
    return once(lambda: LimitsShown.model_validate(run_actions.propose_limits(session, **body.model_dump(), by=by, at=at)))


@router.post("/limits/{limits_id}/confirm")
def confirm_limits(limits_id: UUID, session: Tx, by: By, at: At) -> LimitsShown:
    """Confirm limits that a colleague proposed."""
    return LimitsShown.model_validate(run_actions.confirm_limits(session, limits_id, by=by, at=at))


@router.get("/unpayable")
def show_unpayable(session: Tx, by: By, at: At) -> UnpayableList:
    """The number of unpaid balances by currency and reason."""
    by.require(Permission.VIEW_MONEY)
    return UnpayableList(items=[UnpayableShown.model_validate(each) for each in unpayable(session, at)])


@router.get("/unpayable/{currency}")
def list_unpayable(currency: Annotated[Currency, Path(examples=["USD"])], session: Tx, by: By, at: At, page: Page) -> BalanceList:
    """Each unpaid balance with its owner and the reason; `next` is the person to continue after."""
    found = blocked(session, currency, at, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row[1].person_id)
    return BalanceList(items=[BalanceShown.of(name, stands) for name, stands in shown], next=following)


@router.get("/discrepancies")
def list_discrepancies(session: Tx, by: By, page: Page) -> DiscrepancyList:
    """Unresolved discrepancies between the provider's records and our ledger."""
    found = reconciliation_queries.discrepancies(session, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda each: each.id)
    return DiscrepancyList(items=[DiscrepancyShown.model_validate(each) for each in shown], next=following)

"""A run's payments that did not arrive: why, what becomes of them, and the word that they may be tried again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payout.balances.queries import PAGE, PayeeBalance, standings_among
from campaigns.payout.balances.reasons import Reason
from campaigns.payout.errors import HeldByColleague, NothingToTry
from campaigns.payout.holds.actions import lift_hold
from campaigns.payout.holds.models import Hold
from campaigns.payout.runs.models import FAILURES, Payout, PayoutRun
from campaigns.payout.runs.queries import find_run

BACK = ("failed", "returned")


@dataclass(frozen=True, slots=True)
class Failure:
    """One payment that did not arrive, whose it is, and what stands between them and the next run.

    `again_in` is the number of a later run with a payment to them, `standing` their balance now, None where there is none.
    """

    item: Payout
    name: str
    hold: Hold | None
    again_in: int | None
    standing: PayeeBalance | None

    @property
    def sentence(self) -> str:
        """Why it did not arrive."""
        if self.item.state == "unknown":
            return _("Stripe did not respond. The same request is repeated automatically, so nothing is paid twice.")
        if self.item.state == "returned":
            return _("The payment was reversed. The amount is back in the payee's balance.")
        if self.item.state == "bank_returned":
            return _(
                "The payee's bank returned it. It is in their Stripe account and will be paid out again once they give "
                "Stripe another bank account."
            )
        return failure_sentence(self.item.failure or "")

    @property
    def may_be_tried(self) -> bool:
        """Whether someone's word is all that it waits for."""
        return self.item.state in BACK and self.hold is not None and self.hold.placed_by is None


def failures(session: Session, run_id: UUID, *, by: Actor, at: datetime, limit: int = PAGE) -> Sequence[Failure]:
    """The first `limit` payments of a run that did not arrive or of which nobody knows, in their order."""
    run = find_run(session, run_id, by=by)
    query = _query().where(Payout.run_id == run_id, Payout.state.in_(FAILURES)).order_by(Payout.id).limit(limit)
    rows = session.execute(query).all()
    standings = standings_among(session, run.currency, [row[0].person_id for row in rows], at) if rows else {}
    return [Failure(item, name, hold, again_in, standings.get(item.person_id)) for item, name, hold, again_in in rows]


def _query() -> Select[Payout, str, Hold, int | None]:
    later = aliased(Payout)
    again = (
        select(func.max(PayoutRun.number))
        .join(later, later.run_id == PayoutRun.id)
        .where(later.person_id == Payout.person_id, later.currency == Payout.currency, later.id > Payout.id, later.state != "discarded")
        .scalar_subquery()
    )
    query = select(Payout, Person.name, Hold, again).join(Person, Person.id == Payout.person_id)
    return query.outerjoin(Hold, _open_hold())


def _open_hold() -> ColumnElement[bool]:
    return (Hold.person_id == Payout.person_id) & Hold.lifted_at.is_(None)


def try_again(session: Session, run_id: UUID, payout_id: UUID, *, by: Actor, at: datetime) -> Payout:
    """Let a payment that did not go through go out with the next run; raises NothingToTry, HeldByColleague."""
    find_run(session, run_id, by=by)
    by.require(Permission.RELEASE_RUN)
    query = select(Payout, Hold).outerjoin(Hold, _open_hold()).where(Payout.run_id == run_id, Payout.id == payout_id)
    found = session.execute(query).one_or_none()
    if found is None or found[0].state not in BACK or found[1] is None:
        raise NothingToTry(_("This payment is not waiting to be retried."))
    if found[1].placed_by is not None:
        raise HeldByColleague(_("A colleague put payments to this person on hold. Lift that hold first."))
    lift_hold(session, found[0].person_id, by=by, at=at)
    return found[0]


def try_all_again(session: Session, run_id: UUID, *, by: Actor, at: datetime) -> int:
    """The same for every payment of a run that only our own hold keeps back; returns how many."""
    find_run(session, run_id, by=by)
    by.require(Permission.RELEASE_RUN)
    query = select(Payout.person_id).join(Hold, _open_hold())
    people = session.scalars(
        query.where(Payout.run_id == run_id, Payout.state.in_(BACK), Hold.placed_by.is_(None)).order_by(Payout.id)
    ).all()
    if not people:
        raise NothingToTry(_("No payment in this run is waiting to be retried."))
    for person_id in people:
        lift_hold(session, person_id, by=by, at=at)
    return len(people)


def failure_sentence(code: str) -> str:
    """Why the provider refused, or what had changed since the quote, in words."""
    return SENTENCES[code]() if code in SENTENCES else _("Stripe refused the payment with the reason “{code}”.", code=code)


# What is found out before anything is sent: the payment was left out.
LEFT_OUT: Mapping[str, Callable[[], str]] = {
    Reason.HELD: lambda: _("Payments to the payee are on hold."),
    Reason.NO_ROUTE: lambda: _("We cannot pay people in the payee's country."),
    Reason.NO_ACCOUNT: lambda: _("The payee no longer has a payout account."),
    Reason.ACCOUNT_REFUSED: lambda: _("Stripe refused the payee's account."),
    Reason.COUNTRY_CHANGED: lambda: _("The payee changed their country. Finance must review the change first."),
    Reason.ACCOUNT_PAUSED: lambda: _("We have paused the payee's Stripe account."),
    Reason.ACCOUNT_CHECKED: lambda: _("Stripe is checking the payee's details."),
    Reason.NOT_ONBOARDED: lambda: _("The payee's account can no longer be paid: Stripe needs information from them."),
    Reason.BANK_NEEDED: lambda: _("Stripe cannot pay out to the payee's bank account. They must add another one."),
    Reason.ACCOUNT_CHANGED: lambda: _("The payee's account changed after the run was prepared."),
    Reason.COOLING: lambda: _("The payee changed their payout account, and its waiting period is not over."),
    Reason.UNCOVERED: lambda: _("A bank has withdrawn the brand's payment that funds this amount."),
}
SENTENCES: Mapping[str, Callable[[], str]] = {
    **LEFT_OUT,
    "insufficient_capabilities_for_transfer": lambda: _("The payee's account cannot be paid yet: Stripe needs information from them."),
    "account_closed": lambda: _("The payee's Stripe account was closed."),
    "account_invalid": lambda: _("Stripe no longer recognizes the payee's account."),
    "resource_missing": lambda: _("Stripe no longer recognizes the payee's account."),
    "transfers_not_allowed": lambda: _("Stripe does not allow payments to this account."),
    "amount_too_small": lambda: _("The amount is below Stripe's minimum."),
    "amount_too_large": lambda: _("The amount is above Stripe's maximum for one transfer."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BankRefusal:
    """Stripe's code for why a bank sent a payment back, None where it says none."""

    code: str | None

    @property
    def sentence(self) -> str:
        """Why, for whose bank it is."""
        return BANK_SENTENCES.get(self.code or "", lambda: _("The bank gave no reason."))()


BANK_SENTENCES: Mapping[str, Callable[[], str]] = {
    "account_closed": lambda: _("The bank account is closed."),
    "account_frozen": lambda: _("The bank account is frozen."),
    "bank_account_restricted": lambda: _("The bank account does not accept this type of payment."),
    "bank_ownership_changed": lambda: _("The bank account was moved to another bank and is no longer valid."),
    "could_not_process": lambda: _("The bank could not process the payment."),
    "debit_not_authorized": lambda: _("The bank account does not accept this type of payment."),
    "declined": lambda: _("The bank declined the payment."),
    "incorrect_account_holder_address": lambda: _("The account owner's address does not match the bank's records."),
    "incorrect_account_holder_name": lambda: _("The account owner's name does not match the bank's records."),
    "incorrect_account_holder_tax_id": lambda: _("The account owner's tax ID does not match the bank's records."),
    "incorrect_account_type": lambda: _("The account type does not match the bank's records."),
    "invalid_account_number": lambda: _("The account number is not valid."),
    "invalid_account_number_length": lambda: _("The account number is too long or too short."),
    "invalid_currency": lambda: _("The bank account does not accept this currency."),
    "no_account": lambda: _("The bank has no account with these details."),
    "unsupported_card": lambda: _("The bank does not support payouts to this card."),
}

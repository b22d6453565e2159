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
from campaigns.payout.runs.errors import HeldByColleague, NothingToTry
from campaigns.payout.runs.limits import lift_hold
from campaigns.payout.runs.models import FAILURES, Hold, Item, Run
from campaigns.payout.runs.queries import PAGE, find_run
from campaigns.payout.runs.reasons import Reason
from campaigns.payout.runs.rules import Standing, standings_among

BACK = ("failed", "returned")


@dataclass(frozen=True, slots=True)
class Failure:
    """One payment that did not arrive, whose it is, and what stands between them and the next run.

    `again_in` is the number of a later run with a payment to them, `standing` their balance now, None where there is none.
    """

    item: Item
    name: str
    hold: Hold | None
    again_in: int | None
    standing: Standing | None

    @property
    def sentence(self) -> str:
        """Why it did not arrive."""
        if self.item.state == "unknown":
            return _("Stripe did not answer. It is asked again by itself, for the very same payment, so that nothing is paid twice.")
        if self.item.state == "returned":
            return _("The payment was taken back; the amount is on the payee's account again.")
        if self.item.state == "bank_returned":
            return _(
                "The payee's bank sent it back. It lies on their own account at Stripe, and goes to their bank again once they have "
                "given Stripe another bank account."
            )
        return failure_sentence(self.item.failure or "")

    @property
    def may_be_tried(self) -> bool:
        """Whether someone's word is all that it waits for."""
        return self.item.state in BACK and self.hold is not None and self.hold.placed_by is None


def failures(session: Session, run_id: UUID, *, by: Actor, at: datetime, limit: int = PAGE) -> Sequence[Failure]:
    """The first `limit` payments of a run that did not arrive or of which nobody knows, in their order."""
    run = find_run(session, run_id, by=by)
    query = _query().where(Item.run_id == run_id, Item.state.in_(FAILURES)).order_by(Item.id).limit(limit)
    rows = session.execute(query).all()
    standings = standings_among(session, run.currency, [row[0].person_id for row in rows], at) if rows else {}
    return [Failure(item, name, hold, again_in, standings.get(item.person_id)) for item, name, hold, again_in in rows]


def _query() -> Select[Item, str, Hold, int | None]:
    later = aliased(Item)
    again = (
        select(func.max(Run.number))
        .join(later, later.run_id == Run.id)
        .where(later.person_id == Item.person_id, later.currency == Item.currency, later.id > Item.id, later.state != "discarded")
        .scalar_subquery()
    )
    query = select(Item, Person.name, Hold, again).join(Person, Person.id == Item.person_id)
    return query.outerjoin(Hold, _open_hold())


def _open_hold() -> ColumnElement[bool]:
    return (Hold.person_id == Item.person_id) & Hold.lifted_at.is_(None)


def try_again(session: Session, run_id: UUID, item_id: UUID, *, by: Actor, at: datetime) -> Item:
    """Let a payment that did not go through go out with the next run; raises NothingToTry, HeldByColleague."""
    find_run(session, run_id, by=by)
    by.require(Permission.RELEASE_RUN)
    query = select(Item, Hold).outerjoin(Hold, _open_hold()).where(Item.run_id == run_id, Item.id == item_id)
    found = session.execute(query).one_or_none()
    if found is None or found[0].state not in BACK or found[1] is None:
        raise NothingToTry(_("This payment is not waiting for a word that it may be tried again."))
    if found[1].placed_by is not None:
        raise HeldByColleague(_("A colleague put payments to this person on hold: lift that hold first, if you may."))
    lift_hold(session, found[0].person_id, by=by, at=at)
    return found[0]


def try_all_again(session: Session, run_id: UUID, *, by: Actor, at: datetime) -> int:
    """The same for every payment of a run that only our own hold keeps back; returns how many."""
    find_run(session, run_id, by=by)
    by.require(Permission.RELEASE_RUN)
    query = select(Item.person_id).join(Hold, _open_hold())
    people = session.scalars(query.where(Item.run_id == run_id, Item.state.in_(BACK), Hold.placed_by.is_(None)).order_by(Item.id)).all()
    if not people:
        raise NothingToTry(_("No payment of this run is waiting for a word that it may be tried again."))
    for person_id in people:
        lift_hold(session, person_id, by=by, at=at)
    return len(people)


def failure_sentence(code: str) -> str:
    """Why the provider refused, or what had changed since the quote, in words."""
    return SENTENCES[code]() if code in SENTENCES else _("Stripe refused the payment and calls the reason “{code}”.", code=code)


# What is found out before anything is sent: the payment was left out.
LEFT_OUT: Mapping[str, Callable[[], str]] = {
    Reason.HELD: lambda: _("Payments to the payee are on hold."),
    Reason.NO_ROUTE: lambda: _("There is no way to pay to the country where the payee says they live."),
    Reason.NO_ACCOUNT: lambda: _("The payee has no account to pay to any more."),
    Reason.ACCOUNT_REFUSED: lambda: _("Stripe refused the payee's account."),
    Reason.COUNTRY_CHANGED: lambda: _("The payee changed their country; finance has to look at it before they are paid."),
    Reason.ACCOUNT_PAUSED: lambda: _("We have paused the payee's account with Stripe."),
    Reason.ACCOUNT_CHECKED: lambda: _("Stripe is checking the payee's details."),
    Reason.NOT_ONBOARDED: lambda: _("The payee's account cannot be paid any more: Stripe needs something of them."),
    Reason.BANK_NEEDED: lambda: _("Stripe cannot pay out to the payee's bank account; they have to give another one."),
    Reason.ACCOUNT_CHANGED: lambda: _("The payee's account is another one than when the run was quoted."),
    Reason.COOLING: lambda: _("The payee changed where their money goes, and the time in which they can object is not over."),
    Reason.UNCOVERED: lambda: _("A bank has taken back the brand's payment that this was to be paid from."),
}
SENTENCES: Mapping[str, Callable[[], str]] = {
    **LEFT_OUT,
    "insufficient_capabilities_for_transfer": lambda: _("The payee's account cannot be paid yet: Stripe still needs something of them."),
    "account_closed": lambda: _("The payee's account with Stripe was closed."),
    "account_invalid": lambda: _("Stripe does not know the payee's account any more."),
    "resource_missing": lambda: _("Stripe does not know the payee's account any more."),
    "transfers_not_allowed": lambda: _("Stripe does not allow payments to this account."),
    "amount_too_small": lambda: _("The amount is below what Stripe sends."),
    "amount_too_large": lambda: _("The amount is above what Stripe sends at once."),
}  # fmt: skip

"""The one thing that a person does next, so that what they earned reaches them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core.people import Actor, Person
from campaigns.core.words import _, current_locale
from campaigns.payments.models import PayoutAccount
from campaigns.payments.reach import reach
from campaigns.payments.routes import dropped_sentence, no_route_sentence, route_to
from campaigns.payout.balances.reasons import Reason
from campaigns.payout.earnings.queries import Purse


class Deed(StrEnum):
    """What there is to do; nothing where only time or we can do something."""

    SAY_COUNTRY = "say_country"
    OPEN_ACCOUNT = "open_account"
    FINISH_FORM = "finish_form"
    WRITE = "write"
    NOTHING = "nothing"


# What there is to do about each reason; of several, the first is the one to see to: nothing behind it helps before.
STEPS: Mapping[Reason, Deed] = {
    Reason.HELD: Deed.WRITE,
    Reason.ACCOUNT_REFUSED: Deed.WRITE,
    Reason.NO_ROUTE: Deed.SAY_COUNTRY,
    Reason.COUNTRY_CHANGED: Deed.NOTHING,
    Reason.NO_ACCOUNT: Deed.OPEN_ACCOUNT,
    Reason.ACCOUNT_PAUSED: Deed.WRITE,
    Reason.ACCOUNT_CHECKED: Deed.NOTHING,
    Reason.NOT_ONBOARDED: Deed.FINISH_FORM,
    Reason.BANK_NEEDED: Deed.FINISH_FORM,
    Reason.COOLING: Deed.WRITE,
    Reason.UNCOVERED: Deed.NOTHING,
    Reason.NEGATIVE: Deed.NOTHING,
    Reason.BELOW_MINIMUM: Deed.NOTHING,
    Reason.ACCOUNT_CHANGED: Deed.NOTHING,
    Reason.ON_ITS_WAY: Deed.NOTHING,
}
URGENT = tuple(STEPS)


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do, and why."""

    deed: Deed
    sentence: str


def next_step(session: Session, purses: Sequence[Purse], *, by: Actor, at: datetime) -> NextStep | None:
    """What stands between the actor and their money; None for whoever has earned nothing, has nothing proposed and could be paid."""
    if not any(purse.balance or purse.proposed or purse.bank_returned for purse in purses):
        return _dropped(session, by, at)
    stuck = sorted(((purse.reason, purse) for purse in purses if purse.reason), key=lambda each: URGENT.index(each[0]))
    if stuck:
        return _for_reason(session, *stuck[0], by)
    if waits := _other_bank(session, purses, by) or _dropped(session, by, at):
        return waits
    if waiting := next((purse.sentence for purse in purses if purse.withheld), None):
        return _asked_of(session, by) or NextStep(Deed.NOTHING, waiting)
    if any(purse.balance for purse in purses):
        return _asked_of(session, by) or NextStep(Deed.NOTHING, _("Nothing to do. The next payout run will pay your balance."))
    return _before_the_first(session, by)


def _dropped(session: Session, by: Actor, at: datetime) -> NextStep | None:
    """What someone reads whose account is where money can no longer be sent."""
    account = _account(session, by)
    if account is None or account.is_refused or route_to(reach(session), account.country, at):
        return None
    return NextStep(Deed.NOTHING, dropped_sentence(account.country))


def _for_reason(session: Session, reason: Reason, purse: Purse, by: Actor) -> NextStep:
    sentence, account = purse.sentence or "", _account(session, by)
    if reason is Reason.NO_ROUTE and session.get_one(Person, by.person).country:
        return NextStep(Deed.NOTHING, sentence)
    if reason is Reason.NOT_ONBOARDED and account is not None and account.state == "promised":
        return _being_opened()
    return NextStep(STEPS[reason], sentence)


def _before_the_first(session: Session, by: Actor) -> NextStep:
    """The way is made ready while the first proposal is still open for comments."""
    account = _account(session, by)
    if session.get_one(Person, by.person).country is None:
        return NextStep(Deed.SAY_COUNTRY, no_route_sentence(None))
    if account is None:
        return NextStep(Deed.OPEN_ACCOUNT, _("Set up payouts now, so that your share can be paid once its proposal is final."))
    if account.state == "promised":
        return _being_opened()
    if account.is_stopped:
        return _not_yet_active(account)
    ready = _("Nothing to do. You are ready to be paid once a proposal is final.")
    return _asked_of(session, by) or NextStep(Deed.NOTHING, ready)


def _other_bank(session: Session, purses: Sequence[Purse], by: Actor) -> NextStep | None:
    """What to do about a payment that the reader's bank sent back."""
    account = _account(session, by)
    if not any(purse.bank_returned for purse in purses) or account is None:
        return None
    if account.pays_out:
        again = _("Nothing to do. Stripe is paying the returned amount to your new bank account, which takes a few days.")
        return NextStep(Deed.NOTHING, again)
    return NextStep(Deed.FINISH_FORM, _("Your bank returned a payment to Stripe. Give Stripe another bank account to receive it."))


def _asked_of(session: Session, by: Actor) -> NextStep | None:
    """What Stripe wants to know of someone who can be paid meanwhile."""
    account = _account(session, by)
    if account is None or account.is_stopped or not account.requirements:
        return None
    if account.due_by is None:
        return NextStep(Deed.FINISH_FORM, _("Stripe needs more information. Provide it soon, or payments to you will stop."))
    zone = ZoneInfo(session.get_one(Person, by.person).time_zone)
    day = format_date(account.due_by.astimezone(zone), "long", locale=current_locale())
    asked = _("Stripe needs more information. Provide it by {day}, or payments to you will stop.", day=day)
    return NextStep(Deed.FINISH_FORM, asked)


def _not_yet_active(account: PayoutAccount) -> NextStep:
    if account.stop == "refused":
        return NextStep(Deed.WRITE, _("Stripe has declined your account. Contact us, and we will look for another way to pay you."))
    if account.stop == "paused":
        return NextStep(Deed.WRITE, _("We have paused your Stripe account. Contact us, and we will tell you what is needed."))
    if account.stop == "checked":
        return NextStep(Deed.NOTHING, _("Nothing to do. Stripe is checking your details, which can take a few days."))
    return NextStep(Deed.FINISH_FORM, _("Stripe still needs information from you. Provide it before the proposal is final."))


def _being_opened() -> NextStep:
    return NextStep(Deed.NOTHING, _("Your Stripe account is being opened. Check again in a minute and complete your details there."))


def _account(session: Session, by: Actor) -> PayoutAccount | None:
    return session.scalars(select(PayoutAccount).where(PayoutAccount.person_id == by.person)).one_or_none()

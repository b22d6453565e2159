"""The one thing that a person does next, so that what they earned reaches them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core.people import Actor, Person
from campaigns.core.words import _
from campaigns.payments.models import PayoutAccount
from campaigns.payments.routes import no_route_sentence
from campaigns.payout.money import Purse

# Of several reasons, the first is the one to see to: nothing behind it helps before.
URGENT = ("held", "account_refused", "no_route", "no_account", "not_onboarded", "negative", "below_minimum", "on_its_way")


class Deed(StrEnum):
    """What there is to do; nothing where only time or we can do something."""

    SAY_COUNTRY = "say_country"
    OPEN_ACCOUNT = "open_account"
    FINISH_FORM = "finish_form"
    WRITE = "write"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do, and why."""

    deed: Deed
    sentence: str


def next_step(session: Session, purses: Sequence[Purse], *, by: Actor) -> NextStep | None:
    """What stands between the actor and their money; None for whoever has earned nothing and has nothing proposed."""
    if not any(purse.balance or purse.proposed for purse in purses):
        return None
    stuck = sorted((purse for purse in purses if purse.reason), key=lambda purse: URGENT.index(purse.reason or ""))
    if stuck:
        return _for_reason(session, stuck[0], by)
    if any(purse.balance for purse in purses):
        return NextStep(Deed.NOTHING, _("Nothing: the next payout run takes what is on your account."))
    return _before_the_first(session, by)


def _for_reason(session: Session, purse: Purse, by: Actor) -> NextStep:
    sentence, account = purse.sentence or "", _account(session, by)
    if purse.reason == "no_route":
        return NextStep(Deed.NOTHING if session.get_one(Person, by.person).country else Deed.SAY_COUNTRY, sentence)
    if purse.reason == "not_onboarded" and account is not None and account.state == "promised":
        return _being_opened()
    deeds = {"held": Deed.WRITE, "account_refused": Deed.WRITE, "no_account": Deed.OPEN_ACCOUNT, "not_onboarded": Deed.FINISH_FORM}
    return NextStep(deeds.get(purse.reason or "", Deed.NOTHING), sentence)


def _before_the_first(session: Session, by: Actor) -> NextStep:
    """The way is made ready while the first proposal is still open for comments."""
    account = _account(session, by)
    if session.get_one(Person, by.person).country is None:
        return NextStep(Deed.SAY_COUNTRY, no_route_sentence(None))
    if account is None:
        return NextStep(Deed.OPEN_ACCOUNT, _("Set up how you are paid now; then your share goes out once its proposal is final."))
    if account.state == "promised":
        return _being_opened()
    if account.state == "onboarding":
        return NextStep(Deed.FINISH_FORM, _("Stripe still needs something from you. Finish it before the proposal is final."))
    return NextStep(Deed.NOTHING, _("Nothing: you are ready to be paid. What is proposed can be paid once its proposal is final."))


def _being_opened() -> NextStep:
    return NextStep(Deed.NOTHING, _("Your account with Stripe is being opened; look again in a minute, and finish your details there."))


def _account(session: Session, by: Actor) -> PayoutAccount | None:
    return session.scalars(select(PayoutAccount).where(PayoutAccount.person_id == by.person)).one_or_none()

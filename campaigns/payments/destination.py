"""Where somebody's money goes: changed only by who has proven themselves, told to them, and counted after a cooling time.

What is done on the provider's form is the provider's to know; so an account that was ready to be paid to cools once the form is opened.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.errors import ProofNeeded
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.payments.actions import cool
from campaigns.payments.errors import NotOpened
from campaigns.payments.models import PayoutAccount
from campaigns.payments.queries import payout_account

# So long the way to the form stays open, and what is asked again is the same opening.
OPEN_FOR = timedelta(minutes=10)


def open_form(session: Session, *, by: Actor, at: datetime) -> PayoutAccount:
    """Open the way to the provider's form; an account that was ready cools from now on, and its owner is told.

    Within minutes a second time changes nothing. Raises ProofNeeded, NoPayoutAccount.
    """
    require_proof(by)
    payout_account(session, by.person)
    account = session.scalars(select(PayoutAccount).where(PayoutAccount.person_id == by.person).with_for_update()).one()
    if account.state != "active" or is_open(account, at):
        return account
    account.form_opened_at, until = at, cool(account, at)
    events.record(session, EventName.PAYOUT_DESTINATION_OPENED, by=by, at=at, person=str(by.person), until=until.isoformat())
    return account


def require_open(session: Session, *, by: Actor, at: datetime) -> PayoutAccount:
    """The actor's account, if the way to the provider's form is open; raises ProofNeeded, NoPayoutAccount, NotOpened."""
    require_proof(by)
    account = payout_account(session, by.person)
    if account.state == "active" and not is_open(account, at):
        raise NotOpened(_("First confirm that you want to change your payout account."))
    return account


def require_proof(by: Actor) -> None:
    """Raise ProofNeeded where real money goes out and the actor has not lately proven that it is them."""
    by.require(Permission.RECEIVE)
    if settings().moves_real_money and not by.is_proven:
        raise ProofNeeded(_("This changes where your money is paid. Confirm your identity with your passkey or a code."))


def is_open(account: PayoutAccount, at: datetime) -> bool:
    """Whether the way to the form was opened minutes ago."""
    return account.form_opened_at is not None and account.form_opened_at <= at < account.form_opened_at + OPEN_FOR

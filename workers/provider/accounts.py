"""Payees' accounts, made and looked at with the provider."""

from uuid import UUID

from sqlalchemy import select

from campaigns.core import clock, outbox
from campaigns.core.people import Person
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.payments.actions import SOONEST, ask_after, note_account, note_refused_account
from campaigns.payments.errors import AccountNotReady, ProviderAway
from campaigns.payments.models import PayoutAccount
from campaigns.payments.money_out import MoneyOut
from campaigns.payments.provider_errors import Definite, GatewayError
from campaigns.payments.queries import payout_account
from notifications.addresses import BACK_PATH, ONBOARDING_PATH
from workers.transactions import unit_of_work


def create_payout_account(money_out: MoneyOut, claimed: outbox.Claimed) -> None:
    """Handler of `payout_account`: have the provider make the account."""
    with unit_of_work() as session:
        account = session.get_one(PayoutAccount, UUID(claimed.body["account"]))
        person = session.get_one(Person, account.person_id)
    if account.state != "promised":
        return
    looked_at, metadata = clock.process_now(), {"person": str(person.id)}
    try:
        made = money_out.create_account(
            account.country, person.email, account.agreement, key=f"account:{account.id}", metadata=metadata
        )  # fmt: skip
    except Definite as refused:
        with unit_of_work() as session:
            note_refused_account(session, account.id, refused.code, at=clock.business_now(session))
        return
    with unit_of_work() as session:
        note_account(session, made, person_id=person.id, looked_at=looked_at, at=clock.business_now(session))


def look_at_account(money_out: MoneyOut, provider_id: str) -> None:
    """Fetch a payee's account and note how it stands."""
    looked_at = clock.process_now()
    account = money_out.fetch_account(provider_id)
    with unit_of_work() as session:
        owner = session.scalar(select(PayoutAccount.person_id).where(PayoutAccount.provider_id == provider_id))
        if owner is not None:
            note_account(session, account, person_id=owner, looked_at=looked_at, at=clock.business_now(session))


def onboarding_link(money_out: MoneyOut, person_id: UUID) -> str:
    """A fresh link to the provider's form; it is good once, so we only ever hand out our own address that mints it."""
    with unit_of_work() as session:
        account = payout_account(session, person_id)
        ask_after(session, person_id, now=clock.process_now(), delay=SOONEST)
    if account.provider_id is None:
        raise AccountNotReady(_("Your payout account is not ready yet; try again in a minute."))
    home = settings().public_url
    try:
        return money_out.account_link(account.provider_id, refresh_url=home + ONBOARDING_PATH, return_url=home + BACK_PATH)
    except GatewayError as error:
        sentence = _("The provider cannot be reached right now. Nothing was changed; try again in a minute.")
        raise ProviderAway(sentence, retry_after=60) from error

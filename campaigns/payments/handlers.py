"""What is enqueued for the provider's side and done by the relay, or looked up there: enqueue (commit), act, record (commit)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from campaigns.core import clock, events, outbox
from campaigns.core.db import unit_of_work
from campaigns.core.people import STRIPE, Person
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.ledger.accounts import Account, bank, payee_losses, stripe_fees, stripe_reserved
from campaigns.payments.actions import SOONEST, ask_after, book_movement, note_account, note_refused_account, settle_movement
from campaigns.payments.errors import AccountNotReady, ProviderAway
from campaigns.payments.gateway import BalanceMovement, Definite, GatewayError, gateway
from campaigns.payments.models import PayoutAccount, ProviderMovement
from campaigns.payments.provider_events import on
from campaigns.payments.queries import movements_due, payout_account
from campaigns.payments.sides import EventOrigin

ONBOARDING_PATH = "/payout/onboarding"
BACK_PATH = "/payout/onboarding/back"
RETURN_PATH = "/payout"


def create_payout_account(claimed: outbox.Claimed) -> None:
    """Handler of `payout_account`: have the provider make the account."""
    with unit_of_work() as session:
        account = session.get_one(PayoutAccount, UUID(claimed.body["account"]))
        person = session.get_one(Person, account.person_id)
    if account.state != "promised":
        return
    looked_at, metadata = clock.process_now(), {"person": str(person.id)}
    try:
        made = gateway().create_account(
            account.country, person.email, account.agreement, key=f"account:{account.id}", metadata=metadata
        )  # fmt: skip
    except Definite as refused:
        with unit_of_work() as session:
            note_refused_account(session, account.id, refused.code, at=clock.business_now(session))
        return
    with unit_of_work() as session:
        note_account(session, made, person_id=person.id, looked_at=looked_at, at=clock.business_now(session))


@on("account", EventOrigin.CONNECT)
def look_at_account(provider_id: str) -> None:
    """Fetch a payee's account and note how it stands."""
    looked_at = clock.process_now()
    account = gateway().fetch_account(provider_id)
    with unit_of_work() as session:
        owner = session.scalar(select(PayoutAccount.person_id).where(PayoutAccount.provider_id == provider_id))
        if owner is not None:
            note_account(session, account, person_id=owner, looked_at=looked_at, at=clock.business_now(session))


def onboarding_link(person_id: UUID) -> str:
    """A fresh link to the provider's form; it is good once, so we only ever hand out our own address that mints it."""
    with unit_of_work() as session:
        account = payout_account(session, person_id)
        ask_after(session, person_id, now=clock.process_now(), delay=SOONEST)
    if account.provider_id is None:
        raise AccountNotReady(_("Your payout account is not ready yet; try again in a minute."))
    home = settings().public_url
    try:
        return gateway().account_link(account.provider_id, refresh_url=home + ONBOARDING_PATH, return_url=home + BACK_PATH)
    except GatewayError as error:
        sentence = _("The provider cannot be reached right now. Nothing was changed; try again in a minute.")
        raise ProviderAway(sentence, retry_after=60) from error


def settle_balance() -> int:
    """Move in the books what the provider has made available since; returns how many movements that were."""
    with unit_of_work() as session:
        due = [row.id for row in movements_due(session, clock.business_now(session))]
    available = [movement_id for movement_id in due if gateway().fetch_movement(movement_id).is_available]
    with unit_of_work() as session:
        for movement_id in available:
            settle_movement(session, movement_id, at=clock.business_now(session))
    return len(available)


def book_own_movements(since: datetime) -> int:
    """Book what moved on our balance without a message of ours: top-ups, payouts to our bank, fees, what is kept back; returns how many."""
    found = [m for m in gateway().movements_since(since) if m.kind in OWN_MOVEMENTS]
    with unit_of_work() as session:
        known = set(session.scalars(select(ProviderMovement.id).where(ProviderMovement.id.in_([m.id for m in found]))))
        new = [m for m in found if m.id not in known]
        for movement in new:
            at = clock.business_now(session)
            book_movement(session, movement, _parts(movement), kind=f"stripe.{movement.kind}", at=at)
            if movement.kind in TOLD and movement.amount < 0:
                events.record(
                    session, "payout.kept_back", by=STRIPE, at=at, kind=movement.kind, amount=-movement.amount, currency=movement.currency
                )
    return len(new)


# Finance is told of money that Stripe keeps back, or takes for a payee.
TOLD = frozenset({"reserve_transaction", "reserved_funds", "reserve_hold", "connect_collection_transfer"})
BETWEEN_US_AND_OUR_BANK = frozenset({"topup", "topup_reversal", "payout", "payout_cancel", "payout_failure"})
CHARGED_TO_US = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee"})
# Kept back of our balance and given free again (https://docs.stripe.com/reports/balance-transaction-types).
KEPT_BACK = frozenset({
    "reserve_transaction", "reserved_funds", "reserve_hold", "reserve_release", "payment_network_reserve_hold",
    "payment_network_reserve_release", "payout_minimum_balance_hold", "payout_minimum_balance_release",
})  # fmt: skip
# A payee's account that was below zero for half a year: the platform bears it.
COLLECTED = frozenset({"connect_collection_transfer"})
OWN_MOVEMENTS = BETWEEN_US_AND_OUR_BANK | CHARGED_TO_US | KEPT_BACK | COLLECTED
OTHER_SIDE: Mapping[str, Callable[[str], Account]] = {
    **dict.fromkeys(BETWEEN_US_AND_OUR_BANK, bank),
    **dict.fromkeys(CHARGED_TO_US, stripe_fees),
    **dict.fromkeys(KEPT_BACK, stripe_reserved),
    **dict.fromkeys(COLLECTED, payee_losses),
}


def _parts(movement: BalanceMovement) -> Mapping[Account, int]:
    return {OTHER_SIDE[movement.kind](movement.currency): abs(movement.amount)}

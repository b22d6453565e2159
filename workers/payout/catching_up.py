"""After a restore: what the provider did since the backup is booked before anything goes out. Opens its own transactions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, Uuid, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from campaigns.core import clock, events
from campaigns.core.event_names import EventName
from campaigns.core.people import STRIPE, SYSTEM, Person
from campaigns.core.restoration import Restoration, behind
from campaigns.core.words import _
from campaigns.ledger.accounts import Entry, payee, stripe_available
from campaigns.ledger.actions import post
from campaigns.payments.gateway import EventFeed
from campaigns.payments.models import PayoutAccount
from campaigns.payments.money_out import MoneyOut, Transfer
from campaigns.payments.provider_errors import Definite, unless_gone
from campaigns.payout.reconciliations.queries import LEEWAY, adopted_among, adoption_of, payouts_named_in
from campaigns.payout.runs.actions import discard_run
from campaigns.payout.runs.models import Payout, PayoutRun
from campaigns.payout.runs.states import OPEN_STATES
from workers.gateways import event_feed, money_in, money_out
from workers.payout.reconciliation import look_at_transfer, reconcile
from workers.provider.accounts import look_at_account
from workers.provider.event_origins import EventOrigin
from workers.provider.missed_events import KEPT, look_at_open
from workers.provider.received_events import about, look_at_each
from workers.provider_events import HEARD
from workers.transactions import unit_of_work

BATCH = 500


def catch_up() -> int:
    """Bring a restored backup up to what the provider did since, and let things go out again; returns how many backups were behind.

    Safe to run again: killed on the way, or when the provider does not answer, it begins anew.
    """
    with unit_of_work() as session:
        restoration = behind(session)
    if restoration is None:
        return 0
    provider, since = money_out(), restoration.taken_at - LEEWAY
    made = list(provider.transfers_since(since))
    give_up_quotes(made)
    settle_payouts(provider, made)
    adopt(provider, made)
    look_again(provider, event_feed(), since)
    reconcile(money_in(), provider)
    with unit_of_work() as session:
        _note(session, restoration.id, clock.business_now(session))
    return 1


def give_up_quotes(made: Sequence[Transfer]) -> None:
    """Discard the quotes of which something was paid since: two people released them, but their word is lost; what was paid is adopted."""
    with unit_of_work() as session:
        named = {item.run_id for item in payouts_named_in(session, made).values()}
        quoted = (
            select(PayoutRun.id)
            .where(PayoutRun.id == any_(literal(list(named), ARRAY(Uuid))), PayoutRun.state == "quoted")
            .order_by(PayoutRun.id)
        )
        at, reason = clock.business_now(session), _("It was released and sent after the restored backup was made.")
        for run_id in session.scalars(quoted).all():
            discard_run(session, run_id, reason, by=SYSTEM, at=at)


def settle_payouts(money_out: MoneyOut, made: Sequence[Transfer]) -> None:
    """Settle the payouts that were still to be sent when the backup was taken, and have been since."""
    with unit_of_work() as session:
        items = payouts_named_in(session, made)
    for transfer in made:
        item = items.get(transfer.metadata.get("payout_item", ""))
        if item and item.state in OPEN_STATES:
            look_at_transfer(money_out, transfer.id)


def adopt(money_out: MoneyOut, made: Sequence[Transfer]) -> None:
    """Book the transfers of whose payouts nothing is known any more to those who have the money."""
    with unit_of_work() as session:
        items, adopted = payouts_named_in(session, made), adopted_among(session, made)
    unknown = [t for t in made if t.id not in adopted and is_unknown(t, items)]
    owners = _owners(money_out, {t.destination for t in unknown})
    ours = [t for t in unknown if t.destination in owners]
    for first in range(0, len(ours), BATCH):
        with unit_of_work() as session:
            at = clock.business_now(session)
            for transfer in ours[first : first + BATCH]:
                _book(session, transfer, owners[transfer.destination], at)


def is_unknown(transfer: Transfer, items: Mapping[str, Payout]) -> bool:
    """Whether a payment was made, and was not taken back, for a payout that is not there or was given up."""
    named = transfer.metadata.get("payout_item")
    if named is None or transfer.reversed_amount == transfer.amount:
        return False
    item = items.get(named)
    return item is None or item.state == "discarded"


def _book(session: Session, transfer: Transfer, person_id: UUID, at: datetime) -> None:
    left = transfer.amount - transfer.reversed_amount
    entry = Entry(payee(person_id, transfer.currency), stripe_available(transfer.currency), left)
    post(session, "payout.adopted", adoption_of(transfer), [entry], at=at)
    about = {"person": str(person_id), "amount": left, "currency": transfer.currency, "transfer": transfer.id}
    events.record(session, EventName.PAYOUT_ADOPTED, by=STRIPE, at=at, **about)  # type: ignore[arg-type]


def _owners(money_out: MoneyOut, destinations: Collection[str]) -> Mapping[str, UUID]:
    """Whose the accounts at the provider are: as we know, or else as the provider was told when they were made."""
    ours = select(PayoutAccount.provider_id, PayoutAccount.person_id)
    with unit_of_work() as session:
        rows = session.execute(ours.where(PayoutAccount.provider_id == any_(literal(list(destinations), ARRAY(String)))))
        owners = {str(account): person_id for account, person_id in rows}
    for account in sorted(set(destinations) - owners.keys()):
        with suppress(Definite, KeyError, ValueError):
            owners[account] = UUID(money_out.fetch_account(account).metadata["person"])
    with unit_of_work() as session:
        there = set(session.scalars(select(Person.id).where(Person.id == any_(literal(list(owners.values()), ARRAY(Uuid))))))
    return {account: person_id for account, person_id in owners.items() if person_id in there}


def look_again(money_out: MoneyOut, event_feed: EventFeed, since: datetime) -> None:
    """Look at everything that an event since then was about, and at the accounts that were not ready.

    Of what is too old for events, at everything that may have changed since.
    """
    with unit_of_work() as session:
        is_old = since < clock.business_now(session) - KEPT
    if is_old:
        look_at_open()
    look_at_each(dict.fromkeys(about(each) for each in event_feed.events_since(since, names=HEARD[EventOrigin.PLATFORM])))
    with unit_of_work() as session:
        accounts: Iterable[str | None] = session.scalars(select(PayoutAccount.provider_id).where(PayoutAccount.state == "onboarding")).all()
    for account in accounts:
        with unless_gone():
            look_at_account(money_out, str(account))


def _note(session: Session, restoration_id: UUID, at: datetime) -> None:
    restoration = session.get_one(Restoration, restoration_id, with_for_update=True)
    restoration.caught_up_at = clock.process_now()
    events.record(session, EventName.INSTALLATION_CAUGHT_UP, by=STRIPE, at=at, backup=restoration.backup)

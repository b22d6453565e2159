"""The reconciliation: what the provider has is compared with what we have, and put right where it can be. Opens its own transactions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from time import sleep

from campaigns.core import clock, outbox
from campaigns.core.people import STRIPE
from campaigns.core.words import _
from campaigns.installation.checks import Fault
from campaigns.payments.actions import note_balance
from campaigns.payments.money_in import MoneyIn
from campaigns.payments.money_out import MoneyOut
from campaigns.payments.provider_errors import Definite
from campaigns.payout.reconciliations.discrepancies import WINDOW, item_of, note_taken_back, put_right, resolve_all_but, waiting_for_money
from campaigns.payout.reconciliations.queries import LEEWAY, FoundDiscrepancy, compare_balance, compare_movements, compare_transfers
from campaigns.payout.runs.actions import resume_run
from campaigns.payout.runs.arriving import return_payout
from campaigns.payout.runs.payouts import Paid, record_outcomes
from campaigns.payout.runs.shortfalls import covers, less
from workers.brief.disputes import look_at_disputes
from workers.payout.negative_balances import look_for_negative_balances
from workers.provider.balances import book_own_movements, settle_balance
from workers.transactions import unit_of_work

TOPUP_TAKES = timedelta(days=7)
LOOKS_AT_BALANCE = 3
SECONDS_BETWEEN_LOOKS = 1.0


def reconcile(money_in: MoneyIn, money_out: MoneyOut, since: datetime | None = None) -> Sequence[FoundDiscrepancy]:
    """Bring the books up to the provider's movements, compare, note what is new, and put right what can be; returns the differences.

    With `since`, only the runs released from then on are compared; only the whole comparison takes a difference found before for resolved,
    and looks for payees' accounts that are below zero.
    """
    settle_balance(money_out)
    book_own_movements(money_out, since or _begin())
    look_at_disputes(money_in, since or _begin())
    differences = compare(money_out, since)
    with unit_of_work() as session:
        at = clock.business_now(session)
        for difference in differences:
            put_right(session, difference, at)
        if since is None:
            resolve_all_but(session, differences, at)
    resume_covered_runs(money_out)
    if since is None:
        look_for_negative_balances(money_out)
    return [d for d in differences if d.kind != "returned"]


def compare(money_out: MoneyOut, since: datetime | None = None) -> Sequence[FoundDiscrepancy]:
    """Every difference between the provider and us in recent transfers and in the balance, with what explains it; changes nothing."""
    begin = since or _begin()
    with unit_of_work() as session:
        end = clock.business_now(session)
    transfers = list(money_out.transfers_since(begin - LEEWAY))
    with unit_of_work() as session:
        found = list(compare_transfers(session, transfers, begin, end))
    of_balance = _look_at_balance(money_out)
    return [*found, *of_balance, *_explain(money_out, {each.currency for each in of_balance}, begin)]


def _begin() -> datetime:
    with unit_of_work() as session:
        return clock.business_now(session) - WINDOW


def _look_at_balance(money_out: MoneyOut) -> Sequence[FoundDiscrepancy]:
    """The differences in the balance that remain when looked at again: money may move between two looks."""
    found: Sequence[FoundDiscrepancy] = []
    for look in range(LOOKS_AT_BALANCE):
        sleep(SECONDS_BETWEEN_LOOKS if look else 0)
        theirs = money_out.balance()
        with unit_of_work() as session:
            found = list(compare_balance(session, theirs))
        if not found:
            break
    return found


def _explain(money_out: MoneyOut, currencies: Collection[str], begin: datetime) -> Sequence[FoundDiscrepancy]:
    """The movements since `begin` that are in no book, in the currencies in which the balance differs."""
    if not currencies:
        return ()
    moved = [each for each in money_out.movements_since(begin - LEEWAY) if each.currency in currencies]
    with unit_of_work() as session:
        return list(compare_movements(session, moved))


def take_back(money_out: MoneyOut, claimed: outbox.Claimed) -> None:
    """Handler of `reverse_transfer`: take back a transfer that should not be; what the payee has spent already, they owe."""
    transfer_id, amount = claimed.body["transfer"], claimed.body["amount"]
    try:
        money_out.reverse_transfer(transfer_id, amount, key=f"reverse:{transfer_id}")
    except Definite:
        resolution = _refused_to_reverse(money_out, transfer_id)
    else:
        resolution = "reversed"
    with unit_of_work() as session:
        note_taken_back(session, transfer_id, resolution, clock.business_now(session))


def _refused_to_reverse(money_out: MoneyOut, transfer_id: str) -> str:
    """Whether an earlier try, whose answer was lost and whose key is forgotten, has taken it all back, or the payee owes it."""
    try:
        transfer = money_out.fetch_transfer(transfer_id)
    except Definite:
        return "owed"
    return "reversed" if transfer.reversed_amount >= transfer.amount else "owed"


def look_at_transfer(money_out: MoneyOut, transfer_id: str) -> None:
    """Settle the payout of a transfer whose fate was unknown, or return what came back; anything odd is the reconciliation's."""
    transfer = money_out.fetch_transfer(transfer_id)
    with unit_of_work() as session:
        item = item_of(session, transfer)
        if item is None:
            return
        at = clock.business_now(session)
        if not transfer.reversed_amount:
            record_outcomes(session, item.run_id, [Paid(item, transfer.id)], at=at, now=clock.process_now())
        elif transfer.reversed_amount == transfer.amount and item.transfer_id == transfer.id:
            return_payout(session, item.id, at=at)


def look_at_balance(money_out: MoneyOut, _about: str) -> None:
    """Our balance grew: book what became available and what came from our bank, and go on with the runs that waited for it."""
    with unit_of_work() as session:
        since = clock.business_now(session) - TOPUP_TAKES
    settle_balance(money_out)
    book_own_movements(money_out, since)
    resume_covered_runs(money_out)


def resume_covered_runs(money_out: MoneyOut) -> None:
    """Note our balance, and go on with the runs that waited for money, oldest first, as far as what is available now covers them."""
    said = money_out.balance()
    kinds: dict[str, Mapping[str, int]] = {currency: held.by_source for currency, held in said.items()}
    with unit_of_work() as session:  # of its own: whoever sends notes it too, and holds the run meanwhile
        note_balance(session, said, at=clock.business_now(session))
    with unit_of_work() as session:
        for run_id, currency, owed, largest in session.execute(waiting_for_money()).all():
            if covers(kinds.get(currency, {}), int(owed), largest):
                kinds[currency] = less(kinds[currency], int(owed))
                resume_run(session, run_id, by=STRIPE, at=clock.business_now(session))


def differences_with_the_provider(money_out: MoneyOut) -> list[Fault]:
    """Everything in which the provider's transfers and balance differ from ours; asks the provider, and changes nothing."""
    found = [f"{difference.kind} {difference.subject}" for difference in compare(money_out)]
    sentence = _("Every payout and balance matches the provider's.")
    return [Fault("payouts_are_as_the_provider_has_them", sentence, found)] if found else []

"""Payouts to payees' banks, looked at: as Stripe tells of them, and where it should have told of one by now."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from campaigns.core import clock, outbox
from campaigns.payments.models import PayoutAccount
from campaigns.payments.money_out import MoneyOut
from campaigns.payments.provider_errors import unless_gone
from campaigns.payout.runs.arriving import note_bank_payout
from campaigns.payout.runs.awaiting import enqueue_due
from campaigns.payout.runs.models import NOT_ARRIVED, BankPayout, Payout
from workers.transactions import unit_of_work

LEEWAY = timedelta(minutes=10)


def enqueue_arrival_looks() -> int:
    """The sweep's part: enqueue a look at each account from which something should have arrived; returns how many."""
    with unit_of_work() as session:
        return enqueue_due(session, at=clock.business_now(session))


def look_at_arrivals(money_out: MoneyOut, claimed: outbox.Claimed) -> None:
    """Handler of `arrivals_look`: look at every payout of one account since the first payment that has not arrived."""
    with unit_of_work() as session:
        account = session.get_one(PayoutAccount, UUID(claimed.body["account"]))
        since = session.scalar(
            select(func.min(Payout.settled_at)).where(Payout.person_id == account.person_id, Payout.state.in_(NOT_ARRIVED))
        )
    if since is None or account.provider_id is None:
        return
    with unless_gone():  # of what is not ours any more nothing will be heard; to hold on to this look would keep others waiting
        for payout in money_out.bank_payouts_since(account.provider_id, since - LEEWAY):
            look_at_bank_payout(money_out, payout, account.provider_id)


def look_at_bank_payout(money_out: MoneyOut, payout_id: str, account_id: str) -> None:
    """Fetch a payout of a payee's account, with those that it sends again, and note what it says of our payments."""
    looked_at = clock.process_now()
    with unit_of_work() as session:
        ours = session.scalar(select(PayoutAccount.id).where(PayoutAccount.provider_id == account_id))
    if ours is None:
        return
    said = money_out.fetch_bank_payout(account_id, payout_id)
    for earlier in _unknown(said.resent):
        look_at_bank_payout(money_out, earlier, account_id)
    with unit_of_work() as session:
        note_bank_payout(session, said, ours, looked_at=looked_at, at=clock.business_now(session))


def _unknown(payouts: Sequence[str]) -> Sequence[str]:
    with unit_of_work() as session:
        known = set(session.scalars(select(BankPayout.id).where(BankPayout.id.in_(payouts))))
    return [each for each in payouts if each not in known]

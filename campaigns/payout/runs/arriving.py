"""Whether what was sent has arrived: the payouts of payees' accounts to their banks, and which of our payments each contains.

What a payment's state is follows from the newest payout that contains it, however late and in whatever order Stripe tells of them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.db import one_of
from campaigns.core.event_names import EventName
from campaigns.core.people import STRIPE
from campaigns.ledger.accounts import Entry, payee, payees_at_stripe, sent_to_payees, stripe_available
from campaigns.ledger.actions import post
from campaigns.payments import balance_gateway as provider
from campaigns.payments.models import PayoutAccount
from campaigns.payout.runs.models import NOT_ARRIVED, SENT, BankedPayout, BankPayout, Payout
from campaigns.payout.runs.states import PayoutState

# What a payment is by the newest payout that contains it; until there is one, or while that is under way, it is only sent.
STANDS = {"paid": PayoutState.PAID, "failed": PayoutState.BANK_RETURNED}


def note_bank_payout(session: Session, said: provider.ProviderBankPayout, account_id: UUID, *, looked_at: datetime, at: datetime) -> None:
    """Note a payout to a bank as it stood when it was looked at, and what of ours has arrived, or come back, by it."""
    new = {
        "account_id": account_id, "currency": said.currency, "amount": said.amount, "state": said.status, "failure": said.failure,
        "made_at": said.made_at, "arrives_at": said.arrives_at, "looked_at": looked_at,
    }  # fmt: skip
    changes = {name: new[name] for name in ("state", "failure", "arrives_at", "looked_at")}
    noted = insert(BankPayout).values(id=said.id, **new)
    session.execute(noted.on_conflict_do_update(index_elements=[BankPayout.id], set_=changes, where=BankPayout.looked_at < looked_at))
    members = _contained(session, said)
    if members:
        rows = [{"bank_payout_id": said.id, "payout_id": payout_id} for payout_id in members]
        session.execute(insert(BankedPayout).values(rows).on_conflict_do_nothing())
    if _follow(session, said.id, at):
        # It pays out as it should: what of theirs is still awaited is asked after from the start.
        session.execute(update(PayoutAccount).where(PayoutAccount.id == account_id).values(arrivals_asks=0, arrivals_ask_at=None))


def _contained(session: Session, said: provider.ProviderBankPayout) -> set[UUID]:
    """Our payments in a payout: those whose transfers it contains, and those of the payouts that it sends again."""
    transferred = select(Payout.id).where(Payout.transfer_id.in_(said.transfers))
    again = select(BankedPayout.payout_id).where(BankedPayout.bank_payout_id.in_(said.resent))
    return {*session.scalars(transferred), *session.scalars(again)}


def _follow(session: Session, payout_id: str, at: datetime) -> bool:
    """Have every payment in a payout stand as the newest payout that contains it says; whether one has arrived now."""
    theirs = select(BankedPayout.payout_id).where(BankedPayout.bank_payout_id == payout_id)
    query = select(Payout).where(Payout.id.in_(theirs), Payout.state.in_(SENT)).order_by(Payout.id).with_for_update()
    items = session.scalars(query.execution_options(populate_existing=True)).all()
    newest = _newest(session, [item.id for item in items])
    changed = []
    for item in items:
        bank_payout = newest[item.id]
        stands = STANDS.get(bank_payout.state, PayoutState.SENT)
        if item.state != stands:
            _change(session, item, stands, bank_payout, at)
            changed.append(stands)
    return PayoutState.PAID in changed


def _newest(session: Session, items: Sequence[UUID]) -> Mapping[UUID, BankPayout]:
    """The newest payout that contains each payment."""
    query = select(BankedPayout.payout_id, BankPayout).join(BankPayout, BankPayout.id == BankedPayout.bank_payout_id)
    query = query.where(one_of(BankedPayout.payout_id, items)).order_by(BankPayout.made_at, BankPayout.id)
    return dict(session.execute(query, execution_options={"populate_existing": True}).all())


def _change(session: Session, item: Payout, stands: PayoutState, bank_payout: BankPayout, at: datetime) -> None:
    was = item.state
    item.move(stands)
    item.arrived_at = min(at, max(bank_payout.arrives_at, item.settled_at or at)) if stands == PayoutState.PAID else None
    there, here = sent_to_payees(item.currency), payees_at_stripe(item.currency)
    if PayoutState.PAID in (was, stands):
        entry = Entry(there, here, item.amount, ref=item.id) if stands == PayoutState.PAID else Entry(here, there, item.amount, ref=item.id)
        kind = "payout.arrived" if stands == PayoutState.PAID else "payout.bank_returned"
        post(session, kind, f"item:{item.id}:{bank_payout.id}:{stands}", [entry], at=at)
    if stands == PayoutState.SENT:
        return
    events.record(
        session, EventName.PAYOUT_ARRIVED if stands == PayoutState.PAID else EventName.PAYOUT_BANK_RETURNED, by=STRIPE, at=at,
        reason=bank_payout.failure,
        item=str(item.id), person=str(item.person_id), run=str(item.run_id), amount=item.amount, currency=item.currency,
    )  # fmt: skip


def return_payout(session: Session, payout_id: UUID, *, at: datetime) -> Payout:
    """A transfer came back: the amount is on the payee's account again; a second time changes nothing."""
    item = session.scalars(select(Payout).where(Payout.id == payout_id).with_for_update()).one()
    if item.state in SENT:
        if item.state in NOT_ARRIVED:
            never = Entry(sent_to_payees(item.currency), payees_at_stripe(item.currency), item.amount, ref=item.id)
            post(session, "payout.taken_back", f"item:{item.id}:taken_back", [never], at=at)
        item.move(PayoutState.RETURNED)
        item.arrived_at = None
        back = Entry(stripe_available(item.currency), payee(item.person_id, item.currency), item.amount, ref=item.id)
        post(session, "payout.returned", f"item:{item.id}:returned", [back], at=at)
        events.record(
            session, EventName.PAYOUT_RETURNED, by=STRIPE, at=at, item=str(item.id), person=str(item.person_id), amount=item.amount
        )
    return item

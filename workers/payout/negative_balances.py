"""The search for payees' accounts below zero."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Row, exists, select
from sqlalchemy.dialects.postgresql import insert

from campaigns.core import clock
from campaigns.payments.balance_gateway import Shortfall
from campaigns.payments.models import PayoutAccount
from campaigns.payments.money_out import MoneyOut
from campaigns.payments.provider_errors import unless_gone
from campaigns.payout.reconciliations import negative_balances
from campaigns.payout.reconciliations.models import NegativeBalance, ShortfallSearch
from campaigns.payout.reconciliations.negative_balances import note_shortfalls
from workers.payout.sending import pace
from workers.transactions import unit_of_work

READ_AT_ONCE = 500


def look_for_negative_balances(money_out: MoneyOut) -> None:
    """Note which accounts are below zero: those known to be are looked at, then others until all that Stripe reserves is explained.

    Of those no more than may be asked about in one search; the next goes on where it stopped. Opens its own transactions.
    """
    reserved = Counter({currency: held.reserved for currency, held in money_out.balance().items()})
    is_known = exists().where(NegativeBalance.account_id == PayoutAccount.id)
    with unit_of_work() as session:
        known = set(session.scalars(select(PayoutAccount.id).where(is_known)))
        before = session.get(ShortfallSearch, 1)
    found = Counter[str]()
    for account_id, provider_id in _accounts(PayoutAccount.id.in_(known)):
        found.update(_look_at(money_out, account_id, provider_id))
    others, asked = _others(known, before.left_off if before else None), list[UUID]()
    while not reserved <= found and len(asked) < negative_balances.ASKED_AT_MOST and (account := next(others, None)):
        found.update(_look_at(money_out, *account))
        asked.append(account[0])
    _note_end(asked[-1] if len(asked) == negative_balances.ASKED_AT_MOST and not reserved <= found else None)


def _others(known: Collection[UUID], left_off: UUID | None) -> Iterator[tuple[UUID, str]]:
    """The accounts that are not known to be below zero: those after the one where the last search stopped, then the rest."""
    unknown = PayoutAccount.id.not_in(known)
    if left_off is None:
        yield from _accounts(unknown)
    else:
        yield from _accounts(unknown & (PayoutAccount.id < left_off))
        yield from _accounts(unknown & (PayoutAccount.id >= left_off))


def _note_end(left_off: UUID | None) -> None:
    with unit_of_work() as session:
        ended = {"left_off": left_off, "ended_at": clock.business_now(session)}
        noted = insert(ShortfallSearch).values(id=1, **ended)
        session.execute(noted.on_conflict_do_update(index_elements=[ShortfallSearch.id], set_=ended))


def _accounts(which: ColumnElement[bool]) -> Iterator[tuple[UUID, str]]:
    """These accounts with their ids at Stripe, the newest first; read a few hundred at a time, since there may be as many as people."""
    query = select(PayoutAccount.id, PayoutAccount.provider_id).where(which, PayoutAccount.provider_id.is_not(None))
    query = query.order_by(PayoutAccount.id.desc()).limit(READ_AT_ONCE)
    rows: Sequence[Row[UUID, str | None]] = ()
    while True:
        with unit_of_work() as session:
            rows = session.execute(query.where(PayoutAccount.id < rows[-1].id) if rows else query).all()
        yield from ((row.id, str(row.provider_id)) for row in rows)
        if len(rows) < READ_AT_ONCE:
            return


def _look_at(money_out: MoneyOut, account_id: UUID, provider_id: str) -> Mapping[str, int]:
    """Note how an account stands now; by how much it is below zero in each currency."""
    said: Sequence[Shortfall] = ()
    pace().wait()
    with unless_gone():
        said = money_out.fetch_shortfalls(provider_id)
    with unit_of_work() as session:
        note_shortfalls(session, account_id, said, clock.business_now(session))
    return {each.currency: -each.amount for each in said}

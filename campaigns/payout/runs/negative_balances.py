"""Payees whose account at Stripe is below zero: looked for in each whole comparison with Stripe, listed for finance.

Stripe reserves as much of our balance as all of them together are short of, so its sum says whether one is still unknown
(https://support.stripe.com/questions/connect-reserves-faq). Where an account is short in its own currency and Stripe reserves in ours, no
sum ever says so: each search asks about so many accounts at most, and the next one goes on where it stopped.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from babel.dates import format_date
from sqlalchemy import ColumnElement, Row, and_, delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns.core import clock
from campaigns.core.db import unit_of_work
from campaigns.core.ids import new_id
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.words import _, current_locale
from campaigns.ledger.models import LedgerAccount
from campaigns.payments.balance_gateway import Shortfall
from campaigns.payments.gateway import gateway
from campaigns.payments.models import PayoutAccount
from campaigns.payments.provider_events import unless_gone
from campaigns.payout.runs.models import NegativeBalance, ShortfallSearch
from campaigns.payout.runs.queries import PAGE
from campaigns.payout.runs.sending import pace

# How long Stripe waits before it takes from us for good what an account is short of.
COLLECTED_AFTER = timedelta(days=180)
READ_AT_ONCE = 500
# Accounts that are not known to be below zero and are asked about in one search: each takes a question.
ASKED_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Negative:
    """A payee's account below zero: whose it is, its id at Stripe, and their account in our books, None where they earned nothing."""

    balance: NegativeBalance
    person_id: UUID
    name: str
    account: str
    books: UUID | None

    @property
    def sentence(self) -> str:
        """What becomes of it."""
        day = format_date((self.balance.since + COLLECTED_AFTER).astimezone(UTC), "long", locale=current_locale())
        return _(
            "Stripe deducts it from the next payment to them. Until then Stripe reserves the same amount of our balance; "
            "after {day} it takes it from us.", day=day,
        )  # fmt: skip


def negative_balances(session: Session, *, by: Actor, before: UUID | None = None, limit: int = PAGE) -> Sequence[Negative]:
    """The accounts below zero, the one found last first, up to `limit` found before `before`."""
    by.require(Permission.VIEW_MONEY)
    is_theirs = and_(LedgerAccount.kind == "payee", LedgerAccount.owner_id == Person.id, LedgerAccount.currency == NegativeBalance.currency)
    query = select(NegativeBalance, Person.id, Person.name, PayoutAccount.provider_id, LedgerAccount.id)
    query = query.join(PayoutAccount, PayoutAccount.id == NegativeBalance.account_id).join(Person, Person.id == PayoutAccount.person_id)
    query = query.outerjoin(LedgerAccount, is_theirs).order_by(NegativeBalance.id.desc()).limit(limit)
    rows = session.execute(query.where(NegativeBalance.id < before) if before else query)
    return [Negative(stands, owner, name, str(account), books) for stands, owner, name, account, books in rows]


def look_for_negative_balances() -> None:
    """Note which accounts are below zero: those known to be are looked at, then others until all that Stripe reserves is explained.

    Of those no more than may be asked about in one search; the next goes on where it stopped. Opens its own transactions.
    """
    reserved = Counter({currency: held.reserved for currency, held in gateway().balance().items()})
    is_known = exists().where(NegativeBalance.account_id == PayoutAccount.id)
    with unit_of_work() as session:
        known = set(session.scalars(select(PayoutAccount.id).where(is_known)))
        before = session.get(ShortfallSearch, 1)
    found = Counter[str]()
    for account_id, provider_id in _accounts(PayoutAccount.id.in_(known)):
        found.update(_look_at(account_id, provider_id))
    others, asked = _others(known, before.left_off if before else None), list[UUID]()
    while not reserved <= found and len(asked) < ASKED_AT_MOST and (account := next(others, None)):
        found.update(_look_at(*account))
        asked.append(account[0])
    _note_end(asked[-1] if len(asked) == ASKED_AT_MOST and not reserved <= found else None)


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


def why_unexplained(session: Session, *, by: Actor) -> str | None:
    """That the last search stopped before it had explained all that Stripe reserves; None where it had not to."""
    by.require(Permission.VIEW_MONEY)
    ended = session.get(ShortfallSearch, 1)
    if ended is None or ended.left_off is None:
        return None
    return _(
        "Stripe reserves more than these accounts are short of. The last comparison stopped after checking {count} more accounts; the "
        "next one continues from there. An account that is short in its own currency can be the reason, because Stripe reserves in ours.",
        count=ASKED_AT_MOST,
    )


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


def _look_at(account_id: UUID, provider_id: str) -> Mapping[str, int]:
    """Note how an account stands now; by how much it is below zero in each currency."""
    said: Sequence[Shortfall] = ()
    pace().wait()
    with unless_gone():
        said = gateway().fetch_shortfalls(provider_id)
    with unit_of_work() as session:
        _note(session, account_id, said, clock.business_now(session))
    return {each.currency: -each.amount for each in said}


def _note(session: Session, account_id: UUID, said: Sequence[Shortfall], at: datetime) -> None:
    gone = NegativeBalance.account_id == account_id, NegativeBalance.currency.not_in([each.currency for each in said])
    session.execute(delete(NegativeBalance).where(*gone))
    for each in said:
        stands = {"amount": each.amount, "since": each.since, "cause": each.cause, "looked_at": at}
        noted = insert(NegativeBalance).values(id=new_id(), account_id=account_id, currency=each.currency, **stands)
        known_as = [NegativeBalance.account_id, NegativeBalance.currency]
        session.execute(noted.on_conflict_do_update(index_elements=known_as, set_=stands))

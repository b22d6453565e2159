"""Payees whose account at Stripe is below zero: looked for in each whole comparison with Stripe, listed for finance.

Stripe reserves as much of our balance as all of them together are short of, so its sum says whether one is still unknown
(https://support.stripe.com/questions/connect-reserves-faq). Where an account is short in its own currency and Stripe reserves in ours, no
sum ever says so: each search asks about so many accounts at most, and the next one goes on where it stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from babel.dates import format_date
from sqlalchemy import and_, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns.core.ids import new_id
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.words import _, current_locale
from campaigns.ledger.models import LedgerAccount
from campaigns.payments.balance_gateway import Shortfall
from campaigns.payments.models import PayoutAccount
from campaigns.payout.balances.queries import PAGE
from campaigns.payout.reconciliations.models import NegativeBalance, ShortfallSearch

# How long Stripe waits before it takes from us for good what an account is short of.
COLLECTED_AFTER = timedelta(days=180)
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


def note_shortfalls(session: Session, account_id: UUID, said: Sequence[Shortfall], at: datetime) -> None:
    gone = NegativeBalance.account_id == account_id, NegativeBalance.currency.not_in([each.currency for each in said])
    session.execute(delete(NegativeBalance).where(*gone))
    for each in said:
        stands = {"amount": each.amount, "since": each.since, "cause": each.cause, "looked_at": at}
        noted = insert(NegativeBalance).values(id=new_id(), account_id=account_id, currency=each.currency, **stands)
        known_as = [NegativeBalance.account_id, NegativeBalance.currency]
        session.execute(noted.on_conflict_do_update(index_elements=known_as, set_=stands))

"""In what the provider's side differs from ours, and which payees' accounts are below zero."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.db import Amount, Base, Currency, Id


class NegativeBalance(Base):
    """By how much a payee's account at Stripe is below zero in one currency, in minor units, when last looked at; gone once it is not.

    `since` is when it went below zero, `cause` Stripe's name for the kind of movement that took it there.
    """

    __tablename__ = "negative_balance"

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("payout_account.id"))
    currency: Mapped[Currency]
    amount: Mapped[Amount]
    since: Mapped[datetime]
    cause: Mapped[str] = mapped_column(String(40))
    looked_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("account_id", "currency"), CheckConstraint("amount < 0", name="amount"))


class ShortfallSearch(Base):
    """How the last search for accounts below zero ended: `left_off` is the account asked about last, None where nothing is left to find."""

    __tablename__ = "shortfall_search"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, default=1)
    left_off: Mapped[UUID | None]
    ended_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("id = 1", name="one"),)


class Discrepancy(Base):
    """Something in which the provider and our rows disagree, found by the reconciliation and told once."""

    __tablename__ = "payout_discrepancy"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(120))
    amount: Mapped[Amount]
    currency: Mapped[Currency]
    payout_id: Mapped[UUID | None] = mapped_column(ForeignKey("payout.id"))
    found_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str | None] = mapped_column(String(40))

    __table_args__ = (UniqueConstraint("kind", "subject"),)

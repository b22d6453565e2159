"""What we know of the provider's side: payees' accounts and the movements on our balance."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, false, func, true
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.db import Amount, Base, Currency, Id

ACCOUNT_STATES = ("promised", "onboarding", "active", "refused")
# What Stripe gives as the reason where we have paused an account in its dashboard.
PAUSED_BY_US = "platform_paused"


class PayoutAccount(Base):
    """A person's account with the provider: promised, then onboarding until transfers may go to it, then active; or refused.

    `requirements` is what the provider still asks of the person, by `due_by` where it says so; `looked_at` is when the provider was asked,
    so that an older answer that comes late changes nothing. `destination` tells one bank account behind it from another; until
    `cools_until`, business time, nothing is sent there. While it is under way it is asked after at `ask_at`, process time, for the
    `asks`-th time since `asked_since`. Until `heard_until`, by the provider's clock, every event of it has come to us or was fetched.
    `pays_out` says whether what is on it goes on to the person's bank; what does not arrive there is asked after at `arrivals_ask_at`,
    business time, for the `arrivals_asks`-th time.
    """

    __tablename__ = "payout_account"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    country: Mapped[str] = mapped_column(String(2))
    agreement: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12), default="promised")
    provider_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    requirements: Mapped[list[Any]] = mapped_column(default=list)
    due_by: Mapped[datetime | None]
    reason: Mapped[str | None]
    opened_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
    destination: Mapped[str | None] = mapped_column(String(64))
    cools_until: Mapped[datetime | None]
    form_opened_at: Mapped[datetime | None]
    ask_at: Mapped[datetime | None]
    asks: Mapped[int] = mapped_column(default=0, server_default="0")
    asked_since: Mapped[datetime | None]
    heard_until: Mapped[datetime] = mapped_column(server_default=func.now())
    pays_out: Mapped[bool] = mapped_column(default=True, server_default=true())
    arrivals_ask_at: Mapped[datetime | None]
    arrivals_asks: Mapped[int] = mapped_column(default=0, server_default="0")

    @property
    def is_refused(self) -> bool:
        """Whether the provider never opened it, or rejected it later."""
        return self.state == "refused" or (self.reason or "").startswith("rejected.")

    @property
    def is_stopped(self) -> bool:
        """Whether nothing reaches the person: transfers may not go to it, or nothing goes on from it."""
        return self.state != "active" or not self.pays_out

    @property
    def stop(self) -> str | None:
        """Why nothing reaches the person although nothing is asked of them: refused, paused by us, or checked by the provider."""
        if self.is_refused:
            return "refused"
        is_off = self.state == "onboarding" or (self.state == "active" and not self.pays_out and self.reason is not None)
        if not is_off or self.requirements:
            return None
        return "paused" if self.reason == PAUSED_BY_US else "checked"

    __table_args__ = (
        CheckConstraint("asks >= 0 and (ask_at is null or asked_since is not null)", name="asks"),
        Index("ix_payout_account_heard", "heard_until", "id", postgresql_where="provider_id is not null"),
        Index("ix_payout_account_ask", "ask_at", "id", postgresql_where="ask_at is not null"),
        CheckConstraint(f"state in {ACCOUNT_STATES}", name="state"),
        CheckConstraint("(provider_id is not null) = (state in ('onboarding', 'active'))", name="provider_id"),
    )


class CountryChange(Base):
    """Someone with an account who now says that they live elsewhere: nothing is paid to them until another person has looked at it.

    Written by the database whenever the country changes, by whatever door (migration 0061).
    """

    __tablename__ = "country_change"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    before: Mapped[str | None] = mapped_column(String(2))
    after: Mapped[str | None] = mapped_column(String(2))
    changed_at: Mapped[datetime]
    looked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    looked_at: Mapped[datetime | None]
    note: Mapped[str | None]

    __table_args__ = (
        Index("uq_country_change_open", "person_id", unique=True, postgresql_where="looked_at is null"),
        CheckConstraint("(looked_by is null) = (looked_at is null) and (note is null) = (looked_at is null)", name="looked"),
        CheckConstraint("looked_by <> person_id", name="another_person"),
    )


class ProviderReach(Base):
    """Where the provider sends money from a country that our platform is or was in, as it said at `fetched_at`, process time.

    The row that was fetched last is the one that counts; `since` is when the list that it holds was first said.
    """

    __tablename__ = "provider_reach"

    home: Mapped[str] = mapped_column(String(2), primary_key=True)
    countries: Mapped[list[Any]]
    fetched_at: Mapped[datetime]
    since: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("jsonb_typeof(countries) = 'array' and countries <> '[]'", name="countries"),
        CheckConstraint("since <= fetched_at", name="since"),
    )


class TopUp(Base):
    """Money drawn from our bank onto our balance, which that may take back; `tried_at` is the business time of the first request for it."""

    __tablename__ = "top_up"

    id: Mapped[Id]
    currency: Mapped[Currency]
    amount: Mapped[Amount]
    state: Mapped[str] = mapped_column(String(12), default="promised")
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    provider_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    expected_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(80))

    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("state in ('promised', 'pending', 'succeeded', 'failed', 'canceled', 'reversed')", name="state"),
    )


class StripeBalance(Base):
    """What Stripe said of our balance in a currency when it was last looked at, business time, in minor units.

    `reserved` is what it keeps back, `by_source` what is available of each kind: a transfer takes from one of them alone.
    """

    __tablename__ = "stripe_balance"

    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    available: Mapped[Amount]
    pending: Mapped[Amount]
    reserved: Mapped[Amount]
    by_source: Mapped[dict[str, Any]]
    looked_at: Mapped[datetime]


class ProviderMovement(Base):
    """A movement on our balance with the provider that is in the books; `settled_at` is when the provider made it available."""

    __tablename__ = "provider_movement"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    source: Mapped[str | None] = mapped_column(String(120), index=True)
    amount: Mapped[Amount]
    fee: Mapped[Amount]
    currency: Mapped[Currency]
    available_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    journal_id: Mapped[UUID] = mapped_column(ForeignKey("journal.id"))

    __table_args__ = (Index("ix_provider_movement_pending", "available_at", postgresql_where="settled_at is null"),)


class ProviderConversion(Base):
    """Both sides of a movement that the provider converted: `amount` as it was paid or given back, `settled` as it moved on our balance.

    Below zero where it went out. `rate` is the provider's word, kept as it was said and never computed with; where it said none,
    `rate_is_ours`: what both amounts make. `basis` is what of the charge's own settlement this moves: of the charge all of it, of a refund
    its part; a gain or loss is what `settled` differs from it.
    """

    __tablename__ = "provider_conversion"

    movement_id: Mapped[str] = mapped_column(ForeignKey("provider_movement.id"), primary_key=True)
    charge: Mapped[str] = mapped_column(String(120), index=True)
    journal_id: Mapped[UUID] = mapped_column(ForeignKey("journal.id"), index=True)
    currency: Mapped[Currency]
    amount: Mapped[Amount]
    settled_currency: Mapped[Currency]
    settled: Mapped[Amount]
    basis: Mapped[Amount]
    rate: Mapped[Decimal] = mapped_column(Numeric)
    rate_is_ours: Mapped[bool] = mapped_column(default=False, server_default=false())

    __table_args__ = (
        CheckConstraint("currency <> settled_currency", name="currencies"),
        CheckConstraint("amount <> 0 and sign(amount) = sign(settled) and sign(amount) * basis >= 0", name="sides"),
        CheckConstraint("rate > 0", name="rate"),
    )

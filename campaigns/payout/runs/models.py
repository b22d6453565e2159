"""A run and its payouts, who approved it, within which limits it goes out by itself, and what reached a bank."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, query_expression

from campaigns.core.confirmations import Confirmable
from campaigns.core.db import Amount, Base, Currency, Id
from campaigns.payout.runs.states import PAYOUT_MOVES, RUN_MOVES, PayoutRunState, PayoutState, moved

# Why a run stands still: our balance did not cover it, somebody in finance stopped it, or an operator did on Prefect's page.
SHORT, FINANCE, PREFECT = "balance_insufficient", "finance", "prefect"
SENT = ("sent", "paid", "bank_returned")
NOT_ARRIVED = ("sent", "bank_returned")
# The kinds of our balance; a transfer takes from one alone.
SOURCES = ("card", "bank_account", "fpx")
BANK_STATES = ("pending", "in_transit", "paid", "failed", "canceled")
OPEN = "state in ('ready', 'sending', 'unknown')"
FAILURES = ("failed", "bank_returned", "returned", "unknown")


class PayoutRun(Base):
    """One collection of what is payable in a currency by a route; `sequence` is the moment of the schedule or the caller's key.

    `generation` fences the flow runs that send it, `number` is where their pulse is taken; `file_hash` is what its file had at the quote.
    `cause` is why it is paused, `reason` what somebody wrote about it. The database numbers runs without a gap.
    """

    __tablename__ = "payout_run"

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True, server_default=FetchedValue())
    currency: Mapped[Currency]
    route: Mapped[str] = mapped_column(String(40))
    sequence: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12), default="quoted")
    cause: Mapped[str | None] = mapped_column(String(24))
    reason: Mapped[str | None]
    quoted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    quoted_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    generation: Mapped[int] = mapped_column(default=0)
    flow_run_id: Mapped[UUID | None]
    file_hash: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("currency", "route", "sequence"),
        CheckConstraint(f"state in {tuple(state.value for state in PayoutRunState)}", name="state"),
        CheckConstraint("(cause is not null) = (state = 'paused')", name="cause"),
        CheckConstraint("generation >= 0 and (generation > 0) = (released_at is not null)", name="generation"),
        Index("ix_payout_run_live", "id", postgresql_where="state in ('quoted', 'released', 'paused')"),
    )

    def move(self, to: PayoutRunState) -> None:
        """Bring the run into another state; nothing else does. Raises ImpossibleMoveError."""
        self.state = moved(RUN_MOVES, PayoutRunState(self.state), to)


class Payout(Base):
    """One payment of a run: amount and destination are frozen; `attempt`, and with it `source_type`, changes only when the one before it
    certainly did not happen.

    `first_sent_at` is the business time at which the present attempt may first have reached the provider; `due_at` and `leased_until` are
    process time; `tries` counts its requests of unknown outcome, `server_errors` those in a row that a broken server answered.
    `settled_at` is when its fate at the provider was known, `arrived_at` when the payee's bank had it, `expected_at` when Stripe expects
    that of what is on its way there, where a query asks for it.
    The database checks run and person once for each statement, and lets neither change nor go, as it does for entries.
    """

    __tablename__ = "payout"

    id: Mapped[Id]
    run_id: Mapped[UUID]
    person_id: Mapped[UUID]
    currency: Mapped[Currency]
    amount: Mapped[Amount]
    destination: Mapped[str] = mapped_column(String(120))
    transfer_group: Mapped[str] = mapped_column(String(80))
    source_type: Mapped[str] = mapped_column(String(12), default="card", server_default="card")
    state: Mapped[str] = mapped_column(String(20), default="ready")
    attempt: Mapped[int] = mapped_column(default=1)
    first_sent_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    server_errors: Mapped[int] = mapped_column(default=0)
    transfer_id: Mapped[str | None] = mapped_column(String(120))
    failure: Mapped[str | None] = mapped_column(String(80))
    settled_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    expected_at: Mapped[datetime | None] = query_expression()

    __table_args__ = (
        UniqueConstraint("person_id", "run_id"),
        Index("uq_payout_transfer_id", "transfer_id", unique=True, postgresql_where="transfer_id is not null"),
        Index("uq_payout_open", "person_id", "currency", unique=True, postgresql_where=OPEN),
        Index("ix_payout_open", "run_id", "due_at", postgresql_where=OPEN),
        Index("ix_payout_run_id_state", "run_id", "state", postgresql_include=["amount"]),
        Index("ix_payout_run_id_id", "run_id", "id"),
        CheckConstraint(f"state in {tuple(state.value for state in PayoutState)}", name="state"),
        CheckConstraint(f"source_type in {SOURCES}", name="source_type"),
        CheckConstraint("amount > 0 and attempt >= 1 and tries >= 0 and server_errors >= 0", name="counts"),
        Index("ix_payout_awaited", "settled_at", postgresql_where=f"state in {NOT_ARRIVED}"),
        CheckConstraint(f"(transfer_id is not null) = (state in {(*SENT, 'returned')})", name="transfer"),
        CheckConstraint("(arrived_at is not null) = (state = 'paid')", name="arrived"),
        CheckConstraint("(first_sent_at is not null) or state not in ('sending', 'unknown')", name="first_sent"),
    )

    def move(self, to: PayoutState) -> None:
        """Bring the payout into another state; besides, only statements over many do. Raises ImpossibleMoveError."""
        self.state = moved(PAYOUT_MOVES, PayoutState(self.state), to)


class BankPayout(Base):
    """What Stripe paid out of a payee's account to their bank, under Stripe's id; an answer looked at before `looked_at` changes nothing.

    `made_at` puts the payouts of an account in order, `arrives_at` is the day on which Stripe expects it to arrive.
    """

    __tablename__ = "bank_payout"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("payout_account.id"), index=True)
    currency: Mapped[Currency]
    amount: Mapped[Amount]
    state: Mapped[str] = mapped_column(String(12))
    failure: Mapped[str | None] = mapped_column(String(80))
    made_at: Mapped[datetime]
    arrives_at: Mapped[datetime]
    looked_at: Mapped[datetime]

    __table_args__ = (CheckConstraint(f"state in {BANK_STATES}", name="state"),)


class BankedPayout(Base):
    """A payment of ours that a payout to a bank contains; one that was sent back is in a later one too."""

    __tablename__ = "banked_payout"

    bank_payout_id: Mapped[str] = mapped_column(ForeignKey("bank_payout.id"), primary_key=True)
    payout_id: Mapped[UUID] = mapped_column(ForeignKey("payout.id"), primary_key=True, index=True)


class RunApproval(Base):
    """One person's word that a run may go out; it takes two."""

    __tablename__ = "payout_run_approval"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("payout_run.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[datetime]


class RunLimits(Confirmable, Base):
    """Up to which sums a run in a currency goes out by itself: proposed by one person, in force once a second confirms, until replaced."""

    __tablename__ = "payout_run_limits"

    id: Mapped[Id]
    currency: Mapped[Currency]
    most_per_run: Mapped[Amount]
    most_per_person: Mapped[Amount]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("most_per_run >= 0 and most_per_person >= 0", name="amounts"),
        CheckConstraint("confirmed_by <> proposed_by", name="two_people"),
        Index("ix_payout_run_limits_currency", "currency", "confirmed_at"),
    )

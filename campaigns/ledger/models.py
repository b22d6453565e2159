"""The ledger's tables: written by `post` alone, and guarded by the database itself (migration 0002)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.db import Amount, Base, Currency, Id


class LedgerAccount(Base):
    """An account, never changed once opened; `grows` is D or C."""

    __tablename__ = "account"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(30))
    owner_id: Mapped[UUID]
    currency: Mapped[Currency]
    grows: Mapped[str] = mapped_column(String(1))
    may_overdraw: Mapped[bool]

    __table_args__ = (
        UniqueConstraint("kind", "owner_id", "currency"),
        UniqueConstraint("id", "currency", "grows", "may_overdraw"),
        Index("ix_account_payee_currency", "currency", postgresql_where="kind = 'payee'"),
        CheckConstraint("grows in ('D', 'C')", name="grows"),
    )


class Balance(Base):
    """The sum of an account's entries, kept by the database in the statement that writes them; `total` is on the side the account grows."""

    __tablename__ = "balance"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    currency: Mapped[Currency]
    grows: Mapped[str] = mapped_column(String(1))
    may_overdraw: Mapped[bool]
    debits: Mapped[Amount] = mapped_column(server_default="0")
    credits: Mapped[Amount] = mapped_column(server_default="0")

    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "currency", "grows", "may_overdraw"],
            ["account.id", "account.currency", "account.grows", "account.may_overdraw"],
            name="fk_balance_account",
        ),
        CheckConstraint("debits >= 0 and credits >= 0", name="sides"),
        CheckConstraint("may_overdraw or case grows when 'C' then credits - debits else debits - credits end >= 0", name="overdraft"),
        {"postgresql_with": {"fillfactor": 70}},
    )


class KindTotal(Base):
    """All accounts of a kind in a currency: how many there are and what they sum up to, kept by the database as their balances are."""

    __tablename__ = "kind_total"

    kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    grows: Mapped[str] = mapped_column(String(1))
    accounts: Mapped[Amount] = mapped_column(server_default="0")
    debits: Mapped[Amount] = mapped_column(server_default="0")
    credits: Mapped[Amount] = mapped_column(server_default="0")


class Journal(Base):
    """One business event in money; `key` makes posting it twice impossible, `reverses` names the journal that it undoes."""

    __tablename__ = "journal"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    at: Mapped[datetime]
    reverses: Mapped[UUID | None] = mapped_column(ForeignKey("journal.id"), unique=True)


class LedgerEntry(Base):
    """One amount from one account to another: balanced, because nothing else can be written.

    The database checks its accounts and its journal once for each statement, which for many entries is four times as fast as foreign keys.
    """

    __tablename__ = "entry"

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    journal_id: Mapped[UUID]
    debit_id: Mapped[UUID]
    credit_id: Mapped[UUID]
    currency: Mapped[Currency]
    amount: Mapped[Amount]
    ref: Mapped[UUID | None]
    transaction: Mapped[int] = mapped_column(BigInteger, server_default=text("pg_current_xact_id()::text::bigint"))

    __table_args__ = (
        UniqueConstraint("journal_id", "ref"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("debit_id <> credit_id", name="two_accounts"),
        Index("ix_entry_debit_id_number", "debit_id", "number"),
        Index("ix_entry_credit_id_number", "credit_id", "number"),
    )


class Seal(Base):
    """The hash of one statement's entries, chained to the seal before it."""

    __tablename__ = "seal"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    transaction: Mapped[int] = mapped_column(BigInteger)
    first_entry: Mapped[int] = mapped_column(BigInteger)
    last_entry: Mapped[int] = mapped_column(BigInteger)
    entries: Mapped[int] = mapped_column(BigInteger)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

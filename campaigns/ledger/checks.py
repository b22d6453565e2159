"""What must always be true of the books: each invariant is one question in SQL, whose answer names what breaks it, and one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.core.words import said_later

NAMED = 5


@dataclass(frozen=True, slots=True)
class Invariant:
    """Something that must be true, and the sentence, not yet translated; `sql` selects, in its first column, whatever makes it false."""

    name: str
    sentence: str
    sql: str


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold, with the first few things that break it."""

    invariant: Invariant
    culprits: Sequence[str]


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "balances_are_sums",
        said_later("Every balance equals the sum of its account's entries."),
        """
        with sides as (
            select debit_id as account_id, amount as debit, 0 as credit from entry union all select credit_id, 0, amount from entry
        ), sums as (select account_id, sum(debit) as debits, sum(credit) as credits from sides group by account_id)
        select coalesce(b.account_id, s.account_id) from balance b full join sums s on s.account_id = b.account_id
        where (coalesce(b.debits, 0), coalesce(b.credits, 0)) <> (coalesce(s.debits, 0), coalesce(s.credits, 0))
        """,
    ),
    Invariant(
        "kinds_are_sums",
        said_later("The total for every kind of account equals the sum of its accounts' balances."),
        """
        with sums as (
            select a.kind, a.currency, count(*) as accounts, sum(b.debits) as debits, sum(b.credits) as credits
            from account a join balance b on b.account_id = a.id group by a.kind, a.currency
        )
        select coalesce(k.kind || ' ' || k.currency, s.kind || ' ' || s.currency)
        from kind_total k full join sums s on (s.kind, s.currency) = (k.kind, k.currency)
        where (k.accounts, k.debits, k.credits) is distinct from (s.accounts, s.debits, s.credits)
        """,
    ),
    Invariant(
        "debits_equal_credits",
        said_later("In every currency, total debits equal total credits."),
        "select currency from balance group by currency having sum(debits) <> sum(credits)",
    ),
    Invariant(
        "one_currency",
        said_later("Every entry belongs to a journal and has the same currency as both its accounts."),
        """
        select e.number from entry e
        left join account d on d.id = e.debit_id left join account c on c.id = e.credit_id left join journal j on j.id = e.journal_id
        where j.id is null or (d.currency = e.currency and c.currency = e.currency) is not true
        """,
    ),
    Invariant(
        "no_overdraft",
        said_later("No account is overdrawn unless it may be: money held for brands, reserved for payouts or owed as refunds is there."),
        """
        select a.id from account a left join balance b on b.account_id = a.id
        where (a.may_overdraw or case a.grows when 'C' then b.credits - b.debits else b.debits - b.credits end >= 0) is not true
        """,
    ),
    Invariant(
        "chain_is_unbroken",
        said_later("Every posting is sealed, and every seal matches its entries and the previous seal."),
        """
        select s.number from (
            select *, lag(hash, 1, repeat('0', 64)) over (order by number) as before, row_number() over (order by number) as place from seal
        ) s
        where s.number <> s.place or s.previous_hash <> s.before
           or s.hash is distinct from seal_link(s.before, entries_digest(s.transaction, s.first_entry, s.last_entry))
        """,
    ),
    Invariant(
        "all_is_sealed",
        said_later("Every entry is in the seal chain."),
        """
        select e.number from entry e
        where not exists (select from seal s where e.transaction = s.transaction and e.number between s.first_entry and s.last_entry)
        union all
        select s.first_entry from seal s
        left join entry e on e.transaction = s.transaction and e.number between s.first_entry and s.last_entry
        group by s.number having s.entries <> count(e.number)
        """,
    ),
)


def broken(session: Session, invariants: Sequence[Invariant] = INVARIANTS) -> list[Broken]:
    """The invariants that do not hold."""
    found = ((each, session.scalars(text(each.sql)).fetchmany(NAMED)) for each in invariants)
    return [Broken(each, [str(culprit) for culprit in culprits]) for each, culprits in found if culprits]

"""Posting 60,000 payouts, beside django-hordak's bulk path, pgledger, and a COPY into a table with nothing but a key, on one PostgreSQL.

pgledger is no package: it takes part where PGLEDGER_SQL names its files, with `:` between, in the order in which its README has them run.
"""

import os
from collections.abc import Mapping, Sequence
from statistics import median
from uuid import UUID

import psycopg
from sqlalchemy import select

from campaigns.core import clock
from campaigns.core.ids import new_id
from campaigns.ledger.accounts import Entry, payee, payout_clearing
from campaigns.ledger.actions import post
from campaigns.ledger.models import LedgerAccount
from campaigns.ledger.queries import balance
from flows.supervise.postgres import Cluster
from tests.bench import money
from tests.bench.databases import migrated, running
from tests.bench.environment import ask_peer
from tests.bench.figure import Figure, seconds
from workers.transactions import unit_of_work

PAYOUTS = 60_000
TIMES = 3
AMOUNT = 1000
HORDAK_TIMES, COPY_PART = 20, 5
WHY = (
    "Each entry is in four indexes, updates two balances at once, and is sealed into the hash chain. django-hordak adds a balance up only "
    "when it is asked for, and the plain table has neither indexes nor balances."
)
Took = Mapping[str, float | None]
BARE = "create table bare (number bigint primary key, journal uuid, debit uuid, credit uuid, currency text, amount bigint, ref uuid)"


def measure(scale: float) -> Figure:
    payouts = int(PAYOUTS * scale)
    with running() as cluster, migrated(cluster) as url:
        money.earned_by(payouts)
        money.analysed(url)
        people = payees()
        ours = median(seconds(lambda: posted(people)) for _time in range(TIMES))
        copied = least_copy(url, people)
        hordak = peer(cluster, "hordak_posting", str(cluster.socket_home), "hordak", str(payouts))
        files = os.environ.get("PGLEDGER_SQL", "").split(":")
        pgledger = peer(cluster, "pgledger_posting", cluster.url("pgledger"), str(payouts), *files) if all(files) else None
    theirs = min(filter(None, hordak.values()))
    return Figure(
        f"Posting {payouts:,} payouts: balanced, sealed, overdrafts refused",
        f"{payouts / ours:,.0f}/s: {theirs / ours:.0f} × hordak, 1/{ours / copied:.1f} of COPY",
        "; ".join((hordak_said(payouts, hordak), pgledger_said(payouts, pgledger), copy_said(payouts, copied))),
        f"≥ {HORDAK_TIMES} × hordak, ≥ 1/{COPY_PART} of COPY",
        theirs >= HORDAK_TIMES * ours and ours <= COPY_PART * copied,
        {"seconds": ours, "copy_seconds": copied} | _named("hordak", hordak) | _named("pgledger", pgledger),
        WHY,
    )


def peer(cluster: Cluster, script: str, *arguments: str) -> Took:
    """The seconds of each way in which the peer can do it, in a database of its own; None where it was stopped."""
    name = script.partition("_")[0]
    cluster.drop_database(name)
    cluster.add_database(name)
    took: Took = ask_peer(script, *arguments)
    cluster.drop_database(name)
    return took


def hordak_said(payouts: int, took: Took) -> str:
    in_one, in_many = rate(payouts, took["in_one"]), rate(payouts, took["in_many"])
    return f"django-hordak in bulk: one transaction of {payouts + 1:,} legs {in_one}, a transaction for each {in_many}"


def pgledger_said(payouts: int, took: Took | None) -> str:
    """What pgledger came to, or that it was not there to be asked."""
    if took is None:
        return "pgledger: not at hand (PGLEDGER_SQL)"
    return f"pgledger: by one call {rate(payouts, took['in_one'])}, by calls of 200 {rate(payouts, took['in_batches'])}"


def copy_said(payouts: int, copied: float) -> str:
    return f"a COPY into a table with nothing but a key {rate(payouts, copied)}"


def rate(payouts: int, took: float | None) -> str:
    return f"{payouts / took:,.0f}/s" if took else "stopped after 10 min"


def _named(name: str, took: Took | None) -> dict[str, float]:
    return {f"{name}_{way}_seconds": value for way, value in (took or {}).items() if value}


def payees() -> Sequence[UUID]:
    with unit_of_work() as session:
        return session.scalars(select(LedgerAccount.owner_id).where(LedgerAccount.kind == "payee").order_by(LedgerAccount.id)).all()


def posted(people: Sequence[UUID]) -> None:
    """A payout to each, in one journal and one transaction."""
    clearing = payout_clearing("USD")
    with unit_of_work() as session:
        before = balance(session, clearing)
        entries = [Entry(payee(person, "USD"), clearing, AMOUNT, person) for person in people]
        post(session, "payout.reserved", str(new_id()), entries, at=clock.business_now(session))
        assert balance(session, clearing) - before == AMOUNT * len(people)


def least_copy(url: str, people: Sequence[UUID]) -> float:
    """The seconds of the same rows into a bare table, at best."""
    journal, clearing = new_id(), new_id()
    rows = [(number, journal, person, clearing, "USD", AMOUNT, person) for number, person in enumerate(people)]
    with psycopg.connect(url) as connection:
        connection.execute(BARE)
        connection.commit()
        return min(seconds(lambda: _copied(connection, rows)) for _time in range(TIMES))


def _copied(connection: "psycopg.Connection[tuple[object, ...]]", rows: Sequence[tuple[object, ...]]) -> None:
    connection.execute("truncate bare")
    with connection.cursor() as cursor, cursor.copy("copy bare from stdin") as copy:
        for row in rows:
            copy.write_row(row)
    connection.commit()

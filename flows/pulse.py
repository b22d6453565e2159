"""A flow run's sign of life and its fence: a session lock that ends with the process, a generation that ends with its successor."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.people import SYSTEM
from campaigns.core.settings import settings
from workers.transactions import unit_of_work

CAMPAIGNS, RUNS = 71, 72
BEAT = timedelta(seconds=10)
SILENT = timedelta(seconds=45)
TAKE_OVER = "5s"
FROZEN = "20s"


class LeaseLost(Exception):
    """A younger flow run carries this on, or there is nothing left to carry."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a flow run carries: the campaign, and the generation in which it may write."""

    campaign_id: UUID
    generation: int


@contextmanager
def pulse(kind: int, number: int) -> Iterator[None]:
    """Hold the lock that says this process lives, and use its session every few seconds: a frozen process keeps a lock, but is silent.

    Whoever still holds the lock is a predecessor, frozen or cut off, and is disconnected.
    """
    connection = psycopg.connect(settings().libpq_url, autocommit=True)
    is_over = threading.Event()
    try:
        if not connection.execute("select pg_try_advisory_lock(%s, %s)", (kind, number)).fetchone()[0]:  # type: ignore[index]
            _take_over(connection, kind, number)
        threading.Thread(target=_beat, args=(connection, is_over), daemon=True).start()
        yield
    finally:
        is_over.set()
        connection.close()


def _beat(connection: "psycopg.Connection[tuple[bool]]", is_over: threading.Event) -> None:
    while not is_over.wait(BEAT.total_seconds()):
        try:
            connection.execute("select")
        except psycopg.Error:
            return


def _take_over(connection: "psycopg.Connection[tuple[bool]]", kind: int, number: int) -> None:
    holder = "select pid from pg_locks where locktype = 'advisory' and classid = %s and objid = %s and granted"
    connection.execute(f"select pg_terminate_backend(pid) from ({holder}) as old", (kind, number))  # nosec B608  # noqa: S608 - the parts are constants
    connection.execute(f"set lock_timeout = '{TAKE_OVER}'")
    connection.execute("select pg_advisory_lock(%s, %s)", (kind, number))


def living(session: Session, kind: int) -> set[int]:
    """The numbers whose flow run has a pulse now: it holds its lock, and was heard of lately."""
    beating = """
        select objid from pg_locks join pg_stat_activity using (pid)
        where locktype = 'advisory' and classid = :kind and granted and state_change > clock_timestamp() - cast(:silent as interval)
    """
    return set(session.scalars(text(beating), {"kind": kind, "silent": SILENT}))


@contextmanager
def fenced(carried: Carried) -> Iterator[Session]:
    """A transaction of the campaign's flow: it locks the campaign and raises LeaseLost when this run may not write any more.

    Should the process freeze in it, PostgreSQL gives the campaign free again, or nobody could act on it.
    """
    with unit_of_work() as session:
        session.execute(text(f"set local idle_in_transaction_session_timeout = '{FROZEN}'"))
        campaign = find_campaign(session, carried.campaign_id, by=SYSTEM, lock=True)
        fence(campaign, carried.generation)
        yield session


def fence(campaign: Campaign, generation: int) -> None:
    """Raise LeaseLost unless the campaign is live and in this generation."""
    if campaign.generation != generation or not campaign.is_live:
        raise LeaseLost

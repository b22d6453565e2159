"""People who have earned something and can be paid it, as many as a figure asks for: two statements fill the books."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.orm import Session

from campaigns.core import clock
from campaigns.core.ids import new_id
from campaigns.core.people import SYSTEM
from campaigns.ledger.accounts import Entry, bank, held
from campaigns.ledger.actions import post
from campaigns.ledger.models import Journal
from campaigns.payout.runs.actions import quote_run
from workers.transactions import unit_of_work

SQL = Path(__file__).parent / "books"
CAMPAIGN = UUID(int=7)
ALL_THAT_IS_HELD = 10**12


def earned_by(people: int) -> None:
    """So many payees, each with a balance that the next run pays."""
    with unit_of_work() as session:
        now = clock.business_now(session)
        funds = Entry(bank("USD"), held(CAMPAIGN, "USD"), ALL_THAT_IS_HELD)
        post(session, "funding.received", "bench", [funds], at=now - timedelta(days=9))
        run(session, "payees", people=people)
        journal = Journal(id=new_id(), kind="proposal.final", key="bench:earned", at=now - timedelta(days=1))
        session.add(journal)
        session.flush()
        run(session, "earnings", journal=journal.id, campaign=CAMPAIGN)


def quoted() -> UUID:
    """A run over all that can be paid."""
    with unit_of_work() as session:
        made = quote_run(session, "USD", "stripe_connect", "bench", by=SYSTEM, at=clock.business_now(session))
        assert made is not None
        return made.id


def run(session: Session, name: str, **given: Any) -> None:
    """Each statement of a file by itself, for one with parameters is sent alone."""
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    for statement in (SQL / f"{name}.sql").read_text().split(";\n"):
        connection.execute(statement.encode(), given)


def analysed(url: str) -> None:
    """What autovacuum would do in a minute."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")

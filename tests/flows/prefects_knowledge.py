"""What Prefect's database holds, and what it has no business to know: who made a contribution, and what anyone earns."""

import psycopg
from psycopg import sql
from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from campaigns.core.money import format_money
from campaigns.core.settings import settings
from campaigns.payout.models import ProposalLine


def all_that_prefect_knows() -> str:
    """Every row of Prefect's database as text: parameters, tags, logs, artifacts, events, states."""
    address = make_url(settings().prefect_database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        read = [connection.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(name))).fetchall() for (name,) in tables]
    return "\n".join(text for rows in read for (text,) in rows)


def forms_of_amounts(session: Session) -> list[str]:
    """Each amount of each proposal's lines, as a person would read it and as a program would write it."""
    amounts = sorted(set(session.scalars(select(ProposalLine.amount).where(ProposalLine.amount > 0))))
    assert amounts
    return [form for amount in amounts for form in (format_money(amount, "USD", "en"), f": {amount},")]

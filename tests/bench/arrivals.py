"""An event for each contribution of the crowd, chained as all others of its campaign; the relay has told of them long ago."""

import json
from datetime import datetime
from uuid import UUID

import psycopg
from sqlalchemy import select

from campaigns.core.events import DOOR_CHAIN, SYSTEM_CHAIN, ChainHead, Event, link
from campaigns.core.ids import new_id
from campaigns.core.settings import settings
from workers.transactions import unit_of_work

RECEIVED = "open_call.contribution_received"
COME = """
select c.id, c.campaign_id, c.kind, c.received_at, p.id, p.name from contribution c join person p on p.id = c.uploaded_by
where c.campaign_id = any(%(chains)s) and p.email like '%%@crowd.example' order by c.id
"""
COLUMNS = ("id", "chain_id", "number", "campaign_id", "name", "actor_id", "actor_name", "at", "previous_hash", "hash")


def chain_arrivals() -> None:
    """Chain them, campaign by campaign in the order of the contributions."""
    with unit_of_work() as session, psycopg.connect(settings().libpq_url) as connection:
        heads = {
            head.chain_id: head for head in session.scalars(select(ChainHead).where(ChainHead.chain_id.not_in((SYSTEM_CHAIN, DOOR_CHAIN))))
        }
        come = connection.execute(COME, {"chains": list(heads)}).fetchall()
        with connection.cursor() as cursor, cursor.copy(f"copy event ({', '.join(COLUMNS)}, facts) from stdin") as copy:
            for row in come:
                fact = _arrival(heads[row[1]], *row)
                copy.write_row([*(getattr(fact, column) for column in COLUMNS), json.dumps(fact.facts)])
        connection.commit()


def _arrival(head: ChainHead, contribution: UUID, campaign: UUID, kind: str, at: datetime, person: UUID, name: str) -> Event:
    head.length += 1
    fact = Event(
        id=new_id(), chain_id=campaign, number=head.length, campaign_id=campaign, name=RECEIVED, actor_id=person, actor_name=name,
        at=at, facts={"contribution": str(contribution), "kind": kind}, previous_hash=head.hash,
    )  # fmt: skip
    head.hash = fact.hash = link(fact.previous_hash, fact)
    return fact

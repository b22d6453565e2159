"""A crowd: the town, hundreds of campaigns like it, 100,000 contributions and as many people, on a PostgreSQL of its own."""

import hashlib
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from alembic import command
from alembic.config import Config

from campaigns.brief.licenses import NEWEST_LICENCE
from campaigns.core import access, clock
from campaigns.core.ids import new_id
from campaigns.core.people import SYSTEM
from campaigns.core.stages import Stage
from campaigns.ledger.accounts import Entry, bank, held
from campaigns.ledger.actions import post
from campaigns.ledger.models import Journal
from campaigns.payout.proposals.actions import propose_again
from campaigns.payout.queries import standing_proposal
from campaigns.payout.runs.actions import quote_run
from flows.supervise.postgres import Cluster, wait_until_open
from tests.bench import sets
from tests.bench.arrivals import chain_arrivals
from tests.bench.copies import copy_campaigns
from tests.browser import town as towns
from tests.browser.town import Town, within
from tests.journeys.world import work
from workers.transactions import unit_of_work

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DAY = timedelta(days=1)
PEOPLE = 100_000
MONTHS = 12
# How many contributions come to each campaign of the town, and how they stand: taking part, out, to be screened, withdrawn, just come.
CONTRIBUTIONS = {
    Stage.OPEN_CALL: (25_000, (0.80, 0.83, 0.98, 0.99)),
    Stage.COLLABORATION: (20_000, (0.94, 0.97, 0.99, 1.0)),
    Stage.CURATION: (20_000, (0.96, 0.99, 0.99, 1.0)),
    Stage.CLIENT_DELIVERY: (10_000, (0.96, 0.99, 0.99, 1.0)),
    Stage.PAYOUT: (25_000, (0.96, 0.99, 0.99, 1.0)),
}
LINED = (Stage.COLLABORATION, Stage.CURATION, Stage.CLIENT_DELIVERY, Stage.PAYOUT)
CITED = 400
# What the server counts for the bench: each statement of a client's, with its time.
COUNTED = {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track_utility": "off"}


@dataclass
class Crowd:
    """Where it is kept, who sits where (by role and stage), and one of each thing by stage and place in a path."""

    environment: dict[str, str]
    seats: dict[str, str]
    things: dict[str, dict[str, Any]]
    seconds: float

    def secret(self, who: str, stage: Stage) -> str:
        """A browser session of whoever has this role in the campaign of `stage`."""
        with unit_of_work() as session:
            return access.open_session(session, UUID(self.seats[f"{who} {stage.value}"]))


@contextmanager
def gathered(home: Path) -> Iterator[Crowd]:
    """The crowd, made in `home` unless one of the same code is there; within the block, this process's settings point to it."""
    home.mkdir(parents=True, exist_ok=True)
    cluster = Cluster.at(_cluster_home(home), None, **COUNTED)
    server = cluster.start(home / "postgres.log")
    wait_until_open(cluster, server)
    environment = {"DATABASE_URL": cluster.url("crowd"), "CALLBOARD_HOME": str(home), "CALLBOARD_ENV_FILE": os.devnull}
    try:
        with within(environment):
            yield _kept(home, environment) or _made(home, cluster, environment)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)


def _cluster_home(home: Path) -> Path:
    """As root, where the system user of PostgreSQL can reach it."""
    return home / "postgres" if os.geteuid() else Path("/var/lib/callboard") / f"bench-{hashlib.sha256(str(home).encode()).hexdigest()[:8]}"


def _kept(home: Path, environment: dict[str, str]) -> Crowd | None:
    try:
        kept = json.loads((home / "crowd.json").read_text())
    except FileNotFoundError:
        return None
    if kept["made_by"] != _code():
        return None
    _migrate()
    return Crowd(environment, kept["seats"], kept["things"], kept["seconds"])


def _made(home: Path, cluster: Cluster, environment: dict[str, str]) -> Crowd:
    began = time.monotonic()
    cluster.drop_database("crowd")
    cluster.add_database("crowd")
    _migrate()
    town = towns.build(environment)
    with psycopg.connect(cluster.url("crowd")) as connection:
        _fill(connection, town)
    chain_arrivals()
    _propose(town)
    run_id = _pay(town)
    with psycopg.connect(cluster.url("crowd"), autocommit=True) as connection:
        _say(connection, town)
        connection.execute("create extension if not exists pg_stat_statements")
        connection.execute("vacuum analyze")
        things = _things(connection, town, run_id)
    crowd = Crowd(environment, _seats(town), things, round(time.monotonic() - began, 1))
    known = {"seats": crowd.seats, "things": things, "seconds": crowd.seconds, "made_by": _code()}
    (home / "crowd.json").write_text(json.dumps(known, indent=1, default=str))
    return crowd


def _migrate() -> None:
    command.upgrade(Config(toml_file=str(ROOT / "pyproject.toml")), "head")


def _fill(connection: "psycopg.Connection[Any]", town: Town) -> None:
    """Copies of the campaigns, people, their contributions, who built on whom, and what curators said."""
    copy_campaigns(connection)
    indexes = sets.without_word_indexes(connection)
    connection.execute(sets.SEED)
    sets.run(connection, "id_at")
    sets.run(connection, "people", people=PEOPLE)
    for stage, (contributions, states) in CONTRIBUTIONS.items():
        made, artist = town.casts[stage].made, town.casts[stage].artist
        sets.run(
            connection,
            "contributions",
            people=PEOPLE,
            campaign=made.id,
            artist=artist.person,
            contributions=contributions,
            states=list(states),
        )
    sets.run(connection, "filled", people=PEOPLE, licence=NEWEST_LICENCE)
    for stage in LINED:
        sets.run(connection, "lineage", campaign=town.casts[stage].made.id)
    judged, paid = town.casts[Stage.CURATION], town.casts[Stage.PAYOUT]
    sets.run(connection, "reviews", campaign=judged.made.id, curator=judged.curator.person)
    sets.run(connection, "outcomes")
    sets.run(connection, "cited", campaign=paid.made.id, cited=CITED)
    sets.run(connection, "payees")
    for definition in indexes:
        connection.execute(definition)
    connection.execute("analyze")


def _propose(town: Town) -> None:
    """The proposal that thousands are in, computed by the real split from the crowd's lineage."""
    paid = town.casts[Stage.PAYOUT]
    with unit_of_work() as session:
        [deliverable] = paid.deliverables(session)
        propose_again(session, deliverable.id, "Many more led to it.", by=paid.manager, at=clock.business_now(session))
    work(paid.made.id)


def _pay(town: Town) -> UUID:
    """A year of earnings on the payees' accounts, and a run over all that can be paid; returns the run's id."""
    paid = town.casts[Stage.PAYOUT]
    artists = [paid.artist.person, paid.other_artist.person]
    with unit_of_work() as session:
        now, connection = clock.business_now(session), session.connection().connection.driver_connection
        assert isinstance(connection, psycopg.Connection)
        sets.run(connection, "id_at")
        sum_of_year = Entry(bank("USD"), held(paid.made.id, "USD"), 1_000_000_000)
        post(session, "funding.received", "crowd", [sum_of_year], at=now - 365 * DAY)
        for month in range(MONTHS):
            journal = Journal(id=new_id(), kind="proposal.final", key=f"crowd:{month}", at=now - (MONTHS - month) * 30 * DAY)
            session.add(journal)
            session.flush()
            sets.run(connection, "month", journal=journal.id, campaign=paid.made.id, month=month, artists=artists)
        run = quote_run(session, "USD", "stripe_connect", "crowd", by=SYSTEM, at=now)
        assert run is not None
        return run.id


def _say(connection: "psycopg.Connection[Any]", town: Town) -> None:
    """What was said of the proposal, and the emails and outbox messages of a year."""
    sets.run(connection, "id_at")
    paid = town.casts[Stage.PAYOUT]
    with unit_of_work() as session:
        proposal = standing_proposal(session, paid.deliverables(session)[0].id)
        assert proposal is not None
    sets.run(connection, "comments", proposal=proposal.id, manager=paid.manager.person)
    told = [who.person for each in town.casts.values() for who in (each.manager, each.artist)]
    sets.run(connection, "emails", campaign=paid.made.id, people=told)


def _seats(town: Town) -> dict[str, str]:
    """The person in each role and stage that the tour asks for."""
    roles = (
        "manager", "artist", "other_artist", "curator", "editor", "approver", "second", "finance", "operator", "legal", "marketing",
        "administrator", "formerly_billed",
    )  # fmt: skip
    return {f"{role} {stage.value}": str(town.person(role, stage).person) for stage in town.casts for role in roles}


def _things(connection: "psycopg.Connection[Any]", town: Town, run_id: UUID) -> dict[str, dict[str, Any]]:
    """The town's things, with the largest of each kind in the place of any."""
    things = {stage.value: dict(found) for stage, found in town.things.items()}
    for stage in LINED:
        own = things[stage.value]
        found = {name: sets.largest(connection, name, campaign=town.casts[stage].made.id) for name in sets.LARGEST}
        own |= {name: thing for name, thing in found.items() if thing and name in own}
    things[Stage.PAYOUT.value]["run_id"] = run_id
    return things


def _code() -> str:
    """A digest of what makes the crowd."""
    parts = sorted([*HERE.glob("sql/**/*.*"), *(HERE / f"{name}.py" for name in ("arrivals", "copies", "crowd", "sets"))])
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()

"""A flow run's first sign of life, given before its process has imported anything else, and those that follow.

Nothing of Prefect's or of the domain's may be imported here: on a busy machine that takes longer than anybody would wait for a sign.
"""

import json
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import psycopg

from flows.supervise.process import identity

BEAT_SECONDS, AGAIN_SECONDS, PATIENCE_SECONDS = 10.0, 1.0, 30.0
BEGAN = """
    update flow_process set began_at = clock_timestamp(), heard_at = clock_timestamp(), process = %s
    where id = %s and ended_at is null and condemned_at is null returning true
"""
HEARD = """
    update flow_process set heard_at = clock_timestamp(), silent_since = null
    where id = %s and ended_at is null and condemned_at is null returning true
"""
SUPERSEDED = "update flow_process set superseded_at = clock_timestamp() where id = %s"
# A run that is carried by a younger generation, or whose campaign is cancelled, has nothing to do.
LAPSED = {
    "campaign": "select true from campaign where id = %s and (generation <> %s or cancelled_at is not null)",
    "payout_run": "select true from payout_run where id = %s and generation <> %s",
}


@dataclass(frozen=True, slots=True)
class LaunchParameters:
    """What its worker tells a flow run's process: who it is, which worker started it, where the rows are, and what it carries."""

    id: str
    worker_pid: int
    database: str
    carries: Sequence[str | int] | None

    def __str__(self) -> str:
        return json.dumps(asdict(self))


def give(told: LaunchParameters) -> bool:
    """Give the first sign of life, and more from then on; False when a younger run carries on what this one would have carried.

    Ends the process when it is condemned or counts as gone.
    """
    connection = _connected(told.database)
    if not connection.execute(BEGAN, (identity(os.getpid()), told.id)).fetchone():
        os._exit(1)
    if _has_lapsed(connection, told):
        connection.execute(SUPERSEDED, (told.id,))
        return False
    threading.Thread(target=_beat, args=(connection, told), daemon=True).start()
    return True


def _has_lapsed(connection: "psycopg.Connection[Any]", told: LaunchParameters) -> bool:
    if told.carries is None:
        return False
    kind, carried_id, generation = told.carries
    return connection.execute(LAPSED[str(kind)], (carried_id, generation)).fetchone() is not None


def _connected(url: str, *, for_ever: bool = False) -> "psycopg.Connection[Any]":
    """A connection; PostgreSQL may be starting again just now."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError:
            if not for_ever and time.monotonic() > end:
                raise
            time.sleep(AGAIN_SECONDS)


def _beat(connection: "psycopg.Connection[Any]", told: LaunchParameters) -> None:
    """Tell again and again that this process lives, until it ends; it ends at once when it is condemned or counts as gone."""
    pause = BEAT_SECONDS
    while True:
        time.sleep(pause)
        try:
            if not connection.execute(HEARD, (told.id,)).fetchone():
                os._exit(1)
            pause = BEAT_SECONDS
        except psycopg.Error:
            connection.close()
            connection = _connected(told.database, for_ever=True)
            pause = 0.0

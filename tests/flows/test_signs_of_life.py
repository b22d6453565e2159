"""What the loops that work by themselves tell of themselves."""

from collections.abc import Callable
from threading import Event, Thread

import pytest
from sqlalchemy import select

from campaigns.core import heartbeat
from flows import relay, sweep
from workers.transactions import unit_of_work


def heard_of() -> set[tuple[str, int, str | None]]:
    with unit_of_work() as session:
        return {(life.program, life.alive, life.last.trouble if life.last else None) for life in heartbeat.lives(session)}


def ran_until_heard(run: Callable[[Event], None]) -> set[tuple[str, int, str | None]]:
    """What is heard of once the loop has run for a moment."""
    stop, before = Event(), heard_of()
    loop = Thread(target=run, args=(stop,))
    loop.start()
    while loop.is_alive() and heard_of() == before:
        stop.wait(0.1)
    stop.set()
    loop.join(30)
    return heard_of()


def test_what_goes_wrong_in_a_part_of_the_sweep_is_told_and_the_others_have_their_turn(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[str] = []

    def breaks() -> int:
        raise ValueError("no more ink")

    def contributions() -> int:
        turns.append("worked")
        return 0

    monkeypatch.setattr(sweep, "PARTS", (breaks, contributions))
    assert (sweep.sweep(), turns) == ("breaks: ValueError: no more ink", ["worked"])
    assert ran_until_heard(sweep.run) == {
        ("relay", 0, None), ("sweep", 1, "breaks: ValueError: no more ink"), ("worker", 0, None),
    }  # fmt: skip


def test_a_relay_that_runs_is_heard_of(fresh_database: str) -> None:
    assert ran_until_heard(relay.run) == {("relay", 1, None), ("sweep", 0, None), ("worker", 0, None)}
    with unit_of_work() as session:
        [beat] = session.scalars(select(heartbeat.Heartbeat)).all()
        assert beat.place.partition(":")[2].isdecimal()

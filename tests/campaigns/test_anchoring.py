"""What happened is anchored outside the database once a day, and whoever rewrites it there is found out."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from campaigns import anchoring, checks
from campaigns.core import anchors, clock, events
from campaigns.core.db import unit_of_work
from campaigns.core.events import ChainHead, Event, link
from campaigns.core.permissions import Role
from campaigns.core.settings import settings
from tests import factories


@pytest.fixture
def file(fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CALLBOARD_ANCHOR_FILE", str(tmp_path / "anchors.jsonl"))
    settings.cache_clear()
    yield tmp_path / "anchors.jsonl"
    monkeypatch.undo()
    settings.cache_clear()


def happen(count: int = 1) -> None:
    with unit_of_work() as session:
        for _each in range(count):
            events.record(session, "house.opened", by=factories.person(session, "Odile"), at=clock.business_now(session))


def days_later(days: float, monkeypatch: pytest.MonkeyPatch) -> None:
    later = clock.process_now() + timedelta(days=days)
    monkeypatch.setattr(clock, "process_now", lambda: later)


def found(file: Path) -> list[str]:
    with unit_of_work() as session:
        return [fault.name for fault in checks.unanchored(session, file.read_text().splitlines())]


def test_the_chains_are_anchored_once_a_day_in_lines_that_only_we_can_write(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    happen(2)
    assert [anchoring.anchor(), anchoring.anchor()] == [1, 0]
    happen()
    days_later(1.01, monkeypatch)
    assert (anchoring.anchor(), len(file.read_text().splitlines()), found(file)) == (1, 2, [])
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_fact_that_was_rewritten_with_all_that_follows_it_is_found(file: Path) -> None:
    happen(3)
    anchoring.anchor()
    with unit_of_work() as session:
        session.execute(text("alter table event disable trigger user"))
        chain = session.scalars(select(Event).where(Event.chain_id == events.HOUSE_CHAIN).order_by(Event.number)).all()
        chain[1].reason, before = "it was never so", chain[0].hash
        for fact in chain[1:]:
            fact.previous_hash, fact.hash = before, link(before, fact)
            before = fact.hash
        session.get_one(ChainHead, events.HOUSE_CHAIN).hash = before
    with unit_of_work() as session:
        assert events.chain_faults(session) == []
    assert found(file) == ["facts_are_as_anchored"]


@pytest.mark.parametrize("change", ["a hash", "a line gone", "a word", "another's signature", "no line"])
def test_a_line_that_was_changed_or_taken_away_is_found(file: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    for _day in range(3):
        happen()
        anchoring.anchor()
        days_later(1.01, monkeypatch)
    lines = file.read_text().splitlines()
    body = json.loads(lines[1])
    if change == "a hash":
        body["heads"][0][2] = "0" * 64
        lines[1] = json.dumps(body)
    elif change == "a line gone":
        del lines[1]
    elif change == "a word":
        lines[1] = lines[1][:-1]
    elif change == "another's signature":
        lines[1] = json.dumps(body | {"signature": "0" * 64})
    else:
        lines[1] = ""
    file.write_text("\n".join(lines) + "\n")
    assert found(file) == ["anchors_are_ours"]
    before = file.read_text()
    assert (anchoring.anchor(), file.read_text()) == (0, before)


def test_two_sweeps_at_once_write_one_line(file: Path) -> None:
    happen()
    with anchors.opened(file) as held:
        assert held is not None
        assert anchoring.anchor() == 0
    assert (anchoring.anchor(), anchoring.anchor()) == (1, 0)


def test_operators_are_told_from_the_second_day_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with unit_of_work() as session:
        factories.someone(session, Role.OPERATOR)
    happen()
    anchoring.anchor()
    days_later(1.01, monkeypatch)
    happen()
    anchoring.anchor()
    with unit_of_work() as session:
        [fact] = session.scalars(select(Event).where(Event.name == "house.anchored"))
        signature = json.loads(file.read_text().splitlines()[1])["signature"]
        head = anchors.read(file.read_text().splitlines())[0][1].heads[-1]
        assert (fact.facts["signature"], fact.facts["length"], fact.facts["hash"]) == (signature, head.length, head.hash)

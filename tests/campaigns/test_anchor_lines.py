"""Each line that anchors the chains: what it says, how it is signed, and what is found when it and the database disagree."""

import fcntl
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from campaigns.core import anchors, clock, events
from campaigns.core.anchors import Anchor, AnchorFault, Head
from campaigns.core.event_names import EventName
from campaigns.core.events import DOOR_CHAIN, SYSTEM_CHAIN, ChainHead, Event
from campaigns.core.people import SYSTEM
from campaigns.core.security_log import SecurityEventKind, count
from campaigns.core.settings import settings
from workers import anchoring
from workers.transactions import unit_of_work

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


def happen(session: Session, *, at_the_door: bool = False, times: int = 1) -> None:
    for _time in range(times):
        (events.record_at_the_door if at_the_door else events.record)(session, EventName.CAMPAIGN_DONE, by=SYSTEM, at=AT)
    events.seal(session)


def heads(session: Session) -> dict[UUID, Head]:
    session.expire_all()
    return {each.chain_id: Head(each.chain_id, each.length, each.hash) for each in session.scalars(select(ChainHead))}


def added(session: Session, path: Path, before: list[Anchor]) -> Anchor:
    with anchors.opened(path) as file:
        assert file is not None
        file.read()
        return anchors.add(session, file, before, at=AT)


def signed(previous: str, body: dict[str, object]) -> str:
    """As anybody who has the secret would sign the line."""
    said = f"anchor {previous} {json.dumps(body, sort_keys=True, separators=(',', ':'))}"
    return hmac.digest(settings().secret.get_secret_value().encode(), said.encode(), "sha256").hex()


def test_a_line_has_the_chains_that_have_grown_and_is_signed_with_the_line_before(session: Session, tmp_path: Path) -> None:
    path, done = tmp_path / "below" / "anchors.jsonl", list[Anchor]()
    happen(session, times=2)
    happen(session, at_the_door=True)
    first = heads(session)
    done.append(added(session, path, done))
    happen(session, at_the_door=True)
    second = heads(session)
    for _time in range(2):
        done.append(added(session, path, done))
    grown = [[first[SYSTEM_CHAIN], first[DOOR_CHAIN]], [second[DOOR_CHAIN]], []]
    assert [list(each.heads) for each in done] == grown
    previous, expected = "", []
    for some in grown:
        body: dict[str, object] = {"at": AT.isoformat(), "heads": [[str(h.chain_id), h.length, h.hash] for h in some]}
        previous = signed(previous, body)
        expected.append(json.dumps(body | {"signature": previous}, sort_keys=True, separators=(",", ":")))
    lines = path.read_text().splitlines()
    assert (lines, [each.signature for each in done]) == (expected, [json.loads(line)["signature"] for line in expected])
    assert (anchors.read(lines), anchors.faults(session, lines)) == ((done, []), [])


def test_reading_ends_with_the_first_line_that_is_not_ours(session: Session, tmp_path: Path) -> None:
    path, done = tmp_path / "anchors.jsonl", list[Anchor]()
    for _day in range(4):
        happen(session)
        done.append(added(session, path, done))
    lines = path.read_text().splitlines()
    for number in range(4):
        forged = [*lines]
        forged[number] = lines[number].replace("2026", "2027")
        assert anchors.read(forged) == (done[:number], [AnchorFault(number + 1)])
    assert anchors.read(lines[1:]) == ([], [AnchorFault(1)])
    assert anchors.read([lines[0], lines[2]]) == (done[:1], [AnchorFault(2)])
    assert [anchors.read([wrong])[1] for wrong in ("[]", "{}", "1", "no json", '{"signature": "x"}')] == [[AnchorFault(1)]] * 5


def test_each_head_that_the_database_has_otherwise_or_no_more_is_named_with_its_line(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchors, "BATCH", 2)
    path, done = tmp_path / "anchors.jsonl", list[Anchor]()
    for _day in range(3):
        happen(session)
        happen(session, at_the_door=True)
        done.append(added(session, path, done))
    lines = path.read_text().splitlines()
    session.execute(text("set local session_replication_role = replica"))
    session.execute(text("update event set hash = repeat('0', 64) where chain_id = :chain and number < 3"), {"chain": SYSTEM_CHAIN})
    session.execute(text("delete from event where chain_id = :chain and number = 3"), {"chain": DOOR_CHAIN})
    forged = [AnchorFault(1, done[0].heads[0]), AnchorFault(2, done[1].heads[0])]
    assert anchors.faults(session, lines) == [*forged, AnchorFault(3, done[2].heads[1])]
    cut = [*lines[:2], "no line"]
    assert anchors.faults(session, cut) == [AnchorFault(3), *forged]


def test_lines_from_before_the_secret_changed_are_ours_and_new_ones_are_signed_by_the_new(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def under(*secrets: str) -> None:
        monkeypatch.setattr(type(settings()), "secrets", property(lambda _self: list(secrets)))

    path, done = tmp_path / "anchors.jsonl", list[Anchor]()
    for secrets in (("former",), ("new", "former"), ("new", "former")):
        under(*secrets)
        happen(session)
        done.append(added(session, path, done))
    lines = path.read_text().splitlines()
    assert anchors.read(lines) == (done, [])
    under("new")
    assert anchors.read(lines) == ([], [AnchorFault(1)])
    under("former")
    assert anchors.read(lines) == (done[:1], [AnchorFault(2)])


def test_a_file_that_is_gone_before_it_is_held_is_not_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, flock = tmp_path / "anchors.jsonl", fcntl.flock

    def too_late(file: IO[str], how: int) -> None:
        path.unlink()
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", too_late)
    with anchors.opened(path) as file:
        assert file is None
    assert not path.exists()


def test_the_file_is_one_process_at_a_time_and_lets_nobody_else_read_it(tmp_path: Path) -> None:
    path = tmp_path / "far" / "below" / "anchors.jsonl"
    with anchors.opened(path) as file:
        assert file is not None
        file.write("a line\n")
        file.flush()
        with anchors.opened(path) as rival:
            assert rival is None
    with anchors.opened(path) as again:
        assert again is not None
        assert again.read() == "a line\n"
    assert path.stat().st_mode & 0o777 == 0o640


def day(number: float, began: datetime, monkeypatch: pytest.MonkeyPatch) -> int:
    """Anchor so many days after the beginning; how many chains had grown."""
    monkeypatch.setattr(clock, "process_now", lambda: began + timedelta(days=number))
    return anchoring.anchor()


def told() -> list[dict[str, object]]:
    with unit_of_work() as session:
        return list(session.scalars(select(Event.facts).where(Event.name == "house.anchored").order_by(Event.number)))


def test_the_chains_are_anchored_a_whole_day_after_the_last_time_and_not_a_moment_before(
    anchors_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = clock.process_now()
    with unit_of_work() as session:
        happen(session)
        happen(session, at_the_door=True)
    moment = 1 / 86_400_000_000
    assert [day(number, began, monkeypatch) for number in (0, 1 - moment, 1, 2 - moment, 2)] == [2, 0, 0, 0, 1]
    assert len(anchors_file.read_text().splitlines()) == 3


def test_operators_are_told_where_the_systems_chain_stands_and_what_happened_at_the_door_since(
    anchors_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = clock.process_now()
    with unit_of_work() as session:
        count(session, SecurityEventKind.SIGN_IN_FAILED)
        happen(session, at_the_door=True)
    assert (day(0, began, monkeypatch), told()) == (1, [])
    monkeypatch.setattr(clock, "process_now", lambda: began + timedelta(hours=5))
    with unit_of_work() as session:
        for kind in (SecurityEventKind.LINK_ASKED, SecurityEventKind.LINK_ASKED, SecurityEventKind.FORM_REFUSED):
            count(session, kind)
    assert [day(number, began, monkeypatch) for number in (1, 2)] == [0, 1]
    with unit_of_work() as session:
        system = session.scalars(select(Event).where(Event.chain_id == SYSTEM_CHAIN).order_by(Event.number)).all()
    signatures = [json.loads(line)["signature"] for line in anchors_file.read_text().splitlines()]
    since = [(began + timedelta(days=n)).isoformat() for n in (0, 1)]
    door = {"form_refused": 1, "link_asked": 2, "sign_in_failed": 1}
    assert told() == [
        {"since": since[0], "signature": signatures[1], "grown": 0, "length": 0, "hash": "", "door": door},
        {"since": since[1], "signature": signatures[2], "grown": 1, "length": 1, "hash": system[0].hash, "door": {}},
    ]


def test_a_chain_of_the_system_that_has_not_grown_stands_where_it_was_anchored_before(
    anchors_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = clock.process_now()
    with unit_of_work() as session:
        happen(session, times=2)
    assert [day(number, began, monkeypatch) for number in (0, 1)] == [1, 0]
    with unit_of_work() as session:
        second = session.scalars(select(Event).where(Event.chain_id == SYSTEM_CHAIN, Event.number == 2)).one()
    assert [(fact["grown"], fact["length"], fact["hash"]) for fact in told()] == [(0, 2, second.hash)]

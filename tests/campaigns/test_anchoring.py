"""What happened is anchored outside the database once a day, and whoever rewrites it there is found out."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from campaigns.core import anchors, clock, events
from campaigns.core.anchor_files import AnchorFile
from campaigns.core.event_names import EventName
from campaigns.core.events import ChainHead, Event, link
from campaigns.core.permissions import Role
from campaigns.installation import checks as installation_checks
from notifications.registry import NOTIFICATIONS
from tests import factories
from workers import anchoring
from workers.transactions import unit_of_work


def happen(count: int = 1) -> None:
    with unit_of_work() as session:
        for _each in range(count):
            events.record(session, EventName.INSTALLATION_RESTORED, by=factories.person(session, "Odile"), at=clock.business_now(session))


def days_later(days: float, monkeypatch: pytest.MonkeyPatch) -> None:
    later = clock.process_now() + timedelta(days=days)
    monkeypatch.setattr(clock, "process_now", lambda: later)


def found(anchors_file: Path) -> list[str]:
    with unit_of_work() as session:
        return [fault.name for fault in installation_checks.unanchored(session, anchors_file.read_text().splitlines())]


def test_the_chains_are_anchored_once_a_day_in_lines_that_only_we_can_write(anchors_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    happen(2)
    assert [anchoring.anchor(), anchoring.anchor()] == [1, 0]
    happen()
    days_later(1.01, monkeypatch)
    assert (anchoring.anchor(), len(anchors_file.read_text().splitlines()), found(anchors_file)) == (1, 2, [])
    assert anchors_file.stat().st_mode & 0o777 == 0o640


def broken() -> list[str]:
    """What operators were told to be wrong with the anchors_file, in order."""
    with unit_of_work() as session:
        query = select(Event.facts["loss"].astext).where(Event.name == "house.anchors_broken").order_by(Event.number)
        return list(session.scalars(query))


def three_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three lines, and the next is not due yet."""
    for day in range(3):
        days_later(1.01 if day else 0, monkeypatch)
        happen()
        anchoring.anchor()


@pytest.mark.parametrize("loss", ["gone", "emptied", "cut", "all but the first cut"])
def test_a_file_that_was_deleted_or_cut_is_found_by_the_check_and_told_to_operators_at_once(
    anchors_file: Path, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    three_days(monkeypatch)
    lines = anchors_file.read_text().splitlines(keepends=True)
    left = {"gone": [], "emptied": [], "cut": lines[:2], "all but the first cut": lines[:1]}[loss]
    anchors_file.write_text("".join(left))
    assert found(anchors_file) == ["anchors_are_all_there"]
    if loss == "gone":
        anchors_file.unlink()
    happen()
    assert anchoring.anchor() > 0
    first = json.loads(anchors_file.read_text())
    last = json.loads(lines[-1])["signature"]
    because = "cut" if left else "gone"
    assert (first["after"], len(first["heads"])) == ({"because": because, "lines": 3, "signature": last}, 1)
    assert (broken(), found(anchors_file), [path.read_text() for path in anchors_file.parent.glob("anchors.jsonl.*")]) == (
        [because], [], ["".join(left)] if left else []
    )  # fmt: skip
    with unit_of_work() as session:
        known = session.scalars(select(AnchorFile).order_by(AnchorFile.number)).all()
        assert [(each.number, each.because, each.lines) for each in known] == [(1, None, 3), (2, because, 1)]
    days_later(1.01, monkeypatch)
    assert (anchoring.anchor(), len(anchors_file.read_text().splitlines()), found(anchors_file)) == (1, 2, [])


def test_a_new_file_is_begun_once_a_day_at_most(anchors_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three_days(monkeypatch)
    for _time in range(3):
        anchors_file.unlink()
        anchoring.anchor()
    assert (broken(), anchors_file.read_text()) == (["gone"], "")
    days_later(1.01, monkeypatch)
    anchoring.anchor()
    assert (broken(), found(anchors_file)) == (["gone", "gone"], [])


@pytest.mark.parametrize("rest", ['{"at":"2099-12-01T', "\0\0\0", "half\nof\na li", "half\n", "\x85"])
def test_a_line_that_a_crash_left_half_written_stays_as_it_is_and_is_followed_by_one_that_says_so(
    anchors_file: Path, monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    three_days(monkeypatch)
    with anchors_file.open("a") as end:
        end.write(rest)
    days_later(1.01, monkeypatch)
    happen()
    assert anchoring.anchor() == 1
    with unit_of_work() as session:
        assert installation_checks.unanchored(session, anchors.lines_of(anchors_file)) == []
    assert (broken(), "torn" in json.loads(anchors_file.read_text().rsplit("\n", 2)[1])) == (["torn"], True)
    days_later(1.01, monkeypatch)
    assert (anchoring.anchor(), broken()) == (1, ["torn"])
    torn = anchors_file.read_text().replace(rest, "other")
    assert [fault.line for fault in anchors.read(torn.splitlines(keepends=True))[1]] == [4]


def test_a_line_that_lacks_nothing_but_its_end_counts(anchors_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three_days(monkeypatch)
    anchors_file.write_text(anchors_file.read_text().removesuffix("\n"))
    days_later(1.01, monkeypatch)
    happen()
    assert (anchoring.anchor(), found(anchors_file), broken(), len(anchors_file.read_text().splitlines())) == (1, [], [], 4)


def test_a_line_of_which_the_database_did_not_hear_counts_as_one(anchors_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three_days(monkeypatch)
    with unit_of_work() as session:
        session.execute(text("delete from anchor_file"))
    assert (found(anchors_file), anchoring.anchor()) == ([], 0)
    days_later(1.01, monkeypatch)
    anchoring.anchor()
    with unit_of_work() as session:
        known = session.scalars(select(AnchorFile)).one()
        assert (known.number, known.lines, broken()) == (1, 4, [])
        known.lines, known.signature = 3, json.loads(anchors_file.read_text().splitlines()[2])["signature"]
    assert (found(anchors_file), anchoring.anchor(), broken()) == ([], 0, [])


def test_a_fact_that_was_rewritten_with_all_that_follows_it_is_found(anchors_file: Path) -> None:
    happen(3)
    anchoring.anchor()
    with unit_of_work() as session:
        session.execute(text("alter table event disable trigger user"))
        chain = session.scalars(select(Event).where(Event.chain_id == events.SYSTEM_CHAIN).order_by(Event.number)).all()
        chain[1].reason, before = "it was never so", chain[0].hash
        for fact in chain[1:]:
            fact.previous_hash, fact.hash = before, link(before, fact)
            before = fact.hash
        session.get_one(ChainHead, events.SYSTEM_CHAIN).hash = before
    with unit_of_work() as session:
        assert events.chain_faults(session) == []
    assert found(anchors_file) == ["facts_are_as_anchored"]


@pytest.mark.parametrize("change", ["a hash", "a line gone", "a word", "another's signature", "no line"])
def test_a_line_that_was_changed_or_taken_away_is_found(anchors_file: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    for _day in range(3):
        happen()
        anchoring.anchor()
        days_later(1.01, monkeypatch)
    lines = anchors_file.read_text().splitlines()
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
    anchors_file.write_text("\n".join(lines) + "\n")
    assert found(anchors_file) == ["anchors_are_ours"]
    before = anchors_file.read_text()
    assert anchoring.anchor() > 0
    [aside] = anchors_file.parent.glob("anchors.jsonl.*")
    assert (aside.read_text(), found(anchors_file), broken()) == (before, [], ["changed"])


def test_two_sweeps_at_once_write_one_line(anchors_file: Path) -> None:
    happen()
    with anchors.opened(anchors_file) as held:
        assert held is not None
        assert anchoring.anchor() == 0
    assert (anchoring.anchor(), anchoring.anchor()) == (1, 0)


def test_operators_are_told_from_the_second_day_on(anchors_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with unit_of_work() as session:
        factories.someone(session, Role.OPERATOR)
    happen()
    anchoring.anchor()
    days_later(1.01, monkeypatch)
    happen()
    anchoring.anchor()
    with unit_of_work() as session:
        [fact] = session.scalars(select(Event).where(Event.name == "house.anchored"))
        signature = json.loads(anchors_file.read_text().splitlines()[1])["signature"]
        head = anchors.read(anchors_file.read_text().splitlines())[0][1].heads[-1]
        assert (fact.facts["signature"], fact.facts["length"], fact.facts["hash"]) == (signature, head.length, head.hash)


@pytest.mark.parametrize("loss", ["gone", "cut", "changed", "torn"])
def test_every_operator_reads_what_is_wrong_with_the_file_and_what_was_written_last(
    anchors_file: Path, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    with unit_of_work() as session:
        odile, fay = (factories.someone(session, role, name) for role, name in ((Role.OPERATOR, "Odile"), (Role.FINANCE, "Fay")))
    three_days(monkeypatch)
    lines = anchors_file.read_text().splitlines(keepends=True)
    changed = {"gone": [], "cut": lines[:2], "changed": ["x", *lines], "torn": [*lines, "x"]}
    anchors_file.write_text("".join(changed[loss]))
    days_later(1.01, monkeypatch)
    anchoring.anchor()
    with unit_of_work() as session:
        fact = session.scalars(select(Event).where(Event.name == "house.anchors_broken")).one()
        [email] = list(NOTIFICATIONS["anchors_broken"].build(session, fact))
        assert (email.to, fay.person != odile.person) == (odile.person, True)
        assert [email.params[name] for name in ("loss", "file", "lines", "signature")] == [
            loss, str(anchors_file), 3, json.loads(lines[-1])["signature"]
        ]  # fmt: skip

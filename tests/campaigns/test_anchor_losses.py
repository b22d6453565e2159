"""What is wrong with a file of anchors, and how a new one is begun beside it."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select

from campaigns.core import anchor_files, anchors
from campaigns.core.anchor_files import AnchorFile, Loss
from campaigns.core.events import Event
from tests.campaigns.test_anchoring import broken, days_later, happen, three_days
from workers import anchoring
from workers.transactions import unit_of_work

NO_LINE, OTHER = "x\n", "y\n"


def test_what_is_wrong_with_a_file_follows_from_its_lines_and_what_the_database_remembers(
    anchors_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_days(monkeypatch)
    lines = anchors_file.read_text().splitlines(keepends=True)
    with unit_of_work() as session:
        known = anchor_files.present(session)

    def said(*found: str, by: AnchorFile | None) -> tuple[int, list[str], bool, Loss | None]:
        looked = anchoring.look(found, by)
        return len(looked.before), list(looked.torn), looked.is_open, looked.loss

    assert known
    assert [said(*found, by=known) for found in (
        lines, [], lines[:2], [NO_LINE, *lines], [lines[0], NO_LINE, OTHER, *lines[1:]], [*lines, "x"], [*lines, NO_LINE],
        [*lines, NO_LINE, "y"],
    )] == [
        (3, [], False, None), (0, [], False, Loss.GONE), (2, [], False, Loss.CUT), (0, [NO_LINE, *lines], False, Loss.CHANGED),
        (1, [NO_LINE, OTHER, *lines[1:]], False, Loss.CHANGED), (3, ["x"], True, Loss.TORN), (3, [NO_LINE], False, Loss.TORN),
        (3, [NO_LINE, "y"], True, Loss.TORN),
    ]  # fmt: skip
    known.signature = "0" * 64  # other lines of ours than were written last
    assert said(*lines, by=known) == (3, [], False, Loss.CUT)
    # Before the database knows of any, what a crash left is one line without its end, and anything else is not ours.
    assert [said(*found, by=None) for found in ([], lines, [*lines, "x"], [*lines, NO_LINE], [*lines, NO_LINE, "y"], ["x"])] == [
        (0, [], False, None), (3, [], False, None), (3, ["x"], True, Loss.TORN), (3, [NO_LINE], False, Loss.CHANGED),
        (3, [NO_LINE, "y"], True, Loss.CHANGED), (0, ["x"], True, Loss.TORN),
    ]  # fmt: skip


def test_a_first_file_that_is_gone_within_its_first_day_is_told_at_once(anchors_file: Path) -> None:
    happen()
    anchoring.anchor()
    anchors_file.unlink()
    assert (anchoring.anchor(), broken()) == (1, ["gone"])
    anchors_file.unlink()
    assert (anchoring.anchor(), broken()) == (0, ["gone"])


@pytest.mark.parametrize("theirs", [b"x\n", b"\xff\xfe\n"])
def test_a_file_of_somebody_elses_lines_is_set_aside_and_told_though_nothing_was_ever_written(anchors_file: Path, theirs: bytes) -> None:
    anchors_file.write_bytes(theirs)
    happen()
    assert (anchoring.anchor(), broken(), anchoring.anchor()) == (1, ["changed"], 0)
    assert [path.read_bytes() for path in anchors_file.parent.glob("anchors.jsonl.*")] == [theirs]
    with unit_of_work() as session:
        [facts] = session.scalars(select(Event.facts).where(Event.name == "house.anchors_broken"))
    assert facts == {"loss": "changed", "file": str(anchors_file)}


def test_what_was_written_last_is_told_with_its_time(anchors_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three_days(monkeypatch)
    with unit_of_work() as session:
        known = anchor_files.present(session)
        assert known
        last = known.last_at.isoformat(), known.signature
    anchors_file.unlink()
    anchoring.anchor()
    with unit_of_work() as session:
        [facts] = session.scalars(select(Event.facts).where(Event.name == "house.anchors_broken"))
    assert facts == {"loss": "gone", "file": str(anchors_file), "lines": 3, "last": last[0], "signature": last[1]}


@pytest.mark.parametrize("rival", ["writes", "is about to write"])
def test_a_file_that_another_process_has_begun_meanwhile_is_left_to_it(
    anchors_file: Path, monkeypatch: pytest.MonkeyPatch, rival: str
) -> None:
    three_days(monkeypatch)
    anchors_file.write_text(NO_LINE)
    rename, there = os.rename, ExitStack()

    def set_aside(path: Path, aside: Path) -> None:
        rename(path, aside)
        if rival == "writes":
            anchors_file.write_text("a rival's\n")
        else:
            there.enter_context(anchors.opened(anchors_file))

    monkeypatch.setattr(os, "rename", set_aside)
    days_later(1.01, monkeypatch)
    with there:
        assert (anchoring.anchor(), broken()) == (0, [])
        assert anchors_file.read_text() == ("a rival's\n" if rival == "writes" else "")

"""`callboard check --anchor`: the event chains beside the signed lines outside the database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from campaigns.core import clock, events
from campaigns.core.event_names import EventName
from campaigns.core.settings import settings
from cli.main import app
from tests import factories
from workers import anchoring
from workers.transactions import unit_of_work


@pytest.fixture
def file(fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the heads of the chains are anchored; one is, of two facts."""
    with monkeypatch.context() as patch:
        patch.setenv("CALLBOARD_ANCHOR_FILE", str(tmp_path / "anchors.jsonl"))
        settings.cache_clear()
        with unit_of_work() as session:
            for name in (EventName.INSTALLATION_RESTORED, EventName.INSTALLATION_CAUGHT_UP):
                events.record(session, name, by=factories.person(session, "Odile"), at=clock.business_now(session))
        anchoring.anchor()
        yield tmp_path / "anchors.jsonl"
    settings.cache_clear()


def checked(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", "--offline", *options])
    return result.exit_code, " ".join(result.output.split())


def test_a_record_that_is_as_it_was_anchored_is_clean(file: Path) -> None:
    assert checked("--anchor") == (0, "All checks passed.")


def test_a_record_whose_end_was_cut_off_is_broken_only_beside_its_anchor(file: Path) -> None:
    with unit_of_work() as session:
        session.execute(text("set local session_replication_role = replica"))
        session.execute(text("delete from event where name = 'house.caught_up'"))
        session.execute(text("update chain_head set length = 1, hash = (select hash from event where name = 'house.restored')"))
    code, said = checked("--anchor")
    assert (checked()[0], code, "facts_are_as_anchored" in said) == (0, 1, True)


def test_without_its_file_the_check_says_which_setting_names_it(file: Path) -> None:
    file.unlink()
    code, said = checked("--anchor")
    assert (code, "CALLBOARD_ANCHOR_FILE" in said) == (2, True)


def test_a_file_whose_end_was_cut_off_is_named_with_how_many_lines_were_written(file: Path) -> None:
    file.write_text("")
    code, said = checked("--anchor")
    assert (checked()[0], code, "anchors_are_all_there" in said, "1 lines were written" in said, "the file has 0" in said) == (
        0,
        1,
        True,
        True,
        True,
    )

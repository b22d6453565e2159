"""What the bench makes of its figures; that each can be taken, the bench itself shows."""

import io
import platform
import re
import subprocess
import wave
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from campaigns.payout.split import split as divided
from tests.bench import figures, provenance, report
from tests.bench.figure import Figure
from tests.bench.figures import posting
from tests.bench.figures.split import agreed
from tests.bench.lineages import POOL, credit_of, drawn, inputs_of
from tests.bench.sounds import recording, size_of

ROOT = Path(__file__).parents[2]
FAST = Figure("Posting 10 payouts", "100/s", "a peer 5/s", "≥ 20 × the peer", True)
SHORT = Figure("The split of 10 contributions", "2 s", "a peer 0.1 s", "≤ 3 × the peer", False, why="it is exact.")
PLAIN = Figure("Set-up", "140 s")
TABLES = """On a desk:

| | measured | beside it | wanted | taken |
|---|---|---|---|---|
| The split of 10 contributions | 2 s ✗ | a peer 0.1 s | ≤ 3 × the peer | 2026-12-01, abc and changes |
| Set-up | 140 s |  |  | 2026-12-01, abc and changes |

What is not as wanted, and why:

- The split of 10 contributions: it is exact.

On a phone:

| | measured | beside it | wanted | taken |
|---|---|---|---|---|
| Posting 10 payouts | 100/s ✓ | a peer 5/s | ≥ 20 × the peer | 2026-12-01, abc and changes |"""
TAKEN = {"at": "2026-12-01T17:30+00:00", "commit": "abc and changes", "machine": "a desk"}


def test_every_figure_has_a_file_and_its_place_in_the_table() -> None:
    files = {file.stem for file in Path(figures.__file__).parent.glob("*.py")} - {"__init__"}
    assert (sorted(figures.NAMES), len(figures.NAMES)) == (sorted(files), len(files))


def test_every_kept_figure_that_falls_short_says_why() -> None:
    assert [name for name, figure in report.kept().items() if figure["holds"] is False and not figure["why"]] == []


def test_the_table_shows_each_beside_its_peer_by_machine_and_why_one_falls_short() -> None:
    kept = {"cold_setup": asdict(PLAIN), "posting": asdict(FAST), "split": asdict(SHORT)}
    machines = {"cold_setup": "a desk", "posting": "a phone", "split": "a desk"}
    assert report.tables({name: figure | TAKEN | {"machine": machines[name]} for name, figure in kept.items()}) == TABLES


def test_what_was_measured_before_is_kept_and_the_page_made_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "BENCH", tmp_path)
    monkeypatch.setattr(report, "KEPT", tmp_path / "figures.json")
    monkeypatch.setattr(report, "PAGE", tmp_path / "figures.md")
    monkeypatch.setattr(report, "provenance", lambda: TAKEN)
    report.PAGE.write_text(f"Before.\n\n{report.BEGIN}\n\nold\n\n{report.END}\n\nAfter.\n")
    for name, figure in (("split", FAST), ("cold_setup", PLAIN), ("split", SHORT)):
        report.keep(name, figure)
    report.write_page()
    table = TABLES.partition("\n\nOn a phone")[0]
    assert report.PAGE.read_text() == f"Before.\n\n{report.BEGIN}\n\n{table}\n\n{report.END}\n\nAfter.\n"


def test_the_figures_are_in_the_repository_each_with_its_day_commit_and_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "bench"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    known = {field.name for field in fields(Figure)} | set(TAKEN)
    kept = report.kept()
    assert set(listed) - {"bench/chaos.json", "bench/guards.json"} == {"bench/figures.json"}
    assert {name for name, figure in kept.items() if name not in figures.NAMES or set(figure) != known} == set()
    assert [name for name, figure in kept.items() if not re.match(r"\d{4}-\d\d-\d\dT", figure["at"]) or not figure["commit"]] == []


def test_a_machine_is_named_by_its_processor_memory_system_python_and_postgresql() -> None:
    named = provenance.machine()
    parts = r".+, \d+ cores, \d+ GB, .+, kernel [\d.]+, Python [\d.]+, PostgreSQL \d+\.\d+"
    assert (bool(re.fullmatch(parts, named)), platform.python_version() in named) == (True, True)


def test_a_figure_of_changed_code_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words], cwd=tmp_path, check=True, capture_output=True)

    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    git("init")
    (tmp_path / "code.py").write_text("1")
    page = tmp_path / "docs" / "figures.md"
    page.parent.mkdir()
    page.write_text("1")
    git("add", ".")
    git("commit", "-m", "One")
    clean = provenance.commit()
    page.write_text("2")
    the_page_written = provenance.commit()
    (tmp_path / "code.py").write_text("2")
    assert (len(clean), the_page_written, provenance.commit()) == (9, clean, f"{clean} and changes")


def test_there_is_no_figure_of_a_split_that_the_peer_does_not_agree_with() -> None:
    columns = drawn(200, 400)
    whole = divided(inputs_of(columns))
    theirs = [credit / POOL for credit in credit_of(whole, 200)[0]]
    assert agreed(whole, theirs) == pytest.approx(0, abs=1e-9)
    richest = theirs.index(max(theirs))
    theirs[richest] += 0.02 / POOL
    with pytest.raises(AssertionError, match="apart from the peer's"):
        agreed(whole, theirs)


def test_in_a_drawn_lineage_nobody_builds_on_a_contribution_of_their_own() -> None:
    columns = drawn(50, 200)
    assert [
        contribution
        for contribution, source in zip(columns.contributions, columns.sources, strict=True)
        if columns.makers[contribution] == columns.makers[source]
    ] == []


def test_of_a_peer_that_was_stopped_or_is_not_at_hand_the_table_says_so() -> None:
    said = (
        posting.hordak_said(100, {"in_one": None, "in_many": 2.0}),
        posting.pgledger_said(100, None),
        posting.pgledger_said(100, {"in_one": 1.0, "in_batches": 0.5}),
    )
    assert said == (
        "django-hordak in bulk: one transaction of 101 legs stopped after 10 min, a transaction for each 50/s",
        "pgledger: not at hand (PGLEDGER_SQL)",
        "pgledger: by one call 100/s, by calls of 200 200/s",
    )


def test_the_recording_that_is_uploaded_is_a_sound_of_exactly_its_size() -> None:
    sent = b"".join(recording(size_of(1)))
    with wave.open(io.BytesIO(sent)) as sound:
        told = (len(sent) == size_of(1), sound.getframerate(), sound.getnchannels(), sound.getnframes() * 4 + 44 == len(sent))
    assert told == (True, 48_000, 2, True)

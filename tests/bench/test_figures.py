"""What the bench makes of its figures; that each can be taken, the bench itself shows."""

from dataclasses import asdict
from pathlib import Path

import pytest

from tests.bench import figures, report
from tests.bench.figure import Figure

FAST = Figure("Posting 10 payouts", "100/s", "a peer 5/s", "≥ 20 × the peer", True)
SHORT = Figure("The split of 10 works", "2 s", "a peer 0.1 s", "≤ 3 × the peer", False, why="it is exact.")
PLAIN = Figure("Set-up", "140 s")
TABLES = """On a desk:

| | measured | beside it, in the same run | wanted |
|---|---|---|---|
| The split of 10 works | 2 s ✗ | a peer 0.1 s | ≤ 3 × the peer |
| Set-up | 140 s |  |  |

What is not as wanted, and why:

- The split of 10 works: it is exact.

On a phone:

| | measured | beside it, in the same run | wanted |
|---|---|---|---|
| Posting 10 payouts | 100/s ✓ | a peer 5/s | ≥ 20 × the peer |"""


def test_every_figure_has_a_file_and_its_place_in_the_table() -> None:
    files = {file.stem for file in Path(figures.__file__).parent.glob("*.py")} - {"__init__"}
    assert (sorted(figures.NAMES), len(figures.NAMES)) == (sorted(files), len(files))


def test_the_table_shows_each_beside_its_peer_by_machine_and_why_one_falls_short() -> None:
    kept = {"cold_setup": asdict(PLAIN), "posting": asdict(FAST), "split": asdict(SHORT)}
    machines = {"cold_setup": "a desk", "posting": "a phone", "split": "a desk"}
    assert report.tables({name: figure | {"machine": machines[name]} for name, figure in kept.items()}) == TABLES


def test_what_was_measured_before_is_kept_and_the_readme_made_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "BENCH", tmp_path)
    monkeypatch.setattr(report, "KEPT", tmp_path / "figures.json")
    monkeypatch.setattr(report, "README", tmp_path / "README.md")
    monkeypatch.setattr(report, "machine", lambda: "a desk")
    report.README.write_text(f"Before.\n\n{report.BEGIN}\n\nold\n\n{report.END}\n\nAfter.\n")
    for name, figure in (("split", FAST), ("cold_setup", PLAIN), ("split", SHORT)):
        report.keep(name, figure)
    report.write_readme()
    table = TABLES.partition("\n\nOn a phone")[0]
    assert report.README.read_text() == f"Before.\n\n{report.BEGIN}\n\n{table}\n\n{report.END}\n\nAfter.\n"

"""What is kept of a complete trial and of guards that were taken out, and the tables that are made from it."""

from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest

from tests.chaos import outcomes, record
from tests.chaos.answers import Count
from tests.chaos.emails import Doubt, Tally
from tests.chaos.fire import Kill, What
from tests.chaos.outcomes import Outcome
from tests.chaos.trial import Trial

TAKEN = {"at": "2026-12-01T17:30+00:00", "commit": "abc", "machine": "a desk"}
HARMS = ["cents of 1 for 2: 3 where 4 should be", "callboard check ends with 1: a\n| b"]
TOTALS = {
    "seed": 7,
    "assignments": 20,
    "seconds": 2160,
    "kills": {"web": 150, "relay": 50},
    "freezes": {"freeze relay": 1},
    "outages": {"stripe is away for 25 hours": 1},
    "faults": {},
    "buttons": {"cancel a run": 2},
    "said": {"comment": {"said": 32, "answered": 29, "given_up": 1}, "contribution": {"said": 1200, "answered": 1200, "given_up": 0}},
    "emails": {"written": 1000, "uncertain": 12, "uncertain_percent": 1.2, "twice": 3},
    "copies": {"written": 2000, "uncertain": 100, "uncertain_percent": 5.0, "twice": 7},
    "by_hand": {"ended a pause": 2},
    "harms": HARMS,
}
TABLE = """The run of commit abc on 2026-12-01 with seed 7, on a desk:

| | |
|---|---|
| Campaigns | 20, in 36 min |
| Processes killed | 200: 150 × web, 50 × relay |
| Processes frozen | 1: 1 × relay |
| Outages of the providers | 1: 1 × stripe is away for 25 hours |
| Other faults of the providers | none |
| Buttons pressed on Prefect's page | 2: 2 × cancel a run |
| Requests repeated until they were answered | 1,229; 1 were given up after five refusals |
| Requests overtaken before an answer came | 2: 2 × comment |
| Single emails | 1,000; 1.2 % uncertain, 3 of those arrived more than once |
| Copies of announcements | 2,000; 5.0 % uncertain, 7 of those arrived more than once |
| Put right by hand | 2: 2 × ended a pause |
| Done twice, lost, or not proven | cents of 1 for 2: 3 where 4 should be; callboard check ends with 1: a / b |"""

HEAD = "| | without it | with it | taken |\n|---|---|---|---|"
TRANSFER = "transfer ('{id}', 1000, 'USD', 'acct_1x'): 2 where 1 should be"


def ended(assignments: int = 20, kills: int = 200, has_ended: bool = True) -> Trial:
    trial = Trial(assignments, kills, seed=7, within=1.0, has_ended=has_ended, seconds=2160.2)
    trial.struck = [Kill("web.decided", 1, "api")] * (kills - 50) + [Kill("kill relay", 2, "relay")] * 50
    trial.befallen = [
        Kill("freeze relay", 2, "relay", What.FREEZE),
        Kill("stripe is away for 25 hours", 3, "stripe", What.OUTAGE),
        *[Kill("cancel a run", 0, "", What.BUTTON)] * 2,
    ]
    trial.said = {"comment": Count(32, 29, 1), "contribution": Count(1200, 1200, 0)}
    trial.tally = Tally(Doubt(1000, 12, 3), Doubt(2000, 100, 7), sent=988, found_out=0, dropped={})
    trial.mended = Counter({"ended a pause": 2})
    return trial


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page with the marks of the table, and a folder for what is kept."""
    for name, value in {"BENCH": tmp_path, "KEPT": tmp_path / "chaos.json", "PAGE": tmp_path / "figures.md"}.items():
        monkeypatch.setattr(record, name, value)
    monkeypatch.setattr(record, "provenance", lambda: TAKEN)
    for name, value in {"BENCH": tmp_path, "KEPT": tmp_path / "guards.json"}.items():
        monkeypatch.setattr(outcomes, name, value)
    monkeypatch.setattr(outcomes, "provenance", lambda: TAKEN)
    record.PAGE.write_text(page_with("old", "old"))
    return record.PAGE


def page_with(trial: str, guards: str) -> str:
    of_trial, of_guards = (f"{record.BEGIN}\n\n{trial}\n\n{record.END}", f"{record.BEGIN_GUARDS}\n\n{guards}\n\n{record.END_GUARDS}")
    return f"Before.\n\n{of_trial}\n\nBetween.\n\n{of_guards}\n\nAfter.\n"


def test_a_complete_trial_is_kept_with_its_day_commit_and_machine_and_shown(page: Path) -> None:
    record.keep(ended(), HARMS)
    record.write_page(())
    assert record.kept() == TOTALS | TAKEN
    assert page.read_text() == page_with(TABLE, HEAD)


@pytest.mark.parametrize("trial", [ended(assignments=19), ended(kills=199), ended(has_ended=False)], ids=["19", "199", "unended"])
def test_a_smaller_trial_or_one_that_has_not_ended_is_not_kept(page: Path, trial: Trial) -> None:
    record.keep(trial, [])
    record.write_page(())
    assert page.read_text() == page_with(record.NONE_YET, HEAD)


def test_of_a_trial_in_which_copies_of_announcements_were_not_counted_the_table_says_nothing_of_them(page: Path) -> None:
    record.keep(ended(), HARMS)
    kept = record.kept()
    del kept["copies"]
    assert record.table(kept) == "\n".join(line for line in TABLE.splitlines() if "Copies" not in line)


def test_each_guard_is_kept_with_the_harm_that_is_done_without_it_and_one_that_never_was_taken_out_is_shown_as_such(page: Path) -> None:
    twice = [TRANSFER.format(id=uuid4()) for _each in range(2)]
    Outcome("the key", "transfer", [], ["an earlier one"]).keep()
    Outcome("the key", "transfer", [], twice).keep()
    Outcome("the lock", "a campaign", ["a campaign\nwaits | long"], []).keep()
    record.write_page(("the key", "the lock", "the fence"))
    assert outcomes.kept() == {
        "the key": {"without": sorted(twice), "with": [], **TAKEN},
        "the lock": {"without": [], "with": ["a campaign\nwaits | long"], **TAKEN},
    }
    assert page.read_text() == page_with(
        record.NONE_YET,
        f"""{HEAD}
| the key | transfer ('…', 1000, 'USD', '…'): 2 where 1 should be | nothing | 2026-12-01, abc |
| the lock | nothing | a campaign waits / long | 2026-12-01, abc |
| the fence | not taken out yet | | |""",
    )


def test_a_guard_with_which_something_goes_wrong_or_that_is_not_missed_is_named() -> None:
    assert list(Outcome("the key", "transfer", [], ["transfer 1: 2 where 1 should be"]).harms()) == []
    assert list(Outcome("the key", "transfer", ["transfer 1: 0 where 1 should be"], ["an email is lost"]).harms()) == [
        "with the key: transfer 1: 0 where 1 should be",
        "without the key nothing is found to be wrong",
    ]

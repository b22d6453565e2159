"""The newest complete trial, bench/chaos.json, and how it is shown in docs/figures.md beside the guards, with its provenance."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.figure import BENCH
from tests.bench.provenance import provenance
from tests.chaos import outcomes
from tests.chaos.answers import Count
from tests.chaos.emails import Doubt
from tests.chaos.fire import Kill, What
from tests.chaos.report import PROCESSES
from tests.chaos.trial import Trial

KEPT = BENCH / "chaos.json"
PAGE = Path(__file__).parents[2] / "docs/figures.md"
BEGIN, END = "<!-- chaos: made by `python -m tests.chaos --write` -->", "<!-- end of chaos -->"
BEGIN_GUARDS, END_GUARDS = "<!-- guards: made by `python -m tests.chaos --write` -->", "<!-- end of guards -->"
NONE_YET = "No complete run has been kept yet."
ASSIGNMENTS, KILLS = 20, 200
# A trial of before the copies were counted has none of them.
EMAILS = {"emails": "Single emails", "copies": "Copies of announcements"}


def is_complete(trial: Trial) -> bool:
    """Whether it was a large one and has come to its end; what went wrong in it is kept with it."""
    return trial.has_ended and trial.assignments >= ASSIGNMENTS and len(trial.struck) >= KILLS


def keep(trial: Trial, harms: Sequence[str]) -> None:
    """Put a complete trial in the place of an earlier one."""
    if is_complete(trial):
        BENCH.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(totals(trial, harms) | provenance(), indent=1, ensure_ascii=False) + "\n")


def totals(trial: Trial, harms: Sequence[str]) -> dict[str, Any]:
    """What came of it, in figures."""
    assert trial.tally is not None
    return {
        "seed": trial.seed,
        "assignments": trial.assignments,
        "seconds": round(trial.seconds),
        "kills": _counted(PROCESSES.get(kill.program, kill.program) for kill in trial.struck),
        "freezes": _named(trial.befallen, What.FREEZE),
        "outages": _named(trial.befallen, What.OUTAGE),
        "faults": _named(trial.befallen, What.FAULT),
        "buttons": _named(trial.befallen, What.BUTTON),
        "said": {kind: asdict(count) for kind, count in trial.said.items()},
        "emails": _doubt(trial.tally.single),
        "copies": _doubt(trial.tally.announced),
        "by_hand": _counted(trial.mended.elements()),
        "harms": list(harms),
    }


def _named(kills: Sequence[Kill], what: What) -> dict[str, int]:
    return _counted(kill.name for kill in kills if kill.what is what)


def _counted(names: Any) -> dict[str, int]:
    """How often each was named, the most often first."""
    return dict(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))


def _doubt(doubt: Doubt) -> dict[str, float]:
    return {"written": doubt.written, "uncertain": doubt.uncertain, "uncertain_percent": doubt.percent, "twice": doubt.twice}


def kept() -> dict[str, Any]:
    """The trial that is kept; empty where there is none."""
    return json.loads(KEPT.read_text()) if KEPT.exists() else {}


def table(trial: Mapping[str, Any]) -> str:
    """It as it is shown."""
    if not trial:
        return NONE_YET
    rows = {
        "Campaigns": f"{trial['assignments']}, in {trial['seconds'] / 60:.0f} min",
        "Processes killed": _all(trial["kills"]),
        "Processes frozen": _all({deed.removeprefix("freeze "): count for deed, count in trial["freezes"].items()}),
        "Outages of the providers": _all(trial["outages"]),
        "Other faults of the providers": _all(trial["faults"]),
        "Buttons pressed on Prefect's page": _all(trial["buttons"]),
        **_requests({kind: Count(**count) for kind, count in trial["said"].items()}),
        **{what: _arrived(trial[key]) for key, what in EMAILS.items() if key in trial},
        "Put right by hand": _all(trial["by_hand"]),
        "Done twice, lost, or not proven": "; ".join(map(_in_a_cell, trial["harms"])) or "nothing",
    }
    lines = [f"| {what} | {found} |" for what, found in rows.items()]
    return "\n".join([f"{_taken(trial)}, on {trial['machine']}:\n", "| | |", "|---|---|", *lines])


def _requests(said: Mapping[str, Count]) -> dict[str, str]:
    """What became of what people said over HTTP."""
    answered, given_up = (sum(getattr(count, what) for count in said.values()) for what in ("answered", "given_up"))
    return {
        "Requests repeated until they were answered": f"{answered:,}; {given_up:,} were given up after five refusals",
        "Requests overtaken before an answer came": _all({kind: count.overtaken for kind, count in said.items() if count.overtaken}),
    }


def _arrived(doubt: Mapping[str, float]) -> str:
    return f"{doubt['written']:,}; {doubt['uncertain_percent']} % uncertain, {doubt['twice']} of those arrived more than once"


def _all(counted: Mapping[str, int]) -> str:
    """The sum, and what it is of."""
    parts = ", ".join(f"{count} × {name}" for name, count in counted.items())
    return f"{sum(counted.values())}: {parts}" if parts else "none"


def _in_a_cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "/")


def _taken(trial: Mapping[str, Any]) -> str:
    of = f" of commit {trial['commit']}" if trial["commit"] else ""
    return f"The run{of} on {trial['at'].partition('T')[0]} with seed {trial['seed']}"


def write_page(guards: Sequence[str]) -> None:
    """Put the tables of the trial and of these guards between their marks in docs/figures.md."""
    page = PAGE.read_text()
    for begin, end, made in ((BEGIN, END, table(kept())), (BEGIN_GUARDS, END_GUARDS, outcomes.table(outcomes.kept(), guards))):
        before, _begin, rest = page.partition(begin)
        _old, _end, after = rest.partition(end)
        page = f"{before}{begin}\n\n{made}\n\n{end}{after}"
    PAGE.write_text(page)

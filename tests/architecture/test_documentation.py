"""The documentation leads somewhere: its links, and the files and folders that it names, are there; what is made from data is up to it."""

import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.core import flow_processes
from campaigns.core.lanes import Lane
from campaigns.core.outbox import FIRST_BACK_OFF
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.stages import ENDS, Stage
from campaigns.ledger.accounts import NATURES
from campaigns.payout.balances.reasons import Reason
from campaigns.payout.reconciliations.discrepancies import WINDOW
from campaigns.payout.runs.payouts import KEY_LASTS
from campaigns.payout.runs.states import PayoutRunState
from flows import campaign, lives, pulse, sweep
from flows.handlers import LONGEST
from tests.bench import report
from tests.chaos import outcomes, record
from tests.chaos.proofs import PROOFS
from workers.payout.sending import BATCH

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DOCS = ROOT / "docs"
DECISIONS = DOCS / "decisions"
LONGEST_README = 200
TWO_PAGES = 120  # lines
LONGEST_RECORD = 16
CODE = re.compile(r"^```[\s\S]*?^```$|^    .*$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
# A path of ours between backticks, which may name a stage.
NAMED = re.compile(r"`((?:api|bench|campaigns|docs|flows|notifications|tests|workers)/[\w./<>-]*[\w>/])(?=[`,])")

# What comes to be only when somebody runs or adds it.
MADE = {
    "bench/chaos.json", "bench/guards.json", "bench/peers", "campaigns/core/locales/fr/LC_MESSAGES/callboard.po",
    "tests/contract/recorded", "tests/contract/last_run.json",
}  # fmt: skip


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """The file and the heading, if any, that each link of the page leads to."""
    for target in LINK.findall(page.read_text("utf-8")):
        file, _mark, heading = target.partition("#")
        yield (page.parent / file).resolve() if file else page, heading


def headings(page: Path) -> set[str]:
    """What the headings of a page are called in links, as GitHub makes it."""
    found = re.findall(r"^#+ (.*)$", CODE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in found}


def named(page: Path) -> set[str]:
    """The files and folders of ours that the page names; one for each stage, where it names any."""
    stages = [stage.value for stage in Stage if stage not in ENDS]
    paths = NAMED.findall(page.read_text("utf-8"))
    return {path.replace("<stage>", stage) for path in paths for stage in (stages if "<stage>" in path else [""])}


@pytest.mark.parametrize("document", PAGES, ids=lambda document: str(document.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(document: Path) -> None:
    lost = [(str(file), heading) for file, heading in links(document) if not file.exists() or (heading and heading not in headings(file))]
    assert lost == []


@pytest.mark.parametrize("document", PAGES, ids=lambda document: str(document.relative_to(ROOT)))
def test_every_file_that_is_named_is_there(document: Path) -> None:
    assert {path for path in named(document) - MADE if "<" not in path and not (ROOT / path).exists()} == set()


def test_a_link_and_a_name_that_lead_nowhere_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One of *ours*\n\n[here](#one-of-ours) [there](gone.md) `flows/gone.py`, `flows/<stage>.py`\n")
    assert [(file.name, heading in headings(page)) for file, heading in links(page)] == [("page.md", True), ("gone.md", False)]
    assert named(page) == {"flows/gone.py"} | {f"flows/{stage.value}.py" for stage in Stage if stage not in ENDS}


def test_the_readme_can_be_read_at_one_sitting() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= LONGEST_README


def test_every_decision_is_in_the_index_under_its_own_title() -> None:
    records = sorted(DECISIONS.glob("[0-9]*.md"))
    lines = [f"- [{each.name[:4]}]({each.name}) {each.read_text('utf-8').splitlines()[0].removeprefix('# ')}" for each in records]
    index = [line for line in (DECISIONS / "README.md").read_text("utf-8").splitlines() if line.startswith("- [")]
    assert (index, [each.name[:4] for each in records]) == (lines, [f"{number:04}" for number in range(1, len(records) + 1)])


def test_every_decision_is_short_and_says_context_decision_and_consequence() -> None:
    for each in DECISIONS.glob("[0-9]*.md"):
        text = each.read_text("utf-8")
        parts = re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE)
        assert (each.name, parts, len(text.splitlines()) <= LONGEST_RECORD) == (each.name, ["Context", "Decision", "Consequence"], True)


def test_the_architecture_takes_two_pages_and_one_picture() -> None:
    text = (DOCS / "architecture.md").read_text("utf-8")
    assert (len(text.splitlines()) <= TWO_PAGES, text.count("```mermaid"), text.count("![")) == (True, 1, 0)


def test_the_layers_on_the_page_are_those_that_are_held() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    edges, stages = [contract["layers"] for contract in contracts if contract["type"] == "layers"][:2]
    text = " ".join((DOCS / "architecture.md").read_text("utf-8").split())
    assert f"`{' → '.join(edges)}`" in text
    assert f"`{' → '.join(stages[stages.index('lifecycle') :])}`" in text


def first_cells(page: str, head: str) -> list[str]:
    """What stands in the first column of the page's table with this head, without marks."""
    [rows] = re.findall(rf"^\| {head} \|.*\n\|[-:|]+\n((?:\|.*\n)+)", (DOCS / page).read_text("utf-8"), re.MULTILINE)
    return [cell.strip() for row in rows.splitlines() for cell in row.split("|")[1].replace("`", "").split(",")]


def test_the_tables_of_money_are_complete() -> None:
    assert sorted(first_cells("money.md", "account")) == sorted(NATURES)
    assert first_cells("money.md", "reason") == list(Reason)
    # The table goes by what happens: a released run is sent before it may pause.
    assert [state for state in first_cells("money.md", "state") if state != "sending"] == list(PayoutRunState)


CLAIMS = [
    ("engine.md", "the timeout is ten years", timedelta(seconds=campaign.TEN_YEARS), timedelta(days=3650)),
    (
        "engine.md",
        "a back-off of 0.25 s up to 30 s",
        (FIRST_BACK_OFF, LONGEST[OutboxKind.WAKE]),
        (timedelta(seconds=0.25), timedelta(seconds=30)),
    ),
    ("engine.md", "loses it after 20 seconds", pulse.FROZEN, "20s"),
    ("engine.md", "the session that holds the lock every 10 seconds", pulse.BEAT, timedelta(seconds=10)),
    ("engine.md", "Silence of 45 seconds counts", pulse.SILENT, timedelta(seconds=45)),
    ("engine.md", "a second look 15 seconds later", flow_processes.SECOND_LOOK, timedelta(seconds=15)),
    ("engine.md", "If the whole machine is silent for three minutes", flow_processes.WORKER_IS_LOST_AFTER, timedelta(minutes=3)),
    ("engine.md", "every two seconds", sweep.EVERY_SECONDS, 2.0),
    ("engine.md", "still there after 10 s", lives.TO_LEAVE, timedelta(seconds=10)),
    ("engine.md", "still there after 1 min", lives.TO_LEAVE_SUSPENDED, timedelta(minutes=1)),
    ("money.md", "Messages wait in nine lanes", len(Lane), 9),
    ("money.md", "under a key that is older than 23 hours", KEY_LASTS, timedelta(hours=23)),
    ("money.md", "Batches of up to 200 are claimed", BATCH, 200),
    ("money.md", "every transfer of the last 35 days", WINDOW, timedelta(days=35)),
]


@pytest.mark.parametrize(("page", "words", "is_now", "is_said"), CLAIMS, ids=lambda each: each if isinstance(each, str) else "")
def test_a_number_on_a_page_is_the_one_in_the_code(page: str, words: str, is_now: object, is_said: object) -> None:
    assert words in " ".join((DOCS / page).read_text("utf-8").split())
    assert is_now == is_said


def test_the_tables_of_figures_are_those_that_are_kept() -> None:
    page = report.PAGE.read_text("utf-8")
    assert f"{report.BEGIN}\n\n{report.tables(report.kept())}\n\n{report.END}" in page
    assert f"{record.BEGIN}\n\n{record.table(record.kept())}\n\n{record.END}" in page
    guards = outcomes.table(outcomes.kept(), tuple(PROOFS))
    assert f"{record.BEGIN_GUARDS}\n\n{guards}\n\n{record.END_GUARDS}" in page

"""The documentation leads somewhere: its links, and the files and folders that it names, are there; what is made from data is up to it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns.core.stages import ENDS, Stage
from tests.bench import report
from tests.chaos import outcomes, record
from tests.chaos.proofs import PROOFS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = ROOT / "docs/decisions"
LONGEST_README = 200
CODE = re.compile(r"^```[\s\S]*?^```$|^    .*$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
# A path of ours between backticks, which may name a stage.
NAMED = re.compile(r"`((?:api|bench|campaigns|docs|flows|notifications|tests)/[\w./<>-]*[\w>/])(?=[`,])")

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


def test_the_tables_of_figures_are_those_that_are_kept() -> None:
    page = report.PAGE.read_text("utf-8")
    assert f"{report.BEGIN}\n\n{report.tables(report.kept())}\n\n{report.END}" in page
    assert f"{record.BEGIN}\n\n{record.table(record.kept())}\n\n{record.END}" in page
    guards = outcomes.table(outcomes.kept(), tuple(PROOFS))
    assert f"{record.BEGIN_GUARDS}\n\n{guards}\n\n{record.END_GUARDS}" in page

"""docs/pay-rule.md is true of the code: each number of its worked example is what the split computes, to the millionth."""

import re
from itertools import chain
from pathlib import Path

import pytest

from campaigns.payout.split import Split, split
from campaigns.payout.split.arithmetic import people_credit
from campaigns.payout.split.files import read_inputs

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/pay-rule.md"
SPLIT = ROOT / "campaigns/payout/split"
FILES = re.compile(r"^`(\S+\.jsonl?)`\n\n```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEPS = re.compile(r"\bsteps? (\d(?:\.\d)?)(?: and (\d(?:\.\d)?))?\b", re.IGNORECASE)


def table(named: str) -> dict[str, list[int | None]]:
    """The rows of the table whose head begins with this, by their first cell."""
    [rows] = re.findall(rf"^\| {named} \|.*\n\|[-:|]+\n((?:\|.*\n)+)", PAGE.read_text("utf-8"), re.MULTILINE)
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows.splitlines()]
    return {first: [int(each.replace(",", "")) if each else None for each in rest] for first, *rest in cells}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Split:
    """The split of the example's files."""
    folder = tmp_path_factory.mktemp("example")
    for name, content in FILES.findall(PAGE.read_text("utf-8")):
        (folder / name).write_text(content, "utf-8")
    files = [folder / name for name in ("lineage.jsonl", "components.json", "rule.json")]
    return split(read_inputs(*files, pool="10000.00", currency="USD"))


def test_the_direct_credit_of_the_example_is_what_step_1_computes(example: Split) -> None:
    computed = {**example.assembly, **example.direct}
    assert {name: credit for name, [credit] in table("step 1").items()} == computed


def test_what_reaches_and_leaves_each_contribution_of_the_example_is_what_step_2_computes(example: Split) -> None:
    flow = example.flow
    arrived = {
        contribution: (flow.fresh.get(contribution, 0), flow.taken.get(contribution, 0), flow.kept.get(contribution, 0))
        for contribution in example.inputs.lineage.contributions
    }
    computed = {contribution: [fresh, taken, fresh + taken - kept, kept] for contribution, (fresh, taken, kept) in arrived.items()}
    shown = table("step 2")
    assert (shown, list(shown)) == (computed, list(computed))


def test_what_each_person_of_the_example_gets_is_what_steps_3_to_5_compute(example: Split) -> None:
    before = people_credit(example.inputs.lineage, example.assembly, example.flow.kept)
    lines = {line.person: [before[line.person], line.credit, line.amount] for line in example.lines}
    staff = {f"{line.person} (staff)": [line.credit, None, None] for line in example.staff}
    shown = table("steps 3 to 5")
    assert (shown, list(shown)) == (lines | staff, [*lines, *staff])


def steps_of_the_page() -> list[str]:
    """The numbers of all steps: of those that are lists, 1.1, 1.2 and so on; of the others 3, 4, 5."""
    steps: list[str] = []
    for number, text in re.findall(r"^### Step (\d)\.(.*?)(?=^##)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        steps += [f"{number}.{item}" for item in re.findall(r"^(\d)\. ", text, re.MULTILINE)] or [number]
    return steps


def test_every_step_of_the_page_is_named_where_the_code_takes_it_and_no_other() -> None:
    found = {step for file in SPLIT.glob("*.py") for step in chain.from_iterable(STEPS.findall(file.read_text("utf-8"))) if step}
    steps = steps_of_the_page()
    assert steps == ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "3", "4", "5"]
    assert found == {*steps, "1", "2"}


def test_every_step_that_the_example_names_is_on_the_page() -> None:
    named = re.findall(r"\((\d\.\d)\)", PAGE.read_text("utf-8").partition("## A worked example")[2])
    assert named
    assert set(named) <= set(steps_of_the_page())

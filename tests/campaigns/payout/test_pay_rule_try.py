import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
from typer.testing import CliRunner, Result

from cli.pay_rule import pay_rule

LINEAGE = [
    {"work": "w7", "maker": "p3", "wrapper": False, "sources": [{"work": "w2", "kind": "contains", "weight": 1}]},
    {"work": "w9", "makers": {"p3": 2, "p9": 1}, "sources": [{"work": "w2", "kind": "influenced_by"}]},
    {"work": "w2", "maker": "p8"},
]
COMPONENTS = {"components": {"w7": 5, "w9": 3}, "cut": {"makers": {"p4": 2, "p5": 1}}}
RULE = {"assembly": "0.05", "pass_on": {"contains": "0.30", "influenced_by": "0.10"}, "staff": ["p9", "nobody known"]}


@dataclass(frozen=True)
class Trial:
    """The three files in a folder, each as the test wants it, and the command on them."""

    folder: Path

    def write(self, *, lineage: Any = LINEAGE, components: Any = COMPONENTS, rule: Any = RULE) -> Self:
        for name, content in {"lineage.jsonl": lineage, "components.json": components, "rule.json": rule}.items():
            (self.folder / name).write_bytes(content if isinstance(content, bytes) else written(content))
        return self

    def run(self, *options: str, pool: str = "50000.00", currency: str = "USD") -> Result:
        files = ["--lineage", "lineage.jsonl", "--components", "components.json", "--rule", "rule.json"]
        files = [str(self.folder / word) if "." in word else word for word in files]
        return CliRunner().invoke(pay_rule, ["try", *files, "--pool", pool, "--currency", currency, *options])


def written(content: Any) -> bytes:
    if isinstance(content, list):
        return "".join(json.dumps(line) + "\n" for line in content).encode()
    return json.dumps(content, indent=1).encode()


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path).write()


ANSWER = {
    "pool": 5_000_000,
    "currency": "USD",
    "lines": [
        {"person": "p3", "amount": 3_523_443, "credit": 3_523_442_967_110},
        {"person": "p8", "amount": 1_196_641, "credit": 1_196_641_007_698},
        {"person": "p4", "amount": 186_611, "credit": 186_610_683_462},
        {"person": "p5", "amount": 93_305, "credit": 93_305_341_730},
    ],
    "staff": [{"person": "p9", "credit": 534_375_000_000}],
}


def test_json_gives_amounts_in_minor_units_and_credits_in_millionths(trial: Trial) -> None:
    result = trial.run("--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == ANSWER


def test_a_gzipped_lineage_in_any_order_gives_the_same(trial: Trial) -> None:
    trial.write(lineage=gzip.compress(written(LINEAGE[::-1])))
    assert json.loads(trial.run("--json").stdout) == ANSWER


def test_what_may_be_left_out_may_be_left_out(trial: Trial) -> None:
    trial.write(lineage=[{"work": "w1", "maker": "p1"}], components={"components": {"w1": 1}}, rule={"pass_on": {}})
    assert json.loads(trial.run("--json", pool="7", currency="JPY").stdout) == {
        "pool": 7,
        "currency": "JPY",
        "lines": [{"person": "p1", "amount": 7, "credit": 7_000_000}],
        "staff": [],
    }


TABLE = [
    "person      amount  credit in millionths",
    "p3      $35,234.43         3523442967110",
    "p8      $11,966.41         1196641007698",
    "p4       $1,866.11          186610683462",
    "p5         $933.05           93305341730",
    "p9           staff          534375000000",
]
EXPLANATION = [
    "",
    "p8: $11,966.41: 89% passed on from 2 contributions that build on it, 11% from the staff's share",
    "Credit, in millionths:",
    "  1068750000000 from w2, share 1 of 1",
    "    890625000000 = w7 (5 points: 2968750000000) → w2 (contains, weight 1 of 1, 3/10: 890625000000) · kept 1",
    "    178125000000 = w9 (3 points: 1781250000000) → w2 (influenced_by, weight 1 of 1, 1/10: 178125000000) · kept 1",
    "  1068750000000 before staff",
    "  +127891007698 from staff",
    "  -7698 rounding to whole minor units",
]


def test_without_json_it_is_a_table(trial: Trial) -> None:
    assert trial.run().stdout.splitlines() == TABLE


def test_explain_adds_the_persons_paths(trial: Trial) -> None:
    result = trial.run("--explain", "p8")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == TABLE + EXPLANATION


def test_explain_with_json_adds_the_explanation_to_the_object(trial: Trial) -> None:
    answer = json.loads(trial.run("--json", "--explain", "p8").stdout)
    explanation = answer.pop("explanation")
    assert answer == ANSWER
    assert [path["component"] for path in explanation["contributions"][0]["paths"]] == ["w7", "w9"]


def test_when_all_are_staff_there_are_no_lines_and_it_exits_3(trial: Trial) -> None:
    trial.write(rule=RULE | {"staff": ["p3", "p4", "p5", "p8", "p9"]})
    result = trial.run("--json")
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["lines"], [line["person"] for line in answer["staff"]]) == (3, [], ["p3", "p4", "p5", "p8", "p9"])
    assert trial.run().stdout.splitlines()[-1] == "Everyone is staff, so there is nobody to pay."


def with_second_line(line: Any) -> dict[str, Any]:
    return {"lineage": [LINEAGE[0], line, LINEAGE[2]]}


def refusal(trial: Trial, **options: str) -> str:
    """What is said when it is refused; nothing may stand on stdout."""
    result = trial.run(**options)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr.strip()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({"work": "w9"}, "“w9” has no makers."),
        ({"work": "w9", "makers": {}}, "“w9” has no makers."),
        ({"work": "w9", "maker": "p3", "makers": {"p3": 1}}, "“w9” has both “maker” and “makers”. Use only one of them."),
        ({"work": "w9", "maker": 3}, "“w9”: “maker” is not printable text."),
        ({"work": "w9", "maker": ""}, "“w9”: “maker” is not printable text."),
        ({"work": "w9", "maker": None}, "“w9”: “maker” is not printable text."),
        ({"work": "w9", "makers": ["p3"]}, "“w9”: “makers” is not an object of whole numbers."),
        ({"work": "w9", "makers": {"p3": "2"}}, "“w9”: “p3” is not a whole number."),
        ({"work": "w9", "makers": {"p3": True}}, "“w9”: “p3” is not a whole number."),
        ({"work": "w9", "makers": {"p3": 1.0}}, "“w9”: “p3” is not a whole number."),
        ({"work": "w9", "makers": {"p3": 0}}, "A maker of “w9” has a share below 1."),
        ({"work": "w9", "maker": "p3", "wrapper": "no"}, "“w9”: “wrapper” is not true or false."),
        ({"work": "w9", "maker": "p3", "likes": 9}, "“w9” has an unknown field “likes”."),
        ({"work": "w9", "maker": "p3", "sources": "w2"}, "“w9”: “sources” is not a list."),
        ({"work": "w9", "maker": "p3", "sources": ["w2"]}, "A source of “w9” is not a JSON object."),
        ({"work": "w9", "maker": "p3", "sources": [{"work": "w2"}]}, "A source of “w9” has no “kind”."),
        ({"work": "w9", "maker": "p3", "sources": [{"kind": "contains"}]}, "A source of “w9” has no “work”."),
        (
            {"work": "w9", "maker": "p3", "sources": [{"work": "w2", "kind": "samples"}]},
            "A source of “w9” has an unknown kind, 'samples'. Use “contains” or “influenced_by”.",
        ),
        (
            {"work": "w9", "maker": "p3", "sources": [{"work": "w2", "kind": ["contains"]}]},
            "A source of “w9” has an unknown kind, ['contains']. Use “contains” or “influenced_by”.",
        ),
        (
            {"work": "w9", "maker": "p3", "sources": [{"work": "w2", "kind": "contains", "weight": 0}]},
            "“w9” cites “w2” with a weight below 1.",
        ),
        (
            {"work": "w9", "maker": "p3", "sources": [{"work": "w2", "kind": "contains", "weight": 1.5}]},
            "A source of “w9”: “weight” is not a whole number.",
        ),
        (
            {"work": "w9", "maker": "p3", "sources": [{"work": "w2", "kind": "contains"}, {"work": "w2", "kind": "influenced_by"}]},
            "“w9” cites “w2” twice.",
        ),
        (
            {"work": "w9", "maker": "p3", "sources": [{"work": "w77", "kind": "contains"}]},
            "“w9” cites “w77”, which is not in the lineage.",
        ),
        ({"work": "w9", "maker": "p3", "sources": [{"work": "w9", "kind": "contains"}]}, "“w9” leads back to itself: w9 → w9."),
        ({"work": "w7", "maker": "p3"}, "“w7” is listed twice."),
        ({"maker": "p3"}, "The contribution has no “work”."),
        ({"work": 9, "maker": "p3"}, "The contribution: “work” is not printable text."),
        ({"work": "\ud800", "maker": "p3"}, "The contribution: “work” is not printable text."),
        (["w9"], "The contribution is not a JSON object."),
    ],
)
def test_a_lineage_that_cannot_be_split_is_refused_with_its_line_and_contribution(trial: Trial, line: Any, sentence: str) -> None:
    trial.write(**with_second_line(line))
    assert refusal(trial) == f"lineage.jsonl, line 2: {sentence}"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"not json", "This is not JSON: Expecting value."),
        (b"", "This is not JSON: Expecting value."),
        (b'{"work": "w9", "maker": "p3"', "This is not JSON: Expecting ',' delimiter."),
        (b'{"work": "\xff"}', "This is not UTF-8 text."),
        (b'{"work": "w9", "work": "w8", "maker": "p3"}', "“work” appears twice."),
        (b"[" * 100_000, "This JSON is too complex: a number is too long or it is nested too deeply."),
        (b'{"work": ' + b"9" * 5_000 + b"}", "This JSON is too complex: a number is too long or it is nested too deeply."),
    ],
)
def test_a_line_that_is_not_json_is_refused(trial: Trial, line: Any, sentence: str) -> None:
    trial.write(lineage=b"\n".join([json.dumps(LINEAGE[0]).encode(), line, json.dumps(LINEAGE[2]).encode()]))
    assert refusal(trial) == f"lineage.jsonl, line 2: {sentence}"


def test_a_circle_is_refused_with_every_contribution_of_it(trial: Trial) -> None:
    circle = [
        {"work": "w2", "maker": "p1"},
        {"work": "w7", "maker": "p1", "sources": [{"work": "w9", "kind": "contains"}, {"work": "w2", "kind": "contains"}]},
        {"work": "w9", "maker": "p1", "sources": [{"work": "w7", "kind": "contains"}]},
    ]
    trial.write(lineage=circle)
    assert refusal(trial) in {
        "lineage.jsonl, line 2: “w7” leads back to itself: w7 → w9 → w7.",
        "lineage.jsonl, line 3: “w9” leads back to itself: w9 → w7 → w9.",
    }


@pytest.mark.parametrize(
    ("components", "sentence"),
    [
        ({"components": {}}, "line 2: The cut has no components."),
        ({"cut": {"makers": {"p4": 1}}}, "line 1: The cut has no “components”."),
        ({"components": {"w7": 5, "w77": 1}}, "line 4: The component “w77” is not in the lineage."),
        ({"components": {"w7": 5, "w9": 0}}, "line 4: “w9” has points below 1."),
        ({"components": {"w7": "5"}}, "line 3: The cut: “w7” is not a whole number."),
        ({"components": {"w7": 5}, "cut": {}}, "line 1: The cut has no “makers”."),
        ({"components": {"w7": 5}, "cut": {"makers": {"p4": 0}}}, "line 5: A maker of the cut has a share below 1."),
        ({"components": {"w7": 5}, "edit": {}}, "line 5: The cut has an unknown field “edit”."),
        (b'{"components": {"w7": 5,\n "w7": 3}}', "line 1: “w7” appears twice."),
        (b'{"components":\n {"w7": 5,}}', "line 2: This is not JSON: Expecting property name enclosed in double quotes."),
        (b'["w7"]', "line 1: The cut is not a JSON object."),
    ],
)
def test_components_that_cannot_be_split_are_refused(trial: Trial, components: Any, sentence: str) -> None:
    trial.write(components=components)
    assert refusal(trial) == f"components.json, {sentence}"


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"assembly": "0.05"}, "line 1: The rule has no “pass_on”."),
        ({"pass_on": {}, "assembly": "1"}, "line 3: The editor's share must be from 0 to below 1."),
        ({"pass_on": {"contains": "0.9", "influenced_by": "0.1"}}, "line 2: The fractions that are passed on must add up to less than 1."),
        ({"pass_on": {"samples": "0.1"}}, "line 3: “pass_on” has an unknown field “samples”."),
        *(
            (
                {"pass_on": {"contains": fraction}},
                'line 3: “contains” is not a fraction. Write it as a string from "0" to below "1" with at most 4 decimal places.',
            )
            for fraction in ("0.12345", "-0.1", "1e-1", "", "0,1", "9" * 5000, 0.3, None)
        ),
        ({"pass_on": {}, "staff": "p3"}, "line 3: The rule: “staff” is not a list."),
        ({"pass_on": {}, "staff": [3]}, "line 3: The rule: “staff” is not printable text."),
        ({"pass_on": {}, "cap": "0.1"}, "line 3: The rule has an unknown field “cap”."),
    ],
)
def test_a_rule_that_does_not_divide_is_refused(trial: Trial, rule: Any, sentence: str) -> None:
    trial.write(rule=rule)
    assert refusal(trial) == f"rule.json, {sentence}"


@pytest.mark.parametrize(
    ("pool", "currency", "sentence"),
    [
        ("0", "USD", "0 is not above zero."),
        ("-5.00", "USD", "-5.00 is not above zero."),
        ("1.005", "USD", "1.005 has too many decimals: USD has 2."),
        ("10.5", "JPY", "10.5 has too many decimals: JPY has 0."),
        ("10", "XYZ", "There is no currency XYZ: use a code of three capital letters, like USD."),
    ],
)
def test_a_pool_that_is_no_money_is_refused(trial: Trial, pool: str, currency: str, sentence: str) -> None:
    assert refusal(trial, pool=pool, currency=currency) == sentence


def test_a_file_that_is_missing_or_broken_is_refused(trial: Trial) -> None:
    trial.write(lineage=gzip.compress(written(LINEAGE))[:-9])
    assert refusal(trial).startswith("lineage.jsonl cannot be read: ")
    (trial.folder / "rule.json").unlink()
    trial.write()
    (trial.folder / "rule.json").unlink()
    assert refusal(trial).startswith("rule.json cannot be read: ")

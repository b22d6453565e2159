"""SECURITY.md and docs/asvs.md say what is so: their tests are there, every item has its line, and all that is missing is listed."""

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "SECURITY.md").read_text("utf-8")
ITEMS = (TESTS.parent / "docs" / "asvs.md").read_text("utf-8")
# Of each section of OWASP ASVS 5.0.0: how many items of level 1 it has, and of level 1 and 2; they are numbered from 1, level 1 first.
SECTIONS = {
    "V1.1": (0, 2), "V1.2": (5, 9), "V1.3": (2, 11), "V1.4": (0, 3), "V1.5": (1, 2),
    "V2.1": (1, 3), "V2.2": (2, 3), "V2.3": (1, 4), "V2.4": (0, 1),
    "V3.2": (2, 2), "V3.3": (1, 4), "V3.4": (2, 6), "V3.5": (3, 5), "V3.7": (0, 2),
    "V4.1": (1, 3), "V4.2": (0, 1), "V4.3": (0, 2), "V4.4": (1, 4),
    "V5.1": (0, 1), "V5.2": (2, 3), "V5.3": (2, 2), "V5.4": (0, 3),
    "V6.1": (1, 3), "V6.2": (8, 12), "V6.3": (2, 4), "V6.4": (2, 4), "V6.5": (0, 5), "V6.6": (0, 3), "V6.8": (0, 4),
    "V7.1": (0, 3), "V7.2": (4, 4), "V7.3": (0, 2), "V7.4": (2, 5), "V7.5": (0, 2), "V7.6": (0, 2),
    "V8.1": (1, 2), "V8.2": (2, 3), "V8.3": (1, 1), "V8.4": (0, 1),
    "V9.1": (3, 3), "V9.2": (1, 4),
    "V10.1": (0, 2), "V10.2": (0, 2), "V10.3": (0, 4), "V10.4": (5, 11), "V10.5": (0, 5), "V10.6": (0, 2), "V10.7": (0, 3),
    "V11.1": (0, 2), "V11.2": (0, 3), "V11.3": (2, 3), "V11.4": (1, 4), "V11.5": (0, 1), "V11.6": (0, 1),
    "V12.1": (1, 3), "V12.2": (2, 2), "V12.3": (0, 4),
    "V13.1": (0, 1), "V13.2": (0, 5), "V13.3": (0, 2), "V13.4": (1, 5),
    "V14.1": (0, 2), "V14.2": (1, 4), "V14.3": (1, 3),
    "V15.1": (1, 3), "V15.2": (1, 3), "V15.3": (1, 7),
    "V16.1": (0, 1), "V16.2": (0, 5), "V16.3": (0, 4), "V16.4": (0, 3), "V16.5": (0, 3),
    "V17.1": (0, 1), "V17.2": (0, 4), "V17.3": (0, 2),
}  # fmt: skip
ROW = re.compile(r"^\| (V\d+\.\d+\.\d+) \| (.*?) \| (.*?) \| (.*) \|$", re.MULTILINE)


@pytest.mark.parametrize(("page", "least"), [(PAGE, 3), (ITEMS, 200)], ids=["SECURITY.md", "docs/asvs.md"])
def test_every_test_that_the_page_names_is_in_the_file_that_it_names(page: str, least: int) -> None:
    files = defaultdict[str, str](str)
    for file in TESTS.rglob("test_*.py"):
        files[file.name] += file.read_text("utf-8")
    named = re.findall(r"`(test_\w+\.py)`(?:: (test_\w+(?:, test_\w+)*))?", page)
    assert len(named) >= least
    assert [file for file, _names in named if file not in files] == []
    assert [name for file, names in named for name in names.split(", ") if name and f"def {name}(" not in files[file]] == []
    # A name that stands behind no file, by a slip of the pen, would be looked for by nobody.
    behind_a_file = {name for _file, names in named for name in names.split(", ")} | {file.removesuffix(".py") for file, _names in named}
    assert {found for found in re.findall(r"\btest_\w+", page) if found not in behind_a_file} == set()


def test_every_item_of_the_standard_has_one_line_with_its_level_and_what_holds_it() -> None:
    items = {
        f"{section}.{number}": "1" if number <= of_level_1 else "2"
        for section, (of_level_1, count) in SECTIONS.items()
        for number in range(1, count + 1)
    }
    assert len(items) == 253
    assert Counter(item for item, *_told in ROW.findall(ITEMS)) == Counter(items.keys())
    assert {item: level for item, level, *_told in ROW.findall(ITEMS)} == items
    assert [item for item, _level, asked, held in ROW.findall(ITEMS) if not (asked.strip() and held.strip())] == []
    assert len(ROW.findall(ITEMS)) == len(re.findall(r"^\| V", ITEMS, re.MULTILINE))


def test_all_that_is_missing_is_listed_on_the_security_page_and_nothing_else_is() -> None:
    missing = {item for item, _level, _asked, held in ROW.findall(ITEMS) if "**Missing**" in held}
    listed = PAGE.partition("\n## What ASVS asks for and Callboard has not\n")[2]
    assert set(re.findall(r"\bV\d+\.\d+\.\d+\b", listed)) == missing

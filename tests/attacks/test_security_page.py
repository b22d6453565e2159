"""SECURITY.md says what is so: every test that it names is there, and every section of the standard has its line."""

import re
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "SECURITY.md").read_text("utf-8")
# How many sections each chapter of OWASP ASVS 5.0 has.
SECTIONS = {1: 5, 2: 4, 3: 7, 4: 4, 5: 4, 6: 8, 7: 6, 8: 4, 9: 2, 10: 7, 11: 7, 12: 3, 13: 4, 14: 3, 15: 4, 16: 5, 17: 3}


def test_every_test_that_the_page_names_is_in_the_file_that_it_names() -> None:
    files = defaultdict(str)
    for file in TESTS.rglob("test_*.py"):
        files[file.name] += file.read_text("utf-8")
    named = re.findall(r"`(test_\w+\.py)`(?:: (test_\w+(?:, test_\w+)*))?", PAGE)
    assert len(named) > 60
    assert [file for file, _names in named if file not in files] == []
    assert [name for file, names in named for name in names.split(", ") if name and f"def {name}(" not in files[file]] == []


def test_every_section_of_the_standard_has_its_line() -> None:
    spans = [tuple(map(int, span)) for span in re.findall(r"V(\d+)\.(\d+) to V\d+\.(\d+)", PAGE)]
    covered = {(chapter, section) for chapter, first, last in spans for section in range(first, last + 1)}
    covered |= {(int(chapter), int(section)) for chapter, section in re.findall(r"V(\d+)\.(\d+)\b", PAGE)}
    assert {(chapter, section) for chapter, count in SECTIONS.items() for section in range(1, count + 1)} - covered == set()

"""What programs log: each entry with its time in UTC, and nothing that a stranger wrote passes for one."""

import logging
import re
import sys

from campaigns.core.logs import LogFormatter

FIRST = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 (WARNING|ERROR) callboard\.api: ")


def written(message: str, *words: object, fault: BaseException | None = None) -> list[str]:
    about = (type(fault), fault, fault.__traceback__) if fault else None
    record = logging.LogRecord("callboard.api", logging.WARNING, "", 1, message, words, about)
    return LogFormatter().format(record).split("\n")


def test_an_entry_begins_with_its_time_in_utc_how_grave_it_is_and_who_says_it() -> None:
    [line] = written("GET /x: %s", "away")
    assert (FIRST.match(line) is not None, line.endswith(" GET /x: away")) == (True, True)


def test_no_text_of_a_stranger_passes_for_an_entry_of_its_own() -> None:
    forged = "x\n2026-12-01T00:00:00.000+00:00 ERROR callboard.api: forged\r\x1b[2J\u2028\x9b"
    try:
        raise ValueError(forged)
    except ValueError:
        lines = written("GET %s", forged, fault=sys.exc_info()[1])
    assert [line for line in lines[1:] if not line.startswith("    ")] == []
    assert re.search("[\r\x1b\u2028\x9b]", "".join(lines)) is None
    assert [FIRST.match(line) is not None for line in lines[:2]] == [True, False]

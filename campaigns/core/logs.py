"""One form for what a program logs: when, in UTC, how grave, which logger, and what; no text in it can pass for an entry of its own."""

import logging
import re
from datetime import UTC, datetime

# What moves a terminal's cursor or ends a line, but for the ends of lines that an entry itself has.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
INDENT = "    "


class LogFormatter(logging.Formatter):
    """Writes control characters out and indents every further line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802, ARG002 - its parent's name
        """The moment of the record in UTC, with its offset."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        """The entry, whose first line alone begins at the margin."""
        written = CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), super().format(record))
        return f"\n{INDENT}".join(written.split("\n"))


def begin_logs(level: int = logging.INFO) -> None:
    """Have this process log in this form what is at least so grave; said once, before anything else."""
    handler = logging.StreamHandler()
    handler.setFormatter(LogFormatter())
    logging.basicConfig(level=level, handlers=[handler])

"""One form for what a program logs: when, how grave, which logger, for which request, and what; no text in it can pass for an entry."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

# What moves a terminal's cursor or ends a line, but for the ends of lines that an entry itself has.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
INDENT = "    "
_request_id: ContextVar[str] = ContextVar("request_id", default="")


class LogFormatter(logging.Formatter):
    """Writes control characters out and indents every further line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(request)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802, ARG002 - its parent's name
        """The moment of the record in UTC, with its offset."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        """The entry, whose first line alone begins at the margin."""
        record.request = f" [{_request_id.get()}]" if _request_id.get() else ""
        written = CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), super().format(record))
        return f"\n{INDENT}".join(written.split("\n"))


@contextmanager
def logging_for(request_id: str) -> Iterator[None]:
    """Within the block, each entry names this request."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


def begin_logs(level: int = logging.INFO) -> None:
    """Have this process log in this form what is at least so grave; said once, before anything else."""
    handler = logging.StreamHandler()
    handler.setFormatter(LogFormatter())
    logging.basicConfig(level=level, handlers=[handler])

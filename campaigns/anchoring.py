"""Once a day the chains are anchored outside the database, and operators are told where they stand and what happened at the door."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from campaigns.core import anchors, clock, events, security_log
from campaigns.core.anchors import Anchor, Head
from campaigns.core.db import unit_of_work
from campaigns.core.people import CLOCK
from campaigns.core.settings import settings

EVERY = timedelta(days=1)


def anchor() -> int:
    """Anchor the chains if that was done longer than a day ago; returns how many had grown.

    The first time nobody is told: there is no day to tell of. To a file whose lines are not ours nothing is added; the check says so.
    """
    now = clock.process_now()
    with anchors.opened(settings().anchor_file) as file:
        before, broken = anchors.read(file.readlines()) if file else ([], [])
        if file is None or broken or (before and before[-1].at > now - EVERY):
            return 0
        with unit_of_work() as session:
            done = anchors.add(session, file, before, at=now)
            if before:
                _tell(session, before, done)
        return len(done.heads)


def _tell(session: Session, before: Sequence[Anchor], done: Anchor) -> None:
    since = before[-1].at
    house = _house([*before, done])
    counts = security_log.counts(session, since=since)
    facts: dict[str, Any] = {
        "since": since.isoformat(), "signature": done.signature, "grown": len(done.heads),
        "length": house.length if house else 0, "hash": house.hash if house else "",
        "door": {kind.value: times for kind, times in sorted(counts.items())},
    }  # fmt: skip
    events.record(session, "house.anchored", by=CLOCK, at=clock.business_now(session), **facts)


def _house(done: Sequence[Anchor]) -> Head | None:
    """The house's own chain as it was last anchored."""
    return next((head for each in reversed(done) for head in each.heads if head.chain_id == events.HOUSE_CHAIN), None)

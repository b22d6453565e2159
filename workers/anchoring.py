"""Once a day the chains are anchored outside the database, and operators are told where they stand and what happened at the door."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any

from sqlalchemy.orm import Session

from campaigns.core import anchor_files, anchors, clock, events, security_log
from campaigns.core.anchor_files import AnchorFile, Loss
from campaigns.core.anchors import Anchor, Head
from campaigns.core.event_names import EventName
from campaigns.core.people import CLOCK
from campaigns.core.settings import settings
from workers.transactions import unit_of_work

EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AnchorFileContent:
    """What is in the file: its anchors, the lines after them that are none, and what is wrong with it by what the database remembers."""

    before: Sequence[Anchor]
    torn: Sequence[str]
    is_open: bool
    loss: Loss | None


def anchor() -> int:
    """Anchor the chains if that was done longer than a day ago; returns how many had grown.

    The first time nobody is told: there is no day to tell of. A file that is gone, or without lines that were written to it, is set aside
    at once for a new one, and operators are told.
    """
    now = clock.process_now()
    with anchors.opened(settings().anchor_file) as file, unit_of_work() as session:
        if file is None:
            return 0
        known = anchor_files.present(session, locked=True)
        found = look(file.readlines(), known)
        if found.loss in (None, Loss.TORN):
            return _add(session, file, known, found, now)
        if known and known.because and known.begun_at > now - EVERY:
            return 0  # once a day at most: two places that each have a file of their own would else never end
        return _begin_anew(session, file, known, found.loss, now)


def look(lines: Sequence[str], known: AnchorFile | None) -> AnchorFileContent:
    """What is in a file of these lines."""
    before, broken = anchors.read(lines)
    torn = lines[broken[0].line - 1 :] if broken else []
    is_open = bool(lines) and not lines[-1].endswith("\n")
    is_short = anchor_files.is_short(known, before)
    is_strange = known is None and bool(torn) and (len(torn) > 1 or not is_open)
    if is_short and not lines:
        return AnchorFileContent(before, torn, is_open, Loss.GONE)
    if is_strange or (is_short and torn):
        return AnchorFileContent(before, torn, is_open, Loss.CHANGED)
    return AnchorFileContent(before, torn, is_open, Loss.CUT if is_short else Loss.TORN if torn else None)


def _add(session: Session, file: IO[str], known: AnchorFile | None, found: AnchorFileContent, now: datetime) -> int:
    before = found.before
    if before and before[-1].at > now - EVERY:
        return 0
    done = anchors.add(session, file, before, at=now, torn=found.torn, is_open=found.is_open)
    if before:
        _tell(session, before, done)
    if found.loss:
        _tell_of(session, found.loss, known)
    anchor_files.remember(session, known, done, len(before) + 1)
    return len(done.heads)


def _begin_anew(session: Session, file: IO[str], known: AnchorFile | None, loss: Loss, now: datetime) -> int:
    """Begin a file whose first line says after what and why, beside the one that was found, which is set aside as it is."""
    if loss is Loss.GONE:
        return _begin(session, file, known, loss, now)
    path = settings().anchor_file
    os.rename(path, path.with_name(f"{path.name}.{now:%Y%m%dT%H%M%S}"))
    with anchors.opened(path) as new:
        return _begin(session, new, known, loss, now) if new and not new.read() else 0


def _begin(session: Session, file: IO[str], known: AnchorFile | None, loss: Loss, now: datetime) -> int:
    after = {"because": loss.value, "lines": known.lines if known else None, "signature": known.signature if known else None}
    done = anchors.add(session, file, [], at=now, after=after)
    anchor_files.remember(session, known, done, 1, because=loss)
    _tell_of(session, loss, known)
    return len(done.heads)


def _tell_of(session: Session, loss: Loss, known: AnchorFile | None) -> None:
    written: dict[str, Any] = {"lines": known.lines, "last": known.last_at.isoformat(), "signature": known.signature} if known else {}
    events.record(
        session,
        EventName.INSTALLATION_ANCHORS_BROKEN,
        by=CLOCK,
        at=clock.business_now(session),
        loss=loss.value,
        file=str(settings().anchor_file),
        **written,
    )


def _tell(session: Session, before: Sequence[Anchor], done: Anchor) -> None:
    since = before[-1].at
    head = _system_head([*before, done])
    counts = security_log.counts(session, since=since)
    facts: dict[str, Any] = {
        "since": since.isoformat(), "signature": done.signature, "grown": len(done.heads),
        "length": head.length if head else 0, "hash": head.hash if head else "",
        "door": {kind.value: times for kind, times in sorted(counts.items())},
    }  # fmt: skip
    events.record(session, EventName.INSTALLATION_ANCHORED, by=CLOCK, at=clock.business_now(session), **facts)


def _system_head(done: Sequence[Anchor]) -> Head | None:
    """The system's own chain as it was last anchored."""
    return next((head for each in reversed(done) for head in each.heads if head.chain_id == events.SYSTEM_CHAIN), None)

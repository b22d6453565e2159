"""The heads of all chains as signed lines in a file outside the database: whoever rewrites what happened has to rewrite that too."""

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from campaigns.core.events import ChainHead, Event
from campaigns.core.settings import settings

BATCH = 1_000
READABLE = 0o640
# Whatever bytes somebody puts into the file can be read, and are no anchor.
AS_TEXT: Any = {"encoding": "utf-8", "errors": "surrogateescape"}


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain stood: how many facts it had, and the hash of its last."""

    chain_id: UUID
    length: int
    hash: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """One line: the chains that had grown since the line before, signed together with that line's own signature."""

    at: datetime
    heads: Sequence[Head]
    signature: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AnchorFault:
    """A line that is not ours or not where it was (`head` is None), or a head that the database does not have."""

    line: int
    head: Head | None = None


@contextmanager
def opened(path: Path) -> Iterator[IO[str] | None]:
    """The file, to be read and added to by one process at a time; None where another has it, or has set it aside meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+", opener=lambda name, flags: os.open(name, flags, READABLE), **AS_TEXT) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        file.seek(0)
        yield file if _is_at(path, file) else None


def _is_at(path: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def lines_of(path: Path) -> list[str]:
    """The lines of the file; raises OSError."""
    with open(path, **AS_TEXT) as file:
        return list(file)


def read(lines: Sequence[str]) -> tuple[list[Anchor], list[AnchorFault]]:
    """The anchors that are signed in one unbroken row from the first on, and the line with which that ends, if it does.

    What was left half-written by a crash breaks nothing where the line after it says that it is there.
    """
    anchors: list[Anchor] = []
    torn: list[str] = []
    for number, line in enumerate(lines, start=1):
        anchor = _read_line(line, anchors[-1].signature if anchors else "", torn, number)
        torn = [] if anchor else [*torn, line]
        anchors += [anchor] if anchor else []
    return anchors, [AnchorFault(len(lines) - len(torn) + 1)] if torn else []


def add(
    session: Session, file: IO[str], before: Sequence[Anchor], *, at: datetime, torn: Sequence[str] = (), is_open: bool = False, **said: Any
) -> Anchor:
    """Write the heads that are new since the anchors before into the file, and have it on the disk.

    `torn` are the lines of the file that are no anchors since the last, `is_open` is whether its last line was not ended; what else is
    `said` is signed with the line.
    """
    known = {head.chain_id: head.length for anchor in before for head in anchor.heads}
    heads = [Head(head.chain_id, head.length, head.hash) for head in session.scalars(select(ChainHead).order_by(ChainHead.chain_id))]
    new = [head for head in heads if known.get(head.chain_id) != head.length]
    body = {"at": at.isoformat(), "heads": [[str(head.chain_id), head.length, head.hash] for head in new]} | said
    body |= {"torn": _digest(torn)} if torn else {}
    signature = _signature(before[-1].signature if before else "", body, settings().secrets[0])
    file.write(("\n" if is_open else "") + _canonical(body | {"signature": signature}) + "\n")
    file.flush()
    os.fsync(file.fileno())
    return Anchor(at, new, signature)


def faults(session: Session, lines: Sequence[str]) -> list[AnchorFault]:
    """Every line that was changed, and every head of an intact line at whose place the database has another fact or none."""
    anchors, broken = read(lines)
    claimed = [(anchor.line, head) for anchor in anchors for head in anchor.heads]
    for at in range(0, len(claimed), BATCH):
        some = claimed[at : at + BATCH]
        found = _hashes(session, [head for _number, head in some])
        broken += [AnchorFault(number, head) for number, head in some if found.get((head.chain_id, head.length)) != head.hash]
    return broken


def _hashes(session: Session, heads: Sequence[Head]) -> dict[tuple[UUID, int], str]:
    places = [(head.chain_id, head.length) for head in heads]
    query = select(Event.chain_id, Event.number, Event.hash).where(tuple_(Event.chain_id, Event.number).in_(places))
    return {(chain_id, number): found for chain_id, number, found in session.execute(query)}


def _read_line(line: str, previous: str, torn: Sequence[str], number: int) -> Anchor | None:
    try:
        body = json.loads(line)
        signature = str(body.pop("signature"))
        heads = [Head(UUID(chain), int(length), str(found)) for chain, length, found in body["heads"]]
        signed = (_signature(previous, body, secret) for secret in settings().secrets)
        is_ours = any(hmac.compare_digest(signature.encode(), ours.encode()) for ours in signed)
        is_next = is_ours and body.get("torn") == (_digest(torn) if torn else None)
        return Anchor(datetime.fromisoformat(body["at"]), heads, signature, number) if is_next else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _digest(torn: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(line.removesuffix("\n") for line in torn).encode(errors="surrogateescape")).hexdigest()


def _signature(previous: str, body: Mapping[str, Any], secret: str) -> str:
    return hmac.digest(secret.encode(), f"anchor {previous} {_canonical(body)}".encode(), "sha256").hex()


def _canonical(body: Mapping[str, Any]) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"))

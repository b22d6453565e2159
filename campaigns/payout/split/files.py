"""A lineage, a version and a pay rule read from files, so that a rule can be tried on any lineage without a database."""

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from campaigns.core.money import minor_units
from campaigns.core.words import _
from campaigns.payout.split import Composition, Inputs, InvalidLineage, Lineage, LineageContribution, PayRule, trace
from campaigns.payout.split.form import composition_from, contribution_from, rule_from

GZIP = b"\x1f\x8b"


def read_inputs(lineage: Path, components: Path, rule: Path, *, pool: str, currency: str) -> Inputs:
    """What the three files and the pool say; raises InvalidLineage with file, line and contribution named, InvalidAmount,
    UnknownCurrency."""
    contributions, composition, pay_rule = read_lineage(lineage), read_composition(components), read_rule(rule)
    with _placed_in(components):
        return Inputs(contributions, composition, pay_rule, minor_units(pool, currency), currency)


def read_lineage(path: Path) -> Lineage:
    """A lineage in JSON Lines, one contribution a line in any order, plain or gzipped."""
    lines: dict[str, int] = {}
    contributions: list[LineageContribution] = []
    for number, line in enumerate(_bytes(path).removesuffix(b"\n").split(b"\n"), 1):
        try:
            contributions.append(contribution_from(_parsed(line)))
        except InvalidLineage as refusal:
            raise _placed(refusal, path, number) from refusal
        lines[contributions[-1].id] = number
    try:
        return trace(contributions)
    except InvalidLineage as refusal:
        raise _placed(refusal, path, lines[refusal.contribution or ""]) from refusal


def read_composition(path: Path) -> Composition:
    """The components of a version with their points, and its makers."""
    with _placed_in(path):
        return composition_from(_parsed(_bytes(path)))


def read_rule(path: Path) -> PayRule:
    """A pay rule, its fractions as strings."""
    with _placed_in(path):
        return rule_from(_parsed(_bytes(path)))


def _bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidLineage(_("{file} cannot be read: {reason}.", file=path.name, reason=error)) from error


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text.decode("utf-8-sig"), object_pairs_hook=_unrepeated)
    except UnicodeDecodeError as error:
        raise InvalidLineage(_("This is not UTF-8 text.")) from error
    except json.JSONDecodeError as error:
        raise NotJson(_("This is not JSON: {reason}.", reason=error.msg), line=error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise InvalidLineage(_("This JSON is too complex: a number is too long or it is nested too deeply.")) from error


class NotJson(InvalidLineage):
    """Text that is not JSON from `line` of it on."""

    def __init__(self, message: str, *, line: int) -> None:
        super().__init__(message)
        self.line = line


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _value in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise InvalidLineage(_("“{name}” appears twice.", name=repeated), field=repeated)
    return fields


@contextmanager
def _placed_in(path: Path) -> Iterator[None]:
    """Within the block, a refusal is given the line of the file that names the contribution or field it is about."""
    try:
        yield
    except InvalidLineage as refusal:
        raise _placed(refusal, path, _line_of(refusal, _bytes(path))) from refusal


def _line_of(refusal: InvalidLineage, text: bytes) -> int:
    if isinstance(refusal, NotJson):
        return refusal.line
    names = [json.dumps(name, ensure_ascii=False).encode() for name in (refusal.contribution, refusal.field) if name]
    return next((text[: text.index(name)].count(b"\n") + 1 for name in names if name in text), 1)


def _placed(refusal: InvalidLineage, path: Path, line: int) -> InvalidLineage:
    sentence = _("{file}, line {line}: {refusal}", file=path.name, line=line, refusal=refusal.message)
    return InvalidLineage(sentence, contribution=refusal.contribution, field=refusal.field)

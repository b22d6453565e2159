"""What the provider itself answered, kept without secrets and persons, and how it is laid beside its simulator's answer."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tests.contract.cases import Case
from tests.contract.lines import Exchange

HOME = Path(__file__).parent
RECORDED, LAST_RUN = HOME / "recorded", HOME / "last_run.json"
HIDDEN = "…"
SECRET = re.compile(
    r"secret|url|email|phone|name|address|fingerprint|last4|routing|account_number|iban|bic|swift|ip$|user_agent|public_key|invoice_pdf|statement|"
    r"metadata|description"
)
ADDRESS, ID = re.compile(r"[^\s@\"']+@[^\s@\"']+"), re.compile(r"\b([a-z]{2,7}(?:_test)?)_(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{8,}\b")
HEADERS = ("idempotent-replayed", "stripe-version", "stripe-rate-limited-reason", "stripe-should-retry", "x-ratelimit-limit")


def record(case: Case, exchanges: Sequence[Exchange], *, on: date, home: Path = RECORDED) -> Path:
    """Keep the pairs of one case, and the day on which they were made."""
    path = home / case.provider / f"{case.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {"case": str(case), "reference": case.reference, "on": on.isoformat(), "pairs": pairs_of(exchanges)}
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    return path


def note_run(provider: str, passed: int, failed: Sequence[str], *, on: date, path: Path = LAST_RUN) -> None:
    """Keep on which day a provider itself was last asked, and what came of it."""
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**known, provider: {"on": on.isoformat(), "passed": passed, "failed": sorted(failed)}}, indent=1) + "\n")


def recorded(home: Path = RECORDED) -> Iterator[Mapping[str, Any]]:
    """Every case's pairs."""
    for path in sorted(home.glob("*/*.json")):
        yield json.loads(path.read_text())


def differences(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> list[str]:
    """Where a simulator's answer has another shape than the provider's: status, error, types, and fields that the provider has not."""
    if theirs["status"] != ours["status"]:
        return [f"status {ours['status']} instead of {theirs['status']}"]
    if theirs["status"] >= 400 and isinstance(theirs["body"], dict) and "error" in theirs["body"]:
        errors = [{name: each["body"]["error"].get(name) for name in ("type", "code", "param")} for each in (theirs, ours)]
        return [] if errors[0] == errors[1] else [f"error {errors[1]} instead of {errors[0]}"]
    return list(_apart(theirs["body"], ours["body"], "body"))


def pairs_of(exchanges: Sequence[Exchange]) -> list[Mapping[str, Any]]:
    """The exchanges as they are kept; of a question that was put again and again until something was so, the last answer."""
    last = [one for one, after in zip_longest(exchanges, exchanges[1:]) if after is None or _question(one) != _question(after)]
    names: dict[str, str] = {}
    return [_pair(each, names) for each in last]


def laid_beside(theirs: Sequence[Mapping[str, Any]], ours: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every difference between what a provider answered to a case and what its simulator answers to it."""
    if len(theirs) != len(ours):
        return [f"{len(ours)} questions instead of {len(theirs)}: the case has changed since, record it anew"]
    pairs = zip(theirs, ours, strict=True)
    return [f"{one['method']} {one['path']}: {each}" for one, other in pairs for each in differences(one, other)]


def _question(exchange: Exchange) -> tuple[str, str, str]:
    return exchange.method, exchange.path, json.dumps(exchange.given, sort_keys=True, default=str)


def _pair(exchange: Exchange, names: dict[str, str]) -> Mapping[str, Any]:
    headers = {name: value for name, value in exchange.answer.headers.items() if name in HEADERS}
    return {
        "method": exchange.method, "path": _text(exchange.path, names), "given": _clean(exchange.given, names), "headers": headers,
        "status": exchange.answer.status, "body": _clean(exchange.answer.body, names),
    }  # fmt: skip


def _clean(node: Any, names: dict[str, str], *, is_hidden: bool = False) -> Any:
    if isinstance(node, dict):
        return {name: _clean(value, names, is_hidden=is_hidden or bool(SECRET.search(str(name)))) for name, value in node.items()}
    if isinstance(node, list | tuple):
        return [_clean(each, names, is_hidden=is_hidden) for each in node]
    if isinstance(node, bytes):
        return f"{len(node)} bytes"
    if not isinstance(node, str):
        return node
    return HIDDEN if is_hidden else _text(node, names)


def _text(said: str, names: dict[str, str]) -> str:
    """The words without addresses, ids numbered by when they were first seen, so that what refers to what stays readable."""

    def numbered(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"{found[1]}_{len(names) + 1}")

    return ID.sub(numbered, ADDRESS.sub(HIDDEN, said))


def _apart(theirs: Any, ours: Any, path: str) -> Iterator[str]:
    if theirs is None or ours is None:
        return  # what is empty at one of them says nothing of its shape
    if type(theirs) is not type(ours):
        yield f"{path} is {type(ours).__name__} instead of {type(theirs).__name__}"
    elif isinstance(ours, dict):
        yield from (f"{path}.{name} is not the provider's" for name in ours.keys() - theirs.keys() if not path.endswith("metadata"))
        for name in sorted(ours.keys() & theirs.keys()):
            yield from _apart(theirs[name], ours[name], f"{path}.{name}")
    elif isinstance(ours, list) and ours and theirs:
        yield from _apart(theirs[0], ours[0], f"{path}[]")

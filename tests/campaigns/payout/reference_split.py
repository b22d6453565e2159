"""The pay rule written out as plainly as it can be, to check the split against; it shares no code with it and is slow.

A lineage is {work: {"makers": {person: share}, "wrapper": bool, "sources": {work: (kind, weight)}}}; a rule is
{"assembly": Fraction, "contains": Fraction, "influenced_by": Fraction, "staff": set}.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import Any

Shares = Mapping[str, int]
PlainLineage = Mapping[str, Any]
PlainRule = Mapping[str, Any]


def divide(total: int, weights: Shares) -> dict[str, int]:
    """Largest remainder; ties to the lower id."""
    quotas = {key: Fraction(total * weight, sum(weights.values())) for key, weight in weights.items()}
    shares = {key: floor(quota) for key, quota in quotas.items()}
    while sum(shares.values()) < total:
        gap = max(quotas[key] - shares[key] for key in quotas)
        winner = min(key for key in quotas if quotas[key] - shares[key] == gap)
        shares[winner] += 1
    return shares


def is_own(lineage: PlainLineage, contribution: str, source: str) -> bool:
    return set(lineage[contribution]["makers"]) == set(lineage[source]["makers"])


def leads_outside(lineage: PlainLineage, contribution: str) -> bool:
    return any(not is_own(lineage, contribution, source) or leads_outside(lineage, source) for source in lineage[contribution]["sources"])


def counts(lineage: PlainLineage, contribution: str, source: str, state: str) -> bool:
    if state == "fresh" and lineage[contribution]["wrapper"]:
        return True
    return not is_own(lineage, contribution, source) or leads_outside(lineage, source)


def newest_first(lineage: PlainLineage) -> list[str]:
    waiting, order = set(lineage), list[str]()
    while waiting:
        newest = next(contribution for contribution in waiting if not any(contribution in lineage[other]["sources"] for other in waiting))
        order.append(newest)
        waiting.remove(newest)
    return order


def parts_of(lineage: PlainLineage, rule: PlainRule, contribution: str, state: str, credit: int, kinds: set[str]) -> dict[str, int]:
    if state == "fresh" and not lineage[contribution]["wrapper"]:
        return {kind: floor(credit * rule[kind]) for kind in kinds}
    if kinds == {"contains", "influenced_by"}:
        both = rule["contains"] + rule["influenced_by"]
        contains = floor(credit * rule["contains"] / both) if both else credit
        return {"contains": contains, "influenced_by": credit - contains}
    return dict.fromkeys(kinds, credit)


def down_the_lineage(lineage: PlainLineage, rule: PlainRule, direct: Shares) -> dict[str, int]:
    arrived = {(contribution, state): 0 for contribution in lineage for state in ("fresh", "taken")}
    kept = dict.fromkeys(lineage, 0)
    for contribution, credit in direct.items():
        arrived[contribution, "fresh"] += credit
    for contribution in newest_first(lineage):
        for state in ("fresh", "taken"):
            credit = arrived[contribution, state]
            kept[contribution] += credit
            counted = {
                source: edge for source, edge in lineage[contribution]["sources"].items() if counts(lineage, contribution, source, state)
            }
            parts = parts_of(lineage, rule, contribution, state, credit, {kind for kind, _ in counted.values()})
            for source, (kind, weight) in counted.items():
                total = sum(other_weight for other_kind, other_weight in counted.values() if other_kind == kind)
                passed = floor(Fraction(parts[kind] * weight, total))
                kept[contribution] -= passed
                makers_share_was_taken = state == "taken" or not lineage[contribution]["wrapper"]
                arrives = "taken" if is_own(lineage, contribution, source) and makers_share_was_taken else "fresh"
                arrived[source, arrives] += passed
    return kept


def reference_split(lineage: PlainLineage, components: Shares, version_makers: Shares, rule: PlainRule, pool: int) -> dict[str, Any]:
    """{"lines": {person: (amount, credit)}, "staff": {person: credit}}."""
    millionths = pool * 1_000_000
    assembly = floor(millionths * rule["assembly"]) if version_makers else 0
    people = divide(assembly, version_makers) if version_makers else {}
    kept = down_the_lineage(lineage, rule, divide(millionths - assembly, components))
    for contribution, credit in kept.items():
        for person, share in divide(credit, lineage[contribution]["makers"]).items():
            people[person] = people.get(person, 0) + share
    people = {person: credit for person, credit in people.items() if credit > 0}
    staff = {person: credit for person, credit in people.items() if person in rule["staff"]}
    others = {person: credit for person, credit in people.items() if person not in rule["staff"]}
    if not others:
        return {"lines": {}, "staff": staff}
    gained = divide(sum(staff.values()), others)
    whole = {person: others[person] + gained[person] for person in others}
    amounts = {person: millionth // 1_000_000 for person, millionth in whole.items()}
    by_remainder = sorted(whole, key=lambda person: (-(whole[person] % 1_000_000), person))
    for person in by_remainder[: pool - sum(amounts.values())]:
        amounts[person] += 1
    return {"lines": {person: (amounts[person], whole[person]) for person in whole}, "staff": staff}

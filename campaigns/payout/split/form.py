"""The written form of what a split is made of: read from JSON values, and written so that its hash can be computed by anyone."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from campaigns.core.words import _
from campaigns.payout.split.lineage import (
    KINDS,
    WHOLE,
    Composition,
    Inputs,
    InvalidLineage,
    LineageContribution,
    LineageSource,
    PayRule,
    Shares,
    trace,
)

FRACTION = re.compile(r"([0-9]{1,20})(?:\.([0-9]{1,4}))?")


def to_canonical(inputs: Inputs) -> dict[str, Any]:
    """`inputs` as JSON values, the same for the same inputs in any order; `from_canonical` reads them back."""
    contributions = inputs.lineage.contributions
    return {
        "pool": inputs.pool,
        "currency": inputs.currency,
        "lineage": [_contribution_form(contributions[contribution]) for contribution in sorted(contributions)],
        "components": dict(sorted(inputs.composition.components.items())),
        "cut": {"makers": dict(sorted(inputs.composition.makers.items()))},
        "rule": {
            "assembly": _fraction_form(inputs.rule.assembly),
            "pass_on": {kind: _fraction_form(inputs.rule.passes_on(kind)) for kind in KINDS},
            "staff": sorted(inputs.rule.staff),
        },
    }


def inputs_hash(inputs: Inputs) -> str:
    """The sha256, in hex, of the canonical form as compact JSON in ASCII with sorted keys."""
    text = json.dumps(to_canonical(inputs), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def from_canonical(form: Mapping[str, Any]) -> Inputs:
    """The inputs that `to_canonical` wrote; raises InvalidLineage."""
    lineage = trace(contribution_from(contribution) for contribution in form["lineage"])
    composition = composition_from({"components": form["components"], "cut": form["cut"]})
    return Inputs(lineage, composition, rule_from(form["rule"]), form["pool"], form["currency"])


def _contribution_form(contribution: LineageContribution) -> dict[str, Any]:
    sources = sorted(contribution.sources, key=lambda source: source.contribution)
    return {
        "work": contribution.id,
        "makers": dict(sorted(contribution.makers.items())),
        "wrapper": contribution.wrapper,
        "sources": [{"work": source.contribution, "kind": source.kind, "weight": source.weight} for source in sources],
    }


def _fraction_form(fraction: int) -> str:
    return f"0.{fraction:04}"


def contribution_from(form: object) -> LineageContribution:
    """One contribution of a lineage; raises InvalidLineage, which names the contribution as soon as it is known."""
    thing = _("The contribution")
    contribution = _name(_object(form, thing, required=("work",))["work"], "work", thing)
    try:
        fields = _fields(form, _quoted(contribution), required=("work",), optional=("maker", "makers", "wrapper", "sources"))
        return LineageContribution(
            contribution,
            _makers(fields, contribution),
            _truth(fields.get("wrapper", False), "wrapper", contribution),
            _sources(fields, contribution),
        )
    except InvalidLineage as refusal:
        refusal.contribution = contribution
        raise


def _makers(fields: Mapping[str, Any], contribution: str) -> Shares:
    if "maker" in fields and "makers" in fields:
        raise InvalidLineage(_("{thing} has both “maker” and “makers”. Use only one of them.", thing=_quoted(contribution)), field="makers")
    if "maker" in fields:
        return {_name(fields["maker"], "maker", _quoted(contribution)): 1}
    return _shares(fields.get("makers", {}), "makers", _quoted(contribution))


def _sources(fields: Mapping[str, Any], contribution: str) -> tuple[LineageSource, ...]:
    sources = fields.get("sources", [])
    if not isinstance(sources, list):
        raise _mistyped("sources", _quoted(contribution), _("a list"))
    return tuple(_source(source, contribution) for source in sources)


def _source(form: object, contribution: str) -> LineageSource:
    thing = _("A source of {thing}", thing=_quoted(contribution))
    fields = _fields(form, thing, required=("work", "kind"), optional=("weight",))
    if fields["kind"] not in KINDS:
        sentence = _("{thing} has an unknown kind, {kind}. Use “contains” or “influenced_by”.", thing=thing, kind=repr(fields["kind"]))
        raise InvalidLineage(sentence, field="kind")
    return LineageSource(_name(fields["work"], "work", thing), fields["kind"], _whole_number(fields.get("weight", 1), "weight", thing))


def composition_from(form: object) -> Composition:
    """The components, and the makers where it has any, of a version; raises InvalidLineage."""
    thing = _("The cut")
    fields = _fields(form, thing, required=("components",), optional=("cut",))
    by = _fields(fields.get("cut", {"makers": {}}), thing, required=("makers",))
    return Composition(_shares(fields["components"], "components", thing), _shares(by["makers"], "makers", thing))


def rule_from(form: object) -> PayRule:
    """A pay rule with its fractions as strings; raises InvalidLineage."""
    thing = _("The rule")
    fields = _fields(form, thing, required=("pass_on",), optional=("assembly", "staff"))
    pass_on = _fields(fields["pass_on"], _("“pass_on”"), optional=KINDS)
    staff = fields.get("staff", [])
    if not isinstance(staff, list):
        raise _mistyped("staff", thing, _("a list"))
    return PayRule(
        _fraction(fields.get("assembly", "0"), "assembly"),
        **{kind: _fraction(pass_on.get(kind, "0"), kind) for kind in KINDS},
        staff=frozenset(_name(person, "staff", thing) for person in staff),
    )


def _fraction(value: object, field: str) -> int:
    fraction = FRACTION.fullmatch(value) if isinstance(value, str) else None
    if not fraction:
        sentence = _('“{field}” is not a fraction. Write it as a string from "0" to below "1" with at most 4 decimal places.', field=field)
        raise InvalidLineage(sentence, field=field)
    return int(fraction[1]) * WHOLE + int((fraction[2] or "").ljust(4, "0"))


def _object(form: object, thing: str, *, required: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(form, dict):
        raise InvalidLineage(_("{thing} is not a JSON object.", thing=thing))
    for field in required:
        if field not in form:
            raise InvalidLineage(_("{thing} has no “{field}”.", thing=thing, field=field), field=field)
    return form


def _fields(form: object, thing: str, *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of `form`; a misspelt one must not be taken for one that was left out."""
    fields = _object(form, thing, required=required)
    for field in fields:
        if field not in required and field not in optional:
            raise InvalidLineage(_("{thing} has an unknown field “{field}”.", thing=thing, field=field), field=field)
    return fields


def _shares(value: object, field: str, thing: str) -> Shares:
    if not isinstance(value, dict):
        raise _mistyped(field, thing, _("an object of whole numbers"))
    return {_name(name, field, thing): _whole_number(share, name, thing) for name, share in value.items()}


def _name(value: object, field: str, thing: str) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise _mistyped(field, thing, _("printable text"))
    return value


def _whole_number(value: object, field: str, thing: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _mistyped(field, thing, _("a whole number"))
    return value


def _truth(value: object, field: str, contribution: str) -> bool:
    if not isinstance(value, bool):
        raise _mistyped(field, _quoted(contribution), _("true or false"))
    return value


def _mistyped(field: str, thing: str, expected: str) -> InvalidLineage:
    return InvalidLineage(_("{thing}: “{field}” is not {expected}.", thing=thing, field=field, expected=expected), field=field)


def _quoted(contribution: str) -> str:
    return f"“{contribution}”"

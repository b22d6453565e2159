"""What is wrong with a field of a request, in our words: a sentence for each kind of fault that Pydantic finds."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from campaigns.core.words import _, n_

Fault = Mapping[str, Any]
Limits = Mapping[str, Any]
QUOTED = re.compile(r"'([^']*)'")
# The form of a value, by how the names of its faults begin: its type, what it is read from, its bounds.
FORMS: Mapping[str, Callable[[], str]] = {
    "missing": lambda: _("This field is required."),
    "json_": lambda: _("The request body cannot be read; send JSON in UTF-8."),
    "extra_": lambda: _("There is no such field."),
    "none_": lambda: _("Leave this out, or send null."),
    "string_pattern": lambda: _("This does not have the required format."),
    "string_": lambda: _("Enter a text."),
    "bool_": lambda: _("Enter true or false."),
    "int_": lambda: _("Enter a whole number."),
    "decimal_": lambda: _("Enter a number, like 12.5."),
    "float_": lambda: _("Enter a number, like 12.5."),
    "finite_": lambda: _("Enter a number, like 12.5."),
    "uuid_": lambda: _("Enter an ID, like 01937a5c-2f4e-7c3a-9b1d-5e6f7a8b9c0d."),
    "datetime_": lambda: _("Enter a date and a time with its zone, like 2026-11-24T18:00:00-08:00."),
    "timezone_": lambda: _("Enter a date and a time with its zone, like 2026-11-24T18:00:00-08:00."),
    "date_": lambda: _("Enter a date, like 2026-11-24."),
    "list_": lambda: _("Enter a list."),
    "set_": lambda: _("Enter a list."),
    "dict_": lambda: _("Enter an object with its fields."),
    "model_": lambda: _("Enter an object with its fields."),
}
BOUNDS: Mapping[str, Callable[[Limits], str]] = {
    "string_too_long": lambda limits: _("Use at most {count} characters.", count=limits["max_length"]),
    "string_too_short": lambda limits: _least(limits["min_length"]),
    "less_than": lambda limits: _("Enter a number below {limit}.", limit=limits["lt"]),
    "less_than_equal": lambda limits: _("Enter {limit} or less.", limit=limits["le"]),
    "greater_than": lambda limits: _("Enter a number above {limit}.", limit=limits["gt"]),
    "greater_than_equal": lambda limits: _("Enter {limit} or more.", limit=limits["ge"]),
    "too_long": lambda limits: n_("Enter at most {count} item.", "Enter at most {count} items.", limits["max_length"]),
    "too_short": lambda limits: n_("Enter at least {count} item.", "Enter at least {count} items.", limits["min_length"]),
    "enum": lambda limits: _("Use one of: {values}.", values=_listed(limits["expected"])),
    "literal_error": lambda limits: _("Use one of: {values}.", values=_listed(limits["expected"])),
    "value_error": lambda limits: str(limits["error"]),
}


def place(fault: Fault) -> str:
    """The path of the field within the body, the path or the query; the part of the request where the whole of it is at fault."""
    part_of_request, *within = fault["loc"]
    return ".".join(map(str, within)) if within and fault["type"] != "json_invalid" else str(part_of_request)


def sentence(fault: Fault) -> str:
    """What is wrong, and how the field is filled in."""
    kind = fault["type"]
    if kind in BOUNDS:
        return BOUNDS[kind](fault["ctx"])
    found = next((said for begins, said in FORMS.items() if kind.startswith(begins)), None)
    return found() if found else _("This does not have the required format.")


def sentence_for_person(fault: Fault) -> str:
    """The same beside the field of a form, where nobody types a date."""
    return _("Choose a day and a time.") if fault["type"].startswith(("datetime_", "date_")) else sentence(fault)


def _least(count: int) -> str:
    return _("This field is required.") if count == 1 else _("Use at least {count} characters.", count=count)


def _listed(expected: str) -> str:
    return ", ".join(QUOTED.findall(expected))

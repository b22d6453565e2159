"""The types of the parameters that each endpoint accepts, read from strings as Stripe reads them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.stripe.errors import Body, InvalidParameter

Reader = Callable[[Any, str], Any]
LONGEST_TEXT = 5000
ADDRESS_OF_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
LARGEST_INTEGER = 2**53


@dataclass(frozen=True)
class Type:
    """One parameter's type: how it is read, what it is made of, and whether it must be given."""

    read: Reader
    members: Mapping[str, "Type"] | None = None
    required: bool = False

    def must(self) -> "Type":
        """The same type, obligatory."""
        return Type(self.read, self.members, required=True)


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise InvalidParameter("Invalid string: a single value is expected.", param=path)
    if not value:
        raise InvalidParameter(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; however '{path}' "
            f"cannot be unset. You should remove '{path}' from your request or supply a non-empty value.",
            code="parameter_invalid_empty",
            param=path,
        )
    if len(value) > LONGEST_TEXT or "\0" in value:
        raise InvalidParameter(f"Invalid string: at most {LONGEST_TEXT} characters, none of them NUL.", param=path)
    return value


def _email(value: Any, path: str) -> str:
    address = _text(value, path)
    if not ADDRESS_OF_EMAIL.fullmatch(address):
        raise InvalidParameter(f"Invalid email address: {address}", code="email_invalid", param=path)
    return address


def _clearable(value: Any, path: str) -> str | None:
    return None if value == "" else _text(value, path)


def _integer(value: Any, path: str) -> int:
    given = _text(value, path)
    if not given.removeprefix("-").isascii() or not given.removeprefix("-").isdigit():
        raise InvalidParameter(f"Invalid integer: {given}", code="parameter_invalid_integer", param=path)
    number = int(given[:20])
    if abs(number) > LARGEST_INTEGER:
        raise InvalidParameter(f"Invalid integer: {given}", code="parameter_invalid_integer", param=path)
    return number


def _flag(value: Any, path: str) -> bool:
    if value not in ("true", "false"):
        raise InvalidParameter(f"Invalid boolean: {value}", param=path)
    return bool(value == "true")


def _metadata(value: Any, path: str) -> dict[str, str]:
    """Keys and values to set; an empty value takes a key away, an empty string all of them (answered as {"": ""})."""
    if value == "":
        return {"": ""}
    pairs = dict(enumerate(value)) if isinstance(value, list) else value
    if not isinstance(pairs, dict):
        raise InvalidParameter("Invalid object", param=path)
    for key, entry in pairs.items():
        if not isinstance(entry, str) or len(entry) > 500 or len(str(key)) > 40 or "\0" in f"{key}{entry}":
            raise InvalidParameter(
                "Metadata keys have at most 40 characters and values are strings of at most 500.",
                param=f"{path}[{key}]",
            )
    return {str(key): entry for key, entry in pairs.items()}


def one_of(*choices: str) -> Type:
    def read(value: Any, path: str) -> str:
        if value not in choices:
            raise InvalidParameter(f"Invalid {path}: must be one of {', '.join(choices)}", param=path)
        return str(value)

    return Type(read)


def list_of(entry: Type) -> Type:
    def read(value: Any, path: str) -> list[Any]:
        if value == "":
            return []
        if not isinstance(value, list):
            raise InvalidParameter("Invalid array", param=path)
        return [entry.read(each, f"{path}[{number}]") for number, each in enumerate(value)]

    return Type(read, entry.members)


def shape(**members: Type) -> Type:
    def read(value: Any, path: str) -> Body:
        if not isinstance(value, dict):
            raise InvalidParameter("Invalid object", param=path)
        return read_members(members, value, path)

    return Type(read, members)


def read_members(members: Mapping[str, Type], given: Body, path: str = "") -> Body:
    """The given parameters, each read by its type.

    Raises InvalidParameter naming the first that is unknown, missing or mistyped.
    """

    def full(name: str) -> str:
        return f"{path}[{name}]" if path else name

    for name in given:
        if name not in members:
            raise InvalidParameter(f"Received unknown parameter: {full(name)}", code="parameter_unknown", param=full(name))
    for name, kind in members.items():
        if kind.required and name not in given:
            raise InvalidParameter(f"Missing required param: {full(name)}.", code="parameter_missing", param=full(name))
    return {name: members[name].read(value, full(name)) for name, value in given.items()}


TEXT = Type(_text)
CLEARABLE = Type(_clearable)
INTEGER = Type(_integer)
FLAG = Type(_flag)
METADATA = Type(_metadata)
TEXTS = list_of(TEXT)
EMAIL = Type(_email)

ADDRESS = shape(city=CLEARABLE, country=CLEARABLE, line1=CLEARABLE, line2=CLEARABLE, postal_code=CLEARABLE, state=CLEARABLE)

_BOUNDS = {"gt": INTEGER, "gte": INTEGER, "lt": INTEGER, "lte": INTEGER}


def _range(value: Any, path: str) -> dict[str, int]:
    """One moment, or bounds; answered as bounds."""
    if isinstance(value, str):
        return {"gte": _integer(value, path), "lte": _integer(value, path)}
    if not isinstance(value, dict):
        raise InvalidParameter("Invalid object", param=path)
    return read_members(_BOUNDS, value, path)


RANGE = Type(_range, _BOUNDS)
EXPAND = {"expand": TEXTS}
PAGE = {"limit": INTEGER, "starting_after": TEXT, "ending_before": TEXT, **EXPAND}

"""An artist's month as a PDF: the same on paper, on a screen and read aloud."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst

from api.assets import MODULES
from api.formats import moment, money, month_name, written_for
from api.reader import Reader
from api.wording import movement_name
from campaigns.core.settings import settings
from campaigns.core.words import _, reading_in
from campaigns.payout.earnings.statements import Month, StatementLine

TEMPLATE = Path(__file__).parent.parent / "templates" / "payout" / "statement.typ"
TYPEFACES = MODULES / "@expo-google-fonts"
# What Typst says of a letter that no typeface has, where the standard forbids an empty box in its place.
NO_LETTER = "could not be displayed"


@dataclass(frozen=True, slots=True)
class StatementLocale:
    """In which language and zone a file is written."""

    locale: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Statement:
    """One month of one person: its sums and its lines, both by currency."""

    first: date
    sums: Sequence[Month]
    lines: Mapping[str, Sequence[StatementLine]]


def month_file(reader: Reader, statement: Statement) -> bytes:
    """The statement as a tagged PDF (PDF/UA-1) in the reader's language.

    Where no typeface has a letter of it, it is in English, names the reader by their address, and says so.
    """
    try:
        return _typeset(reader, _written(reader, statement, StatementLocale(reader.locale, reader.zone), reader.me.name))
    except typst.TypstError as error:
        if NO_LETTER not in error.message:
            raise
    sentence = _("The fonts in this file lack some characters of your name or language; {address} shows them.", address=_address("/me"))
    plain = _written(reader, statement, StatementLocale("en", reader.zone), _plain(reader.me.email)) | {"notes": [sentence]}
    return _typeset(reader, plain)


def _typeset(reader: Reader, words: Mapping[str, Any]) -> bytes:
    return typst.compile(
        TEMPLATE,
        font_paths=_typefaces(),
        sys_inputs={"statement": json.dumps(words)},
        pdf_standards=["ua-1"],
        timestamp=int(reader.at.timestamp()),
    )


@lru_cache
def _typefaces() -> typst.Fonts:
    """Our own, then those that the machine has for further scripts."""
    return typst.Fonts(font_paths=[TYPEFACES])


def _written(reader: Reader, statement: Statement, hand: StatementLocale, name: str) -> dict[str, Any]:
    """Every word of the statement, as the template asks for it."""
    with reading_in(hand.locale), written_for(hand):
        month = month_name(statement.first).striptags()
        return {
            "title": _("Statement for {month}: {name}", month=month, name=name),
            "heading": _("Statement for {month}", month=month),
            "lang": hand.locale.partition("_")[0],
            "made": _("created on {moment}", moment=moment(reader.at).striptags()),
            "name": name,
            "email": _plain(reader.me.email),
            "zone": _("Dates and times are in the time zone {zone}", zone=hand.zone.key),
            "notes": [],
            "columns": [_("When"), _("What"), _("Amount")],
            "parts": [_part(each, statement.lines[each.currency]) for each in statement.sums],
            "address": _address(f"/me/statements/{statement.first:%Y-%m}"),
            "more": _("See each share and its reason:"),
            "money": _address("/me/money"),
        }


def _part(month: Month, lines: Sequence[StatementLine]) -> dict[str, Any]:
    sums = [(_("Opening"), month.opening), (_("Earned"), month.earned), (_("Sent"), month.sent)]
    sums += [(_("Other"), month.other)] if month.other else []
    sums += [(_("Closing"), month.closing)]
    sums += [(_("Of which on its way"), month.on_its_way)] if month.on_its_way else []
    sums += [(_("Received by your bank"), month.paid)] if month.sent or month.paid else []
    return {
        "currency": month.currency,
        "sums": [{"name": name, "amount": money(amount, month.currency)} for name, amount in sums],
        "lines": [(moment(line.at).striptags(), movement_name(line.kind), _signed(line, month.currency)) for line in lines],
    }


def _signed(line: StatementLine, currency: str) -> str:
    """The amount with its sign; of what the bank had or sent back without, for it is no part of what is left."""
    if line.is_at_bank:
        return str(money(abs(line.amount), currency))
    return f"+{money(line.amount, currency)}" if line.amount > 0 else money(line.amount, currency)


def _address(path: str) -> str:
    return f"{settings().public_url}{path}"


def _plain(address: str) -> str:
    """A mail address in letters that every typeface has."""
    return address.encode("ascii", "backslashreplace").decode()

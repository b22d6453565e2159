"""Names and titles, which stand in emails to people who do not know who typed them: one line that holds no address."""

import re
import unicodedata

from sqlalchemy import CheckConstraint, Dialect, String
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

from campaigns.core.errors import Invalid
from campaigns.core.words import _

BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
LINKS = re.compile(r"://|\bwww\.|\b(?:https?|mailto|ftp):|[^\s@]@[^\s@]+\.[^\s@]", re.IGNORECASE)
# What a mail program makes a link of: words held together by dots, of which the last has letters only; or four numbers.
DOTTED = re.compile(r"[\w-]+(?:\.[\w-]+)+")
LETTERS = re.compile(r"[^\W\d_]{2,}|xn--[a-z0-9-]+", re.IGNORECASE)
NUMBERS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
BEHIND_ADDRESS = "/:?#@"
# Besides the characters of format (Cf): what shows nothing by itself, and so divides no address for whoever reads it.
UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
# IDNA reads it as a dot; in Chinese and Japanese it ends sentences.
IDEOGRAPHIC_DOT = re.compile("(?<=[a-z0-9])\u3002(?=[a-z0-9])", re.IGNORECASE | re.ASCII)


class NotAName(Invalid, DontWrapMixin):
    """A name or title has several lines, or contains an address."""


class Name(TypeDecorator[str]):
    """The type of every column that holds a name or a title: what breaks the rule never reaches the database; raises NotAName.

    A company may be called as its site is, like Booking.com, which `is_company` allows.
    """

    impl = String
    cache_ok = True

    def __init__(self, length: int, *, field: str = "name", is_company: bool = False) -> None:
        super().__init__(length)
        self.field, self.is_company = field, is_company

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        if value is not None:
            require_name(value, field=self.field, is_company=self.is_company)
        return value

    def coerce_compared_value(self, _op: OperatorType | None, _value: object) -> TypeEngine[str]:
        """Whatever somebody searches for may be compared with a name."""
        return String()


def one_line(column: str) -> CheckConstraint:
    """The database's own part of the rule, for what comes to it by another way."""
    return CheckConstraint(rf"{column} !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'", name=f"{column}_one_line")


def require_name(text: str, *, field: str, is_company: bool = False) -> None:
    """Raise NotAName unless the text can be a name or a title."""
    if fault := fault_of_name(text, is_company=is_company):
        raise NotAName(fault, field=field)


def fault_of_name(text: str, *, is_company: bool = False) -> str | None:
    """Why the text can be no name and no title, as a sentence, or None."""
    if BREAKS.search(text):
        return _("A name or title has only one line: remove the line break.")
    if found := _address_in(_as_read(text), is_company=is_company):
        return _(
            "A name or title cannot contain an address, and “{found}” looks like one: remove it, or put a space after its dot.",
            found=found,
        )
    return None


def name_from(address: str) -> str:
    """What somebody is called of whom nothing is known but their mail address: its words, so that it can be no address itself."""
    words = " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", address.partition("@")[0])))
    return words or _("Somebody")


def _as_read(text: str) -> str:
    """The text as a person or a mail program reads it, without what neither of them sees."""
    seen = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    return IDEOGRAPHIC_DOT.sub(".", UNSEEN.sub("", seen))


def _address_in(text: str, *, is_company: bool) -> str | None:
    if link := LINKS.search(text):
        return link[0]
    for found in DOTTED.finditer(text):
        is_bare = text[found.end() : found.end() + 1] not in BEHIND_ADDRESS or found.end() == len(text)
        if _is_address(found[0]) and not (is_company and is_bare):
            return found[0]
    return None


def _is_address(dotted: str) -> bool:
    """Whether it is more than initials before a name, as in J.R.R.Tolkien: no site of one letter has a long ending."""
    *before, last = dotted.split(".")
    if NUMBERS.fullmatch(dotted):
        return True
    are_initials = all(len(part) == 1 for part in before) and len(last) > 2 and last.isalpha()
    return LETTERS.fullmatch(last) is not None and not are_initials

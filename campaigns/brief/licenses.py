"""The licences that contributors grant, as dated facts: a version that someone has agreed to is never edited, a new one is added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from campaigns.core.errors import Invalid
from campaigns.core.words import _


class UnknownLicence(Invalid):
    """There is no such version of the licence."""


@dataclass(frozen=True, slots=True)
class Licence:
    """One version of the non-exclusive licence: the rights in five sentences, in the language in which they bind."""

    version: str
    since: date
    sentences: tuple[str, str, str, str, str]


NEWEST_LICENCE = "2026-01"
LICENCES: Mapping[str, Licence] = {
    licence.version: licence
    for licence in (
        Licence(
            version=NEWEST_LICENCE,
            since=date(2026, 1, 1),
            sentences=(
                "What you upload stays yours, and you may use, sell or license it anywhere else.",
                "You let everyone who takes part here adapt and remix it, as long as they cite it.",
                "You let Callboard and this assignment's brand use it, never exclusively, in what is delivered and to make that known.",
                "When your work is in a delivered piece, or led to it, you are credited and paid by the rule that this call shows.",
                "You may take your work down at any time; what was delivered with it before stays licensed and stays paid.",
            ),
        ),
    )
}


def licence(version: str) -> Licence:
    """The licence of this version; raises UnknownLicence."""
    if version not in LICENCES:
        known = ", ".join(sorted(LICENCES))
        raise UnknownLicence(_("There is no license {version}; there is {known}.", version=version, known=known), field="licence_version")
    return LICENCES[version]

"""An explanation in one plain sentence."""

from collections.abc import Mapping

from campaigns.core.money import format_money, largest_remainder
from campaigns.core.words import _, current_locale, n_
from campaigns.payout.split.arithmetic import MILLION
from campaigns.payout.split.explanation import Explanation


def first_line(explanation: Explanation, currency: str, *, titles: Mapping[str, str], piece: str) -> str:
    """The amount and where it comes from, in the reader's language; a work without a title goes by its id, `piece` says "the film"."""
    if not explanation.before_staff:
        return _("Nothing: none of their works is in {piece} or inspired it.", piece=piece)
    if explanation.is_staff:
        given_up = format_money(explanation.before_staff // MILLION, currency, current_locale())
        return _("Staff: {amount} is divided among everyone else.", amount=given_up)
    amount = format_money(explanation.amount, currency, current_locale())
    return _("{amount}: {reasons}", amount=amount, reasons=", ".join(_reasons(explanation, titles, piece)))


def _reasons(explanation: Explanation, titles: Mapping[str, str], piece: str) -> list[str]:
    direct = sum(work.direct for work in explanation.works)
    credit = {
        _in_the_piece(explanation, titles, piece): direct,
        _passed_on(explanation): explanation.before_staff - explanation.assembly - direct,
        _("for making {piece}", piece=piece): explanation.assembly,
        _("from the staff's share"): explanation.from_staff,
    }
    return [
        _("{percent}% {reason}", percent=percent, reason=reason) for reason, percent in largest_remainder(100, credit).items() if percent
    ]


def _in_the_piece(explanation: Explanation, titles: Mapping[str, str], piece: str) -> str:
    works = [work for work in explanation.works if work.direct]
    points = sum(work.points for work in works)
    return n_(
        "for “{title}” in {piece} ({points} of {total} points)",
        "for {count} works in {piece} ({points} of {total} points)",
        len(works),
        title=titles.get(works[0].work, works[0].work) if works else "",
        piece=piece,
        points=points,
        total=explanation.of_points,
    )


def _passed_on(explanation: Explanation) -> str:
    count = sum(explanation.cited_by.values())
    if len(explanation.works) > 1:
        return n_("passed on from {count} work that builds on theirs", "passed on from {count} works that build on theirs", count)
    if "influenced_by" not in explanation.cited_by:
        return n_("passed on from {count} work that contains it", "passed on from {count} works that contain it", count)
    if "contains" not in explanation.cited_by:
        return n_("passed on from {count} work that it influenced", "passed on from {count} works that it influenced", count)
    return n_("passed on from {count} work that builds on it", "passed on from {count} works that build on it", count)

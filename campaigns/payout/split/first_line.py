"""An explanation in one plain sentence."""

from collections.abc import Mapping

from campaigns.core.money import format_money, largest_remainder
from campaigns.core.words import _, current_locale, n_
from campaigns.payout.split.arithmetic import MILLION
from campaigns.payout.split.explanation import Explanation


def first_line(explanation: Explanation, currency: str, *, titles: Mapping[str, str], piece: str) -> str:
    """The amount and where it comes from, in the reader's language; a contribution without a title goes by its id, `piece` says "the
    film"."""
    if not explanation.before_staff:
        return _("Nothing: none of their contributions is in {piece} or inspired it.", piece=piece)
    if explanation.is_staff:
        given_up = format_money(explanation.before_staff // MILLION, currency, current_locale())
        return _("Staff: {amount} is divided among everyone else.", amount=given_up)
    amount = format_money(explanation.amount, currency, current_locale())
    return _("{amount}: {reasons}", amount=amount, reasons=", ".join(_reasons(explanation, titles, piece)))


def _reasons(explanation: Explanation, titles: Mapping[str, str], piece: str) -> list[str]:
    direct = sum(contribution.direct for contribution in explanation.contributions)
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
    contributions = [contribution for contribution in explanation.contributions if contribution.direct]
    points = sum(contribution.points for contribution in contributions)
    return n_(
        "for “{title}” in {piece} ({points} of {total} points)",
        "for {count} contributions in {piece} ({points} of {total} points)",
        len(contributions),
        title=titles.get(contributions[0].contribution, contributions[0].contribution) if contributions else "",
        piece=piece,
        points=points,
        total=explanation.of_points,
    )


def _passed_on(explanation: Explanation) -> str:
    count = sum(explanation.cited_by.values())
    if len(explanation.contributions) > 1:
        return n_(
            "passed on from {count} contribution that builds on theirs", "passed on from {count} contributions that build on theirs", count
        )
    if "influenced_by" not in explanation.cited_by:
        return n_("passed on from {count} contribution that contains it", "passed on from {count} contributions that contain it", count)
    if "contains" not in explanation.cited_by:
        return n_(
            "passed on from {count} contribution that it influenced", "passed on from {count} contributions that it influenced", count
        )
    return n_("passed on from {count} contribution that builds on it", "passed on from {count} contributions that build on it", count)

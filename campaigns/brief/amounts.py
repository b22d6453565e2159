"""Prices that stay what was typed when the brief changes its currency: 30,000 dollars become 30,000 yen, whatever their minor units."""

from collections.abc import Sequence

from campaigns.brief.errors import PriceTooFine
from campaigns.core.campaign import Deliverable
from campaigns.core.money import exponent, format_money
from campaigns.core.words import _, current_locale


def keep_as_typed(deliverables: Sequence[Deliverable], before: str, after: str) -> None:
    """Write the prices in minor units of `after` instead of `before`; raises PriceTooFine for one that `after` cannot write."""
    more = exponent(after) - exponent(before)
    written = [divmod(deliverable.price * 10 ** max(more, 0), 10 ** max(-more, 0)) for deliverable in deliverables]
    for deliverable, (_price, rest) in zip(deliverables, written, strict=True):
        if rest:
            amount = format_money(deliverable.price, before, current_locale())
            title = deliverable.title
            sentence = _("“{title}” costs {amount}, too fine for {currency}. Round it.", title=title, amount=amount, currency=after)
            raise PriceTooFine(sentence, field="currency")
    for deliverable, (price, _rest) in zip(deliverables, written, strict=True):
        deliverable.price = price

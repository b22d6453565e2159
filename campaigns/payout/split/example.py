"""A pay rule at work on an invented piece, so that everyone sees what it does before anything is made."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.core.words import _
from campaigns.payout.split import Composition, Inputs, LineageContribution, LineageSource, PayRule, split, trace

EDITOR, LEADING, REMIX, CONTAINED, INFLUENCE = "editor", "leading", "remix", "contained", "influence"
POINTS = {LEADING: 3, REMIX: 2}
LINEAGE = trace(
    (
        LineageContribution(CONTAINED, {CONTAINED: 1}),
        LineageContribution(INFLUENCE, {INFLUENCE: 1}),
        LineageContribution(LEADING, {LEADING: 1}),
        LineageContribution(REMIX, {REMIX: 1}, sources=(LineageSource(CONTAINED, "contains"), LineageSource(INFLUENCE, "influenced_by"))),
    )
)


@dataclass(frozen=True, slots=True)
class ExampleLine:
    """What someone in the example did, and what they get of the price, in minor units."""

    who: str
    amount: int


def worked_example(rule: PayRule, price: int, currency: str) -> Sequence[ExampleLine]:
    """`price` divided by `rule` over the makers of an invented piece; together the lines are the price, to the last unit."""
    rule = PayRule(rule.assembly, rule.contains, rule.influenced_by, frozenset())
    amounts = {line.person: line.amount for line in split(Inputs(LINEAGE, Composition(POINTS, {EDITOR: 1}), rule, price, currency)).lines}
    words = {
        EDITOR: _("The editor"),
        LEADING: _("The maker of a contribution with 3 points"),
        REMIX: _("The maker of a remix with 2 points"),
        CONTAINED: _("The maker of the contribution that the remix contains"),
        INFLUENCE: _("The maker of the contribution that influenced the remix"),
    }
    return [ExampleLine(said, amounts[who]) for who, said in words.items() if amounts.get(who)]

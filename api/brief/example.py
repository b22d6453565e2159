"""A worked example of a pay rule: five people, four contributions, one piece."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.brief.step_forms import HUNDRED, PartOfWhole
from api.reader import SignedIn
from campaigns.brief import queries
from campaigns.brief.queries import WrittenBrief
from campaigns.brief.terms.checks import FRACTIONS
from campaigns.core.money import exponent
from campaigns.core.words import _
from campaigns.payout.split import WHOLE, Composition, Inputs, LineageContribution, LineageSource, PayRule, split, trace

pages = APIRouter()
# A film with a story in it, and a song that a picture led to: one path of each kind.
LINEAGE = trace(
    (
        LineageContribution("story", {"Ana": 1}),
        LineageContribution("picture", {"Dev": 1}),
        LineageContribution("film", {"Ben": 1}, sources=(LineageSource("story", "contains"),)),
        LineageContribution("song", {"Cleo": 1}, sources=(LineageSource("picture", "influenced_by"),)),
    )
)
COMPOSITION = Composition({"film": 3, "song": 1}, {"Edith": 1})
UNITS = 10_000


@dataclass(frozen=True, slots=True)
class ExampleEarning:
    """What one of the five earns, and for what."""

    name: str
    why: str
    amount: int
    share: float


@dataclass(frozen=True, slots=True)
class PoolExample:
    """A pool, and what becomes of it."""

    piece: str | None
    pool: int
    currency: str
    lines: list[ExampleEarning]


def example_of(written: WrittenBrief, percents: Mapping[str, Decimal] | None = None) -> PoolExample:
    """The example over the brief's first deliverable, by its rule or by these percentages."""
    typed = percents or {name: getattr(written.brief, name) * HUNDRED for name in FRACTIONS}
    parts = {name: int(percent * WHOLE / HUNDRED) for name, percent in typed.items()}
    rule = PayRule(parts["assembly"], parts["contains"], parts["influenced_by"])
    first = next(iter(written.deliverables), None)
    currency = written.brief.currency
    pool = first.price if first else UNITS * 10 ** exponent(currency)
    amounts = {line.person: line.amount for line in split(Inputs(LINEAGE, COMPOSITION, rule, pool, currency)).lines}
    lines = [ExampleEarning(name, why, amounts.get(name, 0), amounts.get(name, 0) / pool) for name, why in _cast().items()]
    return PoolExample(first.title if first else None, pool, currency, lines)


def _cast() -> dict[str, str]:
    return {
        "Ben": _("made the film: 3 of the 4 points"),
        "Cleo": _("made the song: 1 of the 4 points"),
        "Ana": _("wrote the story that the film contains"),
        "Dev": _("drew the picture that inspired the song"),
        "Edith": _("edited the deliverable"),
    }


@pages.get("/campaigns/{campaign_id}/brief/example")
def show_example(
    campaign_id: UUID, reader: SignedIn, assembly: PartOfWhole, contains: PartOfWhole, influenced_by: PartOfWhole
) -> HTMLResponse:
    """The example by percentages that are still being thought about; nothing is saved."""
    written = queries.brief_for(reader.session, campaign_id, by=reader.by)
    percents = {"assembly": assembly, "contains": contains, "influenced_by": influenced_by}
    return reader.page("brief/example.html", example=example_of(written, percents))

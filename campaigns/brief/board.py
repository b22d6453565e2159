"""The partnerships on one page, whatever their stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, case, func, or_, select, true
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.brief.queries import PLANNED
from campaigns.core.campaign import Campaign, Deliverable, in_reach_of, is_numbered, visible_to
from campaigns.core.people import Actor, Brand, Person
from campaigns.core.permissions import Permission
from campaigns.core.stages import ENDS, ORDER, Stage

SOON = timedelta(days=7)
Entries: TypeAlias = Select[Campaign, str, str, int, datetime | None, datetime]
PENDING = tuple(stage for stage in ORDER if stage not in ENDS)

# Beside each campaign and not in the place of a value, which PostgreSQL would count again wherever it is named.
earliest = (
    select(func.min(case(*((Deliverable.stage == stage, number) for number, stage in enumerate(ORDER)))).label("number"))
    .where(Deliverable.campaign_id == Campaign.id, Deliverable.stage.not_in(ENDS))
    .lateral("earliest")
)
# The place of a campaign's stage in ORDER.
place: ColumnElement[int] = case(
    (Campaign.cancelled_at.is_not(None), ORDER.index(Stage.CANCELLED)),
    (Campaign.done_at.is_not(None), ORDER.index(Stage.DONE)),
    else_=func.coalesce(earliest.c.number, 0),
)
must_open_at: ColumnElement[datetime] = case(
    {ORDER.index(stage): getattr(Brief, PLANNED[stage]) for stage in ORDER if stage in PLANNED}, value=place
)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which campaigns are looked for; None leaves a question open. `late` are those past the date of their present gate.

    `words` are in the title or the brand's name, or are the campaign's number.
    """

    stage: Stage | None = None
    paused: bool | None = None
    late: bool | None = None
    live: bool | None = None
    owner_id: UUID | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class BoardCampaign:
    """A campaign on the board, who runs it, and when the gate of its stage must open."""

    campaign: Campaign
    brand: str
    owner: str
    stage: Stage
    go_live_at: datetime | None
    must_open_at: datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """A stage with how many live campaigns are in it, and the most pressing of them."""

    stage: Stage
    total: int
    entries: Sequence[BoardCampaign]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many live campaigns there are, how many are late, and how many must open their gate within a week."""

    live: int
    late: int
    soon: int


def campaigns(session: Session, sought: Sought, *, after: UUID | None, limit: int, by: Actor, at: datetime) -> Sequence[BoardCampaign]:
    """The campaigns that fit and exist for this actor (who works in them, unless an artist), newest first, `limit` older than `after`."""
    seen = visible_to(by) if by.takes_part else contributions_in(by)
    return _newest(session, _placed().where(seen, *_fitting(sought, by, at)), after, limit)


def worked_in(session: Session, sought: Sought, *, after: UUID | None, limit: int, by: Actor, at: datetime) -> Sequence[BoardCampaign]:
    """As `campaigns`, of those in which this actor works."""
    return _newest(session, _placed().where(contributions_in(by), *_fitting(sought, by, at)), after, limit)


def columns(session: Session, sought: Sought, *, most: int, skip: int = 0, by: Actor, at: datetime) -> list[Column]:
    """The live campaigns in which this actor works, by their stages: of each the `most` pressing, without the first `skip` of those."""
    pressing = (func.coalesce(must_open_at, Brief.go_live_at).asc().nulls_last(), Campaign.id.desc())
    ranked = (
        _in_play(sought, by, at)
        .with_only_columns(
            Campaign.id.label("id"),
            place.label("place"),
            must_open_at.label("must_open_at"),
            func.row_number().over(partition_by=place, order_by=pressing).label("nth"),
            func.count().over(partition_by=place).label("total"),
        )
        .subquery()
    )
    query = _entries(ranked.c.place, ranked.c.must_open_at).add_columns(ranked.c.total).join(ranked, ranked.c.id == Campaign.id)
    rows = session.execute(query.where(ranked.c.nth > skip, ranked.c.nth <= most).order_by(ranked.c.place, ranked.c.nth)).all()
    found = [(_entry(*row[:-1]), row[-1]) for row in rows]
    return [_column(stage, [(entry, total) for entry, total in found if entry.stage is stage]) for stage in PENDING]


def in_play(sought: Sought, *, by: Actor, at: datetime) -> CTE:
    """The live campaigns that fit and in which this actor works: the `id` of each and when its gate `must_open_at`, found once a query."""
    return _in_play(sought, by, at).with_only_columns(Campaign.id, must_open_at.label("must_open_at")).cte("in_play")


def counts(among: CTE, *, at: datetime) -> Select[int, int, int]:
    """How these campaigns stand, part by part as in Counts."""
    due = among.c.must_open_at
    return select(func.count(), func.count().filter(at > due), func.count().filter(due.between(at, at + SOON))).select_from(among)


def contributions_in(by: Actor) -> ColumnElement[bool]:
    """The campaigns whose standing this actor may see: for artists there are none."""
    if by.is_system:
        return visible_to(by)
    return in_reach_of(by.granting(Permission.VIEW_CAMPAIGN))


def _in_play(sought: Sought, by: Actor, at: datetime) -> Select[Any]:
    live = (Campaign.cancelled_at.is_(None), Campaign.done_at.is_(None))
    # Every campaign has them: joined so that PostgreSQL leaves out those that nothing is asked of.
    joined = select(Campaign).outerjoin(Brand, Brand.id == Campaign.brand_id).outerjoin(Brief, Brief.campaign_id == Campaign.id)
    return joined.outerjoin(earliest, true()).where(contributions_in(by), *live, *_fitting(sought, by, at))


def _placed() -> Entries:
    return _entries(place, must_open_at).outerjoin(earliest, true())


def _entries(number: ColumnElement[int], due: ColumnElement[datetime]) -> Entries:
    return (
        select(Campaign, Brand.name, Person.name, number, Brief.go_live_at, due)
        .join(Brand, Brand.id == Campaign.brand_id)
        .join(Brief, Brief.campaign_id == Campaign.id)
        .join(Person, Person.id == Campaign.owner_id)
    )


def _newest(session: Session, query: Entries, after: UUID | None, limit: int) -> Sequence[BoardCampaign]:
    query = query.where(Campaign.id < after) if after else query
    return [_entry(*row) for row in session.execute(query.order_by(Campaign.id.desc()).limit(limit))]


def _entry(campaign: Campaign, brand: str, owner: str, number: int, go_live: datetime | None, due: datetime | None) -> BoardCampaign:
    return BoardCampaign(campaign, brand, owner, ORDER[number], go_live, due)


def _column(stage: Stage, found: Sequence[tuple[BoardCampaign, int]]) -> Column:
    return Column(stage, found[0][1] if found else 0, [entry for entry, _total in found])


def _fitting(sought: Sought, by: Actor, at: datetime) -> list[ColumnElement[bool]]:
    fitting: list[ColumnElement[bool]] = []
    if sought.stage is not None:
        fitting.append(place == ORDER.index(sought.stage))
    if sought.paused is not None:
        fitting.append(Campaign.paused_at.is_not(None) if sought.paused else Campaign.paused_at.is_(None))
    if sought.late is not None:
        late = func.coalesce(at > must_open_at, False)
        fitting.append(late if sought.late else ~late)
    if sought.live is not None:
        live = Campaign.cancelled_at.is_(None) & Campaign.done_at.is_(None)
        fitting.append(live if sought.live else ~live)
    if sought.owner_id is not None:
        fitting.append(Campaign.owner_id == sought.owner_id)
    return [*fitting, _said_in(sought.words.strip(), by)] if sought.words.strip() else fitting


def _said_in(words: str, by: Actor) -> ColumnElement[bool]:
    said = or_(Campaign.title.icontains(words, autoescape=True), Brand.name.icontains(words, autoescape=True))
    number = words.removeprefix("#")
    return or_(said, is_numbered(int(number), by)) if number.isascii() and number.isdigit() and len(number) < 10 else said

"""Which works and makers a kill fee would go to, by name, as the people read it who decide on a cancellation."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Version, VersionMaker
from campaigns.core.db import one_of
from campaigns.core.people import Actor, Person
from campaigns.open_call.crediting import name_told
from campaigns.open_call.models import Contribution, Maker
from campaigns.payout.cancellation import Owed

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class CountedWork:
    """A work that counts, with its makers' names."""

    title: str
    makers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Basis:
    """The number of the version that counts, None for the selection; who made that version; the works, with how many `more` there are."""

    number: int | None
    made_by: Sequence[str]
    works: Sequence[CountedWork]
    more: int


def bases_of(session: Session, campaign_id: UUID, owed: Collection[Owed], *, by: Actor) -> dict[UUID, Basis]:
    """What each of these deliverables' kill fees would be divided over, in two queries however many there are."""
    versions = _versions(session, [each.version_id for each in owed if each.version_id])
    works = _works(session, campaign_id, {work for each in owed for work in each.works[:MOST_SHOWN]}, by)
    found: dict[UUID, Basis] = {}
    for each in owed:
        number, made_by = versions[each.version_id] if each.version_id else (None, ())
        found[each.deliverable.id] = Basis(number, made_by, [works[work] for work in each.works[:MOST_SHOWN]], len(each.works[MOST_SHOWN:]))
    return found


def _versions(session: Session, version_ids: Collection[UUID]) -> dict[UUID, tuple[int, Sequence[str]]]:
    names = func.array_remove(func.array_agg(Person.name), None)
    query = (
        select(Version.id, Version.number, names)
        .outerjoin(VersionMaker, VersionMaker.version_id == Version.id)
        .outerjoin(Person, Person.id == VersionMaker.person_id)
    )
    found = session.execute(query.where(one_of(Version.id, version_ids)).group_by(Version.id, Version.number))
    return {version_id: (number, sorted(made_by)) for version_id, number, made_by in found}


def _works(session: Session, campaign_id: UUID, work_ids: Collection[UUID], by: Actor) -> dict[UUID, CountedWork]:
    names = func.array_agg(name_told(Person, by, campaign_id).distinct())
    query = select(Contribution.id, Contribution.title, names).join(Maker, Maker.contribution_id == Contribution.id)
    query = query.join(Person, Person.id == Maker.person_id).where(one_of(Contribution.id, work_ids)).group_by(Contribution.id)
    return {work_id: CountedWork(title, makers) for work_id, title, makers in session.execute(query)}

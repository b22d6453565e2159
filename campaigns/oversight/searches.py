"""What a few words find: campaigns, contributions and people, for each reader only what exists for them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Text, and_, false, func, literal, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.core.campaign import Campaign, Deliverable, in_reach_of, is_numbered, number_told, stage_of, visible_to
from campaigns.core.people import Actor, Brand, Person, RoleGrant
from campaigns.core.permissions import Permission, Role
from campaigns.core.stages import Stage
from campaigns.open_call.credits import credits_of, is_told_to
from campaigns.open_call.models import TAKES_PART, Contribution, Maker
from campaigns.open_call.queries import made_by, shows_contributions_to

FEWEST, MOST = 2, 80
OF_EACH = 20
CANDIDATES = 200  # of which the nearest are shown: a common word has tens of thousands
Match: TypeAlias = Callable[[InstrumentedAttribute[str], str], ColumnElement[bool]]
SEES_EVERYONE = (Role.MANAGER, Role.FINANCE, Role.OPERATOR)


@dataclass(frozen=True, slots=True)
class FoundCampaign:
    """A campaign, with its number for staff; `is_inside` for whoever has a part in running it, who is led to more than its call."""

    id: UUID
    title: str
    number: int | None
    brand: str
    stage: Stage
    is_inside: bool


@dataclass(frozen=True, slots=True)
class FoundContribution:
    """A contribution that takes part, or one's own; `makers` as they are credited."""

    id: UUID
    title: str
    kind: str
    campaign: str
    makers: Sequence[str]
    is_own: bool


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody, with every role that they hold anywhere."""

    id: UUID
    name: str
    email: str
    roles: Sequence[str]


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What was found, the best first, at most OF_EACH of a kind."""

    campaigns: Sequence[FoundCampaign] = field(default_factory=list)
    contributions: Sequence[FoundContribution] = field(default_factory=list)
    people: Sequence[FoundPerson] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.campaigns or self.contributions or self.people)


def search(session: Session, words: str, *, by: Actor) -> SearchResults:
    """What these words find for the actor; nothing for fewer than FEWEST characters."""
    asked = " ".join(words.split())[:MOST]
    if len(asked) < FEWEST:
        return SearchResults()
    return SearchResults(_campaigns(session, asked, by), _contributions(session, asked, by), _people(session, asked, by))


def _campaigns(session: Session, words: str, by: Actor) -> Sequence[FoundCampaign]:
    of_number = is_numbered(int(words.lstrip("#")), by) if words.lstrip("#").isdecimal() and len(words) < 9 else false()

    def ask(match: Match) -> Select[*tuple[Any, ...]]:
        query = select(Campaign, Brand.name).join(Brand, Brand.id == Campaign.brand_id)
        query = query.where(visible_to(by), or_(match(Campaign.title, words), match(Brand.name, words), of_number))
        return query.order_by(_nearness(Campaign.title, words).desc(), Campaign.id.desc()).limit(OF_EACH)

    rows = _found(session, ask, words)
    stages = _stages(session, [campaign.id for campaign, _brand in rows])
    return [
        FoundCampaign(c.id, c.title, number_told(c, by=by), brand, stages.get(c.id, Stage.BRIEF), by.may(Permission.VIEW_CAMPAIGN, on=c))
        for c, brand in rows
    ]


def _stages(session: Session, campaign_ids: Sequence[UUID]) -> dict[UUID, Stage]:
    deliverables: dict[UUID, list[Deliverable]] = {}
    for deliverable in session.scalars(select(Deliverable).where(Deliverable.campaign_id.in_(campaign_ids))):
        deliverables.setdefault(deliverable.campaign_id, []).append(deliverable)
    return {campaign_id: stage_of(of_campaign) for campaign_id, of_campaign in deliverables.items()}


def _contributions(session: Session, words: str, by: Actor) -> Sequence[FoundContribution]:
    """By title and by maker; where the actor judges blind, only their own: that a name finds a contribution would tell whose it is."""
    takes_part = and_(TAKES_PART, ~_judged_blind(by), visible_to(by), shows_contributions_to(by))
    shown = select(Contribution.id).join(Campaign, Campaign.id == Contribution.campaign_id).where(or_(takes_part, made_by(by)))

    def ask(match: Match) -> Select[*tuple[Any, ...]]:
        makers = select(Person.id).where(match(Person.name, words)).limit(CANDIDATES)
        credited = select(Maker.contribution_id).where(Maker.person_id.in_(makers), is_told_to(by))
        titled = shown.where(match(Contribution.title, words)).limit(CANDIDATES).subquery()
        theirs = shown.where(Contribution.id.in_(credited)).limit(CANDIDATES).subquery()
        query = select(Contribution, Campaign.title, made_by(by)).join(Campaign, Campaign.id == Contribution.campaign_id)
        query = query.where(Contribution.id.in_(union(select(titled.c.id), select(theirs.c.id))))
        return query.order_by(_nearness(Contribution.title, words).desc(), Contribution.id.desc()).limit(OF_EACH)

    rows = _found(session, ask, words) if by.person_id else []
    credits_ = credits_of(session, [contribution.id for contribution, *_rest in rows], to=by.person) if rows else {}
    return [
        FoundContribution(
            contribution.id,
            contribution.title,
            contribution.kind.value,
            campaign,
            [credit.name for credit in credits_[contribution.id]],
            is_own,
        )
        for contribution, campaign, is_own in rows
    ]


def _judged_blind(by: Actor) -> ColumnElement[bool]:
    """Of the campaigns: those in which the actor curates."""
    return in_reach_of(grant for grant in by.grants if grant.role is Role.CURATOR)


def _people(session: Session, words: str, by: Actor) -> Sequence[FoundPerson]:
    """For those who are on staff: anyone, by name or address."""
    if not any(g.role in SEES_EVERYONE and g.brand_id is None and g.campaign_id is None for g in by.granting(Permission.VIEW_CAMPAIGN)):
        return []

    def ask(match: Match) -> Select[*tuple[Any, ...]]:
        named = select(Person.id).where(or_(match(Person.name, words), match(Person.email, words))).limit(CANDIDATES)
        return select(Person).where(Person.id.in_(named)).order_by(_nearness(Person.name, words).desc(), Person.id).limit(OF_EACH)

    people = [person for (person,) in _found(session, ask, words)]
    held: dict[UUID, set[str]] = {}
    grants = select(RoleGrant.person_id, RoleGrant.role).where(RoleGrant.person_id.in_([p.id for p in people]))
    for person_id, role in session.execute(grants):
        held.setdefault(person_id, set()).add(role)
    return [FoundPerson(p.id, p.name, p.email, sorted(held.get(p.id, ()))) for p in people]


def _found(session: Session, ask: Callable[[Match], Select[*tuple[Any, ...]]], words: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """What has the words in it or, failing that, something much like them."""
    found = session.execute(ask(_has)).all()
    return found if found or len(words) <= FEWEST else session.execute(ask(_resembles)).all()


def _has(text: InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    """The words stand in the text; two letters must begin it."""
    plain = re.sub(r"([\\%_])", r"\\\1", words)
    return text.ilike(f"{plain}%" if len(words) <= FEWEST else f"%{plain}%", escape="\\")


def _resembles(text: InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    return text.op("%>", is_comparison=True)(words)


def _nearness(text: InstrumentedAttribute[str], words: str) -> ColumnElement[float]:
    return func.word_similarity(literal(words, Text), text)

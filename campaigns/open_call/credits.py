"""Who made a contribution and under which license it came, and who may read the makers' names."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, exists, false, select
from sqlalchemy.orm import Session

from campaigns.brief.licenses import licence
from campaigns.core.db import given
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.models import Contribution, LicenceGrant, Maker, NamedMaker

UNCONFIRMED = and_(
    NamedMaker.contribution_id == Maker.contribution_id, NamedMaker.person_id == Maker.person_id, NamedMaker.confirmed_at.is_(None)
)
# Of the makers: those who made it by their own word, and were not only named.
CONFIRMED = ~exists().where(UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class Credit:
    """A maker of a contribution as the reader may know them, and their part of it; nobody is known of whom there is no `person_id`."""

    person_id: UUID | None
    name: str
    shares: int
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class MakerCredit:
    """A maker of a contribution by their own name; until they confirm it, the sender knows them as they named them, and others not at
    all."""

    person_id: UUID
    name: str
    shares: int
    is_confirmed: bool
    address: str | None
    sender: UUID

    def told_to(self, reader: UUID | None) -> Credit:
        """What this reader may know."""
        if self.is_confirmed or reader == self.person_id:
            return Credit(self.person_id, self.name, self.shares, self.is_confirmed)
        return Credit(None, (self.address or self.name) if reader == self.sender else _nobody(), self.shares, False)


def makers_of(session: Session, contribution_ids: Collection[UUID]) -> dict[UUID, list[MakerCredit]]:
    """Who made each of these contributions, in order of person: to write to them, or to blot their names out."""
    made: dict[UUID, list[MakerCredit]] = {contribution_id: [] for contribution_id in contribution_ids}
    for contribution_id, person_id, name, shares, is_confirmed, address, sender in session.execute(_makers(), {"ids": list(made)}):
        made[contribution_id].append(MakerCredit(person_id, name, shares, is_confirmed, address, sender))
    return made


@lru_cache
def _makers() -> Select[UUID, UUID, str, int, bool, str | None, UUID]:
    shown = (Maker.person_id, Person.name, Maker.shares, NamedMaker.person_id.is_(None), NamedMaker.address, Contribution.uploaded_by)
    query = select(Maker.contribution_id, *shown).join(Person, Person.id == Maker.person_id)
    query = query.join(Contribution, Contribution.id == Maker.contribution_id).outerjoin(NamedMaker, UNCONFIRMED)
    return query.where(given(Maker.contribution_id)).order_by(Maker.person_id)


def credits_of(session: Session, contribution_ids: Collection[UUID], *, to: UUID | None) -> dict[UUID, list[Credit]]:
    """Who made each of these contributions, in order of person, as `to` may read it."""
    return {
        contribution_id: [maker.told_to(to) for maker in makers] for contribution_id, makers in makers_of(session, contribution_ids).items()
    }


def name_told(person: type[Person], by: Actor, campaign: UUID | ScalarSelect[UUID]) -> ColumnElement[str]:
    """How a person goes by before this reader in what all of a campaign read: as nobody in particular while a contribution waits for their
    word.

    Whoever sees the money everywhere pays people, and knows them by name.
    """
    waiting = select(NamedMaker.person_id).join(Contribution, Contribution.id == NamedMaker.contribution_id)
    waiting = waiting.where(Contribution.campaign_id == campaign, NamedMaker.confirmed_at.is_(None), NamedMaker.person_id != by.person_id)
    is_nobody = false() if by.may(Permission.VIEW_MONEY) else person.id.in_(waiting)
    return case((is_nobody, _nobody()), else_=person.name)


def is_told_to(by: Actor) -> ColumnElement[bool]:
    """Of the makers: those whose names the actor may read."""
    return (Maker.person_id == by.person_id) | CONFIRMED


def _nobody() -> str:
    return _("someone who has not confirmed yet")


def licence_hash(version: str) -> str:
    """The sha256, in hexadecimal, of the licence's sentences, one a line."""
    return hashlib.sha256("\n".join(licence(version).sentences).encode()).hexdigest()


def grants_of(session: Session, contribution_ids: Collection[UUID]) -> dict[UUID, Sequence[LicenceGrant]]:
    """What each maker of each of these contributions has granted."""
    granted: dict[UUID, list[LicenceGrant]] = {contribution_id: [] for contribution_id in contribution_ids}
    query = select(LicenceGrant).where(LicenceGrant.contribution_id.in_(contribution_ids)).order_by(LicenceGrant.person_id)
    for grant in session.scalars(query):
        granted[grant.contribution_id].append(grant)
    return {contribution_id: tuple(grants) for contribution_id, grants in granted.items()}

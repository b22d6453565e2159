"""When two people are two: the one rule for whatever takes a second person, and which roles come under it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from campaigns.core.addresses import bare
from campaigns.core.appointing.errors import SecondPersonNeeded
from campaigns.core.appointing.models import Appointment
from campaigns.core.people import Actor, Person, RoleGrant, Scope
from campaigns.core.permissions import MONEY_ROLES
from campaigns.core.role_grants import reaching
from campaigns.core.words import _

OF_MONEY = tuple(sorted(role.value for role in MONEY_ROLES))


def counted() -> ColumnElement[bool]:
    """The appointments that make two people dependent: begun, even if ended since, and not given anew in another way."""
    newer = aliased(Appointment)
    anew = select(newer.id).where(
        newer.person_id == Appointment.person_id,
        newer.role == Appointment.role,
        newer.brand_id.is_not_distinct_from(Appointment.brand_id),
        newer.campaign_id.is_not_distinct_from(Appointment.campaign_id),
        newer.deliverable_id.is_not_distinct_from(Appointment.deliverable_id),
        newer.began_at.is_not(None),
        newer.id > Appointment.id,
    )
    return and_(Appointment.began_at.is_not(None), ~anew.exists())


def tied_to(session: Session, person_id: UUID) -> set[UUID]:
    """Everyone who gave or confirmed a money role of this person's, or was given or confirmed one by them."""
    given = (Appointment.granted_by == person_id, Appointment.confirmed_by == person_id)
    return _ties(session, or_(Appointment.person_id == person_id, *given)).get(person_id, set())


def ties_among(session: Session, people: Collection[UUID]) -> Mapping[UUID, set[UUID]]:
    """Of each of these people, as far as they are tied to anybody: to whom, as `tied_to` has it for them among each other."""
    return _ties(session, Appointment.person_id.in_(people))


def _ties(session: Session, which: ColumnElement[bool]) -> dict[UUID, set[UUID]]:
    query = select(Appointment.person_id, Appointment.granted_by, Appointment.confirmed_by)
    found: dict[UUID, set[UUID]] = {}
    for holder, *words in session.execute(query.where(which, counted())):
        for word in {each for each in words if each} - {holder}:
            found.setdefault(holder, set()).add(word)
            found.setdefault(word, set()).add(holder)
    return found


def require_second_person(session: Session, others: Iterable[UUID | None], *, by: Actor, few: bool = False) -> None:
    """Raise SecondPersonNeeded where the actor is one of those who act with them, or gave one of them their role, or was given it by them.

    With `few`, where all concerned have agreed to an installation of few people, it is enough that they are not the same person.
    """
    with_them = {other for other in others if other is not None}
    if by.person in with_them:
        raise SecondPersonNeeded(_("This takes two people: another person must do it."))
    if few or not with_them:
        return
    if tied := with_them & tied_to(session, by.person):
        raise SecondPersonNeeded(_not_two(session, tied))


def _not_two(session: Session, tied: set[UUID]) -> str:
    names = session.scalars(select(Person.name).where(Person.id.in_(tied)).order_by(Person.name, Person.id)).all()
    return _(
        "You and {names} do not count as two people here: one of you gave or confirmed the other's role. Another person must do this.",
        names=", ".join(names),
    )


def covering(on: Scope) -> tuple[ColumnElement[bool], ...]:
    """The roles that touch money and reach `on`."""
    return (RoleGrant.role.in_(OF_MONEY), *reaching(on))


def who_can_confirm(session: Session, giver: UUID, holder: UUID, on: Scope, *, few: bool) -> set[UUID]:
    """Everyone who could confirm a role that `giver` gives to `holder`."""
    found = set(session.scalars(select(RoleGrant.person_id).where(*covering(on)).distinct())) - {giver, holder}
    return found if few else found - tied_to(session, giver)


def looks_like(session: Session, person: Person) -> Sequence[Person]:
    """Everyone with a role, or on the way to one, whose address differs from the person's only by a tag, by dots or by case."""
    known = select(RoleGrant.person_id).union(select(Appointment.person_id), select(Appointment.granted_by))
    same = (Person.id != person.id, Person.id.in_(known), bare(Person.email) == bare(person.email))
    return session.scalars(select(Person).where(*same).order_by(Person.name, Person.id)).all()

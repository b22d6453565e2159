"""People, brands, the roles that people hold, and the actor in whose name something is done."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import clock
from campaigns.core.db import Base, Id, word_index
from campaigns.core.errors import Forbidden, NotFound, NotSignedIn, ProofNeeded, ScopeMissing
from campaigns.core.names import Name, name_from, one_line
from campaigns.core.permissions import ASKS_FOR_PROOF, BRAND_ROLES, EVERYTHING, GRANTS, NO_ARTISTS_BY_THEMSELVES, Permission, Role
from campaigns.core.settings import settings
from campaigns.core.words import _

EVERY_SCOPE = frozenset({EVERYTHING})
LONGEST_NAME = 120
WHOLE_BRAND = "brand_id is not null and campaign_id is null and deliverable_id is null"
OF_BRANDS = ", ".join(f"'{role.value}'" for role in sorted(BRAND_ROLES))


class Person(Base):
    """Someone with an address; `country` is ISO 3166-1 alpha-2 and decides the payout route, `shortcuts` what single keys do.

    `artist_since` is when they first took part as an artist, or said that they do; `known_since` when they first signed in or were given a
    role: until then others only have typed their address.
    """

    __tablename__ = "person"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(Name(LONGEST_NAME))
    country: Mapped[str | None] = mapped_column(String(2))
    locale: Mapped[str] = mapped_column(String(16), default="en")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    shortcuts: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    artist_since: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    known_since: Mapped[datetime | None] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("uq_person_email", func.lower(text("email")), unique=True),
        word_index("ix_person_name_words", "name"),
        word_index("ix_person_email_words", "email"),
        one_line("name"),
    )


class Brand(Base):
    """A client; `sign_off_roles` are the sign-off roles, such as marketing and legal, that must sign its briefs.

    One that turned out to be another was `merged_into` it, and has neither campaigns nor people any more. A billing address that took the
    place of another speaks for the brand at `billing_counts_from`, in business time; until then `was_billed`, who read the one before it,
    may object.
    """

    __tablename__ = "brand"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Name(LONGEST_NAME, is_company=True))
    billing_email: Mapped[str | None] = mapped_column(String(254))
    billing_counts_from: Mapped[datetime | None]
    was_billed: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    sign_off_roles: Mapped[list[Any]] = mapped_column(default=list)
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("brand.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("billing_counts_from is null or was_billed is not null", name="cools_after_another"),
        Index("ix_brand_name", func.lower(text("name"))),
        one_line("name"),
    )


class RoleGrant(Base):
    """A role that a person holds: on staff, for one brand, for one campaign or for one of its deliverables."""

    __tablename__ = "role_grant"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    brand_id: Mapped[UUID | None] = mapped_column(ForeignKey("brand.id"), index=True)
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    deliverable_id: Mapped[UUID | None] = mapped_column(ForeignKey("deliverable.id"))
    sign_off_role: Mapped[str | None] = mapped_column(Name(40, field="sign_off_role"))
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("(role = 'signer') = (sign_off_role is not null)", name="sign_off_role"),
        CheckConstraint(f"role not in ({OF_BRANDS}) or brand_id is not null or campaign_id is not null", name="whose"),
        CheckConstraint(f"role <> 'brand_administrator' or ({WHOLE_BRAND})", name="reach"),
        Index(
            "uq_role_grant",
            "person_id",
            "role",
            "brand_id",
            "campaign_id",
            "deliverable_id",
            "sign_off_role",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        one_line("sign_off_role"),
    )


# What makes a Grant of a row.
ROLE = (RoleGrant.role, RoleGrant.brand_id, RoleGrant.campaign_id, RoleGrant.deliverable_id, RoleGrant.sign_off_role)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a permission is asked for: a brand, a campaign of it, a deliverable of that."""

    brand_id: UUID | None = None
    campaign_id: UUID | None = None
    deliverable_id: UUID | None = None

    @property
    def scope(self) -> "Scope":
        return self


class Scoped(Protocol):
    """Anything that belongs to a brand, a campaign or a deliverable."""

    @property
    def scope(self) -> Scope: ...


@dataclass(frozen=True, slots=True)
class Grant:
    """A role and its reach; None reaches everywhere."""

    role: Role
    brand_id: UUID | None = None
    campaign_id: UUID | None = None
    deliverable_id: UUID | None = None
    sign_off_role: str | None = None

    def covers(self, scope: Scope) -> bool:
        """Whether this grant reaches `scope`."""
        return (
            (self.brand_id is None or self.brand_id == scope.brand_id)
            and (self.campaign_id is None or self.campaign_id == scope.campaign_id)
            and (self.deliverable_id is None or self.deliverable_id == scope.deliverable_id)
        )


@dataclass(frozen=True, slots=True)
class Actor:
    """In whose name something is done: a person with their grants, a guest, or the system itself, which needs no permission.

    `came_by` is the browser session or the token that they came by; `is_proven` says that the person has lately shown, with a passkey or a
    code, that it is them.
    """

    person_id: UUID | None
    name: str
    grants: frozenset[Grant] = frozenset()
    scopes: frozenset[str] = EVERY_SCOPE
    is_system: bool = False
    is_proven: bool = False
    came_by: UUID | None = None

    @property
    def person(self) -> UUID:
        """The person's id; raises NotSignedIn where only a person can act."""
        if self.person_id is None:
            raise NotSignedIn(_("Sign in first: only a person can do this."))
        return self.person_id

    @property
    def takes_part(self) -> bool:
        """Whether the actor is an artist, as far as the token reaches."""
        return any(grant.role is Role.ARTIST for grant in self.granting_any())

    def may(self, permission: Permission, on: Scoped | None = None) -> bool:
        """Whether the actor holds, for `on`, a role that GRANTS lists for `permission`, and a token scope for it."""
        if self.is_system:
            return True
        scope = on.scope if on is not None else Scope()
        return any(grant.covers(scope) for grant in self.granting(permission))

    def granting(self, permission: Permission) -> Collection[Grant]:
        """The grants that give this permission somewhere, as far as the token reaches."""
        return [g for g in self.grants if g.role in GRANTS[permission]] if self._token_reaches(permission) else []

    def granting_any(self) -> Collection[Grant]:
        """The grants that give a permission that the token reaches: a role beyond its scopes does not count for what there is to see."""
        reached = frozenset[Role]().union(*(GRANTS[permission] for permission in Permission if self._token_reaches(permission)))
        return [grant for grant in self.grants if grant.role in reached]

    def given_roles(self) -> Collection[Grant]:
        """As `granting_any`, without what nobody gives: being a member, and an artist by one's own word."""
        return [grant for grant in self.granting_any() if grant.role not in (Role.MEMBER, Role.ARTIST)]

    def require(self, permission: Permission, on: Scoped | None = None) -> None:
        """Raise Forbidden unless the actor may, and ProofNeeded where real money rests on it and they have not proven themselves."""
        if not self.may(permission, on):
            if GRANTS[permission] == {Role.ARTIST} and self.person_id and not self.takes_part:
                raise Forbidden(_("Only artists can do this. You can join as an artist in your profile."))
            raise Forbidden(_("Your role does not allow this here; ask the partnership manager."), permission=permission.value)
        self.require_proof_for(permission)

    def require_proof_for(self, permission: Permission) -> None:
        """Raise ProofNeeded where a proof is asked for this permission, money is real and there is none."""
        if permission in ASKS_FOR_PROOF:
            self.require_proof()

    def require_proof(self) -> None:
        """Raise ProofNeeded where money is real and the actor has not lately proven that it is them."""
        if settings().moves_real_money and not (self.is_proven or self.is_system):
            raise ProofNeeded(_("This involves real money: confirm your identity in your browser, with your passkey or a code."))

    def holds(self, role: Role, on: Scoped | None = None, sign_off_role: str | None = None) -> bool:
        """Whether the actor holds `role` for `on`, under `sign_off_role` if one is named."""
        scope = on.scope if on is not None else Scope()
        return any(g.role is role and g.covers(scope) and sign_off_role in (None, g.sign_off_role) for g in self.grants)

    def reaches_all(self, scopes: Collection[str]) -> bool:
        """Whether the actor's token, if they came by one, reaches each of these scopes."""
        return EVERYTHING in self.scopes or self.scopes.issuperset(scopes)

    def require_scope(self, scope: str) -> None:
        """Raise ScopeMissing unless the actor's token, if they came by one, reaches this scope."""
        if not self.reaches_all([scope]):
            raise ScopeMissing(_("This token does not have the scope {scope}. Create one that has it.", scope=scope), scope=scope)

    def _token_reaches(self, permission: Permission) -> bool:
        return self.reaches_all([permission.value.partition(".")[0]])


SYSTEM = Actor(person_id=None, name="Callboard", is_system=True)
CLOCK = Actor(person_id=None, name="The clock", is_system=True)
PREFECT_OPERATOR = Actor(person_id=None, name="Prefect operator", is_system=True)
GUEST = Actor(person_id=None, name="Guest")
STRIPE = Actor(person_id=None, name="Stripe", is_system=True)


def actor_for(session: Session, person_id: UUID, scopes: frozenset[str] = EVERY_SCOPE, came_by: UUID | None = None) -> Actor:
    """The person as an actor, with every role they hold; raises NotFound."""
    query = select(Person, *ROLE).outerjoin(RoleGrant, RoleGrant.person_id == Person.id).where(Person.id == person_id)
    rows = session.execute(query).all()
    if not rows:
        raise NotFound(_("There is no such person."))
    return replace(actor_from(session, rows[0][0], [row[1:] for row in rows]), scopes=scopes, came_by=came_by)


def actor_from(session: Session, person: Person, roles: Iterable[Sequence[Any]]) -> Actor:
    """The person as an actor, with these rows of ROLE, which are empty where there is no role."""
    session.info["actor"] = person  # kept, so that the session knows them when they are asked for again
    held = {Grant(Role(role), *reach) for role, *reach in roles if role is not None}
    if person.artist_since or not any(grant.role in NO_ARTISTS_BY_THEMSELVES for grant in held):
        held.add(Grant(Role.ARTIST))
    return Actor(person.id, person.name, frozenset({Grant(Role.MEMBER), *held}))


def is_artist() -> ColumnElement[bool]:
    """Of the people: those who are artists, as `actor_from` has it."""
    elsewhere = exists().where(RoleGrant.person_id == Person.id, RoleGrant.role.in_(NO_ARTISTS_BY_THEMSELVES))
    return or_(Person.artist_since.is_not(None), ~elsewhere)


def note_artist(session: Session, person_id: UUID, *, at: datetime) -> None:
    """Note that this person takes part as an artist, from whenever they first did."""
    session.execute(update(Person).where(Person.id == person_id, Person.artist_since.is_(None)).values(artist_since=at))


def person_at(session: Session, email: str, name: str | None = None) -> Person:
    """The person with this address; somebody new is unknown until they sign in or are given a role."""
    address = email.strip()
    new = {"email": address, "name": name or name_from(address)[:LONGEST_NAME], "known_since": None}
    session.execute(insert(Person).values(new).on_conflict_do_nothing())
    return session.scalars(select(Person).where(func.lower(Person.email) == address.lower())).one()


def become_known(session: Session, person_id: UUID) -> None:
    """The person has shown that the address is theirs, or somebody of the platform's vouches for it."""
    unknown = (Person.id == person_id, Person.known_since.is_(None))
    session.execute(update(Person).where(*unknown).values(known_since=clock.process_now()))


def person_known_at(session: Session, email: str) -> Person | None:
    """The person with this address, if there is one."""
    return session.scalars(select(Person).where(func.lower(Person.email) == email.strip().lower())).one_or_none()

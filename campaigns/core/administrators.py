"""How a brand gets an administrator: somebody is named, and the brand's billing address confirms by a link that only it gets."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import clock, events, throttle
from campaigns.core.addresses import bare
from campaigns.core.billing import require_speaks, same_address
from campaigns.core.brand_roles import administrators
from campaigns.core.brands import checked_billing, find_brand, require_reach
from campaigns.core.db import Base, Id
from campaigns.core.errors import Forbidden, NotFound, Refusal
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor, Brand, Person, RoleGrant, Scope, actor_for, person_at
from campaigns.core.permissions import BRAND_ROLES, Permission, Role
from campaigns.core.role_grants import grant_role
from campaigns.core.sides import require_one_side
from campaigns.core.throttle import Rate
from campaigns.core.tokens import digest
from campaigns.core.words import _

LIFE = timedelta(days=14)
ASKED_FOR_ONE_BRAND = Rate(burst=10, every=timedelta(hours=6))
IS_OPEN = text("confirmed_at is null and ended_at is null")


class NoBillingEmail(Refusal):
    """The brand has no billing email to confirm this."""


class AdministratorAlready(Refusal):
    """This person is already an administrator of the brand."""


class NothingToConfirm(NotFound):
    """The link has been used, has expired or was withdrawn."""


class AdministratorRequest(Base):
    """Somebody named as a brand's administrator; `confirmer_id` is who reads the billing address, `digest` the hash of their link."""

    __tablename__ = "administrator_request"

    id: Mapped[Id]
    brand_id: Mapped[UUID] = mapped_column(ForeignKey("brand.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    confirmer_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("confirmed_at is null or ended_at is null", name="one_end"),
        Index("uq_administrator_request_open", "brand_id", "person_id", unique=True, postgresql_where=IS_OPEN),
    )


def ask_administrator(
    session: Session, brand_id: UUID, email: str, name: str | None = None, *, by: Actor, at: datetime
) -> AdministratorRequest:
    """Name somebody as the brand's administrator; asking again for the same person sends a new link, and the old one ends.

    Raises NoBillingEmail, AdministratorAlready, OnBothSides.
    """
    brand = find_brand(session, brand_id, by=by, lock=True)
    require_reach(Permission.ASK_ADMINISTRATOR, brand.id, by=by)
    if checked_billing(session, brand.billing_email) is None:
        sentence = _("{brand} has no billing email yet. Add it first: it confirms the administrators.", brand=brand.name)
        raise NoBillingEmail(sentence, field="billing_email")
    throttle.take(session, f"administrators of {brand.id}", ASKED_FOR_ONE_BRAND)
    person, confirmer = person_at(session, email, name), person_at(session, brand.billing_email or "")
    require_one_side(session, person.id, Role.BRAND_ADMINISTRATOR, brand.id, None)
    if person.id in {each.id for each in administrators(session, brand.id)}:
        raise AdministratorAlready(_("{name} is already an administrator of {brand}.", name=person.name, brand=brand.name), field="email")
    _end_open(session, AdministratorRequest.brand_id == brand.id, AdministratorRequest.person_id == person.id, at=at)
    asked = AdministratorRequest(brand_id=brand.id, person_id=person.id, asked_by=by.person, asked_at=at, confirmer_id=confirmer.id)
    asked.expires_at = clock.process_now() + LIFE
    session.add(asked)
    session.flush()
    events.record(
        session, EventName.BRAND_ADMINISTRATOR_ASKED, by=by, at=at, brand=str(brand.id), person=str(person.id), request=str(asked.id)
    )
    return asked


def make_confirmation(session: Session, request_id: UUID) -> str | None:
    """The secret of the link that goes to the billing address, kept as a hash only; None where nothing is to be confirmed any more."""
    asked = session.get(AdministratorRequest, request_id, with_for_update=True)
    if asked is None or not is_open(asked):
        return None
    secret = secrets.token_urlsafe(32)
    asked.digest = digest(secret)
    return secret


def is_open(asked: AdministratorRequest) -> bool:
    """Whether the request still waits for its confirmation."""
    return asked.confirmed_at is None and asked.ended_at is None and asked.expires_at > clock.process_now()


def asked_by_link(session: Session, secret: str, *, lock: bool = False, was_used: bool = False) -> tuple[AdministratorRequest, Brand]:
    """What the link confirms, or confirmed if it `was_used`, for whoever has it; raises NothingToConfirm where there is nothing."""
    query = select(AdministratorRequest, Brand).join(Brand, Brand.id == AdministratorRequest.brand_id)
    query = query.where(AdministratorRequest.digest == digest(secret))
    # The brand first, as whoever changes its billing address takes it.
    found = session.execute(query.with_for_update(of=[Brand, AdministratorRequest]) if lock else query).one_or_none()
    if found is None or not (_is_asked_now(session, *found) or (was_used and found[0].confirmed_at)):
        raise NothingToConfirm(_("This link has been used or is older than two weeks; ask your partnership manager for a new one."))
    asked, brand = found
    return asked, brand


def _is_asked_now(session: Session, asked: AdministratorRequest, brand: Brand) -> bool:
    """Whether the request waits, and for whoever reads the brand's billing address today."""
    return is_open(asked) and same_address(session.get_one(Person, asked.confirmer_id).email, brand.billing_email)


def alike(session: Session, asked: AdministratorRequest) -> list[str]:
    """The addresses that look like one, of whoever is named, asked or asking, and of the staff: which may be one person's."""
    three = (asked.person_id, asked.confirmer_id, asked.asked_by)
    staff = select(RoleGrant.person_id).where(RoleGrant.role.not_in(BRAND_ROLES))
    bares = select(bare(Person.email)).where(Person.id.in_(three))
    query = select(bare(Person.email), Person.email).where(or_(Person.id.in_(three), Person.id.in_(staff)), bare(Person.email).in_(bares))
    found: dict[str, list[str]] = {}
    for key, email in session.execute(query.order_by(Person.email)):
        found.setdefault(key, []).append(email)
    return [email for _key, emails in sorted(found.items()) if len(emails) > 1 for email in emails]


def confirm_administrator(session: Session, secret: str, *, at: datetime) -> AdministratorRequest:
    """Spend the link: the person named becomes the brand's administrator, in the word of its billing address.

    Raises NothingToConfirm, BillingCools, and Invalid where somebody of the staff's reads that address by now.
    """
    asked, brand = asked_by_link(session, secret, lock=True)
    require_speaks(brand, at)
    checked_billing(session, brand.billing_email)
    asked.confirmed_at = at
    session.flush()
    word = actor_for(session, asked.confirmer_id)
    grant_role(session, asked.person_id, Role.BRAND_ADMINISTRATOR, on=Scope(brand_id=brand.id), by=word)
    held = Role.BRAND_ADMINISTRATOR.value
    events.record(session, EventName.PEOPLE_ROLE_GRANTED, by=word, at=at, person=str(asked.person_id), role=held, brand=str(brand.id))
    return asked


def withdraw_request(session: Session, brand_id: UUID, request_id: UUID, *, by: Actor, at: datetime) -> AdministratorRequest:
    """Take a request back before it is confirmed; its link ends. Raises NotFound."""
    gone = NotFound(_("This request no longer needs confirmation."))
    try:
        brand = find_brand(session, brand_id, by=by, lock=True)
    except NotFound:
        raise gone from None  # the same sentence, or it would tell which brands there are
    require_reach(Permission.ASK_ADMINISTRATOR, brand.id, by=by)
    asked = session.get(AdministratorRequest, request_id, with_for_update=True)
    if asked is None or asked.brand_id != brand.id or not is_open(asked):
        raise gone
    if asked.asked_by != by.person_id and not by.may(Permission.ASK_ADMINISTRATOR):
        _require_administrator(by, brand)
    asked.ended_at = at
    events.record(session, EventName.BRAND_ADMINISTRATOR_WITHDRAWN, by=by, at=at, brand=str(brand.id), person=str(asked.person_id))
    return asked


def _require_administrator(by: Actor, brand: Brand) -> None:
    if not by.holds(Role.BRAND_ADMINISTRATOR, on=Scope(brand_id=brand.id)):
        raise Forbidden(_("Only the person who asked or an administrator of the brand can withdraw this."))


def end_requests(session: Session, brand_id: UUID, *, at: datetime) -> None:
    """No link that went to the brand's billing address confirms anything any more."""
    _end_open(session, AdministratorRequest.brand_id == brand_id, at=at)


def _end_open(session: Session, *which: object, at: datetime) -> None:
    session.execute(update(AdministratorRequest).where(IS_OPEN, *which).values(ended_at=at))  # type: ignore[arg-type]


def open_requests(session: Session, brand_id: UUID, *, by: Actor) -> Sequence[tuple[AdministratorRequest, Person]]:
    """Whom the billing address has not confirmed yet, the newest first."""
    require_reach(Permission.VIEW_BRAND, find_brand(session, brand_id, by=by).id, by=by)
    query = select(AdministratorRequest, Person).join(Person, Person.id == AdministratorRequest.person_id)
    waiting = (AdministratorRequest.brand_id == brand_id, IS_OPEN, AdministratorRequest.expires_at > clock.process_now())
    return session.execute(query.where(*waiting).order_by(AdministratorRequest.id.desc()).limit(100)).all()

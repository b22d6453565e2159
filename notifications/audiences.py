"""Whom an email about a campaign is for: the brand's people, those who run it, its staff, and those who have made something in it."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Version
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.core.people import RoleGrant, Scope
from campaigns.core.permissions import BRAND_ROLES, STAFF_ROLES, Role
from campaigns.core.role_grants import holders
from campaigns.payout.queries import contributors

EVERYWHERE = (RoleGrant.brand_id.is_(None), RoleGrant.campaign_id.is_(None), RoleGrant.deliverable_id.is_(None))


def within(campaign: Campaign) -> ColumnElement[bool]:
    """Of the roles given: those in the campaign or one of its deliverables, and those for all that its brand orders."""
    of_brand = and_(RoleGrant.brand_id == campaign.brand_id, RoleGrant.campaign_id.is_(None))
    return or_(RoleGrant.campaign_id == campaign.id, of_brand)


def brand_people(session: Session, campaign: Campaign) -> set[UUID]:
    """Everyone who speaks for the brand in the campaign, in whichever of its roles."""
    return _holding(session, campaign, BRAND_ROLES)


def managers(session: Session, campaign: Campaign) -> set[UUID]:
    """Its owner and whoever else manages it or all that its brand orders; not those who may manage every campaign there is."""
    return {campaign.owner_id, *_holding(session, campaign, {Role.MANAGER})}


def finance(session: Session) -> set[UUID]:
    """Everyone in finance."""
    return {person.id for person in holders(session, Role.FINANCE, Scope())}


def staff(session: Session, campaign: Campaign) -> set[UUID]:
    """Whoever has one of the staff's roles in the campaign, everyone in finance, and who has one everywhere and acted here."""
    in_it = RoleGrant.person_id.in_(acted_in(campaign))
    came = select(RoleGrant.person_id).where(RoleGrant.role.in_(STAFF_ROLES), *EVERYWHERE, in_it)
    return {campaign.owner_id, *_holding(session, campaign, STAFF_ROLES), *finance(session), *session.scalars(came)}


def makers(session: Session, campaign: Campaign) -> set[UUID]:
    """Everyone who has made a contribution or a version in the campaign by their own word."""
    versions = (
        select(Version.made_by).join(Deliverable, Deliverable.id == Version.deliverable_id).where(Deliverable.campaign_id == campaign.id)
    )
    return {*contributors(session, campaign.id), *session.scalars(versions)}


def acted_in(campaign: Campaign) -> Select[UUID | None]:
    """Whoever has done something in the campaign; to say that one had no part in a contribution is none."""
    of_campaign = (Event.chain_id == campaign.id, Event.actor_id.is_not(None), Event.name != EventName.OPEN_CALL_NAMING_ENDED)
    return select(Event.actor_id).where(*of_campaign)


def _holding(session: Session, campaign: Campaign, roles: Collection[Role]) -> set[UUID]:
    return set(session.scalars(select(RoleGrant.person_id).where(RoleGrant.role.in_(roles), within(campaign))))

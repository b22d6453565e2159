"""A role ends, and nothing is left waiting for whoever held it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core import brand_roles, membership
from campaigns.core.campaign import Campaign
from campaigns.core.people import Actor, RoleGrant
from campaigns.core.permissions import Role
from campaigns.curation.assignments.actions import take_off_desk


def end_role(session: Session, campaign_id: UUID, role_id: UUID, *, by: Actor, at: datetime) -> RoleGrant:
    """Take back a role that someone holds in this campaign; what a curator has not judged yet goes to others."""
    ended = membership.end_role(session, campaign_id, role_id, by=by, at=at)
    if ended.role == Role.CURATOR:
        take_off_desk(session, campaign_id, ended.person_id, by=by, at=at)
    return ended


def end_brand_role(session: Session, brand_id: UUID, role_id: UUID, *, by: Actor, at: datetime) -> RoleGrant:
    """Take back a role that someone holds for a brand; what a curator of the brand's has not judged yet goes to others."""
    ended = brand_roles.end_brand_role(session, brand_id, role_id, by=by, at=at)
    if ended.role == Role.CURATOR:
        live = (Campaign.brand_id == brand_id, Campaign.done_at.is_(None), Campaign.cancelled_at.is_(None))
        for campaign_id in session.scalars(select(Campaign.id).where(*live).order_by(Campaign.id)).all():
            take_off_desk(session, campaign_id, ended.person_id, by=by, at=at)
    return ended

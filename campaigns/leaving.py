"""A role ends, and nothing is left waiting for whoever held it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core import membership
from campaigns.core.people import Actor, RoleGrant
from campaigns.core.permissions import Role
from campaigns.curation.assigning import take_off_desk


def end_role(session: Session, campaign_id: UUID, role_id: UUID, *, by: Actor, at: datetime) -> RoleGrant:
    """Take back a role that someone holds in this campaign; what a curator has not judged yet goes to others."""
    ended = membership.end_role(session, campaign_id, role_id, by=by, at=at)
    if ended.role == Role.CURATOR:
        take_off_desk(session, campaign_id, ended.person_id, by=by, at=at)
    return ended

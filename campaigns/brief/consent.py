"""Whether those whom it concerns have agreed to an installation of few people: the brand does by signing a brief that says so."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.brief.queries import written_brief
from campaigns.brief.readiness import signers_told
from campaigns.core.appointing.few_people import few_people, record_choice
from campaigns.core.campaign import Campaign
from campaigns.core.people import Actor


def agreed_to_few(session: Session, campaign_id: UUID) -> bool:
    """Whether the installation is one of few people and the campaign's brief, which is signed before it counts, says so."""
    agreed = exists().where(Brief.campaign_id == campaign_id, Brief.few_people)
    return bool(session.scalar(select(agreed))) and few_people(session)


def all_agreed_to_few(session: Session) -> bool:
    """As above, of every campaign that was ever launched: for what concerns them all."""
    not_agreed = exists().where(Campaign.launched_at.is_not(None), Brief.campaign_id == Campaign.id, ~Brief.few_people)
    return few_people(session) and not session.scalar(select(not_agreed))


def choose_few_people(session: Session, *, is_few: bool, reason: str, by: Actor, at: datetime) -> Sequence[UUID]:
    """Choose that the installation is one of few people, or that it no longer is; returns the campaigns whose brief says so from now on.

    A brief that was launched keeps its text; what was signed of another has to be signed again.
    """
    if not record_choice(session, is_few=is_few, reason=reason, by=by, at=at) or not is_few:
        return []
    open_ones = (Campaign.launched_at.is_(None), Campaign.cancelled_at.is_(None), Brief.campaign_id == Campaign.id, ~Brief.few_people)
    found = session.scalars(select(Campaign.id).where(*open_ones).order_by(Campaign.id).with_for_update(of=Campaign, key_share=True)).all()
    for campaign_id in found:
        written = written_brief(session, campaign_id)
        with signers_told(session, written, by=by, at=at):
            written.brief.few_people = True
            session.flush()
    return found

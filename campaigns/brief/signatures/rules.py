"""Whether a brief can be signed, who has signed it as it stands, and who agreed to an installation of few people."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.brief.queries import GivenSignature, WrittenBrief, sign_offs, written_brief, written_briefs
from campaigns.brief.rules import missing_fields, passed_dates, unsigned_sign_off_roles
from campaigns.core import clock, events
from campaigns.core.appointing.few_people import few_people, record_choice
from campaigns.core.campaign import Campaign
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor, RoleGrant
from campaigns.core.permissions import Role


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether all that binds is written, and whose signature holds, under which sign-off role."""

    is_complete: bool
    signed: frozenset[tuple[str, UUID]]


def readiness(session: Session, written: WrittenBrief, *, at: datetime) -> Readiness:
    """How far the brief is on its way to being signed."""
    is_complete = bool(written.deliverables) and not missing_fields(written) and not passed_dates(written, at)
    signed = sign_offs(session, [written.campaign.id]).get(written.campaign.id, [])
    return Readiness(is_complete, _held(written, signed))


def _held(written: WrittenBrief, signed: Sequence[GivenSignature]) -> frozenset[tuple[str, UUID]]:
    return frozenset((s.given.sign_off_role, s.given.person_id) for s in signed if s.holds(written))


@contextmanager
def signers_told(session: Session, written: WrittenBrief, *, by: Actor, at: datetime) -> Iterator[None]:
    """What is written in the block and makes the brief ready to sign, or voids a signature, is recorded for those who sign."""
    before, campaign_id = readiness(session, written, at=at), written.campaign.id
    yield
    after = readiness(session, written_brief(session, campaign_id), at=at)
    if after.is_complete and not before.is_complete:
        events.record(session, EventName.BRIEF_READY, by=by, at=at, campaign_id=campaign_id)
    record_what_fell(session, {campaign_id: before.signed}, {campaign_id: after.signed}, by=by, at=at)


Standing: TypeAlias = dict[UUID, frozenset[tuple[str, UUID]]]


def standing_signatures(session: Session, campaign_ids: Sequence[UUID]) -> Standing:
    """Which signatures these campaigns' briefs hold as they stand: the sign-off role and who signed, of each campaign."""
    signed = sign_offs(session, campaign_ids)
    return {
        campaign_id: _held(written, signed.get(campaign_id, [])) for campaign_id, written in written_briefs(session, campaign_ids).items()
    }


def record_what_fell(session: Session, before: Standing, after: Standing, *, by: Actor, at: datetime) -> None:
    """Record, of each campaign, the signatures that no longer stand."""
    for campaign_id, stood in before.items():
        if fallen := sorted(stood - after[campaign_id]):
            signatures = [{"hat": sign_off_role, "person": str(person_id)} for sign_off_role, person_id in fallen]
            events.record(session, EventName.BRIEF_SIGNATURES_FELL, by=by, at=at, campaign_id=campaign_id, signatures=signatures)


def still_to_sign(session: Session, written: WrittenBrief) -> dict[UUID, list[str]]:
    """Those who sign for sign-off roles that have not signed the brief as it stands, each with these sign-off roles."""
    sign_off_roles = unsigned_sign_off_roles(written, sign_offs(session, [written.campaign.id]).get(written.campaign.id, []))
    within = or_(RoleGrant.brand_id == written.brand.id, RoleGrant.campaign_id == written.campaign.id)
    reach = (RoleGrant.brand_id.is_(None) | (RoleGrant.brand_id == written.brand.id), within)
    query = select(RoleGrant.person_id, RoleGrant.sign_off_role).where(
        RoleGrant.role == Role.SIGNER.value, RoleGrant.sign_off_role.in_(sign_off_roles), *reach
    )
    query = query.where(RoleGrant.campaign_id.is_(None) | (RoleGrant.campaign_id == written.campaign.id))
    found: dict[UUID, list[str]] = {}
    for person_id, sign_off_role in session.execute(query.distinct().order_by(RoleGrant.person_id, RoleGrant.sign_off_role)):
        found.setdefault(person_id, []).append(str(sign_off_role))
    return found


def asked_to_sign(session: Session, campaign_id: UUID) -> dict[UUID, list[str]]:
    """Those whom the campaign's brief waits for to sign, each with their sign-off roles; nobody while it cannot be signed."""
    campaign = session.get_one(Campaign, campaign_id)
    if campaign.launched_at is not None or not campaign.is_live:
        return {}
    written = written_brief(session, campaign_id)
    can_be_signed = readiness(session, written, at=clock.business_now(session)).is_complete
    return still_to_sign(session, written) if can_be_signed else {}


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

"""Signatures: each sign-off role of the brand signs one text, and one changed word asks for it again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.errors import BriefChanged, UnknownSignOffRole
from campaigns.brief.models import SignOff
from campaigns.brief.queries import WrittenBrief, sign_offs
from campaigns.brief.rules import open_brief, require_complete
from campaigns.brief.terms.contents import FieldChange, changes_between
from campaigns.core import events
from campaigns.core.errors import Forbidden
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission, Role
from campaigns.core.words import _


def sign(session: Session, campaign_id: UUID, sign_off_role: str, text_hash: str, *, by: Actor, at: datetime) -> SignOff:
    """Sign, under `sign_off_role`, the text that the signer has read under `text_hash`; signing it twice leaves one signature."""
    written = open_brief(session, campaign_id, Permission.SIGN_BRIEF, by=by)
    _require_sign_off_role(written, sign_off_role, by)
    require_complete(written, at)
    if text_hash != written.hash:
        raise BriefChanged(_("The brief has changed since you read it. Read the changes and sign again."), field="hash")
    held = [
        each.given
        for each in sign_offs(session, [campaign_id]).get(campaign_id, [])
        if each.given.sign_off_role == sign_off_role and each.holds(written)
    ]
    return held[0] if held else _sign(session, written, sign_off_role, by, at)


def _require_sign_off_role(written: WrittenBrief, sign_off_role: str, by: Actor) -> None:
    sign_off_roles = written.brand.sign_off_roles
    if sign_off_role not in sign_off_roles:
        raise UnknownSignOffRole(
            _("Sign-off roles of {brand}: {sign_off_roles}.", brand=written.brand.name, sign_off_roles=", ".join(sign_off_roles) or "-"),
            field="sign_off_role",
        )
    if not by.holds(Role.SIGNER, on=written.campaign, sign_off_role=sign_off_role):
        raise Forbidden(_("You do not sign for {sign_off_role}.", sign_off_role=sign_off_role), field="sign_off_role")


def _sign(session: Session, written: WrittenBrief, sign_off_role: str, by: Actor, at: datetime) -> SignOff:
    signed = SignOff(
        campaign_id=written.campaign.id, sign_off_role=sign_off_role, person_id=by.person,
        hash=written.hash, content=written.content, signed_at=at,
    )  # fmt: skip
    session.add(signed)
    session.flush()
    events.record(session, EventName.BRIEF_SIGNED, by=by, at=at, campaign_id=written.campaign.id, hat=sign_off_role, hash=signed.hash)
    return signed


def what_changed(session: Session, written: WrittenBrief, sign_off_role: str) -> Sequence[FieldChange]:
    """What is different between the text that `sign_off_role` signed last and the brief as it stands; nothing where the signature holds."""
    signed = select(SignOff).where(SignOff.campaign_id == written.campaign.id, SignOff.sign_off_role == sign_off_role)
    last = session.scalars(signed.order_by(SignOff.id.desc()).limit(1)).one_or_none()
    return changes_between(last.content if last else {}, written.content)

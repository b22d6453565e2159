"""Signatures: each hat of the brand signs one text, and one changed word asks for it again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.actions import open_brief, require_complete
from campaigns.brief.content import Change, changes_between
from campaigns.brief.errors import BriefChanged, UnknownHat
from campaigns.brief.models import SignOff
from campaigns.brief.queries import WrittenBrief, sign_offs
from campaigns.core import events
from campaigns.core.errors import Forbidden
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission, Role
from campaigns.core.words import _


def sign(session: Session, campaign_id: UUID, hat: str, text_hash: str, *, by: Actor, at: datetime) -> SignOff:
    """Sign, under `hat`, the text that the signer has read under `text_hash`; signing it twice leaves one signature."""
    written = open_brief(session, campaign_id, Permission.SIGN_BRIEF, by=by)
    _require_hat(written, hat, by)
    require_complete(written, at)
    if text_hash != written.hash:
        raise BriefChanged(_("The brief has changed since you read it. Read the changes and sign again."), field="hash")
    held = [each.given for each in sign_offs(session, [campaign_id]).get(campaign_id, []) if each.given.hat == hat and each.holds(written)]
    return held[0] if held else _sign(session, written, hat, by, at)


def _require_hat(written: WrittenBrief, hat: str, by: Actor) -> None:
    hats = written.brand.sign_off_roles
    if hat not in hats:
        raise UnknownHat(_("Sign-off roles of {brand}: {hats}.", brand=written.brand.name, hats=", ".join(hats) or "-"), field="hat")
    if not by.holds(Role.SIGNER, on=written.campaign, hat=hat):
        raise Forbidden(_("You do not sign for {hat}.", hat=hat), field="hat")


def _sign(session: Session, written: WrittenBrief, hat: str, by: Actor, at: datetime) -> SignOff:
    signed = SignOff(
        campaign_id=written.campaign.id, hat=hat, person_id=by.person, hash=written.hash, content=written.content, signed_at=at
    )  # fmt: skip
    session.add(signed)
    session.flush()
    events.record(session, "brief.signed", by=by, at=at, campaign_id=written.campaign.id, hat=hat, hash=signed.hash)
    return signed


def what_changed(session: Session, written: WrittenBrief, hat: str) -> Sequence[Change]:
    """What is different between the text that `hat` signed last and the brief as it stands; nothing where the signature holds."""
    signed = select(SignOff).where(SignOff.campaign_id == written.campaign.id, SignOff.hat == hat)
    last = session.scalars(signed.order_by(SignOff.id.desc()).limit(1)).one_or_none()
    return changes_between(last.content if last else {}, written.content)

"""What is done with a brief as a whole: begun, written, launched, its dates moved on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from campaigns.brief.errors import CurrencyFixed, NotFunded, NotSigned
from campaigns.brief.models import DATES, Advance, Brief, Invoice, Receipt
from campaigns.brief.queries import WrittenBrief, cover, sign_offs, written_brief
from campaigns.brief.rules import open_brief, require_complete, unsigned_sign_off_roles
from campaigns.brief.signatures.rules import signers_told
from campaigns.brief.terms.checks import (
    SOUND_TOGETHER,
    BriefChanges,
    checked,
    keep_as_typed,
    require_future,
    require_payable,
    require_sound,
    require_staff,
)
from campaigns.core import events
from campaigns.core.appointing.few_people import few_people
from campaigns.core.brands import find_brand
from campaigns.core.campaign import Campaign, Pause, find_campaign
from campaigns.core.errors import Invalid
from campaigns.core.event_names import EventName
from campaigns.core.money import format_money
from campaigns.core.people import Actor, Scope
from campaigns.core.permissions import Permission, Role
from campaigns.core.role_grants import grant_role
from campaigns.core.words import _, current_locale


def create_campaign(session: Session, brand_id: UUID, title: str, *, by: Actor, at: datetime) -> Campaign:
    """Begin a partnership with an empty brief; whoever begins it is its manager."""
    brand = find_brand(session, brand_id, by=by, lock=True)
    by.require(Permission.CREATE_CAMPAIGN, on=Scope(brand_id=brand.id))
    if not title.strip():
        raise Invalid(_("A campaign needs a title."), field="title")
    campaign = Campaign(brand_id=brand.id, title=title.strip(), owner_id=by.person, created_at=at)
    session.add(campaign)
    session.flush()
    session.add(Brief(campaign_id=campaign.id, edited_at=at, few_people=few_people(session)))
    grant_role(session, by.person, Role.MANAGER, on=campaign.scope, by=by)
    events.record(session, EventName.BRIEF_CAMPAIGN_CREATED, by=by, at=at, campaign_id=campaign.id, title=campaign.title)
    return campaign


def edit_brief(session: Session, campaign_id: UUID, changes: BriefChanges, *, by: Actor, at: datetime) -> WrittenBrief:
    """Write the given fields anew; signatures given to the text as it was hold no longer."""
    written = open_brief(session, campaign_id, Permission.EDIT_BRIEF, by=by)
    new = _changed(written, checked(changes))
    if not new:
        return written
    require_future(new, at)
    require_sound({name: new.get(name, getattr(written.brief, name)) for name in SOUND_TOGETHER})
    if "staff_ids" in new:
        require_staff(session, new["staff_ids"])
    if "currency" in new:
        require_payable(new["currency"], at)
        _require_no_money(session, campaign_id)
    with signers_told(session, written, by=by, at=at):
        if "currency" in new:
            keep_as_typed(written.deliverables, written.brief.currency, new["currency"])
        _write(written, new, at)
        session.flush()
        events.record(session, EventName.BRIEF_EDITED, by=by, at=at, campaign_id=campaign_id, fields=sorted(new))
    return written_brief(session, campaign_id)


def would_change(written: WrittenBrief, changes: BriefChanges) -> bool:
    """Whether the brief would be another one with these changes; raises Invalid like `edit_brief`."""
    return bool(_changed(written, checked(changes)))


def _changed(written: WrittenBrief, given: dict[str, Any]) -> dict[str, Any]:
    """Those of the given fields that are not so already."""
    return {name: value for name, value in given.items() if value != getattr(written.campaign if name == "title" else written.brief, name)}


def _write(written: WrittenBrief, new: dict[str, Any], at: datetime) -> None:
    brief = written.brief
    for name, value in new.items():
        setattr(written.campaign if name == "title" else brief, name, value)
    brief.moved_on = {name: seconds for name, seconds in brief.moved_on.items() if name not in new}
    brief.edited_at = at


def _require_no_money(session: Session, campaign_id: UUID) -> None:
    asked = exists(select(Invoice.id).where(Invoice.campaign_id == campaign_id, Invoice.state.not_in(["void", "refused"])))
    come = (exists(select(money.id).where(money.campaign_id == campaign_id)) for money in (Receipt, Advance))
    if any(session.scalars(select(found)).one() for found in (asked, *come)):
        raise CurrencyFixed(_("Money has been requested or received in this currency, so it can no longer change."), field="currency")


def launch(session: Session, campaign_id: UUID, *, by: Actor, at: datetime) -> Campaign:
    """Open the call to everyone: complete, signed by every sign-off role as it stands, and funded. Launching twice launches once."""
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(Permission.LAUNCH, on=campaign)
    if campaign.launched_at is not None and campaign.is_live:
        return campaign
    written = open_brief(session, campaign_id, Permission.LAUNCH, by=by)
    require_complete(written, at)
    require_staff(session, written.brief.staff_ids)
    _require_signed(session, written)
    _require_funded(session, written)
    campaign.launched_at, written.brief.brand_name = at, written.brand.name
    budget = written.budget
    events.record(
        session, EventName.BRIEF_LAUNCHED, by=by, at=at, campaign_id=campaign.id,
        hash=written.hash, pool=budget.pool, fee=budget.fee, reserve=budget.reserve, currency=budget.currency,
    )  # fmt: skip
    return campaign


def _require_signed(session: Session, written: WrittenBrief) -> None:
    signed = sign_offs(session, [written.campaign.id]).get(written.campaign.id, [])
    if sign_off_roles := unsigned_sign_off_roles(written, signed):
        raise NotSigned(
            _("The current brief has not been signed by {sign_off_roles} yet.", sign_off_roles=", ".join(sign_off_roles)),
            field="signatures",
        )


def _require_funded(session: Session, written: WrittenBrief) -> None:
    covered = cover(session, written)
    if covered.uncovered and not covered.missing:
        taken = format_money(covered.uncovered, covered.budget.currency, current_locale())
        sentence = _("A bank has taken {taken} back. Launch once the dispute is won or the brand has paid again.", taken=taken)
        raise NotFunded(sentence, field="funding")
    if not covered.is_funded:
        missing = format_money(covered.missing, covered.budget.currency, current_locale())
        sentence = _("{missing} is still outstanding. Send an invoice, confirm a receipt or have an advance approved.", missing=missing)
        raise NotFunded(sentence, field="funding")


def shift_dates(session: Session, campaign: Campaign, pause: Pause) -> None:
    """Move every date of the brief that lay ahead on by the pause; the text that was signed stays signed."""
    brief = session.get_one(Brief, campaign.id)
    # Whoever edits a brief has all of its dates before them: all count as set at that moment.
    by = pause.left_at(brief.edited_at)
    ahead = [name for name in DATES if (planned := getattr(brief, name)) and planned > pause.began]
    for name in ahead:
        move_date(brief, name, getattr(brief, name) + by)


def move_date(brief: Brief, name: str, to: datetime) -> None:
    """Move a date of the brief that everyone was told moves; the text that was signed stays signed."""
    added = (to - getattr(brief, name)).total_seconds()
    brief.moved_on = brief.moved_on | {name: brief.moved_on.get(name, 0) + added}
    setattr(brief, name, to)

"""When a brief's gate opens: launched by its manager, once it is complete, signed and funded."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from campaigns.brief.budgets import Cover
from campaigns.brief.errors import BriefClosed, BriefIncomplete, DateInThePast, NoDeliverable
from campaigns.brief.models import DATES
from campaigns.brief.queries import GivenSignature, WrittenBrief, covers, sign_offs, written_brief, written_briefs
from campaigns.brief.terms.labels import labels
from campaigns.core.blockers import ActionCode, Blocker, BlockerCode
from campaigns.core.campaign import Deliverable, find_campaign
from campaigns.core.db import given
from campaigns.core.people import Actor, Person, RoleGrant
from campaigns.core.permissions import Permission, Role
from campaigns.core.words import _

APPOINT = ""  # beside the sign-off roles, which are never empty
REQUIRED = ("story", "asked_for", *DATES)


def blockers(session: Session, deliverables: Sequence[Deliverable], *, at: datetime) -> dict[UUID, list[Blocker]]:
    """What each of these deliverables still waits for in the brief; the same for all deliverables of one campaign."""
    waiting = waits(session, list({t.campaign_id for t in deliverables}), at=at)
    return {t.id: waiting[t.campaign_id] for t in deliverables}


def waits(session: Session, campaign_ids: Sequence[UUID], *, at: datetime) -> dict[UUID, list[Blocker]]:
    """What each of these campaigns' briefs still waits for, in a fixed number of queries; nothing once it is launched."""
    written = written_briefs(session, campaign_ids)
    waiting = [w for w in written.values() if w.campaign.launched_at is None]
    covered, signed, signers = covers(session, waiting), sign_offs(session, campaign_ids), _signers(session, waiting)
    found: dict[UUID, list[Blocker]] = {campaign_id: [] for campaign_id in campaign_ids}
    for w in waiting:
        key = w.campaign.id
        found[key] = [
            *_unwritten(w, at),
            *_unsigned(w, signed.get(key, []), signers.get(key, {})),
            *_uncovered(w, covered[key]),
            _unlaunched(w),
        ]
    return found


def missing_fields(written: WrittenBrief) -> list[str]:
    """What must be written before anyone can sign and is not."""
    return [name for name in REQUIRED if not getattr(written.brief, name)]


def passed_dates(written: WrittenBrief, at: datetime) -> list[str]:
    """The dates that have gone by."""
    return [name for name in DATES if (planned := getattr(written.brief, name)) and planned <= at]


def unsigned_sign_off_roles(written: WrittenBrief, signed: Sequence[GivenSignature]) -> list[str]:
    """The sign-off roles that the brand asks for and that have not signed the brief as it stands; of one that is launched, none."""
    if written.campaign.launched_at is not None:
        return []
    holding = {s.given.sign_off_role for s in signed if s.holds(written)}
    return [sign_off_role for sign_off_role in written.brand.sign_off_roles if sign_off_role not in holding]


def _unlaunched(written: WrittenBrief) -> Blocker:
    message, since, due = _("Waiting for the partnership manager to launch."), written.brief.edited_at, written.brief.call_closes_at
    return Blocker(BlockerCode.NOT_LAUNCHED, message, since, due)


def _unwritten(written: WrittenBrief, at: datetime) -> Iterator[Blocker]:
    since = written.brief.edited_at
    if not written.deliverables:
        yield Blocker(BlockerCode.DELIVERABLE_MISSING, _("The brief has no deliverables yet. Add at least one."), since)
    if lacking := missing_fields(written):
        message = _("The brief is incomplete. Missing: {fields}.", fields=labels(lacking))
        yield Blocker(BlockerCode.BRIEF_INCOMPLETE, message, since, params={"fields": lacking})
    if passed := passed_dates(written, at):
        message = _("The brief has dates in the past: {fields}.", fields=labels(passed))
        yield Blocker(BlockerCode.DATE_PASSED, message, since, params={"fields": passed})


def _unsigned(written: WrittenBrief, signed: Sequence[GivenSignature], signers: dict[str, list[str]]) -> Iterator[Blocker]:
    for sign_off_role in unsigned_sign_off_roles(written, signed):
        names, since = signers.get(sign_off_role, []), written.brief.edited_at
        if names:
            message = _(
                "Waiting for {names} to sign for {sign_off_role}.", sign_off_role=sign_off_role.capitalize(), names=", ".join(names)
            )
            yield Blocker(BlockerCode.UNSIGNED, message, since, params={"sign_off_role": sign_off_role, "who": names})
        else:
            yield _unappointed(sign_off_role, written.brand.name, signers.get(APPOINT, []), since)


def _unappointed(sign_off_role: str, brand: str, administrators: Sequence[str], since: datetime) -> Blocker:
    """Nobody signs under this sign-off role: whoever appoints for the brand names someone, or somebody is asked to appoint."""
    if administrators:
        message = _(
            "Nobody signs for {sign_off_role} yet. {names} can appoint someone.",
            sign_off_role=sign_off_role,
            names=", ".join(administrators),
        )
        return Blocker(
            BlockerCode.UNSIGNED,
            message,
            since,
            params={"sign_off_role": sign_off_role, "who": list(administrators)},
            instead=ActionCode.APPOINT,
        )
    message = _(
        "Nobody signs for {sign_off_role} yet or can appoint someone. Ask {brand} for an administrator.",
        sign_off_role=sign_off_role,
        brand=brand,
    )
    return Blocker(
        BlockerCode.UNSIGNED, message, since, params={"sign_off_role": sign_off_role, "who": []}, instead=ActionCode.ASK_ADMINISTRATOR
    )


def _uncovered(written: WrittenBrief, cover: Cover) -> Iterator[Blocker]:
    if cover.is_funded:
        return
    # Everyone in the campaign reads what it waits for; the sums are for those who may see the brief.
    message = _("The budget is not fully covered yet.")
    params = {"missing": cover.missing, "total": cover.budget.total, "currency": cover.budget.currency}
    yield Blocker(BlockerCode.UNCOVERED, message, written.brief.edited_at, params=params)


def _signers(session: Session, written: Sequence[WrittenBrief]) -> dict[UUID, dict[str, list[str]]]:
    """Who can sign for each sign-off role of each campaign and, under APPOINT, who can name somebody."""
    ids = [w.brand.id for w in written] + [w.campaign.id for w in written]
    grants = [(grant, name) for grant, name in session.execute(_signing(), {"ids": ids})]
    return {
        w.campaign.id: {sign_off_role: _names_for(sign_off_role, w, grants) for sign_off_role in (*w.brand.sign_off_roles, APPOINT)}
        for w in written
    }


@lru_cache
def _signing() -> Select[RoleGrant, str]:
    query = select(RoleGrant, Person.name).join(Person, Person.id == RoleGrant.person_id)
    within = or_(given(RoleGrant.brand_id), given(RoleGrant.campaign_id))
    return query.where(RoleGrant.role.in_([Role.SIGNER.value, Role.BRAND_ADMINISTRATOR.value]), within).order_by(Person.name)


def _names_for(sign_off_role: str, written: WrittenBrief, grants: Sequence[tuple[RoleGrant, str]]) -> list[str]:
    reach = (written.brand.id, written.campaign.id)
    fitting = [
        name
        for g, name in grants
        if (g.sign_off_role or APPOINT) == sign_off_role and g.brand_id in (None, reach[0]) and g.campaign_id in (None, reach[1])
    ]
    return list(dict.fromkeys(fitting))


def open_brief(session: Session, campaign_id: UUID, permission: Permission, *, by: Actor) -> WrittenBrief:
    """The locked brief of a campaign that is not launched yet, for whoever holds `permission`; raises BriefClosed."""
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(permission, on=campaign)
    if campaign.launched_at is not None:
        raise BriefClosed(_("The brief has been launched and is binding. Only its dates can still be extended, for everyone."))
    if not campaign.is_live:
        raise BriefClosed(_("The campaign has ended and can no longer be changed."))
    return written_brief(session, campaign_id)


def require_complete(written: WrittenBrief, at: datetime) -> None:
    """Raise NoDeliverable, BriefIncomplete or DateInThePast where something that binds is missing or has gone by."""
    if not written.deliverables:
        raise NoDeliverable(_("The brief has no deliverables yet. Add at least one, with its price."), field="deliverables")
    if lacking := missing_fields(written):
        raise BriefIncomplete(_("The brief is incomplete. Missing: {fields}.", fields=labels(lacking)), field=lacking[0])
    if passed := passed_dates(written, at):
        raise DateInThePast(_("This date is in the past. Choose a future date."), field=passed[0])

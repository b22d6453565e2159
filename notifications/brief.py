"""The emails of the brief."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief, Refund, RefundPart
from campaigns.brief.queries import written_brief
from campaigns.brief.signatures.rules import asked_to_sign, readiness
from campaigns.core import clock
from campaigns.core.campaign import Campaign
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.core.permissions import Role
from campaigns.core.role_grants import holders
from notifications.audiences import brand_people
from notifications.lifecycle import is_live
from notifications.notification import COMMUNITY, EmailDraft, notification


def _still_open(session: Session, fact: Event) -> bool:
    """Whether who reads of the call can still answer it."""
    closes_at = session.get_one(Brief, fact.campaign_id).call_closes_at
    return is_live(session, fact) and closes_at is not None and clock.business_now(session) < closes_at


@notification(
    stage="brief", on=EventName.BRIEF_LAUNCHED, announcement=True, still_true=_still_open,
    sample={
        "path": "/campaigns/0199a1b2", "brand": "Zappos", "pool": 5_000_000, "currency": "USD",
        "closes_at": "2026-11-30T23:59:00-08:00", "zone": "America/Los_Angeles",
        "asked_for": "Stories, pictures, songs and films about a tradition of yours.",
        "deliverables": ["Holiday film", "Holiday card", "Holiday song"],
    },
)  # fmt: skip
def launch(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Everyone learns of a new call, the money first."""
    written = written_brief(session, session.get_one(Campaign, fact.campaign_id).id)
    yield EmailDraft(
        COMMUNITY, path=f"/campaigns/{fact.campaign_id}", brand=written.brand.name,
        pool=written.budget.pool, currency=written.brief.currency,
        closes_at=written.brief.call_closes_at, zone=written.brief.time_zone, asked_for=written.brief.asked_for,
        deliverables=[d.title for d in written.deliverables],
    )  # fmt: skip


SIGN = {"path": "/campaigns/0199a1b2/brief/sign", "sign_off_roles": ["legal", "marketing"]}


def _can_be_signed(session: Session, fact: Event) -> bool:
    """Whether the brief still waits for signatures, and can be signed."""
    return bool(fact.campaign_id and asked_to_sign(session, fact.campaign_id))


@notification(stage="brief", on=EventName.BRIEF_READY, still_true=_can_be_signed, sample=SIGN)
def brief_ready(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever signs for the brand learns that the brief can be read and signed."""
    campaign = session.get_one(Campaign, fact.campaign_id)
    for person_id, sign_off_roles in asked_to_sign(session, campaign.id).items():
        yield EmailDraft(person_id, path=f"/campaigns/{campaign.id}/brief/sign", sign_off_roles=sign_off_roles)


def _lost(session: Session, fact: Event) -> dict[UUID, list[str]]:
    """Whose signature fell and does not hold again, with the sign-off roles that they signed for."""
    campaign = session.get_one(Campaign, fact.campaign_id)
    if campaign.launched_at is not None or not campaign.is_live:
        return {}
    held = readiness(session, written_brief(session, campaign.id), at=clock.business_now(session)).signed
    lost: dict[UUID, list[str]] = {}
    for signed in fact.facts["signatures"]:
        if not any(sign_off_role == signed["hat"] for sign_off_role, _person_id in held):
            lost.setdefault(UUID(signed["person"]), []).append(signed["hat"])
    return lost


def _is_unsigned(session: Session, fact: Event) -> bool:
    """Whether a signature that fell is still missing."""
    return bool(_lost(session, fact))


@notification(stage="brief", on=EventName.BRIEF_SIGNATURES_FELL, still_true=_is_unsigned, sample=SIGN | {"by": "Mara Okafor"})
def signature_fell(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever had signed learns that the brief has changed since, so that their signature does not hold."""
    for person_id, sign_off_roles in _lost(session, fact).items():
        yield EmailDraft(person_id, path=f"/campaigns/{fact.campaign_id}/brief/sign", sign_off_roles=sign_off_roles, by=fact.actor_name)


@notification(
    stage="brief", on=EventName.BRIEF_REFUND_BY_HAND_DUE,
    sample={"path": "/campaigns/0199a1b2/funding/refunds/0199a1b3", "amount": 200_000, "currency": "USD", "reason": "It was paid by wire."},
)  # fmt: skip
def refund_by_hand(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Finance learns that a refund, or a part of one, must be sent from our bank account."""
    campaign, part = session.get_one(Campaign, fact.campaign_id), fact.facts["part"]
    for person in holders(session, Role.FINANCE, campaign.scope):
        yield EmailDraft(
            person.id, path=f"/campaigns/{campaign.id}/funding/refunds/{part}", amount=fact.facts["amount"],
            currency=fact.facts["currency"], reason=fact.reason,
        )  # fmt: skip


def _is_asked(session: Session, fact: Event) -> bool:
    return session.get_one(RefundPart, UUID(fact.facts["part"])).state == "asked"


@notification(
    stage="brief", on=EventName.BRIEF_REFUND_ASKED, still_true=_is_asked,
    sample={
        "path": "/campaigns/0199a1b2/funding", "amount": 200_000, "currency": "USD", "asked_of": "billing@zappos.example",
        "until": "2027-01-15T09:00:00+00:00", "is_last": False,
    },
)  # fmt: skip
def refund_asked(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """The brand's people and finance learn that Stripe asked the brand for the bank account that a refund goes to, and until when."""
    campaign, part = session.get_one(Campaign, fact.campaign_id), session.get_one(RefundPart, UUID(fact.facts["part"]))
    told = brand_people(session, campaign) | {person.id for person in holders(session, Role.FINANCE, campaign.scope)}
    for person_id in sorted(told):
        yield EmailDraft(
            person_id, path=f"/campaigns/{campaign.id}/funding", amount=fact.facts["amount"], currency=fact.facts["currency"],
            asked_of=part.asked_of, until=datetime.fromisoformat(fact.facts["until"]), is_last=part.is_asked_last,
        )  # fmt: skip


def _is_stuck(session: Session, fact: Event) -> bool:
    return session.get_one(RefundPart, UUID(fact.facts["part"])).state == "stuck"


@notification(
    stage="brief", on=EventName.BRIEF_REFUND_STUCK, still_true=_is_stuck,
    sample={"path": "/campaigns/0199a1b2/funding", "amount": 200_000, "currency": "USD", "reason": "balance_insufficient"},
)  # fmt: skip
def refund_stuck(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Finance learns that Stripe does not send on what lies on a brand's balance there, and has it tried again or sends it itself."""
    campaign = session.get_one(Campaign, fact.campaign_id)
    for person in holders(session, Role.FINANCE, campaign.scope):
        yield EmailDraft(
            person.id, path=f"/campaigns/{campaign.id}/funding", amount=fact.facts["amount"], currency=fact.facts["currency"],
            reason=fact.reason,
        )  # fmt: skip


@notification(
    stage="brief", on=EventName.BRIEF_REFUND_SCHEDULED,
    sample={
        "path": "/campaigns/0199a1b2", "amount": 330_000, "currency": "USD", "by_hand": 0,
        "reason": "The campaign is done; what was held in reserve goes back.",
    },
)  # fmt: skip
def refund_promised(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """The brand's people learn of a refund; that of a cancellation stands in the emails about it."""
    campaign, refund = session.get_one(Campaign, fact.campaign_id), session.get_one(Refund, UUID(fact.facts["refund"]))
    if not refund.amount or refund.key.startswith(("cancelled:", "settled:")):
        return
    parts = select(func.coalesce(func.sum(RefundPart.amount), 0)).where(RefundPart.refund_id == refund.id, RefundPart.payment_id.is_(None))
    by_hand = int(session.scalars(parts).one())
    for person_id in sorted(brand_people(session, campaign)):
        yield EmailDraft(
            person_id, path=f"/campaigns/{campaign.id}", amount=refund.amount, currency=refund.currency,
            by_hand=by_hand, reason=refund.reason,
        )  # fmt: skip

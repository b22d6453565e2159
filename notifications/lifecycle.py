"""The emails about a partnership as a whole: paused, resumed, and a word to whom it waits for."""

from collections.abc import Iterable
from datetime import timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, union
from sqlalchemy.orm import Session

from campaigns.client_delivery.deliveries import BRANDS
from campaigns.core import clock
from campaigns.core.campaign import Campaign
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.core.people import RoleGrant
from campaigns.digest import CampaignDigest, where_things_stand
from campaigns.oversight.gates import Gate, gates
from notifications.audiences import acted_in, within
from notifications.notification import EmailDraft, notification

WORDS_OF_PAUSE = (EventName.CAMPAIGN_PAUSED, EventName.CAMPAIGN_RESUMED, EventName.CAMPAIGN_CANCELLED)
# What some of them were reminded of is called something else since; the fact keeps the word of its day.
FORMER_GATES = {
    "no_cut": "no_version",
    **{f"works_{code}": f"contributions_{code}" for code in ("unscreened", "arriving", "unshowable", "barred")},
    "finalisation": "finalization",
}
REASON = "The brand has moved its photo shoot to January; we wait for the new date."


def is_live(session: Session, fact: Event) -> bool:
    """Whether the fact's campaign still goes on."""
    return session.get_one(Campaign, fact.campaign_id).is_live


def _is_last_word(session: Session, fact: Event) -> bool:
    """Whether the campaign has neither gone on, stopped again nor ended since."""
    later = exists().where(Event.chain_id == fact.chain_id, Event.number > fact.number, Event.name.in_(WORDS_OF_PAUSE))
    return not session.scalar(select(later))


@notification(
    stage="lifecycle", on=EventName.CAMPAIGN_PAUSED, through_pause=True, still_true=_is_last_word,
    sample={"path": "/campaigns/0199a1b2", "reason": REASON},
)  # fmt: skip
def paused(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Everyone in the campaign learns that its clocks stand still, and why."""
    for person_id in everyone_in(session, fact):
        yield EmailDraft(person_id, path=f"/campaigns/{fact.campaign_id}", reason=fact.reason)


@notification(stage="lifecycle", on=EventName.CAMPAIGN_RESUMED, still_true=_is_last_word, sample={"path": "/campaigns/0199a1b2", "days": 9})
def resumed(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Everyone in the campaign learns that it goes on, and how far its dates have moved."""
    days = ceil(timedelta(seconds=fact.facts["seconds"]) / timedelta(days=1))
    for person_id in everyone_in(session, fact):
        yield EmailDraft(person_id, path=f"/campaigns/{fact.campaign_id}", days=days)


def _still_waits(session: Session, fact: Event) -> bool:
    """Whether the campaign still waits there."""
    return _gate(session, fact) is not None


@notification(
    stage="lifecycle", on=EventName.CAMPAIGN_REMINDED, still_true=_still_waits,
    sample={
        "path": "/campaigns/0199a1b2/brief/sign", "asked_by": "Mara Okafor",
        "waits": ["Waiting for Yuki Tanabe to sign for Legal."],
    },
)  # fmt: skip
def reminded(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever is waited for is reminded of what they are waited for, and where it is done."""
    gate = _gate(session, fact)
    if gate is None:
        return
    path = gate.act.of(gate.campaign_id) if gate.act else f"/campaigns/{gate.campaign_id}"
    waits = [blocker.message for blocker, _deliverables in gate.waits]
    for person_id in fact.facts["people"]:
        yield EmailDraft(UUID(person_id), path=path, asked_by=fact.actor_name, waits=waits)


def _gate(session: Session, fact: Event) -> Gate | None:
    campaign = session.get_one(Campaign, fact.campaign_id)
    waiting = gates(session, campaign, at=clock.business_now(session))
    key = FORMER_GATES.get(fact.facts["gate"], fact.facts["gate"])
    return next((gate for gate in waiting if gate.key == key), None)


SAMPLE_WEEK = {
    "title": "Holiday traditions, retold", "brand": "Zappos", "paused": False, "go_live_at": "2026-12-14T17:00:00+00:00",
    "for_brand": ["Holiday film: Waiting for the brand to decide on version 2."], "for_others": ["Holiday card: Waiting for version 1."],
}  # fmt: skip


@notification(
    stage="lifecycle", on=EventName.BRAND_WEEK_BEGAN, digest=True,
    sample={"path": "/deliveries", "sees_deliveries": True, "campaigns": [SAMPLE_WEEK]},
)  # fmt: skip
def monday(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Each of a brand's people learns on Monday where their campaigns stand; whoever has none in play gets no email."""
    standing = where_things_stand(session, [UUID(person_id) for person_id in fact.facts["people"]], at=fact.at)
    held = select(RoleGrant.person_id).where(RoleGrant.role.in_(BRANDS), RoleGrant.person_id.in_(standing))
    see_deliveries = set(session.scalars(held))
    for person_id, told in standing.items():
        if told:
            sees, week = person_id in see_deliveries, [_of_week(each) for each in told]
            yield EmailDraft(person_id, path="/deliveries" if sees else "/brands", sees_deliveries=sees, campaigns=week)


def _of_week(told: CampaignDigest) -> dict[str, Any]:
    return {
        "title": told.campaign.title, "brand": told.brand, "paused": told.campaign.paused_at is not None, "go_live_at": told.go_live_at,
        "for_brand": [f"{deliverable.title}: {wait.message}" for deliverable, wait in told.for_brand],
        "for_others": [f"{deliverable.title}: {wait.message}" for deliverable, wait in told.for_others],
    }  # fmt: skip


def everyone_in(session: Session, fact: Event) -> Iterable[UUID]:
    """Its owner, everyone with a role in it, and everyone who has done something in it, but not who did this."""
    campaign = session.get_one(Campaign, fact.campaign_id)
    held = select(RoleGrant.person_id).where(within(campaign))
    everyone = {campaign.owner_id, *session.scalars(union(acted_in(campaign), held))}
    return sorted(everyone - {fact.actor_id})

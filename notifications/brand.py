"""The emails by which a brand's people keep watch over who speaks in its name."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from campaigns.core.administrators import AdministratorRequest, alike, is_open, make_confirmation
from campaigns.core.brand_roles import others_of
from campaigns.core.campaign import Campaign
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.core.names import fault_of_name
from campaigns.core.people import Brand, Person, RoleGrant
from campaigns.core.permissions import BRAND_ROLES, Role
from campaigns.core.role_grants import PLATFORM, holders
from notifications.notification import EmailDraft, notification


def _still_asked(session: Session, fact: Event) -> bool:
    """Whether the request still waits for its confirmation."""
    asked = session.get(AdministratorRequest, UUID(fact.facts["request"]))
    return asked is not None and is_open(asked)


@notification(
    stage="access", on=EventName.BRAND_ADMINISTRATOR_ASKED, secret=True, still_true=_still_asked,
    sample={
        "path": "/administrators/Zk3v9sQ1mXw7", "by": "Mara Okafor", "name": "Ada Okoye", "email": "ada@zappos.example", "brand": "Zappos",
        "alike": ["ada+bills@zappos.example", "ada@zappos.example"],
    },
)  # fmt: skip
def administrator_asked(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """The brand's billing address is asked to confirm an administrator; the link's secret is made here and kept nowhere else."""
    asked = session.get_one(AdministratorRequest, UUID(fact.facts["request"]))
    if secret := make_confirmation(session, asked.id):
        yield EmailDraft(
            asked.confirmer_id, path=f"/administrators/{secret}", by=fact.actor_name, alike=alike(session, asked), **_about(session, fact)
        )


@notification(
    stage="access", on=EventName.BRAND_ADMINISTRATOR_ASKED, still_true=_still_asked,
    sample={
        "path": "/brands/0199a1b2/people", "by": "Mara Okafor", "name": "Ada Okoye", "email": "ada@zappos.example", "brand": "Zappos",
        "alike": ["ada+bills@zappos.example", "ada@zappos.example"],
    },
)  # fmt: skip
def administrator_named(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever speaks for the brand already learns that another administrator is asked for."""
    asked = session.get_one(AdministratorRequest, UUID(fact.facts["request"]))
    but = {fact.actor_id, asked.person_id, asked.confirmer_id}
    yield from _to_others(session, fact, but, alike=alike(session, asked), **_about(session, fact))


def _still_theirs(session: Session, fact: Event) -> bool:
    """Whether the role, of one of the brand's own people, was not taken back meanwhile."""
    held = (RoleGrant.person_id == UUID(fact.facts["person"]), RoleGrant.role == fact.facts["role"])
    return fact.facts["role"] in BRAND_ROLES and bool(session.scalar(select(exists().where(*held))))


@notification(
    stage="access", on=EventName.PEOPLE_ROLE_GRANTED, still_true=_still_theirs,
    sample={
        "path": "/brands/0199a1b2/people", "by": "Ada Okoye", "name": "Yuki Tanabe", "email": "yuki@zappos.example", "brand": "Zappos",
        "role": "signer",
    },
)  # fmt: skip
def colleague_appointed(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever else speaks for the brand learns of each new one at once, and can have it ended."""
    if fact.facts["role"] not in BRAND_ROLES:
        return
    told = {fact.actor_id, UUID(fact.facts["person"])}
    yield from _to_others(session, fact, told, role=fact.facts["role"], **_about(session, fact))


@notification(
    stage="access", on=EventName.BRAND_CHANGED,
    sample={"path": "/brands/0199a1b2/people", "by": "Mara Okafor", "brand": "Zappos", "fields": ["name", "billing_email"]},
)  # fmt: skip
def brand_changed(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever speaks for the brand learns what was changed."""
    about = {"by": fact.actor_name, "brand": fact.facts["title"], "fields": fact.facts["fields"]}
    for person_id in others_of(session, UUID(fact.facts["brand"]), but={fact.actor_id}):
        yield EmailDraft(person_id, path=f"/brands/{fact.facts['brand']}/people", **about)


@notification(
    stage="access", on=EventName.BRAND_CHANGED, neutral=True,
    sample={"path": "/brands/0199a1b2/billing", "by": "Mara Okafor", "brand": "Zappos", "may_object": True},
)  # fmt: skip
def billing_changed(session: Session, fact: Event) -> Iterable[EmailDraft]:  # noqa: ARG001 - every notification is asked alike
    """Whoever read the brand's billing email learns that it was changed, by whom, and where to object; signed in before or not."""
    may_object = fact.facts.get("may_object")
    told = {each for each in (fact.facts.get("was_billed"), may_object) if each} - {str(fact.actor_id)}
    for each in sorted(told):
        path = f"/brands/{fact.facts['brand']}/billing" if each == may_object else None
        by, brand = (name if fault_of_name(name) is None else None for name in (fact.actor_name, fact.facts["title"]))
        yield EmailDraft(UUID(each), path=path, by=by, brand=brand, may_object=path is not None)


@notification(
    stage="access", on=EventName.BRAND_BILLING_OBJECTED,
    sample={"path": "/brands/0199a1b2/people", "by": "Denise Calloway", "brand": "Zappos"},
)  # fmt: skip
def billing_objected(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """The operators, and whoever speaks for the brand, learn that somebody tried to change its billing email against its reader's will."""
    brand = UUID(fact.facts["brand"])
    operators = {each.id for each in holders(session, Role.OPERATOR, PLATFORM)}
    for person_id in sorted((operators | set(others_of(session, brand, but=set()))) - {fact.actor_id}):
        yield EmailDraft(person_id, path=f"/brands/{brand}/people", by=fact.actor_name, brand=fact.facts["title"])


@notification(
    stage="access", on=EventName.BRAND_MERGED,
    sample={"path": "/brands/0199a1b2/people", "by": "Mara Okafor", "brand": "Zappos", "was": "Zappos Retail"},
)  # fmt: skip
def brand_merged(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever speaks for the brand learns that another entry of it was merged into it."""
    brand = UUID(fact.facts["brand"])
    for person_id in others_of(session, brand, but={fact.actor_id}):
        yield EmailDraft(person_id, path=f"/brands/{brand}/people", by=fact.actor_name, brand=fact.facts["title"], was=fact.facts["was"])


def _to_others(session: Session, fact: Event, but: set[UUID | None], **about: Any) -> Iterable[EmailDraft]:
    brand = _brand_of(session, fact)
    for person_id in others_of(session, brand, but=but):
        yield EmailDraft(person_id, path=f"/brands/{brand}/people", by=fact.actor_name, **about)


def _about(session: Session, fact: Event) -> dict[str, Any]:
    person = session.get_one(Person, UUID(fact.facts["person"]))
    return {"name": person.name, "email": person.email, "brand": session.get_one(Brand, _brand_of(session, fact)).name}


def _brand_of(session: Session, fact: Event) -> UUID:
    """The brand that the fact concerns, by itself or through its campaign."""
    named = fact.facts.get("brand")
    return UUID(named) if named else session.get_one(Campaign, fact.campaign_id).brand_id

"""The emails that let people in."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from campaigns.brief.signatures.rules import asked_to_sign
from campaigns.core import access
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.core.people import Brand, RoleGrant, Scope
from campaigns.core.permissions import Role
from campaigns.core.role_grants import holders
from notifications.notification import EmailDraft, notification

ANCHORED = {
    "path": "/status/security", "since": "2026-11-29T06:00:00+00:00", "length": 1204, "hash": "9f86d081884c7d65" * 4,
    "signature": "2c26b46b68ffc68f" * 4, "door": {"signed_in": 14, "sign_in_failed": 3, "money_refused": 1},
}  # fmt: skip
BROKEN = {
    "path": "/status/security", "loss": "cut", "file": "/var/lib/callboard/anchors.jsonl", "lines": 31, "last": "2026-11-29T06:00:00+00:00",
    "signature": "2c26b46b68ffc68f" * 4,
}  # fmt: skip
TOKEN = {
    "path": "/me/sessions#programs", "prefix": "3fa9c2d1", "scopes": ["open_call", "collaboration"], "ends": "2027-02-27T06:00:00+00:00",
    "token": "Import script",  # nosec B105  # what it is called
}  # fmt: skip


@notification(
    stage="access", on=EventName.ACCESS_LINK_ASKED, through_pause=True, secret=True, neutral=True, sample={"path": "/sign-in/Zk3v9sQ1mXw7"}
)
def sign_in(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever asked for a link gets one; its secret is made here and kept nowhere else."""
    person_id = UUID(fact.facts["person"])
    yield EmailDraft(person_id, path=f"/sign-in/{access.make_link(session, person_id, request_id=fact.id)}")


@notification(
    stage="access",
    on=EventName.ACCESS_FACTOR_ADDED,
    sample={"path": "/me/sign-in", "kind": "passkey", "counts_from": "2026-11-05T09:00:00+00:00"},
)
def factor_added(session: Session, fact: Event) -> Iterable[EmailDraft]:  # noqa: ARG001 - every notification is asked alike
    """Whoever can sign in or confirm in a further way learns of it, and from when on it counts, in case it was not them."""
    yield EmailDraft(UUID(fact.facts["person"]), path="/me/sign-in", kind=fact.facts["kind"], counts_from=fact.facts.get("counts_from"))


@notification(stage="access", on=EventName.ACCESS_FACTOR_REMOVED, sample={"path": "/me/sign-in", "kind": "code_app"})
def factor_removed(session: Session, fact: Event) -> Iterable[EmailDraft]:  # noqa: ARG001 - every notification is asked alike
    """Whoever lost a way to sign in or confirm learns of it, in case it was not them."""
    yield EmailDraft(UUID(fact.facts["person"]), path="/me/sign-in", kind=fact.facts["kind"])


@notification(stage="access", on=EventName.ACCESS_TOKEN_CREATED, sample=TOKEN)
def token_created(session: Session, fact: Event) -> Iterable[EmailDraft]:  # noqa: ARG001 - every notification is asked alike
    """Whoever has a new token learns of it, in case they did not make it."""
    told = {name: fact.facts[name] for name in ("token", "prefix", "scopes", "ends")}
    yield EmailDraft(UUID(fact.facts["person"]), path="/me/sessions#programs", **told)


@notification(stage="access", on=EventName.INSTALLATION_ANCHORED, digest=True, sample=ANCHORED)
def anchored(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Every operator has, once a day, where the chains stood in a mailbox of their own, and what happened at the door."""
    told = {name: fact.facts[name] for name in ("since", "signature", "length", "hash", "door")}
    for operator in holders(session, Role.OPERATOR, Scope()):
        yield EmailDraft(operator.id, path="/status/security", **told)


@notification(stage="access", on=EventName.INSTALLATION_ANCHORS_BROKEN, sample=BROKEN)
def anchors_broken(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Every operator learns that the file of anchors was not as it had been written, and what was written last."""
    told = {name: fact.facts.get(name) for name in ("loss", "file", "lines", "last", "signature")}
    for operator in holders(session, Role.OPERATOR, Scope()):
        yield EmailDraft(operator.id, path="/status/security", **told)


def _still_held(session: Session, fact: Event) -> bool:
    """Whether the role was not taken back meanwhile."""
    held = (RoleGrant.person_id == UUID(fact.facts["person"]), RoleGrant.role == fact.facts["role"])
    within = RoleGrant.campaign_id.is_not_distinct_from(fact.campaign_id)
    return bool(session.scalar(select(exists().where(*held, within))))


@notification(
    stage="access", on=EventName.PEOPLE_ROLE_GRANTED, still_true=_still_held,
    sample={
        "path": "/campaigns/0199a1b2/brief/sign", "by": "Mara Okafor", "role": "signer", "brand": "Zappos", "sign_off_roles": ["legal"],
    },
)  # fmt: skip
def invited(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever was given a role by someone else learns of it, and of what waits for their signature already."""
    person_id, role, brand = UUID(fact.facts["person"]), fact.facts["role"], fact.facts.get("brand")
    if person_id == fact.actor_id:
        return
    asked = asked_to_sign(session, fact.campaign_id) if fact.campaign_id and role == Role.SIGNER else {}
    sign_off_roles = asked.get(person_id, [])
    place = f"/campaigns/{fact.campaign_id}" if fact.campaign_id else "/"
    named = session.get_one(Brand, UUID(brand)).name if brand else None
    place = f"/brands/{brand}/people" if role == Role.BRAND_ADMINISTRATOR else place
    yield EmailDraft(
        person_id,
        path=f"{place}/brief/sign" if sign_off_roles else place,
        by=fact.actor_name,
        role=role,
        brand=named,
        sign_off_roles=sign_off_roles,
    )

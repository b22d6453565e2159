"""What a campaign waits for, gate by gate: where it is done, who can do it, and a word that reminds them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief import rules as brief_rules
from campaigns.core import events
from campaigns.core.blockers import ActionCode, Blocker, BlockerCode, Waited
from campaigns.core.campaign import Campaign, Deliverable, deliverables_of, find_campaign
from campaigns.core.errors import Refusal
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor, Person, RoleGrant
from campaigns.core.permissions import Permission, Role
from campaigns.core.reminders import QUIET, Reminder, last_reminders
from campaigns.core.words import _
from campaigns.curation.assignments.queries import still_reviewing
from campaigns.payout.finalizations.actions import have_finalized


@dataclass(frozen=True, slots=True)
class BlockerAction:
    """Where something that opens a gate is done, below a campaign's own address or outside of any, and who may do it."""

    address: str
    permission: Permission

    def of(self, campaign_id: UUID) -> str:
        """Its address for this campaign."""
        return self.address.format(id=campaign_id)


BRIEF, VERSIONS = "/campaigns/{id}/brief", "/versions?campaign={id}"
CURATION, PAYOUT = "/campaigns/{id}/curation", "/campaigns/{id}/payout"
ACTS: Mapping[ActionCode, str] = {
    ActionCode.ADD_DELIVERABLE: BRIEF,
    ActionCode.EDIT_BRIEF: BRIEF,
    ActionCode.SIGN: "/campaigns/{id}/brief/sign",
    ActionCode.ASK_ADMINISTRATOR: "/campaigns/{id}/brand",
    ActionCode.APPOINT: "/campaigns/{id}/brand",
    ActionCode.FUND: "/campaigns/{id}/funding",
    ActionCode.LAUNCH: BRIEF,
    ActionCode.CONTRIBUTE: "/calls/{id}",
    ActionCode.SCREEN: "/campaigns/{id}/screening",
    ActionCode.REMIX: "/calls/{id}",
    ActionCode.COMPLETE: "/campaigns/{id}#deliverables",
    ActionCode.ASSIGN: CURATION,
    ActionCode.REVIEW: "/desk",
    ActionCode.PUBLISH: CURATION,
    ActionCode.MAKE_VERSION: VERSIONS,
    ActionCode.LICENSE_OUTSIDE: VERSIONS,
    ActionCode.APPROVE_INTERNALLY: VERSIONS,
    ActionCode.PACK_AGAIN: VERSIONS,
    ActionCode.DECIDE: "/deliveries?campaign={id}",
    ActionCode.SEND_BACK: "/campaigns/{id}#deliverables",
    ActionCode.DECIDE_CLAIM: "/campaigns/{id}/claims",
    ActionCode.ASSESS: PAYOUT,
    ActionCode.PROPOSE: PAYOUT,
    ActionCode.END_NAMINGS: "/campaigns/{id}/credits",
    ActionCode.COMMENT: PAYOUT,
    ActionCode.DISPOSE: PAYOUT,
    ActionCode.FINALIZE: PAYOUT,
    ActionCode.RESUME: "/campaigns/{id}#stop",
}
ROLES: Mapping[Waited, frozenset[Role]] = {
    Waited.SIGNER: frozenset({Role.SIGNER}),
    Waited.BRAND: frozenset({Role.SIGNER, Role.APPROVER}),
    Waited.CURATOR: frozenset({Role.CURATOR}),
    Waited.LEADER: frozenset({Role.LEADER}),
    Waited.EDITOR: frozenset({Role.EDITOR}),
    Waited.APPROVER: frozenset({Role.APPROVER}),
    Waited.BRAND_ADMINISTRATOR: frozenset({Role.BRAND_ADMINISTRATOR}),
    Waited.FINANCE: frozenset({Role.FINANCE}),
}


def act_of(wait: Blocker) -> BlockerAction | None:
    """Where and by whom what this waits for is done; None when nobody has to do anything."""
    return BlockerAction(ACTS[wait.action], wait.action.permission) if wait.action else None


class GateIsOpen(Refusal):
    """This is no longer waiting on anyone."""


class NobodyToRemind(Refusal):
    """It is waiting on nobody in particular, or on the person who asks."""


class RemindedToday(Refusal):
    """Everyone that it is waiting on has had a reminder within the last day."""


@dataclass
class Gate:
    """What several deliverables wait for alike: each sentence with those that it holds, and whom it waits for by name."""

    campaign_id: UUID
    key: str
    first: Blocker
    waits: list[tuple[Blocker, list[Deliverable]]] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    reminded: dict[UUID, datetime] = field(default_factory=dict)

    @property
    def since(self) -> datetime | None:
        """Since when the first of it waits."""
        return min((b.since for b, _deliverables in self.waits if b.since), default=None)

    @property
    def due(self) -> datetime | None:
        return min((b.due for b, _deliverables in self.waits if b.due), default=None)

    @property
    def act(self) -> BlockerAction | None:
        """What opens it; None where only time or Callboard does."""
        return act_of(self.first)

    @property
    def deliverables(self) -> list[Deliverable]:
        return [deliverable for _blocker, held in self.waits for deliverable in held]

    def to_remind(self, by: Actor) -> list[Person]:
        """Whom a word from this actor would reach now."""
        return [person for person in self.people if person.id != by.person_id and person.id not in self.reminded]


def gates(session: Session, campaign: Campaign, *, at: datetime) -> list[Gate]:
    """What the campaign waits for now, what holds the most first; a paused one waits for nothing but the end of its pause."""
    if not campaign.is_unsettled:
        return []
    deliverables = deliverables_of(session, campaign.id)
    found = list(_gathered(campaign, waits_of(session, campaign, deliverables, at=at)).values())
    reminded = last_reminders(session, campaign.id, since=at - QUIET)
    for gate, people in _awaited(session, campaign, found):
        gate.people = people
        gate.reminded = {person.id: reminded[gate.key, person.id] for person in people if (gate.key, person.id) in reminded}
    return found


def waits_of(
    session: Session, campaign: Campaign, deliverables: Sequence[Deliverable], *, at: datetime
) -> Iterable[tuple[Deliverable | None, Blocker]]:
    """Each wait with its deliverable; a brief without a deliverable waits too."""
    if not deliverables:
        return [(None, blocker) for blocker in brief_rules.waits(session, [campaign.id], at=at)[campaign.id]]
    waits = lifecycle.blockers(session, deliverables, at=at)
    kept = {t.id: waits.get(t.id, [])[: 1 if campaign.paused_at else None] for t in deliverables}
    return [(deliverable, blocker) for deliverable in deliverables for blocker in kept[deliverable.id]]


def _gathered(campaign: Campaign, waits: Iterable[tuple[Deliverable | None, Blocker]]) -> dict[str, Gate]:
    found: dict[str, Gate] = {}
    for deliverable, blocker in waits:
        gate = found.setdefault(blocker.gate, Gate(campaign.id, blocker.gate, blocker))
        held = next((held for known, held in gate.waits if known.message == blocker.message), None)
        if held is None:
            gate.waits.append((blocker, held := []))
        held += [deliverable] if deliverable else []
    return dict(sorted(found.items(), key=lambda named: -len(named[1].deliverables)))


def _awaited(session: Session, campaign: Campaign, found: Sequence[Gate]) -> Iterable[tuple[Gate, list[Person]]]:
    """Whom each gate waits for, in a number of queries that does not grow."""
    held, owner = _holders(session, campaign), session.get_one(Person, campaign.owner_id)
    reviewed, finalizing = _held_by(found, BlockerCode.REVIEWS_OUTSTANDING), _held_by(found, BlockerCode.FINALIZATION)
    reviewing = still_reviewing(session, reviewed) if reviewed else set()
    finalized = have_finalized(session, finalizing) if finalizing else set()
    for gate in found:
        people = [owner] if gate.first.waits_for == Waited.MANAGER else _fitting(gate, held)
        if gate.key == BlockerCode.REVIEWS_OUTSTANDING:
            people = [person for person in people if person.id in reviewing]
        yield gate, [person for person in people if gate.key != BlockerCode.FINALIZATION or person.id not in finalized]


def _held_by(found: Sequence[Gate], key: str) -> list[UUID]:
    return [deliverable.id for gate in found if gate.key == key for deliverable in gate.deliverables]


def _holders(session: Session, campaign: Campaign) -> Sequence[tuple[RoleGrant, Person]]:
    reach = (
        RoleGrant.brand_id.is_(None) | (RoleGrant.brand_id == campaign.brand_id),
        RoleGrant.campaign_id.is_(None) | (RoleGrant.campaign_id == campaign.id),
        RoleGrant.role.in_({role.value for roles in ROLES.values() for role in roles}),
    )
    query = select(RoleGrant, Person).join(Person, Person.id == RoleGrant.person_id).where(*reach).order_by(Person.name, Person.id)
    return session.execute(query).all()


def _fitting(gate: Gate, held: Sequence[tuple[RoleGrant, Person]]) -> list[Person]:
    roles, sign_off_role, deliverables = (
        ROLES.get(gate.first.waits_for, frozenset()),
        gate.first.params.get("sign_off_role"),
        _ids(gate.deliverables),
    )
    fitting = (
        person
        for grant, person in held
        if grant.role in roles
        and (sign_off_role is None or grant.sign_off_role in (sign_off_role, None))
        and (grant.deliverable_id is None or grant.deliverable_id in deliverables)
    )
    return list(dict.fromkeys(fitting))


def _ids(deliverables: Collection[Deliverable]) -> set[UUID]:
    return {deliverable.id for deliverable in deliverables}


def remind(session: Session, campaign_id: UUID, key: str, *, by: Actor, at: datetime) -> list[Reminder]:
    """Remind by email everyone whom this gate waits for, each once a day at most.

    Raises GateIsOpen, NobodyToRemind, and RemindedToday when all of them have been reminded within a day.
    """
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(Permission.REMIND, on=campaign)
    gate = next((gate for gate in gates(session, campaign, at=at) if gate.key == key), None)
    if gate is None:
        raise GateIsOpen(_("The campaign is no longer waiting for this; check what it is waiting for now."))
    to = gate.to_remind(by)
    if not to:
        _refuse(gate, by)
    sent = [Reminder(campaign_id=campaign.id, gate=key, person_id=person.id, reminded_by=by.person, reminded_at=at) for person in to]
    session.add_all(sent)
    session.flush()
    people = [str(person.id) for person in to]
    events.record(session, EventName.CAMPAIGN_REMINDED, by=by, at=at, campaign_id=campaign.id, gate=key, people=people)
    return sent


def _refuse(gate: Gate, by: Actor) -> None:
    if any(person_id != by.person_id for person_id in gate.reminded):
        raise RemindedToday(_("Everyone that this is waiting on has had a reminder within the last day; give them time to answer."))
    raise NobodyToRemind(_("This is not waiting on anyone who could get a reminder by email."))

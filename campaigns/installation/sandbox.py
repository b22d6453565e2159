"""For whoever tries Callboard out: everyone whom one may be, and the moments that one may go on to."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.collaboration.models import CollaborationWindow
from campaigns.core.attention import Attention
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.errors import NotFound
from campaigns.core.people import Brand, Person, RoleGrant
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.open_call.models import Maker, OpenCall
from campaigns.payout.models import Proposal, ProposalState

OF_EACH_ROLE = 6
ARTISTS = 12
LAST_CREDITS = 400
MOMENTS = 6
MINUTE = timedelta(minutes=1)
IN_ORDER = (
    Role.MANAGER, Role.CURATOR, Role.LEADER, Role.EDITOR, Role.SIGNER, Role.APPROVER, Role.BRAND_ADMINISTRATOR, Role.FINANCE, Role.OPERATOR,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Someone:
    """A person in one role: `where` they hold it, None for staff, and in how many more places; what waits for them."""

    id: UUID
    name: str
    email: str
    needed: int
    where: str | None = None
    more: int = 0
    contributions: int = 0


@dataclass(frozen=True, slots=True)
class RoleMembers:
    """Those who play one role, whoever most waits for first."""

    role: Role
    people: Sequence[Someone] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Moment:
    """When something falls due in a campaign, and what."""

    at: datetime
    campaign: str
    message: str

    @property
    def just_after(self) -> datetime:
        """When it has fallen due."""
        return self.at + MINUTE


def parts(session: Session, words: str = "") -> list[RoleMembers]:
    """Everyone whom `words` name, or the first of each role; the roles that nobody holds are left out."""
    played: dict[Role, list[Someone]] = {}
    ranked = _holders(words).subquery()
    query = select(ranked).where(ranked.c.place <= OF_EACH_ROLE).order_by(ranked.c.place)
    for row in session.execute(query):
        played.setdefault(Role(row.role), []).append(Someone(row.id, row.name, row.email, row.needed, row.within, row.places - 1))
    artists = [
        Someone(row.id, row.name, row.email, row.needed, contributions=row.contributions) for row in session.execute(_artists(words))
    ]
    of_roles = [RoleMembers(role, played[role]) for role in IN_ORDER if role in played]
    return [*of_roles, RoleMembers(Role.ARTIST, artists)] if artists else of_roles


def foremost(session: Session, role: Role) -> Someone:
    """Who plays this role and is most waited for; raises NotFound where nobody plays it."""
    found = next((part.people[0] for part in parts(session) if part.role is role), None)
    if found is None:
        raise NotFound(_("Nobody has this role yet."))
    return found


def moments(session: Session, *, at: datetime) -> list[Moment]:
    """What time alone brings next in the campaigns whose clocks run, the soonest first."""
    ahead = [*_closing_calls(session, at), *_closing_collaborations(session, at), *_closing_proposals(session, at)]
    return sorted(ahead, key=lambda moment: (moment.at, moment.campaign, moment.message))[:MOMENTS]


def _closing_calls(session: Session, at: datetime) -> Iterator[Moment]:
    query = select(OpenCall.closes_at, Campaign.title).join(Campaign, Campaign.id == OpenCall.campaign_id)
    for closes_at, campaign in _soonest(session, query, OpenCall.closes_at, at):
        yield Moment(closes_at, campaign, _("The call closes."))


def _closing_collaborations(session: Session, at: datetime) -> Iterator[Moment]:
    window, closes = CollaborationWindow, CollaborationWindow.closes_at
    present = and_(Deliverable.id == window.deliverable_id, Deliverable.visit == window.visit, Deliverable.stage == Stage.COLLABORATION)
    query = (
        select(closes, Campaign.title, Deliverable.title).join(Deliverable, present).join(Campaign, Campaign.id == Deliverable.campaign_id)
    )
    for closes_at, campaign, deliverable in _soonest(session, query.where(window.completed_at.is_(None)), closes, at):
        yield Moment(closes_at, campaign, _("Collaboration closes for {deliverable}.", deliverable=deliverable))


def _closing_proposals(session: Session, at: datetime) -> Iterator[Moment]:
    closes = Proposal.closes_at
    query = select(closes, Campaign.title, Deliverable.title).join(Deliverable, Deliverable.id == Proposal.deliverable_id)
    query = query.join(Campaign, Campaign.id == Deliverable.campaign_id).where(Proposal.state == ProposalState.OPEN)
    for closes_at, campaign, deliverable in _soonest(session, query, closes, at):
        yield Moment(closes_at, campaign, _("Comments close on who is paid for {deliverable}.", deliverable=deliverable))


def _soonest(
    session: Session, query: Select[*tuple[Any, ...]], closes: InstrumentedAttribute[Any], at: datetime
) -> Iterable[Row[*tuple[Any, ...]]]:
    running = (Campaign.cancelled_at.is_(None), Campaign.done_at.is_(None), Campaign.paused_at.is_(None))
    return session.execute(query.where(closes > at, *running).order_by(closes, Campaign.id).limit(MOMENTS))


def _holders(words: str) -> Select[*tuple[Any, ...]]:
    needed = func.coalesce(func.max(Attention.needed), 0)
    by_need = (needed.desc(), func.min(RoleGrant.granted_at), Person.id)
    return (
        select(
            RoleGrant.role,
            Person.id,
            Person.name,
            Person.email,
            needed.label("needed"),
            func.min(func.coalesce(Deliverable.title, Campaign.title, Brand.name)).label("within"),
            func.count().label("places"),
            func.row_number().over(partition_by=RoleGrant.role, order_by=by_need).label("place"),
        )
        .join(Person, Person.id == RoleGrant.person_id)
        .outerjoin(Attention, Attention.person_id == Person.id)
        .outerjoin(Deliverable, Deliverable.id == RoleGrant.deliverable_id)
        .outerjoin(Campaign, Campaign.id == RoleGrant.campaign_id)
        .outerjoin(Brand, Brand.id == RoleGrant.brand_id)
        .where(_named(words))
        .group_by(RoleGrant.role, Person.id)
    )


def _artists(words: str) -> Select[UUID, str, str, int, int]:
    """Of the last contributions' makers those with most of them; of the people whom `words` name, anyone."""
    last = select(Maker.person_id).order_by(Maker.contribution_id.desc()).limit(LAST_CREDITS).subquery()
    contributions = func.count(last.c.person_id).label("contributions")
    credited = select(Person.id, Person.name, Person.email, func.coalesce(func.max(Attention.needed), 0).label("needed"), contributions)
    credited = credited.outerjoin(last, last.c.person_id == Person.id).outerjoin(Attention, Attention.person_id == Person.id)
    seen = _named(words) if words else last.c.person_id.is_not(None)
    return credited.where(seen).group_by(Person.id).order_by(contributions.desc(), Person.id).limit(ARTISTS)


def _named(words: str) -> ColumnElement[bool]:
    if not words:
        return true()
    return or_(Person.name.icontains(words, autoescape=True), Person.email.icontains(words, autoescape=True))

"""What there is to see of the contributions, for whom, and what the machine still has to do for them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select, true
from sqlalchemy.orm import Session

from campaigns.core.campaign import Campaign, find_campaign, is_public, visible_to, within_roles
from campaigns.core.db import given, one_of
from campaigns.core.files import FileLink, link_to
from campaigns.core.people import SYSTEM, Actor, Scope, Scoped
from campaigns.core.permissions import Permission, Role
from campaigns.core.words import _
from campaigns.open_call.credits import CONFIRMED, Credit, MakerCredit, credits_of, makers_of
from campaigns.open_call.errors import NoSuchContribution
from campaigns.open_call.media.blot import blotted
from campaigns.open_call.media.formats import BY_MIME, MediaKind
from campaigns.open_call.models import (
    TAKES_PART,
    WAITS,
    CallExtension,
    Contribution,
    ContributionFile,
    ContributionState,
    Maker,
    OpenCall,
    Rendered,
    Rendition,
)

ENDINGS = {"image/webp": "webp", "audio/mp4": "m4a", "video/mp4": "mp4", "text/html": "html"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A rendition and a link that shows it for an hour; sizes in pixels."""

    role: str
    mime: str
    bytes: int
    url: str
    width: int | None
    height: int | None
    words: int | None


@dataclass(frozen=True, slots=True)
class ContributionDetails:
    """A contribution as everyone who is signed in may see it; those who judge blind get no credits, statement, original or name in its
    title."""

    contribution: Contribution
    title: str
    statement: str | None
    renditions: Sequence[Shown]
    credits: Sequence[Credit]
    original: str | None


@dataclass(frozen=True, slots=True)
class OwnContribution:
    """One's own contribution and where it stands; `is_asked` says that one was named as its maker and has not answered."""

    contribution: Contribution
    campaign: str
    renditions: Sequence[Shown]
    credits: Sequence[Credit]
    is_asked: bool

    @property
    def reason(self) -> str | None:
        """Why it stands there, for those who made it by their own word."""
        return None if self.is_asked else self.contribution.state_reason


def find_contribution(session: Session, contribution_id: UUID, *, by: Actor, lock: bool = False) -> Contribution:
    """The contribution, for its makers, those who screen here and, once it takes part, whom its campaign shows it to; raises
    NoSuchContribution.

    With `lock` its campaign, which is always locked first, and the contribution are held until the transaction ends.
    """
    found = known_contributions(session, [contribution_id], by=by)
    if not found:
        raise NoSuchContribution(_("There is no such contribution."))
    contribution = found[0]
    if lock:
        # In the system's name: whoever was named as a maker answers for the contribution also when its campaign is there for them no more.
        find_campaign(session, contribution.campaign_id, by=SYSTEM, lock=True)
        session.refresh(contribution, with_for_update={"key_share": True})
    return contribution


def known_contributions(session: Session, contribution_ids: Collection[UUID], *, by: Actor, lock: bool = False) -> list[Contribution]:
    """Those of these contributions that exist for the actor; with `lock` they do not change until the transaction ends."""
    query = select(Contribution, made_by(by), shows_contributions_to(by)).join(Campaign, Campaign.id == Contribution.campaign_id)
    query = query.where(one_of(Contribution.id, contribution_ids), or_(visible_to(by), made_by(by)))
    query = query.with_for_update(read=True, of=Contribution) if lock else query
    rows = session.execute(query.execution_options(populate_existing=True))
    return [row[0] for row in rows if _exists_for(*row, by)]


def _exists_for(contribution: Contribution, is_own: bool, is_shown: bool, by: Actor) -> bool:
    return is_own or by.may(Permission.SCREEN, on=contribution) or (is_shown and contribution.state is ContributionState.SCREENED_IN)


def shows_contributions(session: Session, campaign_id: UUID, *, by: Actor) -> bool:
    """Whether the actor may look at the contributions of this campaign that take part."""
    return bool(session.scalar(select(exists().where(Campaign.id == campaign_id, shows_contributions_to(by)))))


def shows_contributions_to(by: Actor) -> ColumnElement[bool]:
    """Of the campaigns: those whose contributions the actor may look at.

    Those are its brand and staff, artists while it takes contributions, then only who took part, and everyone signed in once published.
    Whoever was named as a maker and has not said so themselves has taken no part.
    """
    if by.is_system:
        return true()
    if by.person_id is None:
        return false()
    made = (Maker.person_id == by.person_id, CONFIRMED)
    took_part = select(Contribution.campaign_id).join(Maker, Maker.contribution_id == Contribution.id).where(*made)
    published = Campaign.contributions_published_at.is_not(None)
    return or_(within_roles(by), published, Campaign.id.in_(took_part), is_public() if by.takes_part else false())


def is_maker(session: Session, contribution_id: UUID, by: Actor) -> bool:
    """Whether the actor made the contribution, alone or with others."""
    return bool(session.scalar(select(exists().where(Maker.contribution_id == contribution_id, Maker.person_id == by.person_id))))


def is_confirmed_maker(session: Session, contribution_id: UUID, by: Actor) -> bool:
    """Whether the actor made the contribution by their own word, and was not only named."""
    mine = (Maker.contribution_id == contribution_id, Maker.person_id == by.person, CONFIRMED)
    return bool(session.scalar(select(exists().where(*mine))))


def made_by(by: Actor) -> ColumnElement[bool]:
    """The contributions that the actor made, alone or with others."""
    return exists().where(Maker.contribution_id == Contribution.id, Maker.person_id == by.person_id)


def call_of(session: Session, campaign_id: UUID, *, lock: bool = False) -> OpenCall | None:
    """The campaign's call; None before it has opened."""
    return session.get(OpenCall, campaign_id, with_for_update=lock, populate_existing=True)


def extension_under(session: Session, campaign_id: UUID, at: datetime) -> CallExtension | None:
    """The extension without which the call would have closed by `at`."""
    late = select(CallExtension).where(CallExtension.campaign_id == campaign_id, CallExtension.from_close <= at)
    return session.scalars(late.order_by(CallExtension.id.desc()).limit(1)).one_or_none()


def extensions(session: Session, campaign_id: UUID) -> Sequence[CallExtension]:
    """Each time that the call was extended, oldest first."""
    return session.scalars(select(CallExtension).where(CallExtension.campaign_id == campaign_id).order_by(CallExtension.id)).all()


def renditions_of(session: Session, contribution_ids: Collection[UUID], *roles: str) -> dict[UUID, list[Shown]]:
    """What there is to see, hear and read of each of these contributions, or of it only what is shown in these roles."""
    shown: dict[UUID, list[Shown]] = {contribution_id: [] for contribution_id in contribution_ids}
    for made in session.scalars(_renditions(roles), {"ids": list(shown)}):
        shown[made.contribution_id].append(shown_as(made))
    return shown


@lru_cache
def _renditions(roles: tuple[str, ...]) -> Select[Rendition]:
    query = select(Rendition).where(given(Rendition.contribution_id)).order_by(Rendition.role)
    return query.where(Rendition.role.in_(roles)) if roles else query


def shown_as(made: Rendered) -> Shown:
    """The rendition with a link to it."""
    url = link_to(FileLink(sha256=made.sha256, mime=made.mime, name=f"{made.role}.{ENDINGS[made.mime]}"))
    return Shown(made.role, made.mime, made.bytes, url, made.width, made.height, made.words)


def contributions(
    session: Session, campaign_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30, kind: MediaKind | None = None
) -> Sequence[ContributionDetails]:
    """The contributions that take part, newest first, to look at and to build on; none for whom the campaign does not show them to."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.person  # noqa: B018 - raises NotSignedIn for a guest
    shown = exists().where(Campaign.id == campaign_id, shows_contributions_to(by))
    query = select(Contribution).where(Contribution.campaign_id == campaign_id, TAKES_PART, shown)
    query = query.where(Contribution.kind == kind) if kind else query
    return _shown(session, session.scalars(_page(query, after, limit)).all(), by, named=not judges_blind(by, campaign))


def contribution(session: Session, contribution_id: UUID, *, by: Actor) -> ContributionDetails:
    """One contribution."""
    found = find_contribution(session, contribution_id, by=by)
    named = not judges_blind(by, found) or is_maker(session, contribution_id, by)
    return _shown(session, [found], by, named=named)[0]


def judges_blind(by: Actor, on: Scoped) -> bool:
    """Whether the actor curates in this campaign, were it one deliverable of it only, and so must not learn whose a contribution is."""
    whole = Scope(on.scope.brand_id, on.scope.campaign_id)
    return any(grant.role is Role.CURATOR and replace(grant, deliverable_id=None).covers(whole) for grant in by.grants)


def own_contributions(session: Session, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[OwnContribution]:
    """Everything that the actor made, newest first, and where each of it stands."""
    query = select(Contribution).where(made_by(by))
    found = session.scalars(_page(query, after, limit)).all()
    return _own(session, found, by)


def own_titles(session: Session, campaign_id: UUID, *, by: Actor, limit: int) -> Mapping[UUID, str]:
    """What the newest of the contributions that the actor made for a campaign are called."""
    query = select(Contribution.id, Contribution.title).where(made_by(by), Contribution.campaign_id == campaign_id)
    return dict(session.execute(query.order_by(Contribution.id.desc()).limit(limit)).all())


def own_counts(session: Session, *, by: Actor) -> Mapping[ContributionState, int]:
    """How many of the contributions that the actor made stand where."""
    query = select(Contribution.state, func.count()).where(made_by(by)).group_by(Contribution.state)
    return dict(session.execute(query).all())


def own_contribution(session: Session, contribution_id: UUID, *, by: Actor) -> OwnContribution:
    """One contribution that the actor made; raises NoSuchContribution."""
    found = find_contribution(session, contribution_id, by=by)
    if not is_maker(session, contribution_id, by):
        raise NoSuchContribution(_("There is no such contribution."))
    return _own(session, [found], by)[0]


def _own(session: Session, found: Sequence[Contribution], by: Actor) -> Sequence[OwnContribution]:
    ids = [w.id for w in found]
    titles = {c.id: c.title for c in session.scalars(select(Campaign).where(Campaign.id.in_({w.campaign_id for w in found})))}
    renditions, credits_ = renditions_of(session, ids), credits_of(session, ids, to=by.person)
    return [OwnContribution(w, titles[w.campaign_id], renditions[w.id], credits_[w.id], _is_asked(credits_[w.id], by)) for w in found]


def _is_asked(credits_: Sequence[Credit], by: Actor) -> bool:
    return any(credit.person_id == by.person and not credit.is_confirmed for credit in credits_)


def _page(query: Select[Contribution], after: UUID | None, limit: int) -> Select[Contribution]:
    query = query.where(Contribution.id < after) if after else query
    return query.order_by(Contribution.id.desc()).limit(limit)


def _shown(session: Session, found: Sequence[Contribution], by: Actor, *, named: bool) -> Sequence[ContributionDetails]:
    ids = [w.id for w in found]
    renditions = renditions_of(session, ids)
    if not named:
        makers = makers_of(session, ids)
        return [ContributionDetails(w, without_names(w.title, makers[w.id]), None, renditions[w.id], [], None) for w in found]
    credits_, originals = credits_of(session, ids, to=by.person_id), _originals(session, ids)
    return [ContributionDetails(w, w.title, w.statement, renditions[w.id], credits_[w.id], originals[w.id]) for w in found]


def without_names(words: str, makers: Sequence[MakerCredit]) -> str:
    """`words` with each maker's name blotted out."""
    return blotted(words, [maker.name for maker in makers])


def _originals(session: Session, contribution_ids: Collection[UUID]) -> dict[UUID, str]:
    """A link to each contribution's file as it came, under a name that we give it."""
    files = session.scalars(select(ContributionFile).where(one_of(ContributionFile.contribution_id, contribution_ids)))
    return {f.contribution_id: link_to(FileLink(sha256=f.sha256, mime=f.mime, name=_file_name(f))) for f in files}


def _file_name(file: ContributionFile) -> str:
    return f"contribution-{file.contribution_id.hex[-8:]}.{BY_MIME[file.mime].endings[0]}"


def work_waiting(session: Session, campaign_ids: Collection[UUID]) -> set[UUID]:
    """The campaigns among these with a contribution that has no renditions yet."""
    received = Contribution.state == ContributionState.RECEIVED
    return set(session.scalars(select(Contribution.campaign_id).where(one_of(Contribution.campaign_id, campaign_ids), received).distinct()))


def unprepared(session: Session, campaign_id: UUID, limit: int) -> Sequence[UUID]:
    """Contributions that have no renditions yet, oldest first."""
    query = select(Contribution.id).where(Contribution.campaign_id == campaign_id, Contribution.state == ContributionState.RECEIVED)
    return session.scalars(query.order_by(Contribution.id).limit(limit)).all()


def waiting_counts(session: Session, campaign_ids: Collection[UUID]) -> Mapping[UUID, Mapping[ContributionState, tuple[int, datetime]]]:
    """For each campaign, how many contributions wait in each state before they are screened, and since when the first of them does."""
    counts: dict[UUID, dict[ContributionState, tuple[int, datetime]]] = {campaign_id: {} for campaign_id in campaign_ids}
    for campaign_id, state, count, since in session.execute(_waiting(), {"ids": list(campaign_ids)}):
        counts[campaign_id][state] = (count, since)
    return counts


@lru_cache
def _waiting() -> Select[UUID, ContributionState, int, datetime]:
    query = select(Contribution.campaign_id, Contribution.state, func.count(), func.min(Contribution.state_since))
    return query.where(given(Contribution.campaign_id), WAITS).group_by(Contribution.campaign_id, Contribution.state)

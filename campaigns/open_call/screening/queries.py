"""Works as those see them who judge: by what was made, never by who made it or how many like it.

A title is part of what was made: who screens reads it, its makers' names blotted out. A desk shows a code name instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from campaigns.core.campaign import find_campaign
from campaigns.core.files import FileLink
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.credits import MakerCredit, makers_of
from campaigns.open_call.errors import NoSuchContribution
from campaigns.open_call.media.formats import MediaKind
from campaigns.open_call.models import Contribution, ContributionFile, ContributionState, Rendition, Screening
from campaigns.open_call.queries import Shown, made_by, renditions_of, without_names

TO_SCREEN = (ContributionState.READY, ContributionState.UNSHOWABLE)


@dataclass(frozen=True, slots=True)
class BlindContribution:
    """A contribution without its makers: its title with their names blotted out, its kind, its redacted renditions, and who has the same
    bytes."""

    id: UUID
    title: str
    kind: MediaKind
    state: ContributionState
    problem: str | None
    renditions: Sequence[Shown]
    same_file_as: Sequence[UUID]


def blind_contributions(session: Session, contributions: Sequence[Contribution]) -> Sequence[BlindContribution]:
    """These contributions of one campaign, blind and in their order; three queries however many they are."""
    ids = [contribution.id for contribution in contributions]
    renditions, makers, copies = renditions_of(session, ids), makers_of(session, ids), _copies_of(session, contributions)
    return [
        _blind(contribution, renditions[contribution.id], makers[contribution.id], copies.get(contribution.id, []))
        for contribution in contributions
    ]


def _blind(
    contribution: Contribution, renditions: Sequence[Shown], makers: Sequence[MakerCredit], copies: Sequence[UUID]
) -> BlindContribution:
    problem = contribution.state_reason if contribution.state is ContributionState.UNSHOWABLE else None
    return BlindContribution(
        contribution.id, without_names(contribution.title, makers), contribution.kind, contribution.state, problem, renditions, copies
    )


def _copies_of(session: Session, contributions: Sequence[Contribution]) -> dict[UUID, list[UUID]]:
    """The other contributions of the campaign whose file is the very same: whoever made one of them may have taken it from the other."""
    file, same = aliased(ContributionFile), aliased(ContributionFile)
    query = (
        select(file.contribution_id, same.contribution_id)
        .join(same, (same.sha256 == file.sha256) & (same.contribution_id != file.contribution_id))
        .join(Contribution, Contribution.id == same.contribution_id)
        .where(
            file.contribution_id.in_([w.id for w in contributions]), Contribution.campaign_id.in_({w.campaign_id for w in contributions})
        )
        .where(Contribution.state != ContributionState.WITHDRAWN)
        .order_by(same.contribution_id)
    )
    copies: dict[UUID, list[UUID]] = {}
    for contribution_id, copy_id in session.execute(query):
        copies.setdefault(contribution_id, []).append(copy_id)
    return copies


def screening_desk(
    session: Session, campaign_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30
) -> Sequence[BlindContribution]:
    """The contributions that wait for a decision on whether they take part, newest first, but for one's own."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.SCREEN, on=campaign)
    query = select(Contribution).where(Contribution.campaign_id == campaign_id, Contribution.state.in_(TO_SCREEN), ~made_by(by))
    query = query.where(Contribution.id < after) if after else query
    return blind_contributions(session, session.scalars(query.order_by(Contribution.id.desc()).limit(limit)).all())


def screened_file(session: Session, contribution_id: UUID, role: str, *, by: Actor) -> FileLink:
    """The file that shows, in one role, a contribution that waits for the actor's decision; raises NoSuchContribution."""
    query = select(Contribution).where(Contribution.id == contribution_id, Contribution.state.in_(TO_SCREEN), ~made_by(by))
    contribution = session.scalars(query).one_or_none()
    shown = session.get(Rendition, (contribution_id, role)) if contribution and by.may(Permission.SCREEN, on=contribution) else None
    if shown is None:
        raise NoSuchContribution(_("There is no such file."))
    return FileLink(sha256=shown.sha256, mime=shown.mime, name=role)


def just_decided(session: Session, campaign_id: UUID, since: datetime, *, by: Actor) -> tuple[BlindContribution, Screening] | None:
    """The contribution that the actor decided on last, from `since` on, with the decision; None where there is none, or it was taken
    back."""
    query = (
        select(Contribution, Screening)
        .join(Screening, Screening.contribution_id == Contribution.id)
        .where(Contribution.campaign_id == campaign_id, Screening.screened_by == by.person_id, Screening.screened_at >= since)
        .order_by(Screening.id.desc())
        .limit(1)
    )
    found = session.execute(query).one_or_none()
    if found is None or found[0].state not in (ContributionState.SCREENED_IN, ContributionState.SCREENED_OUT):
        return None
    return blind_contributions(session, [found[0]])[0], found[1]

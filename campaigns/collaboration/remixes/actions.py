"""Contributions that are built on others', with what they are built on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.collaboration.errors import NewerSource, NothingCited, PairCitedTwice, RemixingClosed, SourceElsewhere, SourceNotTakingPart
from campaigns.collaboration.models import Party, Source, SourceKind, SourceState
from campaigns.collaboration.queries import is_remixing_open, makers_of, side_of
from campaigns.core import events
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.contributions.actions import NewContribution, take_in
from campaigns.open_call.models import Contribution, ContributionState
from campaigns.open_call.queries import known_contributions


@dataclass(frozen=True, slots=True)
class Citation:
    """An older contribution that a remix is built on."""

    source_id: UUID
    kind: SourceKind


def remix(
    session: Session, campaign_id: UUID, entry: NewContribution, sources: Sequence[Citation], *, by: Actor, at: datetime
) -> Contribution:
    """Send in a contribution built on others: what it contains counts at once, for its licence allows it; what influenced it once
    confirmed."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.CITE, on=campaign)
    # While a campaign is paused its clocks stand still.
    if not campaign.is_live or not is_remixing_open(session, campaign_id, at=campaign.paused_at or at):
        raise RemixingClosed(
            _("No deliverable of this campaign is open for new contributions, so its contributions cannot be remixed now.")
        )
    _require_citable(session, campaign, sources, by)
    contribution = take_in(session, campaign, entry, by=by, at=at)
    if any(cited.source_id >= contribution.id for cited in sources):
        raise NewerSource(_("A source must be an older contribution."), field="sources")
    made = _cite(session, contribution, sources, by=by, at=at)
    events.record(
        session, EventName.COLLABORATION_REMIXED, by=by, at=at, campaign_id=campaign_id, work=str(contribution.id),
        sources={str(source.source_id): source.kind.value for source in made},
    )  # fmt: skip
    return contribution


def _require_citable(session: Session, campaign: Campaign, sources: Sequence[Citation], by: Actor) -> None:
    ids = [cited.source_id for cited in sources]
    if not ids:
        raise NothingCited(
            _("A remix must cite at least one source. Without a source, submit the contribution to the open call."), field="sources"
        )
    if len(set(ids)) < len(ids):
        raise PairCitedTwice(_("A source can be cited only once."), field="sources")
    found = [
        contribution for contribution in known_contributions(session, ids, by=by, lock=True) if contribution.campaign_id == campaign.id
    ]
    if len(found) < len(ids):
        raise SourceElsewhere(_("A cited contribution is not in this campaign, or is no longer available."), field="sources")
    for contribution in found:
        if contribution.state is not ContributionState.SCREENED_IN:
            raise SourceNotTakingPart(
                _("A cited contribution is not an accepted contribution in this campaign, so it cannot be remixed."), field="sources"
            )


def _cite(session: Session, contribution: Contribution, sources: Sequence[Citation], *, by: Actor, at: datetime) -> list[Source]:
    makers = makers_of(session, [contribution.id, *(cited.source_id for cited in sources)])
    made = [_edge(contribution, cited, makers, by, at) for cited in sources]
    session.add_all(made)
    session.flush()
    return made


def _edge(contribution: Contribution, cited: Citation, makers: Mapping[UUID, set[UUID]], by: Actor, at: datetime) -> Source:
    source = Source(
        contribution_id=contribution.id, source_id=cited.source_id, kind=cited.kind, weight=1, at_upload=True, state=SourceState.OPEN
    )
    source.claimed_by, source.claimed_at = by.person, at
    source.claimed_as = side_of(by, makers[contribution.id], makers[cited.source_id]) or Party.CONTRIBUTION
    if cited.kind is SourceKind.CONTAINS:
        source.state, source.decided_as, source.decided_at = SourceState.CONFIRMED, Party.LICENCE, at
    return source

"""Who may review what: even loads, nobody with a conflict, and which contributions nobody who was asked may judge."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from campaigns.core.campaign import Deliverable
from campaigns.core.db import given
from campaigns.core.people import RoleGrant
from campaigns.core.permissions import Role
from campaigns.curation.assignments.queries import conflicts
from campaigns.curation.models import Tally
from campaigns.curation.queries import standings
from campaigns.open_call.models import TAKES_PART, Contribution

Pair = tuple[UUID, UUID]


def draw(seed: str, *ids: UUID) -> str:
    """A number drawn for these ids, in hexadecimal: the same seed draws the same again."""
    return blake2b("|".join([seed, *map(str, ids)]).encode(), digest_size=16).hexdigest()


def allot(
    seed: str,
    contributions: Collection[UUID],
    curators: Sequence[UUID],
    per_contribution: int,
    taken: Collection[Pair],
    barred: Collection[Pair],
) -> list[Pair]:
    """Pairs of a curator and a contribution that bring each contribution up to `per_contribution` reviews, as far as there is someone for
    it.

    `taken` are the pairs that are handed out already, `barred` those with a conflict. Each contribution goes to whoever has the fewest.
    """
    loads = Counter(curator for curator, _contribution in taken)
    reviewers = Counter(contribution for _curator, contribution in taken)
    unfit = {*taken, *barred}
    new: list[Pair] = []
    for contribution in sorted(contributions, key=lambda contribution: draw(seed, contribution)):
        free = [curator for curator in curators if (curator, contribution) not in unfit]
        for curator in _least_laden(seed, contribution, free, loads)[: max(per_contribution - reviewers[contribution], 0)]:
            loads[curator] += 1
            new.append((curator, contribution))
    return new


def _least_laden(seed: str, contribution: UUID, curators: Iterable[UUID], loads: Counter[UUID]) -> list[UUID]:
    return sorted(curators, key=lambda curator: (loads[curator], draw(seed, curator, contribution)))


def barred_contributions(session: Session, deliverables: Sequence[Deliverable]) -> dict[UUID, list[UUID]]:
    """By campaign, the contributions that nobody has to review and that all who were asked for these deliverables' present visits have a
    part in.

    Only campaigns in which someone was asked and that have such contributions; in a number of queries that does not grow.
    """
    found = standings(session, deliverables) if deliverables else {}
    return barred_for(session, [(deliverable, asked.curators) for deliverable in deliverables for asked in found[deliverable.id].rounds])


def barred_for(session: Session, rounds: Sequence[tuple[Deliverable, Collection[UUID]]]) -> dict[UUID, list[UUID]]:
    """As `barred_contributions`, where it is known who was asked for which deliverables."""
    left = _left_over(session, {deliverable.campaign_id for deliverable, _curators in rounds}) if rounds else {}
    if not left:
        return {}
    asked, contributions = (
        _still_curating(session, rounds),
        {contribution_id for contributions in left.values() for contribution_id in contributions},
    )
    barred = conflicts(session, {curator for curators in asked.values() for curator in curators}, contributions)
    found = {
        key: [contribution for contribution in contributions if all((c, contribution) in barred for c in asked[key])]
        for key, contributions in left.items()
    }
    return {campaign_id: contributions for campaign_id, contributions in found.items() if contributions}


def _still_curating(session: Session, rounds: Sequence[tuple[Deliverable, Collection[UUID]]]) -> dict[UUID, set[UUID]]:
    """By campaign, those who were asked and still curate there."""
    everyone = {curator for _deliverable, curators in rounds for curator in curators}
    grants = session.scalars(select(RoleGrant).where(RoleGrant.role == Role.CURATOR.value, RoleGrant.person_id.in_(everyone))).all()
    found: dict[UUID, set[UUID]] = {}
    for deliverable, curators in rounds:
        found.setdefault(deliverable.campaign_id, set()).update(
            g.person_id for g in grants if g.person_id in curators and _reaches(g, deliverable)
        )
    return found


def _reaches(grant: RoleGrant, deliverable: Deliverable) -> bool:
    reach = ((grant.brand_id, deliverable.brand_id), (grant.campaign_id, deliverable.campaign_id), (grant.deliverable_id, deliverable.id))
    return all(own in (None, asked) for own, asked in reach)


def _left_over(session: Session, campaign_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The contributions that take part and that nobody has to review or has reviewed."""
    found: dict[UUID, list[UUID]] = {}
    for campaign_id, contribution_id in session.execute(_unreviewed(), {"ids": list(campaign_ids)}):
        found.setdefault(campaign_id, []).append(contribution_id)
    return found


@lru_cache
def _unreviewed() -> Select[UUID, UUID]:
    # Those without a reviewer are few: each is looked up (which the offset asks for), and not found among all contributions that take part.
    same = (Contribution.campaign_id == Tally.campaign_id, Contribution.id == Tally.contribution_id)
    takes_part = select(Contribution.id).where(*same, TAKES_PART).offset(0).exists()
    query = select(Tally.campaign_id, Tally.contribution_id).where(given(Tally.campaign_id), Tally.reviewers == 0, takes_part)
    return query.order_by(Tally.contribution_id)

"""Whether a proposal still fits its lineage, and whether everyone it pays is credited and has confirmed it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, exists, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from campaigns.client_delivery.models import Package, Version
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.payout.errors import CreditsOutdated, CreditsUnconfirmed
from campaigns.payout.models import Assessment, Proposal, ProposalState

# What was decided while a proposal was being computed is older than the proposal, and not in it.
LONGEST_COMPUTATION = timedelta(hours=1)
# Only contributions about which something was decided since are compared with what was frozen of them: the sweep asks every few seconds.
CHANGED = text("""
    with opened as (
        select p.id, p.deliverable_id, t.campaign_id, p.opened_at - cast(:computation as interval) as since
        from proposal p join deliverable t on t.id = p.deliverable_id
        where p.state = 'open' and p.deliverable_id = any(:deliverables)
    ), decided as (
        select contribution_id, decided_at as at from source where decided_at >= (select min(since) from opened)
        union all
        select contribution_id, found_at from wrapper_finding where found_at >= (select min(since) from opened)
        union all
        select contribution_id, ended_at from ended_naming where ended_at >= (select min(since) from opened)
    ), looked_at as (
        select o.id, o.deliverable_id, d.contribution_id, max(d.at) as at
        from decided d
        cross join lateral ( -- few are decided at a time: looked up one by one, and not among all works of the campaigns
            select c.campaign_id from contribution c where c.id = d.contribution_id offset 0
        ) w
        join opened o on o.campaign_id = w.campaign_id and o.since <= d.at
        group by o.id, o.deliverable_id, d.contribution_id
    ), frozen as materialized ( -- taken apart once, and not once for each work that is looked at
        select p.id, cast(work ->> 'work' as uuid) as contribution_id, work -> 'wrapper' as wrapper, work -> 'makers' as makers,
            work -> 'sources' as sources
        from proposal p cross join lateral jsonb_array_elements(p.inputs -> 'lineage') work
        where p.id in (select id from looked_at)
    )
    select l.deliverable_id, max(l.at)
    from looked_at l
    join frozen using (id, contribution_id)
    join contribution c on c.id = l.contribution_id
    left join wrapper_finding f on f.contribution_id = l.contribution_id
    where (frozen.wrapper, frozen.makers, frozen.sources) <> (
        to_jsonb(coalesce(f.is_wrapper, c.is_wrapper)),
        (select jsonb_object_agg(m.person_id, m.shares) from maker m where m.contribution_id = l.contribution_id),
        (select coalesce(jsonb_agg(jsonb_build_object('work', s.source_id, 'kind', s.kind, 'weight', s.weight) order by s.source_id), '[]')
         from source s where s.contribution_id = l.contribution_id and s.state = 'confirmed')
    )
    group by l.deliverable_id
""").bindparams(bindparam("deliverables", type_=ARRAY(Uuid())))


def changed_since(session: Session, deliverable_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """The deliverables among these whose open proposal was computed from another lineage than there is now, and since when."""
    given = {"deliverables": list(deliverable_ids), "computation": LONGEST_COMPUTATION}
    return dict(session.execute(CHANGED, given).all()) if deliverable_ids else {}


@dataclass(frozen=True, slots=True)
class Miscredited:
    """A version whose package names others than its deliverable's open proposal pays, or does not say what was taken down since.

    `problem` is why it was not made again, where that failed.
    """

    deliverable_id: UUID
    campaign_id: UUID
    version_id: UUID
    problem: str | None


def miscredited(session: Session, deliverable_ids: Collection[UUID]) -> dict[UUID, Miscredited]:
    """The deliverables among these whose package is to be made again; where the lineage has changed since, a new proposal comes first."""
    found = {row.deliverable_id: Miscredited(*row) for row in session.execute(_TO_MAKE.where(Deliverable.id.in_(deliverable_ids)))}
    changed = changed_since(session, list(found))
    return {deliverable_id: each for deliverable_id, each in found.items() if deliverable_id not in changed}


def work_waiting(session: Session, campaign_ids: Collection[UUID]) -> set[UUID]:
    """The campaigns among these for which a package is to be made again."""
    deliverables = session.scalars(_TO_MAKE.where(Deliverable.campaign_id.in_(campaign_ids), Version.package_problem.is_(None))).all()
    return {each.campaign_id for each in miscredited(session, deliverables).values()} if deliverables else set()


def outdated_of(session: Session, campaign_id: UUID) -> list[UUID]:
    """The versions of the campaign whose package is to be made again and can be, those of deliverables that are done among them."""
    deliverables = session.scalars(_TO_MAKE.where(Deliverable.campaign_id == campaign_id, Version.package_problem.is_(None))).all()
    return sorted(each.version_id for each in miscredited(session, deliverables).values()) if deliverables else []


_NEWER, _NEWER_PACKAGE = aliased(Version), aliased(Package)
# Of a deliverable that went back and was packaged anew, the newest package; nothing is made again once the campaign has ended.
_TO_MAKE = (
    select(Deliverable.id.label("deliverable_id"), Deliverable.campaign_id, Version.id, Version.package_problem)
    .join(Campaign, and_(Campaign.id == Deliverable.campaign_id, Campaign.done_at.is_(None), Campaign.cancelled_at.is_(None)))
    .join(Version, Version.deliverable_id == Deliverable.id)
    .join(Package, Package.version_id == Version.id)
    .outerjoin(Assessment, and_(Assessment.deliverable_id == Deliverable.id, Assessment.visit == Deliverable.visit))
    .outerjoin(Proposal, and_(Proposal.deliverable_id == Deliverable.id, Proposal.state == ProposalState.OPEN))
    .where(Deliverable.stage.in_((Stage.PAYOUT, Stage.DONE)), Assessment.due_since.is_(None))
    .where(Package.is_outdated | and_(Proposal.id.is_not(None), Proposal.lineage_sha256.is_distinct_from(Package.lineage_sha256)))
    .where(~exists().where(_NEWER.deliverable_id == Deliverable.id, _NEWER.number > Version.number, _NEWER.id == _NEWER_PACKAGE.version_id))
)

# Each of these has a line in the proposal and has yet to confirm a contribution that it pays for.
UNCONFIRMED = text("""
    select distinct p.deliverable_id, c.id as contribution_id, c.title
    from proposal p
    join deliverable t on t.id = p.deliverable_id
    join contribution c on c.campaign_id = t.campaign_id
    join named_maker n on n.contribution_id = c.id and n.confirmed_at is null
    join proposal_line l on l.proposal_id = p.id and l.person_id = n.person_id and l.amount > 0
    where p.state = 'open' and p.deliverable_id = any(:deliverables)
    and p.inputs -> 'lineage' @> jsonb_build_array(jsonb_build_object('work', c.id))
    union
    select p.deliverable_id, null, t.title
    from proposal p
    join deliverable t on t.id = p.deliverable_id
    join assessment a on a.deliverable_id = t.id and a.visit = t.visit
    join version_maker m on m.version_id = a.version_id and m.confirmed_at is null
    join proposal_line l on l.proposal_id = p.id and l.person_id = m.person_id and l.amount > 0
    where p.state = 'open' and p.deliverable_id = any(:deliverables)
    order by deliverable_id, contribution_id
""").bindparams(bindparam("deliverables", type_=ARRAY(Uuid())))


def unconfirmed(session: Session, deliverable_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """The contributions, by their titles, that the open proposals of these deliverables pay somebody for who has yet to confirm their
    credit."""
    found: dict[UUID, list[str]] = {}
    for deliverable_id, _contribution_id, title in (
        session.execute(UNCONFIRMED, {"deliverables": list(deliverable_ids)}) if deliverable_ids else ()
    ):
        found.setdefault(deliverable_id, []).append(title)
    return found


def unconfirmed_sentence(titles: Sequence[str]) -> str:
    """What is to be done about contributions that somebody is paid for who has not confirmed it."""
    return _(
        "A maker of {titles} is paid but has not confirmed their credit. They can confirm or decline it on the "
        "contribution's page, or the manager or the person who named them can remove the credit.",
        titles=", ".join(titles),
    )


def require_confirmed(session: Session, proposal: Proposal) -> None:
    """Raise CreditsUnconfirmed where somebody whom the proposal pays has not confirmed their credit."""
    if titles := unconfirmed(session, [proposal.deliverable_id]).get(proposal.deliverable_id):
        raise CreditsUnconfirmed(unconfirmed_sentence(titles), field="proposal_id")


def require_credited(session: Session, proposal: Proposal) -> None:
    """Raise CreditsOutdated where the package names others than the proposal pays."""
    if proposal.deliverable_id in miscredited(session, [proposal.deliverable_id]):
        raise CreditsOutdated(_("The package must first be rebuilt so that its credits name everyone whom this proposal pays."))

"""What each deliverable's kill fee would be and whose work it counts, and which kill fees wait to be computed or posted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.brief.budgets import cancellation_fee, fee_shares
from campaigns.brief.models import WHOLE_BPS, Brief
from campaigns.brief.queries import WrittenBrief
from campaigns.client_delivery.models import Version, VersionMaker
from campaigns.client_delivery.queries import approved_version, components_of, latest_version, rounds_of_changes
from campaigns.core.campaign import Deliverable
from campaigns.core.db import one_of
from campaigns.core.people import Actor, Person
from campaigns.core.stages import Stage
from campaigns.curation.selections.queries import chosen_contributions
from campaigns.open_call.credits import name_told
from campaigns.open_call.models import Contribution, Maker
from campaigns.payout.models import Assessment, Proposal, ProposalState
from campaigns.payout.queries import final_deliverables


@dataclass(frozen=True, slots=True)
class Owed:
    """What the brief grants for a deliverable now: a fraction of its price to those who made `contributions`, and `fee` to the platform.

    `contributions` are those of the version `version_id`, whose makers have their part in it, or of the selection where there is none.
    """

    deliverable: Deliverable
    price: int
    bps: int
    contributions: Sequence[UUID]
    version_id: UUID | None
    fee: int

    @property
    def amount(self) -> int:
        return kill_fee(self.price, self.bps) if self.contributions else 0


def would_owe(session: Session, written: WrittenBrief, live_deliverables: Sequence[Deliverable]) -> list[Owed]:
    """What is owed for each of these deliverables whose proposal is not final, if the campaign were cancelled now."""
    final, parts = final_deliverables(session, live_deliverables), fee_shares(written.brief, written.deliverables)
    return [_owed(session, written, deliverable, parts[deliverable.id]) for deliverable in live_deliverables if deliverable.id not in final]


def kill_fees_due(session: Session, limit: int) -> Sequence[UUID]:
    """The cancelled deliverables whose kill fee's proposal is to be computed."""
    due = select(Assessment.deliverable_id).where(Assessment.due_since.is_not(None), Assessment.is_kill_fee)
    return session.scalars(due.order_by(Assessment.due_since).limit(limit)).all()


def kill_fees_final(session: Session, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """The kill fees' proposals that are final and not posted yet, each after its campaign."""
    final = (Proposal.is_kill_fee, Proposal.state == ProposalState.FINAL, Proposal.posted_at.is_(None))
    query = select(Deliverable.campaign_id, Proposal.id).join(Deliverable, Deliverable.id == Proposal.deliverable_id).where(*final)
    return [(campaign_id, proposal_id) for campaign_id, proposal_id in session.execute(query.order_by(Proposal.final_at).limit(limit))]


def kill_fee(price: int, bps: int) -> int:
    """`bps` of the price in whole minor units; what is less than a unit stays with the brand."""
    return price * bps // WHOLE_BPS


def from_reserve(amounts: Sequence[int], reserve: int) -> list[int]:
    """How much of each amount, in this order, the reserve still covers."""
    covered = []
    for amount in amounts:
        covered.append(min(amount, reserve))
        reserve -= covered[-1]
    return covered


def _owed(session: Session, written: WrittenBrief, deliverable: Deliverable, part: int) -> Owed:
    price = next(d.price for d in written.deliverables if d.id == deliverable.id)
    bps = _fraction_due(session, written.brief, deliverable)
    contributions, version_id = _to_divide_over(session, deliverable) if bps else ((), None)
    return Owed(deliverable, price, bps, contributions, version_id, cancellation_fee(written.brief, part, bps if contributions else 0))


def _fraction_due(session: Session, brief: Brief, deliverable: Deliverable) -> int:
    """Nothing before client delivery; there, more after a round of changes; from the approval on the most."""
    if deliverable.stage not in (Stage.CLIENT_DELIVERY, Stage.PAYOUT):
        return 0
    approved = approved_version(session, deliverable.id)
    if deliverable.stage is Stage.PAYOUT or (approved is not None and approved.visit == deliverable.visit):
        return brief.kill_fee_approved_bps
    if rounds_of_changes(session, deliverable.id):
        return brief.kill_fee_after_changes_bps
    return brief.kill_fee_before_changes_bps


def _to_divide_over(session: Session, deliverable: Deliverable) -> tuple[Sequence[UUID], UUID | None]:
    """The components of the latest version that the brand was shown, or the contributions that were chosen: nobody alone decides who is
    paid."""
    version = latest_version(session, deliverable.id, presented=True)
    return (components_of(session, version.id), version.id) if version else (sorted(chosen_contributions(session, deliverable.id)), None)


MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class CountedContribution:
    """A contribution that counts, with its makers' names."""

    title: str
    makers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Basis:
    """The number of the version that counts, None for the selection; who made that version; the contributions, with how many `more` there
    are."""

    number: int | None
    made_by: Sequence[str]
    contributions: Sequence[CountedContribution]
    more: int


def bases_of(session: Session, campaign_id: UUID, owed: Collection[Owed], *, by: Actor) -> dict[UUID, Basis]:
    """What each of these deliverables' kill fees would be divided over, in two queries however many there are."""
    versions = _versions(session, [each.version_id for each in owed if each.version_id])
    contributions = _contributions(
        session, campaign_id, {contribution for each in owed for contribution in each.contributions[:MOST_SHOWN]}, by
    )
    found: dict[UUID, Basis] = {}
    for each in owed:
        number, made_by = versions[each.version_id] if each.version_id else (None, ())
        found[each.deliverable.id] = Basis(
            number,
            made_by,
            [contributions[contribution] for contribution in each.contributions[:MOST_SHOWN]],
            len(each.contributions[MOST_SHOWN:]),
        )
    return found


def _versions(session: Session, version_ids: Collection[UUID]) -> dict[UUID, tuple[int, Sequence[str]]]:
    names = func.array_remove(func.array_agg(Person.name), None)
    query = (
        select(Version.id, Version.number, names)
        .outerjoin(VersionMaker, VersionMaker.version_id == Version.id)
        .outerjoin(Person, Person.id == VersionMaker.person_id)
    )
    found = session.execute(query.where(one_of(Version.id, version_ids)).group_by(Version.id, Version.number))
    return {version_id: (number, sorted(made_by)) for version_id, number, made_by in found}


def _contributions(session: Session, campaign_id: UUID, contribution_ids: Collection[UUID], by: Actor) -> dict[UUID, CountedContribution]:
    names = func.array_agg(name_told(Person, by, campaign_id).distinct())
    query = select(Contribution.id, Contribution.title, names).join(Maker, Maker.contribution_id == Contribution.id)
    query = query.join(Person, Person.id == Maker.person_id).where(one_of(Contribution.id, contribution_ids)).group_by(Contribution.id)
    return {contribution_id: CountedContribution(title, makers) for contribution_id, title, makers in session.execute(query)}

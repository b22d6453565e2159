"""What a cancelled campaign owes its makers: kill fees in one journal, and the rest back to the brand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from campaigns.brief.models import WHOLE_BPS, Brief
from campaigns.brief.queries import WrittenBrief, written_brief
from campaigns.client_delivery.queries import approved_cut, components_of, latest_cut, rounds_of_changes
from campaigns.core import events
from campaigns.core.campaign import Campaign, Track
from campaigns.core.ids import new_id
from campaigns.core.people import Actor
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.curation.queries import chosen_works
from campaigns.ledger.accounts import Entry, held, payee
from campaigns.ledger.actions import post
from campaigns.payout.actions import give_back
from campaigns.payout.errors import PaymentBeingSent
from campaigns.payout.finalising import post_all_final
from campaigns.payout.gathering import gather, points_of
from campaigns.payout.models import KillFee, KillFeeLine, Line, Proposal
from campaigns.payout.queries import present_assessment
from campaigns.payout.runs.models import Item
from campaigns.payout.split import Split, inputs_hash, split, to_canonical


@dataclass(frozen=True, slots=True)
class Owed:
    """A kill fee before it is written: the fraction of the price that the brief grants now, and whom it is divided over."""

    track: Track
    price: int
    bps: int
    points: dict[UUID, int]
    cut_id: UUID | None

    @property
    def amount(self) -> int:
        return kill_fee(self.price, self.bps) if self.points else 0


def settle(session: Session, campaign: Campaign, live_tracks: Sequence[Track], *, by: Actor, at: datetime) -> None:
    """Post what is final, pay every live track's makers their kill fee, and promise the rest of what is held back to the brand.

    Raises PaymentBeingSent while a payment to someone of the campaign is on its way.
    """
    _require_nothing_being_sent(session, campaign)
    post_all_final(session, campaign.id, at=at)
    written = written_brief(session, campaign.id)
    _pay(session, written, [fee for fee in would_owe(session, written, live_tracks) if fee.amount], by=by, at=at)
    give_back(session, campaign, _("The campaign is cancelled; what it does not owe goes back."), key=f"cancelled:{campaign.id}", at=at)


def would_owe(session: Session, written: WrittenBrief, live_tracks: Sequence[Track]) -> list[Owed]:
    """The kill fee of each of these deliverables that is not posted yet, if the campaign were cancelled now."""
    return [_owed(session, written, track) for track in live_tracks if not _is_posted(session, track)]


def _require_nothing_being_sent(session: Session, campaign: Campaign) -> None:
    on_its_way = (
        exists()
        .where(Item.state.in_(("sending", "unknown")), Item.person_id == Line.person_id)
        .where(Line.proposal_id == Proposal.id, Proposal.posted_at.is_not(None))
        .where(Proposal.track_id == Track.id, Track.campaign_id == campaign.id)
    )
    if session.scalar(select(on_its_way)):
        raise PaymentBeingSent(_("A payment to someone of this campaign is being sent just now; cancel it when it has arrived."))


def _is_posted(session: Session, track: Track) -> bool:
    return bool(session.scalar(select(exists().where(Proposal.track_id == track.id, Proposal.posted_at.is_not(None)))))


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


def _owed(session: Session, written: WrittenBrief, track: Track) -> Owed:
    price = next(d.spec.price for d in written.deliverables if d.track.id == track.id)
    bps = _fraction_due(session, written.brief, track)
    points, cut_id = _to_divide_over(session, track) if bps else ({}, None)
    return Owed(track, price, bps, points, cut_id)


def _fraction_due(session: Session, brief: Brief, track: Track) -> int:
    """Nothing before client delivery; there, more after a round of changes; from the approval on the most."""
    if track.stage not in (Stage.CLIENT_DELIVERY, Stage.PAYOUT):
        return 0
    approved = approved_cut(session, track.id)
    if track.stage is Stage.PAYOUT or (approved is not None and approved.visit == track.visit):
        return brief.kill_fee_approved_bps
    if rounds_of_changes(session, track.id):
        return brief.kill_fee_after_changes_bps
    return brief.kill_fee_before_changes_bps


def _to_divide_over(session: Session, track: Track) -> tuple[dict[UUID, int], UUID | None]:
    """The assessed points where there are any, else one for each component of the latest cut, else for each work that was chosen."""
    assessment = present_assessment(session, track)
    if assessment is not None and assessment.assessed_at is not None:
        return {row.work_id: row.points for row in points_of(session, assessment)}, assessment.cut_id
    cut = latest_cut(session, track.id)
    works = components_of(session, cut.id) if cut else sorted(chosen_works(session, track.id))
    return dict.fromkeys(works, 1), cut.id if cut else None


def _pay(session: Session, written: WrittenBrief, owed: Sequence[Owed], *, by: Actor, at: datetime) -> None:
    divided = [(fee, split(gather(session, fee.track, fee.points, fee.cut_id, fee.amount).inputs)) for fee in owed]
    payable = [(fee, shares) for fee, shares in divided if shares.lines]  # where all are staff there is nobody to pay
    if not payable:
        return
    covered = from_reserve([fee.amount for fee, _shares in payable], written.budget.reserve)
    lines = [line for (fee, shares), part in zip(payable, covered, strict=True) for line in _write(session, written, fee, shares, part, at)]
    ours, currency = held(written.campaign.id, written.brief.currency), written.brief.currency
    entries = [Entry(ours, payee(line.person_id, currency), line.amount, ref=line.id) for line in lines if line.amount]
    post(session, "payout.kill_fee", f"kill_fees:{written.campaign.id}", entries, at=at)
    events.record(
        session, "payout.kill_fees_posted", by=by, at=at, campaign_id=written.campaign.id, currency=currency,
        fees={str(fee.track.id): fee.amount for fee, _shares in payable}, from_reserve=sum(covered),
    )  # fmt: skip


def _write(session: Session, written: WrittenBrief, owed: Owed, divided: Split, covered: int, at: datetime) -> list[KillFeeLine]:
    inputs = divided.inputs
    session.add(
        KillFee(
            track_id=owed.track.id, campaign_id=written.campaign.id, price=owed.price, bps=owed.bps, amount=owed.amount,
            from_reserve=covered, currency=inputs.currency, inputs=to_canonical(inputs), inputs_hash=inputs_hash(inputs), posted_at=at,
        )
    )  # fmt: skip
    session.flush()
    lines = [KillFeeLine(id=new_id(), track_id=owed.track.id, person_id=UUID(line.person), amount=line.amount) for line in divided.lines]
    session.add_all(lines)
    session.flush()
    return lines

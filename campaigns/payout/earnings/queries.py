"""A person's own money: what was earned, what is on its way, what was paid, and why the rest stays where it is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, literal, null, or_, select
from sqlalchemy.orm import Session

from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage
from campaigns.ledger.models import Journal, LedgerAccount, LedgerEntry
from campaigns.open_call.models import Maker
from campaigns.payout.balances.queries import standings_of
from campaigns.payout.balances.reasons import Reason
from campaigns.payout.models import KillFee, KillFeeLine, Proposal, ProposalLine, ProposalState
from campaigns.payout.queries import STANDING
from campaigns.payout.runs.models import Payout
from campaigns.payout.runs.states import OPEN_STATES

EARNINGS = ("payout.final", "payout.kill_fee")
UNPOSTED = (
    Proposal.state.in_(STANDING), Proposal.posted_at.is_(None), or_(Deliverable.stage == Stage.PAYOUT, Proposal.is_kill_fee),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Earning:
    """One final share or kill fee; `proposal_id` is where it is explained, None for kill fees from before they had proposals."""

    campaign: str
    deliverable: str
    amount: int
    currency: str
    at: datetime
    is_kill_fee: bool
    proposal_id: UUID | None


@dataclass(frozen=True, slots=True)
class Purse:
    """One currency, in minor units: earned in all, on the account, on its way, sent, paid, and in proposals that are open.

    What is sent is transferred and not at the person's bank yet, `bank_returned` what that sent back, paid what it has.

    `reason` says why the account's balance is not payable, with its `sentence`; None that the next run takes it but for what is `withheld`.
    """

    currency: str
    earned: int
    balance: int
    on_its_way: int
    sent: int
    bank_returned: int
    paid: int
    proposed: int
    reason: Reason | None
    sentence: str | None
    withheld: int = 0


def my_money(session: Session, *, by: Actor, at: datetime) -> Sequence[Purse]:
    """The actor's money by currency."""
    by.require(Permission.RECEIVE)
    earned, proposed = _earned(session, by.person), _proposed(session, by.person)
    items, standings = _items(session, by.person), {s.currency: s for s in standings_of(session, by.person, at)}
    purses = []
    for currency in sorted({*earned, *proposed, *standings, *(currency for currency, _state in items)}):
        standing = standings.get(currency)
        purses.append(
            Purse(
                currency, earned.get(currency, 0), standing.amount if standing else 0,
                sum(items[currency, state] for state in OPEN_STATES),
                items[currency, "sent"], items[currency, "bank_returned"], items[currency, "paid"],
                proposed.get(currency, 0), standing.reason if standing else None, standing.sentence if standing else None,
                standing.withheld if standing else 0,
            )
        )  # fmt: skip
    return purses


def earns(session: Session, *, by: Actor) -> bool:
    """Whether the actor has ever earned anything, or may: a contribution of theirs is there, or a share is proposed."""
    may = (
        exists().where(LedgerAccount.kind == "payee", LedgerAccount.owner_id == by.person)
        | exists().where(Maker.person_id == by.person)
        | exists().where(ProposalLine.person_id == by.person, ~ProposalLine.is_staff)
    )
    return session.scalar(select(may)) or False


def my_earnings(session: Session, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[tuple[UUID, Earning]]:
    """Each final share and kill fee of the actor's, newest first, under the id that pages go on from."""
    by.require(Permission.RECEIVE)
    shares = select(
        Proposal.id.label("id"), Campaign.title.label("campaign"), Deliverable.title.label("deliverable"),
        ProposalLine.amount.label("amount"), Proposal.currency.label("currency"), Proposal.posted_at.label("at"),
        Proposal.is_kill_fee, Proposal.id.label("proposal_id"),
    )  # fmt: skip
    shares = shares.join(ProposalLine, ProposalLine.proposal_id == Proposal.id).join(Deliverable, Deliverable.id == Proposal.deliverable_id)
    shares = shares.join(Campaign, Campaign.id == Deliverable.campaign_id).where(
        ProposalLine.person_id == by.person, ~ProposalLine.is_staff, Proposal.posted_at.is_not(None)
    )
    about = (KillFeeLine.amount, KillFee.currency, KillFee.owed_at, literal(True), null())
    fees = select(KillFeeLine.id, Campaign.title, Deliverable.title, *about)
    fees = fees.join(KillFee, KillFee.deliverable_id == KillFeeLine.deliverable_id).join(
        Deliverable, Deliverable.id == KillFee.deliverable_id
    )
    fees = fees.join(Campaign, Campaign.id == KillFee.campaign_id).where(KillFeeLine.person_id == by.person)
    every = shares.union_all(fees).subquery()
    query = select(every).order_by(every.c.id.desc()).limit(limit)
    rows = session.execute(query.where(every.c.id < after) if after else query)
    return [(row[0], Earning(*row[1:])) for row in rows]


@dataclass(frozen=True, slots=True)
class ProposedEarning:
    """What someone gets by a proposal that is not posted yet; contributors may comment on it until `closes_at`."""

    proposal_id: UUID
    campaign: str
    deliverable: str
    amount: int
    currency: str
    closes_at: datetime
    state: ProposalState


def my_proposed(session: Session, *, by: Actor) -> Sequence[ProposedEarning]:
    """The actor's shares in proposals that stand and are not posted yet, the first to close first."""
    by.require(Permission.RECEIVE)
    query = (
        select(Proposal.id, Campaign.title, Deliverable.title, ProposalLine.amount, Proposal.currency, Proposal.closes_at, Proposal.state)
        .join(ProposalLine, ProposalLine.proposal_id == Proposal.id)
        .join(Deliverable, Deliverable.id == Proposal.deliverable_id)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
        .where(ProposalLine.person_id == by.person, ~ProposalLine.is_staff, *UNPOSTED)
        .order_by(Proposal.closes_at, Proposal.id)
    )
    return [ProposedEarning(*row) for row in session.execute(query)]


def _earned(session: Session, person_id: UUID) -> dict[str, int]:
    query = (
        select(LedgerAccount.currency, func.sum(LedgerEntry.amount))
        .join(LedgerEntry, LedgerEntry.credit_id == LedgerAccount.id)
        .join(Journal, Journal.id == LedgerEntry.journal_id)
        .where(LedgerAccount.kind == "payee", LedgerAccount.owner_id == person_id, Journal.kind.in_(EARNINGS))
        .group_by(LedgerAccount.currency)
    )
    return {currency: int(amount) for currency, amount in session.execute(query)}


def _proposed(session: Session, person_id: UUID) -> dict[str, int]:
    query = select(Proposal.currency, func.sum(ProposalLine.amount)).join(ProposalLine, ProposalLine.proposal_id == Proposal.id)
    query = query.join(Deliverable, Deliverable.id == Proposal.deliverable_id)
    return {
        c: int(amount)
        for c, amount in session.execute(query.where(ProposalLine.person_id == person_id, *UNPOSTED).group_by(Proposal.currency))
    }


def _items(session: Session, person_id: UUID) -> dict[tuple[str, str], int]:
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    query = select(Payout.currency, Payout.state, func.sum(Payout.amount)).where(Payout.person_id == person_id)
    for currency, state, amount in session.execute(query.group_by(Payout.currency, Payout.state)):
        sums[currency, state] = int(amount)
    return sums

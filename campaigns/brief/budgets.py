"""What a campaign costs its brand, and how far that is covered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from campaigns.brief.models import WHOLE_BPS, Brief
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.db import given
from campaigns.core.money import largest_remainder
from campaigns.ledger.models import Balance, LedgerAccount
from campaigns.ledger.queries import TOTAL


@dataclass(frozen=True, slots=True)
class Budget:
    """What the brand funds, in minor units: the makers' pool, the platform's fee, a reserve that comes back unless kill fees need it."""

    pool: int
    fee: int
    reserve: int
    currency: str

    @property
    def total(self) -> int:
        return self.pool + self.fee + self.reserve


@dataclass(frozen=True, slots=True)
class Cover:
    """How far a budget is covered: what is held, what of that the brand still owes for an advance, what nobody has covered.

    `disputed` is what the customer's bank has taken back and not decided about, `unrecovered` what the brand owes anew since that was lost.
    """

    budget: Budget
    held: int
    receivable: int
    missing: int
    disputed: int = 0
    unrecovered: int = 0

    @property
    def debt(self) -> int:
        """What the brand owes of what is held: an advance, and what it took back through its bank."""
        return self.receivable + self.unrecovered

    @property
    def uncovered(self) -> int:
        """What of the campaign's money is not there, for a bank has taken it back."""
        return max(0, self.disputed + self.unrecovered)

    @property
    def owed(self) -> int:
        """What the brand has still to pay, whether or not an advance stands in for it."""
        return self.missing + self.debt

    @property
    def is_funded(self) -> bool:
        return not self.missing and not self.uncovered


def budget_of(brief: Brief, deliverables: Sequence[Deliverable]) -> Budget:
    """Pool, fee and reserve; a begun minor unit of fee or reserve counts as a whole one."""
    pool = sum(deliverable.price for deliverable in deliverables)
    return Budget(pool, _share(pool, brief.fee_bps), _share(pool, brief.reserve_bps), brief.currency)


def fee_shares(brief: Brief, deliverables: Sequence[Deliverable]) -> dict[UUID, int]:
    """The fee divided over the deliverables by their prices, so that the parts add up to it."""
    return largest_remainder(budget_of(brief, deliverables).fee, {each.id: each.price for each in deliverables})


def cancellation_fee(brief: Brief, part: int, kill_fee_bps: int) -> int:
    """What the platform keeps of its fee's `part` for a deliverable that is cancelled while its kill fee is `kill_fee_bps`."""
    match brief.cancellation_fee:
        case "full":
            return part
        case "share":
            return part * kill_fee_bps // WHOLE_BPS
        case _:
            return 0


def _share(pool: int, bps: int) -> int:
    return -(-pool * bps // WHOLE_BPS)


def cover_of(campaign: Campaign, budget: Budget, balances: Mapping[str, int]) -> Cover:
    """How far `budget` is covered by the campaign's `balances`; once it is launched or has ended nothing is missing any more."""
    held, receivable = balances.get("held", 0), balances.get("receivable", 0)
    missing = 0 if campaign.launched_at or not campaign.is_live else max(budget.total - held, 0)
    return Cover(budget, held, receivable, missing, balances.get("disputed", 0), balances.get("unrecovered", 0))


def balances_of(session: Session, campaign_ids: Collection[UUID]) -> dict[tuple[UUID, str], dict[str, int]]:
    """What is held and receivable for each of these campaigns, by campaign and currency."""
    found: dict[tuple[UUID, str], dict[str, int]] = {}
    for owner_id, currency, kind, total in session.execute(_balances(), {"ids": list(campaign_ids)}):
        found.setdefault((owner_id, currency), {})[kind] = total
    return found


@lru_cache
def _balances() -> Select[UUID, str, str, int]:
    query = select(LedgerAccount.owner_id, LedgerAccount.currency, LedgerAccount.kind, TOTAL)
    query = query.join(Balance, Balance.account_id == LedgerAccount.id)
    return query.where(given(LedgerAccount.owner_id), LedgerAccount.kind.in_(["held", "receivable", "disputed", "unrecovered"]))

"""The chart of accounts: what each kind means, which side it grows on, and whether it may be overdrawn."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

SYSTEM_OWNER = UUID(int=0)


class NormalBalance(StrEnum):
    """The side on which an account grows: debit for what we have or are owed or have spent, credit for what we owe or have earned."""

    DEBIT = "D"
    CREDIT = "C"


@dataclass(frozen=True, slots=True)
class Nature:
    """How accounts of one kind behave."""

    grows: NormalBalance
    may_overdraw: bool


NATURES: dict[str, Nature] = {
    "held": Nature(NormalBalance.CREDIT, may_overdraw=False),
    "payee": Nature(NormalBalance.CREDIT, may_overdraw=True),
    "payout_clearing": Nature(NormalBalance.CREDIT, may_overdraw=False),
    "refund_clearing": Nature(NormalBalance.CREDIT, may_overdraw=False),
    "refunds_at_stripe": Nature(NormalBalance.DEBIT, may_overdraw=False),
    "sent_to_payees": Nature(NormalBalance.CREDIT, may_overdraw=False),
    "payees_at_stripe": Nature(NormalBalance.DEBIT, may_overdraw=False),
    "fee_income": Nature(NormalBalance.CREDIT, may_overdraw=True),
    "receivable": Nature(NormalBalance.DEBIT, may_overdraw=False),
    "stripe_available": Nature(NormalBalance.DEBIT, may_overdraw=True),
    "stripe_pending": Nature(NormalBalance.DEBIT, may_overdraw=True),
    "stripe_reserved": Nature(NormalBalance.DEBIT, may_overdraw=True),
    "payee_losses": Nature(NormalBalance.DEBIT, may_overdraw=True),
    "stripe_fees": Nature(NormalBalance.DEBIT, may_overdraw=True),
    "bank": Nature(NormalBalance.DEBIT, may_overdraw=True),
    "disputed": Nature(NormalBalance.DEBIT, may_overdraw=True),
    "unrecovered": Nature(NormalBalance.DEBIT, may_overdraw=False),
    "dispute_losses": Nature(NormalBalance.DEBIT, may_overdraw=True),
    "conversion": Nature(NormalBalance.DEBIT, may_overdraw=True),
    "exchange_gains": Nature(NormalBalance.CREDIT, may_overdraw=True),
}


class Account(NamedTuple):
    """One account, named by what it is for; it comes to be at the first posting that names it."""

    kind: str
    owner_id: UUID
    currency: str

    @property
    def nature(self) -> Nature:
        return NATURES[self.kind]


class Entry(NamedTuple):
    """`amount` minor units from `credit` to `debit`, both of one currency; `ref` is unique within its journal."""

    debit: Account
    credit: Account
    amount: int
    ref: UUID | None = None


def held(campaign_id: UUID, currency: str) -> Account:
    """What we hold of a brand's for a campaign: pool, fee and reserve, until each is earned, paid out or given back; never below zero."""
    return Account("held", campaign_id, currency)


def payee(person_id: UUID, currency: str) -> Account:
    """What we owe a person; below zero after a claw-back, which later earnings make good."""
    return Account("payee", person_id, currency)


def payout_clearing(currency: str) -> Account:
    """What payout runs have reserved and the provider has not yet taken."""
    return Account("payout_clearing", SYSTEM_OWNER, currency)


def refunds_at_stripe(campaign_id: UUID, currency: str) -> Account:
    """What Stripe has taken for a campaign's brand and that brand's bank does not have yet; until it has, it stays promised."""
    return Account("refunds_at_stripe", campaign_id, currency)


def sent_to_payees(currency: str) -> Account:
    """What payees have been sent and their banks do not have yet: no debt of ours any more, and watched until it has arrived."""
    return Account("sent_to_payees", SYSTEM_OWNER, currency)


def payees_at_stripe(currency: str) -> Account:
    """The other side of it: what lies on payees' own accounts at Stripe, or is on its way from there to their banks."""
    return Account("payees_at_stripe", SYSTEM_OWNER, currency)


def refund_clearing(campaign_id: UUID, currency: str) -> Account:
    """What is promised back to a campaign's brand and not yet refunded."""
    return Account("refund_clearing", campaign_id, currency)


def fee_income(currency: str) -> Account:
    """The platform's fees, earned when proposals are final."""
    return Account("fee_income", SYSTEM_OWNER, currency)


def receivable(campaign_id: UUID, currency: str) -> Account:
    """What a brand owes for a campaign that finance let start in advance."""
    return Account("receivable", campaign_id, currency)


def stripe_available(currency: str) -> Account:
    """What Stripe would let us transfer today."""
    return Account("stripe_available", SYSTEM_OWNER, currency)


def stripe_pending(currency: str) -> Account:
    """What Stripe has of ours and does not release yet."""
    return Account("stripe_pending", SYSTEM_OWNER, currency)


def stripe_reserved(currency: str) -> Account:
    """What Stripe keeps back of our balance: against payees' accounts that are below zero, or against risks of ours."""
    return Account("stripe_reserved", SYSTEM_OWNER, currency)


def payee_losses(currency: str) -> Account:
    """What payees' accounts at Stripe were short of and Stripe took from us for good, as we bear it."""
    return Account("payee_losses", SYSTEM_OWNER, currency)


def stripe_fees(currency: str) -> Account:
    """What Stripe has charged us."""
    return Account("stripe_fees", SYSTEM_OWNER, currency)


def bank(currency: str) -> Account:
    """What came to, or left, our bank account by hand."""
    return Account("bank", SYSTEM_OWNER, currency)


def disputed(owner_id: UUID, currency: str) -> Account:
    """What customers' banks have taken back of a campaign's payments and not decided about yet; the system's own of nobody's payment."""
    return Account("disputed", owner_id, currency)


def unrecovered(campaign_id: UUID, currency: str) -> Account:
    """What a brand owes anew, because a dispute of its payment was lost, until it pays or we bear it."""
    return Account("unrecovered", campaign_id, currency)


def dispute_losses(currency: str) -> Account:
    """What lost disputes have cost us."""
    return Account("dispute_losses", SYSTEM_OWNER, currency)


def conversion(currency: str) -> Account:
    """Between two currencies: in the one we owe what was paid, above zero, in the other Stripe gave us what it made of it, below zero."""
    return Account("conversion", SYSTEM_OWNER, currency)


def exchange_gains(currency: str) -> Account:
    """What changing rates have brought us between a payment and its refund; below zero what they have cost."""
    return Account("exchange_gains", SYSTEM_OWNER, currency)

"""What moves on our balance without a message of ours, and the account on the other side of each movement."""

from collections.abc import Callable, Mapping

from campaigns.ledger.accounts import Account, bank, payee_losses, stripe_fees, stripe_reserved
from campaigns.payments.gateway import BalanceMovement

# Finance is told of money that Stripe keeps back, or takes for a payee.
TOLD = frozenset({"reserve_transaction", "reserved_funds", "reserve_hold", "connect_collection_transfer"})
BETWEEN_US_AND_OUR_BANK = frozenset({"topup", "topup_reversal", "payout", "payout_cancel", "payout_failure"})
CHARGED_TO_US = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee"})
# Kept back of our balance and given free again (https://docs.stripe.com/reports/balance-transaction-types).
KEPT_BACK = frozenset({
    "reserve_transaction", "reserved_funds", "reserve_hold", "reserve_release", "payment_network_reserve_hold",
    "payment_network_reserve_release", "payout_minimum_balance_hold", "payout_minimum_balance_release",
})  # fmt: skip
# A payee's account that was below zero for half a year: the platform bears it.
COLLECTED = frozenset({"connect_collection_transfer"})
OWN_MOVEMENTS = BETWEEN_US_AND_OUR_BANK | CHARGED_TO_US | KEPT_BACK | COLLECTED
OTHER_SIDE: Mapping[str, Callable[[str], Account]] = {
    **dict.fromkeys(BETWEEN_US_AND_OUR_BANK, bank),
    **dict.fromkeys(CHARGED_TO_US, stripe_fees),
    **dict.fromkeys(KEPT_BACK, stripe_reserved),
    **dict.fromkeys(COLLECTED, payee_losses),
}


def parts_of(movement: BalanceMovement) -> Mapping[Account, int]:
    """The other side of such a movement, with its amount."""
    return {OTHER_SIDE[movement.kind](movement.currency): abs(movement.amount)}

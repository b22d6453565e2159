"""What accounts and journals are called on a page."""

from collections.abc import Mapping

from campaigns.core.words import _


def account_name(kind: str) -> str:
    """What a kind of account is called."""
    words = {
        "held": _("Held for campaigns"),
        "payee": _("Owed to payees"),
        "payout_clearing": _("Reserved for payout runs"),
        "refund_clearing": _("Refunds owed to brands"),
        "refunds_at_stripe": _("Refunds in transit at Stripe"),
        "sent_to_payees": _("Sent to payees, not received yet"),
        "payees_at_stripe": _("In payees' Stripe accounts"),
        "fee_income": _("Fees earned"),
        "receivable": _("Owed by brands"),
        "stripe_available": _("Stripe balance, available"),
        "stripe_pending": _("Stripe balance, pending"),
        "stripe_reserved": _("Stripe balance, reserved"),
        "payee_losses": _("Losses on payees' accounts"),
        "stripe_fees": _("Stripe fees"),
        "bank": _("Our bank account"),
        "disputed": _("In dispute"),
        "unrecovered": _("Owed by brands after a lost dispute"),
        "dispute_losses": _("Dispute losses"),
        "conversion": _("Converted by Stripe"),
        "exchange_gains": _("Exchange gains and losses"),
    }
    return words.get(kind, kind)


def source_name(kind: str) -> str:
    """What a kind of our balance at Stripe is called; a transfer takes from one alone."""
    words = {"card": _("from cards and bank debits"), "bank_account": _("from legacy ACH debits"), "fpx": _("from FPX")}
    return words.get(kind, kind)


def account_meaning(kind: str) -> str:
    """What stands on such an account."""
    words = {
        "held": _("Money paid in by brands (pool, fee and reserve) until it is earned, paid out or refunded."),
        "payee": _("Earnings not paid yet. A negative balance is an overpayment."),
        "payout_clearing": _("Money reserved for payout runs that Stripe has not transferred yet."),
        "refund_clearing": _("Money owed to a brand and not refunded yet."),
        "refunds_at_stripe": _("Refunds Stripe has sent that the brand's bank has not received. They stay owed until then."),
        "sent_to_payees": _("Money sent to payees that their banks have not received. It is theirs; we no longer owe it."),
        "payees_at_stripe": _("The same money by location: in payees' Stripe accounts, or on its way to their banks."),
        "fee_income": _("Our fees, earned when a proposal is final."),
        "receivable": _("What a brand owes for a campaign we started before it paid."),
        "stripe_available": _("What we can transfer today."),
        "stripe_pending": _("Our money at Stripe that is not available yet."),
        "stripe_reserved": _("What Stripe reserves for payees' negative accounts or for risks."),
        "payee_losses": _("What Stripe took from us because payees' Stripe accounts were negative for six months."),
        "stripe_fees": _("Fees that Stripe has charged us."),
        "bank": _("Manual transfers to or from our bank account."),
        "disputed": _("What customers' banks have withdrawn in disputes that are not decided yet."),
        "unrecovered": _("What a brand owes again after disputing a payment, until it pays or we write it off."),
        "dispute_losses": _("Our losses from disputes."),
        "conversion": _("What Stripe converted: positive is what was paid in this currency, negative is what was converted into it."),
        "exchange_gains": _("Gains from exchange rates that changed between a payment and its refund. A negative amount is a loss."),
    }
    return words.get(kind, "")


def journal_name(kind: str) -> str:
    """What happened, in the words of the trade."""
    plain = kind.removesuffix(".reversed")
    word = _journal_words().get(plain, plain)
    return word if plain == kind else _("{what} (reversed)", what=word)


def _journal_words() -> Mapping[str, str]:
    return {
        "payout.final": _("Share of a final proposal"),
        "payout.kill_fee": _("Kill fee"),
        "payout.cancellation_fee": _("Platform fee of a canceled campaign"),
        "payout.reserved": _("Reserved for a payment"),
        "payout.settled": _("Payment settled"),
        "payout.sent": _("Sent to the payee's account at Stripe"),
        "payout.arrived": _("Received by the payee's bank"),
        "payout.bank_returned": _("Returned by the payee's bank"),
        "payout.taken_back": _("Reversed before it arrived"),
        "payout.released": _("Payment discarded"),
        "payout.returned": _("Payment reversed"),
        "payout.clawed_back": _("Sent twice, owed by the payee"),
        "brief.receipt": _("Bank transfer received"),
        "brief.advance": _("Advance"),
        "brief.refund_promised": _("Refund owed"),
        "brief.refund_by_hand": _("Refund by bank transfer"),
        "brief.payment": _("Invoice paid"),
        "brief.refund": _("Refund"),
        "brief.refund_arrived": _("Refund received by the brand's bank"),
        "brief.refund_returned": _("Refund returned"),
        "brief.dispute_withdrawn": _("Withdrawn by the customer's bank"),
        "brief.dispute_reinstated": _("Dispute won, money returned"),
        "brief.dispute_lost": _("Dispute lost"),
        "brief.dispute_found": _("Lost dispute reopened"),
        "brief.dispute_assigned": _("Dispute matched to its campaign"),
        "brief.dispute_borne": _("Lost dispute written off"),
        "stripe.settled": _("Became available at Stripe"),
        "stripe.topup": _("Top-up of our balance at Stripe"),
        "stripe.stripe_fee": _("Fee charged by Stripe"),
        "stripe.reserve_transaction": _("Reserved by Stripe for payees' negative accounts"),
        "stripe.reserved_funds": _("Reserved by Stripe"),
        "stripe.reserve_hold": _("Reserved by Stripe"),
        "stripe.reserve_release": _("Released by Stripe"),
        "stripe.connect_collection_transfer": _("Taken by Stripe for payees' negative accounts"),
        "stripe.payout": _("Paid out by Stripe to our bank"),
    }

"""What accounts and journals are called on a page."""

from collections.abc import Mapping

from campaigns.core.words import _


def account_name(kind: str) -> str:
    """What a kind of account is called."""
    words = {
        "held": _("Held for campaigns"),
        "payee": _("Owed to people"),
        "payout_clearing": _("Set aside for runs"),
        "refund_clearing": _("Promised back to brands"),
        "refunds_at_stripe": _("On its way back to brands at Stripe"),
        "sent_to_payees": _("Sent to people, not arrived"),
        "payees_at_stripe": _("With people at Stripe"),
        "fee_income": _("Fees earned"),
        "receivable": _("Owed by brands"),
        "stripe_available": _("With Stripe, available"),
        "stripe_pending": _("With Stripe, pending"),
        "stripe_reserved": _("With Stripe, kept back"),
        "payee_losses": _("Lost on payees' accounts"),
        "stripe_fees": _("Stripe's charges"),
        "bank": _("Our bank account"),
        "disputed": _("In dispute"),
        "unrecovered": _("Owed by brands after a lost dispute"),
        "dispute_losses": _("Lost in disputes"),
        "conversion": _("Converted by Stripe"),
        "exchange_gains": _("Exchange gains and losses"),
    }
    return words.get(kind, kind)


def source_name(kind: str) -> str:
    """What a kind of our balance at Stripe is called; a transfer takes from one alone."""
    words = {"card": _("from cards"), "bank_account": _("from bank debits"), "fpx": _("from FPX")}
    return words.get(kind, kind)


def account_meaning(kind: str) -> str:
    """What stands on such an account."""
    words = {
        "held": _("What brands have paid in: pool, fee and reserve, until each is earned, paid out or given back."),
        "payee": _("What people have earned and not been paid yet; below zero, what was paid too much."),
        "payout_clearing": _("What payout runs have reserved and Stripe has not taken yet."),
        "refund_clearing": _("What is promised back to a brand and not refunded yet."),
        "refunds_at_stripe": _("What Stripe has taken for a brand and the brand's bank does not have yet; it stays promised until then."),
        "sent_to_payees": _("What was sent to people and their banks do not have yet. It is theirs, and no debt of ours any more."),
        "payees_at_stripe": _("The same money, where it is: on people's own accounts at Stripe, or on its way from there to their banks."),
        "fee_income": _("Our fees, earned when proposals are final."),
        "receivable": _("What a brand owes for a campaign that we let start in advance."),
        "stripe_available": _("What Stripe would let us transfer today."),
        "stripe_pending": _("What Stripe has of ours and does not release yet."),
        "stripe_reserved": _("What Stripe keeps back of ours while payees' accounts there are below zero, or against risks."),
        "payee_losses": _("What payees' accounts at Stripe were short of for half a year, which Stripe then took from us."),
        "stripe_fees": _("What Stripe has charged us."),
        "bank": _("What came to, or left, our bank account by hand."),
        "disputed": _("What customers' banks have taken back and not decided about yet."),
        "unrecovered": _("What a brand owes again because it took a payment back through its bank, until it pays or we bear it."),
        "dispute_losses": _("What lost disputes have cost us."),
        "conversion": _(
            "What Stripe changed into another currency: above zero what was paid in this one, below zero what it was changed into."
        ),
        "exchange_gains": _("What rates that changed between a payment and its refund have brought us; below zero, what they have cost."),
    }
    return words.get(kind, "")


def journal_name(kind: str) -> str:
    """What happened, in the words of the trade."""
    plain = kind.removesuffix(".reversed")
    word = _journal_words().get(plain, plain)
    return word if plain == kind else _("{what} (undone)", what=word)


def _journal_words() -> Mapping[str, str]:
    return {
        "payout.final": _("Share of a final proposal"),
        "payout.kill_fee": _("Kill fee"),
        "payout.cancellation_fee": _("Platform fee of a cancelled campaign"),
        "payout.reserved": _("Set aside for a payment"),
        "payout.settled": _("Payment settled"),
        "payout.sent": _("Sent to the payee's account at Stripe"),
        "payout.arrived": _("Arrived at the payee's bank"),
        "payout.bank_returned": _("Sent back by the payee's bank"),
        "payout.taken_back": _("Taken back before it arrived"),
        "payout.released": _("Payment given up"),
        "payout.returned": _("Payment came back"),
        "payout.clawed_back": _("Sent twice, owed back"),
        "brief.receipt": _("Bank transfer received"),
        "brief.advance": _("Advance"),
        "brief.refund_promised": _("Refund promised"),
        "brief.refund_by_hand": _("Refund by bank transfer"),
        "brief.payment": _("Invoice paid"),
        "brief.refund": _("Refund"),
        "brief.refund_arrived": _("Refund at the brand's bank"),
        "brief.refund_returned": _("Refund came back"),
        "brief.dispute_withdrawn": _("Taken back by the customer's bank"),
        "brief.dispute_reinstated": _("Dispute won, money returned"),
        "brief.dispute_lost": _("Dispute lost"),
        "brief.dispute_found": _("Lost dispute reopened"),
        "brief.dispute_assigned": _("Dispute matched to its campaign"),
        "brief.dispute_borne": _("Lost dispute borne by us"),
        "stripe.settled": _("Became available at Stripe"),
        "stripe.topup": _("Top-up of our balance at Stripe"),
        "stripe.stripe_fee": _("Charged by Stripe"),
        "stripe.reserve_transaction": _("Kept back by Stripe for payees' accounts below zero"),
        "stripe.reserved_funds": _("Kept back by Stripe"),
        "stripe.reserve_hold": _("Kept back by Stripe"),
        "stripe.reserve_release": _("Given free by Stripe"),
        "stripe.connect_collection_transfer": _("Taken by Stripe for payees' accounts below zero"),
        "stripe.payout": _("Paid out by Stripe to our bank"),
    }

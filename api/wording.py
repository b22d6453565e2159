"""What things are called on pages: the words for stages, roles, material and movements, in the reader's language."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from campaigns.core.blockers import Blocker
from campaigns.core.words import _, current_locale
from campaigns.payout.balances.reasons import Reason


def once_a_language(words: Callable[[], Mapping[str, str]]) -> Callable[[], Mapping[str, str]]:
    """These words in the reader's language, looked up once for each: a page names some of them in every row."""

    @lru_cache
    def said(_locale: str) -> Mapping[str, str]:
        return words()

    return lambda: said(current_locale())


@once_a_language
def _stages() -> Mapping[str, str]:
    return {
        "brief": _("Brief"),
        "open_call": _("Open call"),
        "collaboration": _("Collaboration"),
        "curation": _("Curation"),
        "client_delivery": _("Client delivery"),
        "payout": _("Payout"),
        "done": _("Done"),
        "cancelled": _("Canceled"),
    }


def stage_name(stage: str) -> str:
    """The stage's word on its tape."""
    return _stages()[stage]


@once_a_language
def _roles() -> Mapping[str, str]:
    return {
        "member": _("Member"),
        "artist": _("Artists"),
        "manager": _("Manager"),
        "curator": _("Curator"),
        "leader": _("Leader"),
        "editor": _("Editor"),
        "signer": _("Signer"),
        "approver": _("Approver"),
        "brand_administrator": _("Brand administrator"),
        "finance": _("Finance"),
        "operator": _("Operator"),
        "brand": _("The brand"),
        "callboard": _("Callboard itself"),
    }


def role_name(role: str) -> str:
    """What a role, or whoever a gate waits for, is called."""
    return _roles()[role]


@once_a_language
def _scopes() -> Mapping[str, str]:
    return {
        "*": _("Everything that you can do"),
        "account": _("Account: your emails, notifications, sessions and tokens"),
        "brand": _("Brands and their people"),
        "brief": _("Brief and funding"),
        "campaign": _("Campaigns: their status, people and operation"),
        "client_delivery": _("Client delivery"),
        "collaboration": _("Collaboration"),
        "curation": _("Curation"),
        "open_call": _("Open call"),
        "payout": _("Payouts and your own money"),
        "profile": _("Your profile"),
    }


def scope_name(scope: str) -> str:
    """What a token with this scope may do."""
    return _scopes()[scope]


@once_a_language
def _parts() -> Mapping[str, str]:
    return {
        "manager": _("Partnership manager"),
        "member": _("Member"),
        "artist": _("Artist"),
        "curator": _("Curator"),
        "leader": _("Leader"),
        "editor": _("Editor"),
        "signer": _("Brand client who signs"),
        "approver": _("Brand client who approves"),
        "brand_administrator": _("Brand client who appoints"),
        "finance": _("Finance"),
        "operator": _("Operator"),
    }


def part_name(role: str) -> str:
    """A role as the part that someone plays, for whoever has not met it yet."""
    return _parts()[role]


@once_a_language
def _duties() -> Mapping[str, str]:
    return {
        "manager": _("Writes the brief, opens the call, assigns curators, delivers, and proposes who is paid what."),
        "member": _("Is signed in and can change their own profile."),
        "artist": _("Submits contributions, remixes those of others, and is paid for what is used."),
        "curator": _("Screens contributions and reviews them blind, on quality alone."),
        "leader": _("Decides when the material for a deliverable is complete."),
        "editor": _("Makes each version of a deliverable from the selected contributions."),
        "signer": _("Signs the brief for the brand."),
        "approver": _("Reviews each version, leaves notes, and approves it for the brand."),
        "brand_administrator": _("Appoints who signs and who approves for the brand."),
        "finance": _("Confirms incoming money and releases payouts, always with a second person."),
        "operator": _("Keeps the installation running and appoints staff."),
    }


def part_of(role: str) -> str:
    """What someone in this role does, in one sentence."""
    return _duties()[role]


@once_a_language
def _outside() -> Mapping[str, str]:
    return {
        "stock_music": _("Stock music"),
        "font": _("Font"),
        "footage": _("Footage"),
        "picture": _("Picture"),
        "sound_effect": _("Sound effect"),
        "other": _("Other"),
    }


def outside_name(kind: str) -> str:
    """What a kind of material from outside is called."""
    return _outside()[kind]


@once_a_language
def _movements() -> Mapping[str, str]:
    return {
        "payout.final": _("Your share of a final proposal"),
        "payout.kill_fee": _("Kill fee of a canceled campaign"),
        "payout.sent": _("Sent to you"),
        "payout.adopted": _("Sent to you"),
        "payout.arrived": _("Received by your bank"),
        "payout.bank_returned": _("Returned by your bank"),
        "payout.reserved": _("Reserved for a payment to you"),
        "payout.settled": _("A payment failed; the amount is back in your balance"),
        "payout.released": _("A payment was not sent; the amount is back in your balance"),
        "payout.returned": _("A payment was returned; the amount is back in your balance"),
        "payout.clawed_back": _("Sent twice; deducted from your next earnings"),
    }


def movement_name(kind: str) -> str:
    """What moved on a payee's account, as they would say it."""
    return _movements().get(kind, _("Correction"))


@once_a_language
def _stays() -> Mapping[str, str]:
    return {
        Reason.NEGATIVE: _("Was paid more than they earned"),
        Reason.HELD: _("On hold"),
        Reason.ON_ITS_WAY: _("A payment is on its way"),
        Reason.NO_ROUTE: _("We cannot pay to their country yet"),
        Reason.BELOW_MINIMUM: _("Below the minimum payment"),
        Reason.NO_ACCOUNT: _("Has not set up their payout account"),
        Reason.ACCOUNT_REFUSED: _("Stripe refused their account"),
        Reason.COUNTRY_CHANGED: _("Country changed; finance has to review it"),
        Reason.ACCOUNT_PAUSED: _("We have paused their Stripe account"),
        Reason.ACCOUNT_CHECKED: _("Stripe is checking their details"),
        Reason.NOT_ONBOARDED: _("Stripe needs more information from them"),
        Reason.BANK_NEEDED: _("Stripe cannot pay out to their bank account"),
        Reason.ACCOUNT_CHANGED: _("Account changed since the run was prepared"),
        Reason.COOLING: _("Changed their payout account recently"),
        Reason.UNCOVERED: _("The brand's payment is in dispute"),
    }


def blocked_name(reason: str) -> str:
    """Why a balance or a payment does not go out, as finance says it."""
    return _stays()[reason]


@once_a_language
def _shortfalls() -> Mapping[str, str]:
    return {
        "adjustment": _("Debited by Stripe"),
        "connect_collection_transfer": _("Debited by Stripe"),
        "payment_refund": _("A payment was reversed"),
        "payout": _("A payout to their bank"),
        "stripe_fee": _("Fee charged by Stripe"),
        "stripe_fx_fee": _("Fee charged by Stripe"),
    }


def shortfall_name(kind: str) -> str:
    """What took a payee's account at Stripe below zero; a kind that is rare, as Stripe calls it."""
    return _shortfalls().get(kind, kind)


@once_a_language
def _in_short() -> Mapping[str, str]:
    return {
        "call_open": _("The call is open."),
        "collaboration_open": _("Open for remixes."),
        "window_open": _("Open for comments."),
    }


def in_short(wait: Blocker) -> str:
    """What is waited for, as a card says it; without the moment, which the card has beside it."""
    return _in_short().get(wait.code, wait.message)


FILTERS: dict[str, Any] = {
    "in_short": in_short,
    "stage_name": stage_name,
    "scope_name": scope_name,
    "role_name": role_name,
    "part_name": part_name,
    "part_of": part_of,
    "outside_name": outside_name,
    "blocked_name": blocked_name,
    "shortfall_name": shortfall_name,
    "movement_name": movement_name,
}

"""What things are called on pages: the words for stages, roles, material and movements, in the reader's language."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from campaigns.core.stages import Blocker
from campaigns.core.words import _, current_locale
from campaigns.payout.runs.reasons import Reason


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
        "cancelled": _("Cancelled"),
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
        "*": _("Everything that you may do"),
        "account": _("Account: your letters, needs, sessions and tokens"),
        "brand": _("Brands and their people"),
        "brief": _("Brief and funding"),
        "campaign": _("Campaigns: where they stand, their people, operation"),
        "client_delivery": _("Client delivery"),
        "collaboration": _("Collaboration"),
        "curation": _("Curation"),
        "open_call": _("Open call"),
        "payout": _("Payout and your own money"),
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
        "member": _("Is signed in, and changes their own profile."),
        "artist": _("Sends in works, remixes others' and is paid for what was used."),
        "curator": _("Screens, and judges works on quality alone, without a name to them."),
        "leader": _("Says when the material for a deliverable is complete."),
        "editor": _("Makes each version of a deliverable from the chosen works."),
        "signer": _("Signs the brief for the brand."),
        "approver": _("Looks at each version, leaves notes, and approves it for the brand."),
        "brand_administrator": _("Appoints who signs and who approves for the brand."),
        "finance": _("Confirms what came in and releases what goes out, always by two."),
        "operator": _("Keeps the installation running and appoints the house's people."),
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
        "other": _("Something else"),
    }


def outside_name(kind: str) -> str:
    """What a kind of material from outside is called."""
    return _outside()[kind]


@once_a_language
def _movements() -> Mapping[str, str]:
    return {
        "payout.final": _("Your share of a final proposal"),
        "payout.kill_fee": _("Kill fee of a cancelled campaign"),
        "payout.sent": _("Sent to you"),
        "payout.adopted": _("Sent to you"),
        "payout.arrived": _("Arrived at your bank"),
        "payout.bank_returned": _("Sent back by your bank"),
        "payout.reserved": _("Set aside for a payment to you"),
        "payout.settled": _("A payment did not go through; back on your account"),
        "payout.released": _("A payment was not sent; back on your account"),
        "payout.returned": _("A payment came back; on your account again"),
        "payout.clawed_back": _("Sent twice; your next earnings make up for it"),
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
        Reason.NO_ROUTE: _("No way to pay to their country yet"),
        Reason.BELOW_MINIMUM: _("Below the smallest payment"),
        Reason.NO_ACCOUNT: _("Has not set up how they are paid"),
        Reason.ACCOUNT_REFUSED: _("Stripe refused their account"),
        Reason.COUNTRY_CHANGED: _("Country changed; finance has to look"),
        Reason.ACCOUNT_PAUSED: _("We have paused their account with Stripe"),
        Reason.ACCOUNT_CHECKED: _("Stripe is checking their details"),
        Reason.NOT_ONBOARDED: _("Stripe still needs something of them"),
        Reason.BANK_NEEDED: _("Stripe cannot pay out to their bank account"),
        Reason.ACCOUNT_CHANGED: _("Account changed since the quote"),
        Reason.COOLING: _("Changed where their money goes a short time ago"),
        Reason.UNCOVERED: _("The brand's payment is in dispute"),
    }


def stay_name(reason: str) -> str:
    """Why a balance or a payment does not go out, as finance says it."""
    return _stays()[reason]


@once_a_language
def _in_short() -> Mapping[str, str]:
    return {
        "call_open": _("The call is open."),
        "collaboration_open": _("Works may be built on."),
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
    "stay_name": stay_name,
    "movement_name": movement_name,
}

"""What things are called on pages: the words for stages, roles, material and movements, in the reader's language."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from campaigns.core.stages import Blocker
from campaigns.core.words import _, current_locale


def stage_name(stage: str) -> str:
    """The stage's word on its tape."""
    return _stages(current_locale())[stage]


@lru_cache
def _stages(_locale: str) -> Mapping[str, str]:
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


def role_name(role: str) -> str:
    """What a role, or whoever a gate waits for, is called."""
    return _roles(current_locale())[role]


@lru_cache
def _roles(_locale: str) -> Mapping[str, str]:
    return {
        "artist": _("Artists"),
        "manager": _("Manager"),
        "curator": _("Curator"),
        "leader": _("Leader"),
        "editor": _("Editor"),
        "signer": _("Signer"),
        "approver": _("Approver"),
        "finance": _("Finance"),
        "operator": _("Operator"),
        "brand": _("The brand"),
        "callboard": _("Callboard itself"),
    }


def part_name(role: str) -> str:
    """A role as the part that someone plays, for whoever has not met it yet."""
    words = {
        "manager": _("Partnership manager"),
        "artist": _("Artist"),
        "curator": _("Curator"),
        "leader": _("Leader"),
        "editor": _("Editor"),
        "signer": _("Brand client who signs"),
        "approver": _("Brand client who approves"),
        "finance": _("Finance"),
        "operator": _("Operator"),
    }
    return words[role]


def part_of(role: str) -> str:
    """What someone in this role does, in one sentence."""
    words = {
        "manager": _("Writes the brief, opens the call, assigns curators, delivers, and proposes who is paid what."),
        "artist": _("Sends in works, remixes others' and is paid for what was used."),
        "curator": _("Screens, and judges works on quality alone, without a name to them."),
        "leader": _("Says when the material for a deliverable is complete."),
        "editor": _("Makes each version of a deliverable from the chosen works."),
        "signer": _("Signs the brief for the brand."),
        "approver": _("Looks at each version, leaves notes, and approves it for the brand."),
        "finance": _("Confirms what came in and releases what goes out, always by two."),
        "operator": _("Keeps the installation running and appoints the house's people."),
    }
    return words[role]


def outside_name(kind: str) -> str:
    """What a kind of material from outside is called."""
    words = {
        "stock_music": _("Stock music"),
        "font": _("Font"),
        "footage": _("Footage"),
        "picture": _("Picture"),
        "sound_effect": _("Sound effect"),
        "other": _("Something else"),
    }
    return words[kind]


def movement_name(kind: str) -> str:
    """What moved on a payee's account, as they would say it."""
    words = {
        "payout.final": _("Your share of a final proposal"),
        "payout.kill_fee": _("Kill fee of a cancelled campaign"),
        "payout.reserved": _("Set aside for a payment to you"),
        "payout.settled": _("A payment did not go through; back on your account"),
        "payout.released": _("A payment was not sent; back on your account"),
        "payout.returned": _("A payment came back; on your account again"),
        "payout.clawed_back": _("Paid twice; your next earnings make up for it"),
    }
    return words.get(kind, _("Correction"))


def in_short(wait: Blocker) -> str:
    """What is waited for, as a card says it; without the moment, which the card has beside it."""
    return _short(current_locale()).get(wait.code, wait.message)


@lru_cache
def _short(_locale: str) -> Mapping[str, str]:
    return {
        "call_open": _("The call is open."),
        "collaboration_open": _("Works may be built on."),
        "window_open": _("Open for comments."),
    }


FILTERS: dict[str, Any] = {
    "in_short": in_short,
    "stage_name": stage_name,
    "role_name": role_name,
    "part_name": part_name,
    "part_of": part_of,
    "outside_name": outside_name,
    "movement_name": movement_name,
}

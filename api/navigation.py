"""Which rooms a reader is shown the way to, and which of them is theirs."""

from dataclasses import dataclass

from campaigns.core.campaign import Campaign
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission, Role
from campaigns.core.words import _


@dataclass(frozen=True, slots=True)
class Room:
    """A place in the top bar."""

    address: str
    name: str


def rooms(by: Actor, *, earns: bool = False) -> list[Room]:
    """The rooms of every role that the actor holds, their own first, and their money if there is any; a guest is shown the open calls."""
    held = {grant.role for grant in by.grants}
    doors = (
        ({Role.MANAGER}, "/board", _("Board")),
        ({Role.SIGNER, Role.APPROVER}, "/deliveries", _("Deliveries")),
        ({Role.BRAND_ADMINISTRATOR}, "/brands", _("Brands")),
        ({Role.CURATOR}, "/desk", _("Reviews")),
        ({Role.EDITOR, Role.LEADER}, "/versions", _("Versions")),
        ({Role.FINANCE}, "/runs", _("Payouts")),
        ({Role.FINANCE}, "/ledger", _("Ledger")),
        ({Role.OPERATOR}, "/status", _("Status")),
    )
    of_roles = [Room(address, name) for roles, address, name in doors if roles & held]
    calls, contributions, money = (
        Room("/calls", _("Open calls")),
        Room("/me/contributions", _("My contributions")),
        Room("/me/money", _("My money")),
    )
    if of_roles:
        return [*of_roles, calls, *([money] if earns else [])]
    return [contributions, calls, money] if by.person_id else [calls]


def rooms_of(campaign: Campaign, by: Actor) -> dict[str, Room]:
    """The rooms of one campaign that the actor may enter, by their keys; those after its brief exist once it is launched."""
    within = f"/campaigns/{campaign.id}"
    versions = f"/versions?campaign={campaign.id}" if by.may(Permission.MAKE_VERSION, campaign) else f"/deliveries?campaign={campaign.id}"
    doors = (
        ("overview", Permission.VIEW_CAMPAIGN, within, _("Overview"), True),
        ("brief", Permission.VIEW_BRIEF, f"{within}/brief", _("Brief"), True),
        ("call", Permission.VIEW_CAMPAIGN, f"/calls/{campaign.id}", _("Call"), False),
        ("screening", Permission.SCREEN, f"{within}/screening", _("Screening"), False),
        ("claims", Permission.DECIDE_SOURCE, f"{within}/claims", _("Claims"), False),
        ("curation", Permission.SELECT, f"{within}/curation", _("Curation"), False),
        ("delivery", Permission.VIEW_VERSIONS, versions, _("Delivery"), False),
        ("payout", Permission.VIEW_PROPOSAL, f"{within}/payout", _("Payout"), False),
        ("people", Permission.GRANT_ROLES, f"{within}/people", _("People"), True),
    )
    is_launched = campaign.launched_at is not None
    return {
        key: Room(address, name)
        for key, permission, address, name, is_there_from_the_start in doors
        if (is_there_from_the_start or is_launched) and by.may(permission, campaign)
    }

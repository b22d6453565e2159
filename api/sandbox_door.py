"""Who may use what only a sandbox has, its clock and everyone's sessions: whoever sits at the machine that it runs on."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request

from campaigns.core.errors import NotFound
from campaigns.core.settings import settings
from campaigns.core.words import _


def is_open(request: Request) -> bool:
    """Whether no provider is real, Callboard calls itself by a name of this machine, and so do the request and whoever sent it."""
    sent_from = request.client.host if request.client else None
    names = (urlsplit(settings().public_url).hostname, request.url.hostname, sent_from)
    return settings().clock_is_movable and all(map(_is_this_machine, names))


def require_sandbox(request: Request) -> None:
    """Raise NotFound, as if there were no such page, wherever the door is shut."""
    if not is_open(request):
        raise NotFound(_("There is nothing at this address."))


def _is_this_machine(name: str | None) -> bool:
    if name is None or name == "localhost":
        return name is not None
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False

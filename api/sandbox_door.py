"""Who may use what only a sandbox has, its clock and everyone's sessions: whoever sits at the machine that it runs on."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request

from campaigns.core.errors import Forbidden, NotFound
from campaigns.core.settings import settings
from campaigns.core.words import _

# What a browser at the machine never says, and something between it and us does, also where it was told nothing of us.
OF_A_PROXY = ("via", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


class SandboxShut(Forbidden):
    """The sandbox is there, and does not open this way."""


def is_open(request: Request) -> bool:
    """Whether no provider is real, Callboard calls itself by a name of this machine, and so do the request and whoever sent it."""
    return settings().clock_is_movable and why_shut(request) is None


def require_sandbox(request: Request) -> None:
    """Raise NotFound where there is no sandbox, and SandboxShut where there is one that does not open from there."""
    if not settings().clock_is_movable:
        raise NotFound(_("There is nothing at this address."))
    if why := why_shut(request):
        raise SandboxShut(why)


def why_shut(request: Request) -> str | None:
    """What keeps the sandbox shut to this request, and what would open it; None where nothing does."""
    own = settings().public_url
    if not _is_this_machine(urlsplit(own).hostname):
        return _("This sandbox is public, as {address}, so nobody moves its clock or becomes someone else there.", address=own)
    if _came_by_a_proxy(request):
        return _(
            "A proxy stands before this sandbox. Open {address} at the machine itself, and set CALLBOARD_PUBLIC_URL to the address "
            "that the proxy serves.",
            address=own,
        )
    if not all(map(_is_this_machine, _names(request))):
        return _("The sandbox opens at the machine that it runs on only, as {address}.", address=own)
    return None


def _came_by_a_proxy(request: Request) -> bool:
    is_old = request.scope["http_version"] == "1.0" or request.headers.get("connection", "").lower() == "close"
    return is_old or any(name in request.headers for name in OF_A_PROXY)


def _names(request: Request) -> list[str | None]:
    """By what the request names us, and whoever sent it: a page of ours says where it stands."""
    said = [request.headers[name] for name in ("origin", "referer") if name in request.headers]
    return [request.url.hostname, request.client.host if request.client else None, *(urlsplit(place).hostname for place in said)]


def _is_this_machine(name: str | None) -> bool:
    if name is None or name == "localhost":
        return name is not None
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False

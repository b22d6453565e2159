"""Who may use what only a sandbox has, its clock and everyone's sessions: whoever sits at the machine that it runs on."""

from urllib.parse import urlsplit

from fastapi import Request

from campaigns.core.errors import Forbidden, NotFound
from campaigns.core.settings import settings
from campaigns.core.words import _
from sandbox.this_machine import came_by_a_proxy, is_meant, is_this_machine


class SandboxShut(Forbidden):
    """The sandbox cannot be used from there."""


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
    if not is_this_machine(urlsplit(own).hostname):
        return _("This sandbox is public at {address}, so nobody can move its clock or switch roles.", address=own)
    if came_by_a_proxy(request):
        return _(
            "This sandbox is behind a proxy. Open {address} in a browser on the machine itself, and set CALLBOARD_PUBLIC_URL to the "
            "address that the proxy serves. Programs on the machine must send “Connection: keep-alive”.",
            address=own,
        )
    if not (is_meant(request) and all(map(is_this_machine, _senders(request)))):
        return _("The sandbox opens only on the machine that it runs on, at {address}.", address=own)
    return None


def _senders(request: Request) -> list[str | None]:
    """Where the page that asks says that it stands."""
    said = [request.headers[name] for name in ("origin", "referer") if name in request.headers]
    return [urlsplit(place).hostname for place in said]

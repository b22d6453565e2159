"""The simulators' door: only programs and people at this machine pass, who mean the simulator itself and come from no other page."""

from fastapi.responses import JSONResponse
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from campaigns.core.words import _
from sandbox import this_machine


class AtThisMachine:
    """Refuses with 403 what names the simulator otherwise, as any page can by DNS rebinding, what other sites ask for, and proxies."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        why = _why_shut(HTTPConnection(scope)) if scope["type"] == "http" else None
        if why is None:
            return await self.app(scope, receive, send)
        return await JSONResponse({"error": {"message": why}, "errors": [{"message": why}]}, 403)(scope, receive, send)


def _why_shut(request: HTTPConnection) -> str | None:
    address = f"http://localhost:{(request.scope.get('server') or ('', ''))[1]}"
    # A proxy that says nothing of itself looks like curl, or like the SDK that closes each connection.
    if this_machine.is_forwarded(request):
        return _("This simulator works only on its own machine, not through a proxy. Open {address} on that machine.", address=address)
    if not this_machine.is_meant(request):
        return _("This simulator opens only on the machine it runs on, at {address}.", address=address)
    if this_machine.is_of_another_site(request):
        return _("A page on another site sent this request. Open {address} and do it there.", address=address)
    return None

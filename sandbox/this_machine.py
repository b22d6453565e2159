"""Whether a request comes from a program at this machine that means us: the one door of all that only a sandbox has."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from starlette.requests import HTTPConnection

# What a browser at the machine never says, and something between it and us does, also where it was told nothing of us.
OF_A_PROXY = frozenset(
    {
        "via", "forwarded", "cdn-loop", "proxy-connection", "true-client-ip", "x-real-ip", "x-client-ip", "x-cluster-client-ip",
        "x-appengine-user-ip",
    }
)  # fmt: skip
BEGINNINGS_OF_A_PROXY = (
    "x-forwarded",
    "x-original-",
    "x-envoy-",
    "x-amzn-",
    "x-azure-",
    "x-arr-",
    "x-vercel-",
    "cf-",
    "fly-",
    "tailscale-",
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PORTS = {"http": 80, "https": 443}


def is_this_machine(name: str | None) -> bool:
    """Whether a host of this name is this machine, whatever the network says."""
    if name is None or name == "localhost":
        return name is not None
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def came_by_a_proxy(request: HTTPConnection) -> bool:
    """Whether something between the sender and us is to be seen.

    `Connection` is about one connection alone, so that a proxy hands on none (RFC 9110, 7.6.1): browsers say `keep-alive` to whom they
    are connected with, and most of what lies between says `close`, or nothing. And a browser that says by `Origin` or `Referer` that a
    page of ours asks, and where it stands, names another place than `Host` does once that was written anew.
    """
    is_kept = request.scope["http_version"] != "1.0" and request.headers.get("connection", "").lower() == "keep-alive"
    return not is_kept or is_forwarded(request) or _is_host_written_anew(request)


def is_forwarded(request: HTTPConnection) -> bool:
    """Whether something between the sender and us says so itself."""
    return any(name in OF_A_PROXY or name.startswith(BEGINNINGS_OF_A_PROXY) for name in request.headers)


def is_meant(request: HTTPConnection) -> bool:
    """Whether the request names us by a name of this machine with our own port, and comes from this machine.

    A page under another name that its owner has point here names that name (DNS rebinding).
    """
    at = _at(_host(request))
    server = request.scope.get("server") or (None, None)
    sender = request.client.host if request.client else None
    return at is not None and is_this_machine(at[0]) and at[1] == server[1] and is_this_machine(sender)


def is_of_another_site(request: HTTPConnection) -> bool:
    """Whether a page that is not ours asks for something to be done, or to be read by it; following a link is neither."""
    if "origin" in request.headers and _at(urlsplit(request.headers["origin"])) != _at(_host(request)):
        return True
    is_own = request.headers.get("sec-fetch-site", "none") in {"same-origin", "none"}
    is_followed = request.scope["method"] in SAFE_METHODS and request.headers.get("sec-fetch-mode", "navigate") == "navigate"
    return not (is_own or is_followed)


def _is_host_written_anew(request: HTTPConnection) -> bool:
    said = [request.headers[name] for name in ("origin", "referer") if name in request.headers]
    is_own_page = request.headers.get("sec-fetch-site") == "same-origin"
    return is_own_page and any(_at(urlsplit(place)) != _at(_host(request)) for place in said)


def _host(request: HTTPConnection) -> SplitResult:
    return urlsplit(f"{request.scope['scheme']}://{request.headers.get('host', '')}")


def _at(place: SplitResult) -> tuple[str, int] | None:
    """Host and port of an address; None where it has none."""
    try:
        port = place.port or PORTS.get(place.scheme)
    except ValueError:
        return None
    return (place.hostname, port) if place.hostname and port else None

"""Every route of the application, as the application itself has them."""

from api.app import make_app
from api.same_origin import SAFE_METHODS
from campaigns.core.ids import new_id
from tests.api.bodies import routes as routes_of


def routes() -> list[tuple[str, str]]:
    """Method and path of each."""
    return [(method, path) for route, path in routes_of(make_app().router) for method in sorted(route.methods or ())]


def changes() -> list[tuple[str, str]]:
    """Those that may change something."""
    return [(method, path) for method, path in routes() if method not in SAFE_METHODS]


def filled(path: str) -> str:
    """The path with things that do not exist in its places."""
    return "/".join(str(new_id()) if part.startswith("{") else part for part in path.split("/"))

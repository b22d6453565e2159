"""Every route of the application, as the application itself has them."""

from collections.abc import Iterator

from fastapi.routing import APIRoute, APIRouter

from api.app import make_app
from api.same_origin import SAFE_METHODS
from campaigns.core.ids import new_id


def routes() -> list[tuple[str, str]]:
    """Method and path of each."""
    return [(method, path) for route, path in _within(make_app().router, "") for method in sorted(route.methods)]


def changes() -> list[tuple[str, str]]:
    """Those that may change something."""
    return [(method, path) for method, path in routes() if method not in SAFE_METHODS]


def filled(path: str) -> str:
    """The path with things that do not exist in its places."""
    return "/".join(str(new_id()) if part.startswith("{") else part for part in path.split("/"))


def _within(router: APIRouter, prefix: str) -> Iterator[tuple[APIRoute, str]]:
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route, prefix + route.path
        elif within := getattr(route, "original_router", None):
            yield from _within(within, prefix + route.include_context.prefix)

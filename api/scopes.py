"""Which scope a token needs at a route: each route of the API names its own, and one that names none asks for all of them."""

from collections.abc import Sequence
from typing import Any

from fastapi import Depends, Request, params

from campaigns.core.permissions import EVERYTHING, SCOPES


class NeededScope:
    """Notes which scope the route needs, for whoever finds out who asks; the name nearest to the route counts."""

    def __init__(self, name: str) -> None:
        if name not in SCOPES:
            raise ValueError(f"there is no scope {name}")
        self.name = name

    async def __call__(self, request: Request) -> None:
        request.state.scope = self.name


def needs_scope(scope: str) -> Any:
    """What stands among a router's or a route's dependencies and names the scope that a token needs there."""
    return Depends(NeededScope(scope))


def needed(request: Request) -> str:
    """The scope that a token needs for this request."""
    return getattr(request.state, "scope", EVERYTHING)


def named(dependencies: Sequence[params.Depends]) -> str | None:
    """The scope that a route with these dependencies names; None for one that asks for all of them."""
    names = [each.dependency.name for each in dependencies if isinstance(each.dependency, NeededScope)]
    return names[-1] if names else None

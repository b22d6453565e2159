"""Every route of the API names the scope that a token needs there."""

import pytest
from fastapi.routing import RouteContext, iter_route_contexts

from api.app import make_app
from api.scopes import NeededScope, named
from campaigns.core.permissions import EVERYTHING, SCOPES

API = "/api/v1/"
# The description of the API is nobody's.
FOR_ALL = {"/api/v1/openapi.json"}


def routes() -> list[RouteContext]:
    return [route for route in iter_route_contexts(make_app().routes) if route.path]


def scope_of(route: RouteContext) -> str | None:
    return named(getattr(route, "dependencies", []))


def test_every_route_of_the_api_names_a_scope_that_is_a_part_of_the_work() -> None:
    of_api = {route.path: scope_of(route) for route in routes() if route.path and route.path.startswith(API)}
    assert {path for path, scope in of_api.items() if scope in (None, EVERYTHING)} == FOR_ALL
    assert {scope for scope in of_api.values() if scope} == SCOPES - {EVERYTHING}


def test_no_page_names_a_scope_so_that_only_a_token_for_everything_opens_one() -> None:
    assert [route.path for route in routes() if route.path and not route.path.startswith(API) and scope_of(route)] == []


def test_the_description_names_the_scope_of_every_operation_that_takes_a_token() -> None:
    told = {
        operation["operationId"]: [scope for each in operation["security"] for scopes in each.values() for scope in scopes]
        for methods in make_app().openapi()["paths"].values()
        for operation in methods.values()
        if "security" in operation
    }
    named = {route.unique_id: [scope_of(route)] for route in routes() if getattr(route, "unique_id", None) in told}
    assert (told, len(told) > 150) == (named, True)


def test_a_scope_that_there_is_not_cannot_be_named() -> None:
    with pytest.raises(ValueError, match="opencall"):
        NeededScope("opencall")

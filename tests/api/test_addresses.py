"""A question is held against the routes of its own part only, and finds each of them."""

import re

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.routing import Match
from starlette.types import Scope

from api.addresses import AddressRouter
from api.app import make_app

PATHS = sorted({context.path for context in iter_route_contexts(make_app().routes) if context.path})


def _answers(path: str) -> bool:
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return any(route.matches(dict(scope))[0] is not Match.NONE for route in make_app().routes)


def test_every_route_of_the_application_is_found_and_nothing_else() -> None:
    assert [path for path in PATHS if not _answers(re.sub("{[^}]*}", "0", path))] == []
    assert [path for path in ("/nowhere", "/calls/0/nowhere", "/api/v1", "/calls/", "//") if _answers(path)] == []


def test_no_parameter_of_a_route_is_more_than_one_word() -> None:
    assert [path for path in PATHS if ":path}" in path] == []


@pytest.mark.parametrize(("path", "is_asked"), [("/rooms/7", True), ("/rooms", False), ("/rooms/7/beds", False), ("/halls/7", False)])
def test_a_part_looks_through_its_routes_only_for_an_address_like_theirs(path: str, is_asked: bool) -> None:
    asked: list[str] = []

    class Watched(APIRouter):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            asked.append(scope["path"])
            return super().matches(scope)

    within, part, outer = Watched(), AddressRouter(), APIRouter()
    within.add_api_route("/rooms/{room_id}", lambda room_id: room_id)
    part.include_router(within)
    outer.include_router(part)
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    found = [route.matches(dict(scope))[0] for route in outer.routes]
    assert (found, asked) == (([Match.FULL], [path]) if is_asked else ([Match.NONE], []))

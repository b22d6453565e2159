"""Every text that a request's body can hold, of every route there is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from fastapi import params
from fastapi.routing import APIRoute, APIRouter, _IncludedRouter
from pydantic import BaseModel

from api.app import make_app


@dataclass(frozen=True, slots=True)
class TextField:
    """One text in a body: its route's method and path, whether it is a form, its name, and what its model says of it."""

    method: str
    path: str
    is_form: bool
    name: str
    said: tuple[Any, ...]

    @property
    def is_bounded(self) -> bool:
        """Whether the model itself says how long it may be, or which words there are."""
        return any(getattr(rule, name, None) is not None for rule in self.said for name in ("max_length", "pattern"))


def text_fields() -> list[TextField]:
    """All of them, each once."""
    return [field for route, path in routes(make_app().router) for field in _of_route(route, path)]


def routes(router: APIRouter, prefix: str = "") -> Iterator[tuple[APIRoute, str]]:
    """Every route with its whole path, those of the routers within too."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route, prefix + route.path
        elif isinstance(route, _IncludedRouter):
            yield from routes(route.original_router, prefix + route.include_context.prefix)


def _of_route(route: APIRoute, path: str) -> Iterator[TextField]:
    for given in route.dependant.body_params:
        is_form = isinstance(given.field_info, params.Form)
        model = given.field_info.annotation
        method = next(iter(route.methods or ()))
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name, said in _texts(model):
                yield TextField(method, path, is_form, name, said)
        elif model is str:
            yield TextField(method, path, is_form, given.alias, tuple(given.field_info.metadata))


def _texts(model: type[BaseModel]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for name, field in model.model_fields.items():
        for said in _within(field.annotation, tuple(field.metadata)):
            yield field.alias or name, said


def _within(kind: Any, said: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """What is said of each text that a value of this kind holds."""
    if kind is str:
        yield said
    elif get_origin(kind) is Annotated:
        base, *more = get_args(kind)
        yield from _within(base, tuple(_rules(more)))
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from (said for _name, said in _texts(kind))
    elif get_origin(kind) is dict:
        yield from _within(get_args(kind)[1], ())
    elif get_args(kind):
        is_choice = get_origin(kind) not in (list, set, tuple)
        for part in get_args(kind):
            yield from _within(part, said if is_choice else ())


def _rules(more: list[Any]) -> Iterator[Any]:
    for rule in more:
        yield from getattr(rule, "metadata", [rule])

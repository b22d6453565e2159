"""The application's own route table, walked: every method and path, and a request of the right form for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeGuard, get_args, get_origin
from uuid import UUID

from annotated_types import Le
from fastapi import UploadFile, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from api.app import make_app
from api.scopes import named
from campaigns.core.permissions import EVERYTHING
from tests.api.bodies import routes

SAFE = {"GET", "HEAD", "OPTIONS"}
TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "1", "Upload-Offset": "0", "Upload-Metadata": "filename YQ=="}
BYTES = {"Content-Type": "application/offset+octet-stream"}
PLAIN: Mapping[Any, Any] = {
    str: "words", int: 1, bool: True, float: 1.0, Decimal: "1", date: "2027-01-01", datetime: datetime(2027, 6, 1, tzinfo=UTC).isoformat(),
    UUID: str(UUID(int=7)), UploadFile: ("signed.pdf", b"%PDF-1.7", "application/pdf"),
}  # fmt: skip
# Texts of a form of their own.
NAMED = {
    "once": "0" * 32, "seen": "0" * 64, "hash": "0" * 64, "file_sha256": "0" * 64, "parts_sha256": "0" * 64, "sign_off_role": "legal",
    "email": "ana@example.org", "price": "500", "amount": "500", "most_per_run": "500", "most_per_person": "100", "kind": "film",
    "currency": "EUR", "locale": "en", "time_zone": "UTC", "licence_version": "2026-01", "role": "editor", "route": "stripe_connect",
}  # fmt: skip
TEXT = {"text": "Every spring we fold them."}
# What a request needs beside the fields that its model requires.
BESIDE: Mapping[str, Mapping[str, Any]] = {
    "/api/v1/campaigns/{campaign_id}/contributions": TEXT, "/api/v1/campaigns/{campaign_id}/remixes": TEXT,
    "/calls/{campaign_id}/contribute": TEXT,
    "/contributions/{contribution_id}/remix": TEXT, "/deliverables/{deliverable_id}/versions/new": TEXT,
    "/api/v1/deliverables/{deliverable_id}/selection": {"chosen": {}, "common_reason": "Not this time."},
    "/api/v1/roles": {"role": "finance"}, "/status/people": {"role": "finance"}, "/api/v1/brands/{brand_id}/roles": {"role": "approver"},
    "/brands/{brand_id}/people": {"role": "approver"}, "/brands/{brand_id}/edit": {"sign_off_roles": "marketing\nlegal"},
    "/api/v1/campaigns/{campaign_id}/roles": {"role": "editor"}, "/campaigns/{campaign_id}/people": {"role": "editor"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """One method of one path; `route` is None for the description that the framework itself serves."""

    method: str
    path: str
    route: APIRoute | None = None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def only_reads(self) -> bool:
        return self.method in SAFE

    def sent(self, things: Mapping[str, object]) -> dict[str, Any]:
        """The query, headers and body of a request of the right form; `things` are the values of fields that name something."""
        if self.route is None:
            return {}
        tus = TUS | (BYTES if self.method == "PATCH" else {}) if "/uploads" in self.path else {}
        given: dict[str, Any] = {"headers": tus | {"Idempotency-Key": "k"}}
        asked = [p for p in self.route.dependant.query_params if p.field_info.is_required() and not _is_model(p.field_info.annotation)]
        query = {p.alias: _value(p.alias, p.field_info, things) for p in asked}
        query |= {p.alias: _most(p.field_info) for p in get_flat_params(self.route.dependant) if p.alias == "limit"}
        if query:
            given["params"] = query
        if body := self.route.dependant.body_params:
            is_form = isinstance(body[0].field_info, params.Form)
            models = [kind for p in body if _is_model(kind := p.field_info.annotation)]
            told = [_model(model, things) for model in models] or [{p.alias: _value(p.alias, p.field_info, things) for p in body}]
            words = {**told[0], **BESIDE.get(self.path, {})}
            files = {name: words.pop(name) for name, value in list(words.items()) if isinstance(value, tuple)}
            given |= {"data" if is_form else "json": words} | ({"files": files} if files else {})
        return given


def ways() -> list[Way]:
    """Every way into the application, in the order of its route table."""
    app = make_app()
    described = Way("GET", str(app.openapi_url))
    return [described, *(Way(method, path, route) for route, path in routes(app.router) for method in sorted(route.methods or ()))]


@lru_cache(None)
def scope_at(method: str, address: str) -> str:
    """The scope that a token needs there, as the route names it; everything for a page, and for what is nowhere."""
    path = address.partition("?")[0]
    there = (each for each in iter_route_contexts(make_app().routes) if method in (each.methods or ()) and each.path_regex.match(path))
    found = next(there, None)
    return (named(getattr(found, "dependencies", ())) if found else None) or EVERYTHING


def _model(model: type[BaseModel], things: Mapping[str, object]) -> dict[str, Any]:
    required = {name: field for name, field in model.model_fields.items() if field.is_required()}
    return {field.alias or name: _value(field.alias or name, field, things) for name, field in required.items()}


def _most(limit: FieldInfo) -> int:
    """How many items of a list one may ask for at once."""
    return next(int(str(rule.le)) for rule in limit.metadata if isinstance(rule, Le))


def _value(name: str, field: FieldInfo, things: Mapping[str, object]) -> Any:
    if name in things and (UUID in (field.annotation, *get_args(field.annotation)) or field.annotation is int):
        return [str(things[name])] if get_args(field.annotation) else str(things[name])
    if field.annotation is str and name in NAMED:
        return NAMED[name]
    return field.examples[0] if field.examples else _of_kind(field.annotation, things)


def _of_kind(kind: Any, things: Mapping[str, object]) -> Any:
    """A value of this kind, as JSON has it."""
    origin, within = get_origin(kind), get_args(kind)
    if _is_model(kind):
        return _model(kind, things)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind)).value
    if origin is Literal:
        return within[0]
    if origin is Annotated:
        told = [rule.examples for rule in within[1:] if isinstance(rule, FieldInfo) and rule.examples]
        return told[0][0] if told else _of_kind(within[0], things)
    if origin is dict:
        return {"words": _of_kind(within[1], things)}
    if origin in (list, set, frozenset, tuple):
        return [_of_kind(within[0], things)]
    return _of_kind(within[0], things) if within else PLAIN[kind]


def _is_model(kind: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)

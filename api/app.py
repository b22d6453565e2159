"""The web application: every route of every stage, one form of refusal, the headers that every answer carries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from importlib.metadata import version

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI
from starlette.types import ASGIApp
from starlette_compress import CompressMiddleware

from api import (
    assets,
    auth,
    brands,
    brief,
    client_delivery,
    clock,
    collaboration,
    curation,
    docs,
    emails,
    errors,
    everyone,
    files,
    health,
    home,
    ledger,
    lifecycle,
    open_call,
    operator,
    payout,
    people,
    sign_in_pages,
    unsubscribe,
    webhooks,
)
from api.addresses import AddressRouter
from api.answers import DescribedAnswers, HeadAnswers
from api.bodies import BoundedBodies
from api.description import ABOUT, PROBLEMS, TAGS, Described, operation_id
from api.headers import SafeAnswers
from api.heads import BoundedHeads
from api.request_ids import NamedRequests
from api.same_origin import guard_origin
from api.writing import guard_words
from workers.transactions import POOL_SIZE

STAGES: tuple[APIRouter, ...] = (
    brands.router,
    brief.router,
    open_call.router,
    collaboration.router,
    curation.router,
    client_delivery.router,
    payout.router,
    ledger.router,
)
PAGES: tuple[APIRouter, ...] = (
    home.router,
    sign_in_pages.router,
    brands.pages,
    brief.pages,  # before the lifecycle's: /campaigns/new is not a campaign
    lifecycle.pages,
    everyone.pages,
    open_call.pages,
    collaboration.pages,
    client_delivery.pages,
    payout.pages,
    ledger.pages,
    curation.pages,
    operator.pages,
)
BESIDE: tuple[APIRouter, ...] = (assets.router, docs.router, files.router, health.router, unsubscribe.router, webhooks.router)


@asynccontextmanager
async def _as_many_threads_as_connections(_app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = POOL_SIZE
    yield


class Application(Described):
    """The application, whose every answer names its request: that to a fault of ours, too, which no middleware of its own sees."""

    def build_middleware_stack(self) -> ASGIApp:
        return NamedRequests(super().build_middleware_stack())


@lru_cache
def make_app() -> FastAPI:
    """The application, ready to serve: one for the process."""
    app = Application(
        title="Callboard",
        version=version("callboard"),
        summary="Brand partnerships from brief to payout.",
        description=ABOUT,
        openapi_tags=[{"name": name, "description": said} for name, said in TAGS.items()],
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,  # it would send people to whatever host the request names
        generate_unique_id_function=operation_id,
        lifespan=_as_many_threads_as_connections,
        dependencies=[Depends(guard_origin), Depends(guard_words)],
        responses=PROBLEMS,
    )
    app.state.process = "api"
    errors.install(app)
    app.add_middleware(DescribedAnswers)
    app.add_middleware(BoundedBodies)
    app.add_middleware(BoundedHeads)
    app.add_middleware(SafeAnswers)
    app.add_middleware(CompressMiddleware, minimum_size=500)
    app.add_middleware(HeadAnswers)
    for router in (auth.router, clock.router, people.router, everyone.router, lifecycle.router, emails.router, operator.router, *STAGES):
        app.include_router(_part(router, "/api/v1"))
    for router in (*PAGES, *BESIDE):
        app.include_router(_part(router), include_in_schema=False)
    return app


def _part(router: APIRouter, prefix: str = "") -> AddressRouter:
    part = AddressRouter(prefix=prefix)
    part.include_router(router)
    return part

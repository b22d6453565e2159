"""`python -m sandbox.stripe`: the simulator as a process of its own."""

import socket
import sys

import uvicorn
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from campaigns.core.clock import business_now, process_now
from campaigns.core.settings import settings
from campaigns.core.words import _
from sandbox.stripe import webhooks
from sandbox.stripe.app import make_app
from sandbox.stripe.endpoints import Call
from sandbox.stripe.limiter import BucketLimiter
from sandbox.stripe.tables import create_tables

HOST = "127.0.0.1"


def main() -> int:
    """Serve until stopped; 2 with a sentence when it cannot or must not start."""
    if not settings().stripe_is_played:
        return _refuse(_("STRIPE_API_KEY is set, so Stripe itself is used and its simulator does not start. Remove the key to use it."))
    try:
        engine = create_engine(settings().sqlalchemy_url)
        prepare(engine, f"http://{HOST}:{settings().port}/webhooks/stripe", *settings().stripe_webhook_secrets)
    except SQLAlchemyError as failure:
        return _refuse(_("The Stripe simulator cannot use the database that DATABASE_URL names: {failure}", failure=failure))
    try:
        listener = socket.create_server((HOST, settings().stripe_sandbox_port), backlog=512)
    except OSError:
        return _refuse(_("Port {port} is in use. Choose another with CALLBOARD_STRIPE_SANDBOX_PORT.", port=settings().stripe_sandbox_port))
    config = uvicorn.Config(make_app(engine, BucketLimiter(process_now)), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])
    return 0


def prepare(engine: Engine, url: str, first: str, *further: str) -> None:
    """Make the tables, and register where the installation listens for webhooks of the platform and of the accounts.

    A single secret signs those of both.
    """
    create_tables(engine)
    with engine.begin() as connection:
        call = Call(connection, int(business_now(connection).timestamp()))
        webhooks.register(call, url, first, connect=False)
        webhooks.register(call, f"{url}/connect", further[0] if further else first, connect=True)


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())

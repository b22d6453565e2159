"""`python -m sandbox.sendgrid`: the simulator as a process of its own."""

import socket
import sys

import uvicorn
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

from campaigns.core.settings import settings
from campaigns.core.words import _
from sandbox.sendgrid.app import make_app
from sandbox.sendgrid.tables import create_tables

HOST = "127.0.0.1"


def main() -> int:
    """Serve until stopped; 2 with a sentence when it cannot or must not start."""
    if not settings().sendgrid_is_played:
        return _refuse(_("SENDGRID_API_KEY is set, so SendGrid itself is used and its simulator does not start. Remove the key to use it."))
    try:
        engine = create_engine(settings().sqlalchemy_url, pool_pre_ping=True)
        create_tables(engine)
    except SQLAlchemyError as failure:
        return _refuse(_("The SendGrid simulator cannot use the database that DATABASE_URL names: {failure}", failure=failure))
    try:
        listener = socket.create_server((HOST, settings().sendgrid_sandbox_port), backlog=512)
    except OSError:
        return _refuse(
            _("Port {port} is in use. Choose another with CALLBOARD_SENDGRID_SANDBOX_PORT.", port=settings().sendgrid_sandbox_port)
        )
    config = uvicorn.Config(make_app(engine), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])
    return 0


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())

"""`callboard outbox`: what is promised to the outside and not yet done."""

from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import select

from api.commands.edge import console, one_transaction, show
from campaigns.core import outbox
from campaigns.core.outbox import Promise
from campaigns.core.words import _

commands = typer.Typer(no_args_is_help=True, help="List pending and failed jobs, and retry a failed one.")
MOST = 200


@commands.command("list")
def list_open() -> None:
    """List open jobs, the failed ones first, each with its last error."""
    open_ones = select(Promise).where(Promise.kept_at.is_(None)).order_by(Promise.dead_at.nulls_last(), Promise.due_at).limit(MOST)
    with one_transaction() as session:
        rows = [(p.id, p.kind, p.attempts, _("failed") if p.dead_at else _("open"), p.last_error) for p in session.scalars(open_ones)]
    show(_("Outbox"), (_("id"), _("kind"), _("attempts"), _("state"), _("last error")), rows)


@commands.command()
def revive(promise_id: Annotated[UUID, typer.Argument(metavar="ID", help="The job's id, as `outbox list` shows it.")]) -> None:
    """Retry a failed job."""
    with one_transaction() as session:
        outbox.revive(session, promise_id)
    console.print(_("Callboard will try it again at once."))

"""`callboard outbox`: what is to be done outside and not done yet."""

from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import select

from campaigns.core import outbox
from campaigns.core.outbox import OutboxMessage
from campaigns.core.words import _
from cli.edge import console, one_transaction, show

commands = typer.Typer(no_args_is_help=True, help="List pending and failed jobs, and retry a failed one.")
MOST = 200


@commands.command("list")
def list_open() -> None:
    """List open jobs, the failed ones first, each with its last error."""
    open_ones = (
        select(OutboxMessage)
        .where(OutboxMessage.done_at.is_(None))
        .order_by(OutboxMessage.failed_at.nulls_last(), OutboxMessage.due_at)
        .limit(MOST)
    )
    with one_transaction() as session:
        rows = [(m.id, m.kind, m.attempts, _("failed") if m.failed_at else _("open"), m.last_error) for m in session.scalars(open_ones)]
    show(_("Outbox"), (_("id"), _("kind"), _("attempts"), _("state"), _("last error")), rows)


@commands.command()
def retry(message_id: Annotated[UUID, typer.Argument(metavar="ID", help="The job's id, as `outbox list` shows it.")]) -> None:
    """Retry a failed job."""
    with one_transaction() as session:
        outbox.retry(session, message_id)
    console.print(_("Callboard will try it again at once."))

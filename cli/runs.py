"""`callboard payouts`: payout runs by hand."""

from typing import Annotated

import typer

from campaigns.core import outbox
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.words import _
from cli.edge import console, one_transaction

commands = typer.Typer(no_args_is_help=True, help="Payout runs: quote or reconcile now instead of waiting for the schedule.")
Key = Annotated[str, typer.Option(help="Repeating the command with the same key makes no second run.")]


@commands.command()
def quote(key: Key) -> None:
    """Ask Prefect to create the runs and their quotes now."""
    _ask("quote-payouts/quote-payouts", f"quote by hand {key}", key, {"sequence": key})
    console.print(_("Requested. The quote appears in a few seconds."))


@commands.command()
def reconcile(key: Key) -> None:
    """Ask Prefect to compare every payout with Stripe now."""
    _ask("reconcile/reconcile", f"reconcile by hand {key}", key, {})
    console.print(_("Requested. `callboard check` shows any differences."))


def _ask(deployment: str, name: str, key: str, parameters: dict[str, str]) -> None:
    with one_transaction() as session:
        outbox.enqueue(session, OutboxKind.START_FLOW, key=f"{deployment}:{key}", deployment=deployment, name=name, parameters=parameters)

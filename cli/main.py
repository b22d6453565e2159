"""`callboard`: the command line of whoever runs Callboard."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from babel.messages.extract import extract_python

from cli import campaign, clock, emails, outbox, person, providers, runs
from cli.check import check
from cli.explaining import Commands, explained
from cli.pay_rule import pay_rule

app = typer.Typer(
    name="callboard",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Brand partnerships from brief to payout, with every cent explained from the lineage.",
)
app.add_typer(campaign.commands, name="campaign")
app.add_typer(person.commands, name="person")
app.add_typer(runs.commands, name="payouts")
app.add_typer(outbox.commands, name="outbox")
app.add_typer(providers.commands, name="providers")
app.add_typer(clock.commands, name="clock")
app.add_typer(pay_rule, name="pay-rule")
app.command("emails")(emails.show_emails)
app.command("check")(check)


@app.command()
def up(only: Annotated[str | None, typer.Option(help="Only these programs and what they need, for example: postgres,api.")] = None) -> None:
    """Start everything in the foreground, watch it, and stop it all on Ctrl-C.

    PostgreSQL, Prefect with its worker, relay, sweep, the API, and a simulator of each provider without a key.
    """
    _become("flows.supervise", *(("--only", only) if only else ()))


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="No live display: print each step, then stop; exit 0 on success.")] = False,
) -> None:
    """Start everything and take one partnership through all six stages, each role acting over the HTTP API."""
    options = ("--once",) if once else ()
    _become("flows.supervise", *options, "demo", *options)


@app.command()
def backup(
    folder: Annotated[
        Path, typer.Argument(help="The folder of all backups: each gets a folder of its own in it and shares files with the one before.")
    ],
) -> None:
    """Take and verify a backup of the database and of every file that it names, whether or not Callboard is running."""
    _become("flows.backup", "take", str(folder))


@app.command()
def restore(folder: Annotated[Path, typer.Argument(metavar="BACKUP", help="The folder of one backup.")]) -> None:
    """Restore a backup into an empty database and verify it; never over existing data, and never while Callboard is running.

    If it is interrupted, run the same command to continue.
    """
    _become("flows.backup", "restore", str(folder))


def _become(module: str, *arguments: str) -> None:
    """Turn this process into the module's: the command line starts processes by name and imports none of them."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # nosec B606  # noqa: S606 - a module of ours


def words(source: Any, *how: Any, **options: Any) -> Iterator[tuple[int, Any, Any, Any]]:
    """For Babel: the sentences of this file, and those with which every command explains itself."""
    yield from extract_python(source, *how, **options)
    yield from ((1, "_", each.help, []) for each in explained(typer.main.get_command(app)))


if __name__ == "__main__":
    app()

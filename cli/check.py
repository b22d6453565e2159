"""`callboard check`: every invariant, asked of the database and of Stripe."""

from collections.abc import Sequence
from typing import Annotated

import typer

from campaigns.core import anchors
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.installation import checks as installation_checks
from campaigns.open_call.media.enclosure import enclosure
from campaigns.open_call.room import disk
from campaigns.payments.provider_errors import GatewayError
from cli.edge import CANNOT_START, REFUSED, console, one_transaction, stop
from workers.gateways import money_out
from workers.payout.reconciliation import differences_with_the_provider


def check(
    offline: Annotated[bool, typer.Option("--offline", help="Skip the checks that only Stripe can answer.")] = False,
    anchor: Annotated[
        bool, typer.Option("--anchor", help="Compare the event chains with the signed lines in CALLBOARD_ANCHOR_FILE.")
    ] = False,
) -> None:
    """Check the ledger, deliverables, the event chain of each campaign, and payouts against Stripe; exit 1 and name what is broken.

    Warn when programs that open contributors' files are not sandboxed, and when the disk is nearly full.
    """
    lines = _anchored() if anchor else None
    with one_transaction() as session:
        found = installation_checks.broken(session) + (installation_checks.unanchored(session, lines) if lines is not None else [])
    _name(found)
    if not offline:
        found += (differences := _differences())
        _name(differences)
    _warn()
    if found:
        raise typer.Exit(REFUSED)
    console.print(_("All checks passed."))


def _warn() -> None:
    """Say what is not broken, and not safe either."""
    found, heading = enclosure(), _("warning")
    full = _("The disk that stores files is nearly full: no upload can start or continue. Free some space.")
    for sentence in ([f"{found.sentence} {found.warning}"] if found.warning else []) + ([full] if disk().is_short else []):
        console.print(f"[yellow]{heading}[/yellow]  {sentence}", highlight=False, soft_wrap=True)


def _anchored() -> list[str]:
    try:
        return anchors.lines_of(settings().anchor_file)
    except OSError as closed:
        sentence = _(
            "{file} cannot be read ({why}): set CALLBOARD_ANCHOR_FILE to the file of signed lines, or leave out --anchor.",
            file=settings().anchor_file,
            why=closed.strerror,
        )
        return stop(sentence, CANNOT_START)


def _differences() -> list[installation_checks.Fault]:
    try:
        return differences_with_the_provider(money_out())
    except GatewayError as failure:
        sentence = _("Stripe could not be asked ({reason}). Try again, or skip it with --offline.", reason=failure)
        return stop(sentence, CANNOT_START)


def _name(faults: Sequence[installation_checks.Fault]) -> None:
    for fault in faults:
        sentence = _("{rule} Violated by: {culprits}", rule=fault.sentence, culprits=", ".join(fault.culprits))
        broken = _("broken")
        console.print(f"[red]{broken}[/red]  {fault.name}: {sentence}", highlight=False, soft_wrap=True)

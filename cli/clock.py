"""`callboard clock`: business time, which moves in a sandbox only."""

from datetime import timedelta
from typing import Annotated

import typer

from campaigns.core import clock
from campaigns.core.words import _
from cli.edge import REFUSED, console, one_transaction, stop

commands = typer.Typer(no_args_is_help=True, help="Business time: show it, or move it forward in a sandbox.")


@commands.command()
def show() -> None:
    """Print the business time and how far it is ahead of real time."""
    with one_transaction() as session:
        now, ahead = clock.business_now(session), clock.offset(session)
    console.print(_("{now} UTC, {ahead} ahead of real time.", now=f"{now:%d %B %Y %H:%M:%S}", ahead=ahead), highlight=False)


@commands.command()
def move(
    days: Annotated[float, typer.Option(help="Number of days.")] = 0, hours: Annotated[float, typer.Option(help="Number of hours.")] = 0
) -> None:
    """Move business time forward; everything that falls due in between happens at once."""
    with one_transaction() as session:
        try:
            now = clock.move_clock(session, timedelta(days=days, hours=hours))
        except clock.ClockNotMovable as refusal:
            stop(str(refusal), REFUSED)
    console.print(_("It is now {now} UTC.", now=f"{now:%d %B %Y %H:%M:%S}"), highlight=False)

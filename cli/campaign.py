"""`callboard campaign`: where partnerships stand."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.administration import cancellations
from campaigns.core import clock
from campaigns.core.blockers import Blocker
from campaigns.core.campaign import Campaign, Deliverable, find_campaign
from campaigns.core.errors import NotFound
from campaigns.core.people import SYSTEM, Actor
from campaigns.core.words import _, n_
from campaigns.oversight import statuses
from cli.edge import console, one_transaction, show

commands = typer.Typer(no_args_is_help=True, help="Show the status of partnerships; pause, resume or cancel one.")
Which = Annotated[str, typer.Argument(metavar="ID", help="The campaign's id or short number, as `campaign list` shows them.")]
Reason = Annotated[str, typer.Option(help="The reason, which everyone in the campaign can read.")]
OPERATOR = Actor(person_id=None, name="Operator (command line)", is_system=True)


@commands.command("list")
def list_campaigns(ended: Annotated[bool, typer.Option("--ended", help="Also list campaigns that are done or canceled.")] = False) -> None:
    """List the campaigns, newest first."""
    query = select(Campaign).order_by(Campaign.id.desc())
    with one_transaction() as session:
        campaigns = session.scalars(query if ended else query.where(Campaign.done_at.is_(None), Campaign.cancelled_at.is_(None)))
        rows = [(c.number, c.id, c.title, _state(c)) for c in campaigns]
    show(_("Campaigns"), (_("number"), _("id"), _("title"), _("state")), rows)


@commands.command("show")
def show_campaign(campaign: Which) -> None:
    """Print each deliverable's stage, what it is waiting for, on whom and since when, and the slack before go-live."""
    with one_transaction() as session:
        found = _find(session, campaign)
        stands = statuses.standing(session, found, at=clock.business_now(session))
    console.print(f"{found.title}  ({_state(found)}, {stands.stage.value})", style="bold", markup=False, highlight=False)
    console.print(_slack(stands), highlight=False)
    rows: list[tuple[str, ...]] = [("", stands.stage.value, *_cells(b)) for b in stands.before_deliverables]
    rows += [row for deliverable, waits in stands.deliverables for row in _rows(deliverable, waits)]
    show("", (_("deliverable"), _("stage (visit)"), _("waiting for"), _("on whom"), _("since")), rows)


@commands.command()
def pause(campaign: Which, reason: Reason) -> None:
    """Stop a campaign's deadlines and emails until `resume`."""
    with one_transaction() as session:
        lifecycle.pause(session, _find(session, campaign).id, reason, by=OPERATOR, at=clock.business_now(session))
    console.print(_("Paused."))


@commands.command()
def resume(campaign: Which) -> None:
    """End a pause; every open date moves by its length."""
    with one_transaction() as session:
        lifecycle.resume(session, _find(session, campaign).id, by=OPERATOR, at=clock.business_now(session))
    console.print(_("Resumed."))


@commands.command()
def cancel(campaign: Which, reason: Reason) -> None:
    """Cancel a partnership that has received no money. Any other takes two people, each signed in."""
    typer.confirm(_("This cannot be undone. Cancel the campaign?"), abort=True)
    with one_transaction() as session:
        cancellations.cancel(session, _find(session, campaign).id, reason, by=OPERATOR, at=clock.business_now(session))
    console.print(_("Canceled."))


def _find(session: Session, which: str) -> Campaign:
    """The campaign of this id or short number; raises NotFound."""
    if which.isdecimal() and (found := session.scalar(select(Campaign).where(Campaign.number == int(which)))):
        return found
    try:
        return find_campaign(session, UUID(which), by=SYSTEM)
    except ValueError:
        raise NotFound(_("There is no campaign {which}; `callboard campaign list` lists the campaigns.", which=which)) from None


def _state(campaign: Campaign) -> str:
    if campaign.done_at:
        return _("done")
    if campaign.cancelled_at:
        return _("canceled")
    return _("paused") if campaign.paused_at else _("active")


def _slack(stands: statuses.CampaignStatus) -> str:
    if stands.go_live_at is None:
        return _("No go-live date yet.")
    if stands.slack_days is None:
        return _("Go-live {day}.", day=_day(stands.go_live_at))
    if stands.slack_days < 0:
        return n_(
            "Go-live {day}: late by {count} day.", "Go-live {day}: late by {count} days.", -stands.slack_days, day=_day(stands.go_live_at)
        )
    return n_(
        "Go-live {day}: {count} day of slack.", "Go-live {day}: {count} days of slack.", stands.slack_days, day=_day(stands.go_live_at)
    )


def _rows(deliverable: Deliverable, waits: list[Blocker]) -> list[tuple[str, ...]]:
    stage = f"{deliverable.stage.value} ({deliverable.visit})"
    if not waits:
        return [(deliverable.title, stage, _("nothing: moves on automatically") if deliverable.is_live else "", "", "")]
    return [(deliverable.title, stage, *_cells(b)) for b in waits]


def _cells(wait: Blocker) -> tuple[str, str, str]:
    return wait.message, wait.waits_for, _day(wait.since)


def _day(moment: datetime | None) -> str:
    return f"{moment:%d %b %Y %H:%M} UTC" if moment else ""

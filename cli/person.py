"""`callboard person`: who is on staff."""

import re
from typing import Annotated

import typer
from sqlalchemy import select

from api.forms import ADDRESS
from campaigns.brief.signatures.rules import choose_few_people
from campaigns.core import clock, membership
from campaigns.core.factors.losing import forget_factors
from campaigns.core.people import SYSTEM, Person, RoleGrant, Scope
from campaigns.core.permissions import Role
from campaigns.core.words import _, n_
from cli.edge import console, one_transaction, show

commands = typer.Typer(no_args_is_help=True, help="Manage staff.")


def an_address(given: str) -> str:
    """What was given, if it can be an e-mail address."""
    if not re.fullmatch(ADDRESS, given):
        raise typer.BadParameter(_("{given} is not an email address.", given=given))
    return given


@commands.command()
def grant(
    email: Annotated[str, typer.Argument(callback=an_address, help="The person's email address.")],
    role: Annotated[Role, typer.Argument(help="The role to give.")],
    name: Annotated[str | None, typer.Option(help="The person's name, if new.")] = None,
) -> None:
    """Give someone a role for all campaigns, in force at once: use it for the first operator and the first person in finance.

    Later appointments are made in the browser or over the API, by one person and confirmed by another.
    """
    with one_transaction() as session:
        membership.invite(session, email, role, on=Scope(), name=name, by=SYSTEM, at=clock.business_now(session))
    console.print(_("{email} is {role}.", email=email, role=role.value), markup=False, highlight=False)


@commands.command()
def locked_out(email: Annotated[str, typer.Argument(callback=an_address, help="The email of whoever lost their device.")]) -> None:
    """Remove someone's passkeys and authenticator app and sign them out everywhere. First make sure of who is asking."""
    with one_transaction() as session:
        person = forget_factors(session, email, by=SYSTEM, at=clock.business_now(session))
    console.print(_("{name} can sign in with an email link and add new ones.", name=person.name), markup=False, highlight=False)


@commands.command()
def few(
    reason: Annotated[str, typer.Option(help="The reason, which everyone who can see Status can read.")],
    end: Annotated[bool, typer.Option("--end", help="End this choice: require two independent people again.")] = False,
) -> None:
    """Choose to run with few people: two people can act together even if one gave the other their role.

    It is recorded and shown on Status for good. Each brief that is not launched yet says so and has to be signed again.
    """
    with one_transaction() as session:
        changed = choose_few_people(session, is_few=not end, reason=reason, by=SYSTEM, at=clock.business_now(session))
    if end:
        sentence = _("The choice has ended: a person who gave a role and the person who has it can no longer act together.")
    else:
        sentence = n_("Chosen and recorded. {count} brief now says so.", "Chosen and recorded. {count} briefs now say so.", len(changed))
    console.print(sentence, markup=False, highlight=False)


@commands.command("list")
def list_people() -> None:
    """List who has a role for all campaigns."""
    everywhere = (RoleGrant.brand_id.is_(None), RoleGrant.campaign_id.is_(None))
    held = select(Person.name, Person.email, RoleGrant.role).join(RoleGrant, RoleGrant.person_id == Person.id).where(*everywhere)
    with one_transaction() as session:
        rows = session.execute(held.order_by(Person.name, RoleGrant.role)).all()
    show(_("Staff"), (_("name"), _("email"), _("role")), rows)

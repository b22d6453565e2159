"""`callboard person`: who works for the house."""

import re
from typing import Annotated

import typer
from sqlalchemy import select

from api.commands.edge import console, one_transaction, show
from api.forms import ADDRESS
from campaigns.core import clock, membership
from campaigns.core.factors.losing import forget_factors
from campaigns.core.people import HOUSE, Person, RoleGrant, Scope
from campaigns.core.permissions import Role
from campaigns.core.words import _

commands = typer.Typer(no_args_is_help=True, help="People who work for the house.")


def an_address(given: str) -> str:
    """What was given, if it can be an e-mail address."""
    if not re.fullmatch(ADDRESS, given):
        raise typer.BadParameter(_("{given} is not an e-mail address.", given=given))
    return given


@commands.command()
def grant(
    email: Annotated[str, typer.Argument(callback=an_address, help="Where they read their letters.")],
    role: Annotated[Role, typer.Argument(help="What they are to the house.")],
    name: Annotated[str | None, typer.Option(help="The person's name, if new.")] = None,
) -> None:
    """Give someone a role in the whole house: the first operator is made here, the others over the API."""
    with one_transaction() as session:
        membership.invite(session, email, role, on=Scope(), name=name, by=HOUSE, at=clock.business_now(session))
    console.print(_("{email} is {role}.", email=email, role=role.value), markup=False, highlight=False)


@commands.command()
def locked_out(email: Annotated[str, typer.Argument(callback=an_address, help="Whose phone, key or laptop is lost.")]) -> None:
    """Forget someone's passkeys and app and sign them out everywhere: be sure that it is them who asks."""
    with one_transaction() as session:
        person = forget_factors(session, email, by=HOUSE, at=clock.business_now(session))
    console.print(_("{name} signs in by a link again and can add new ones.", name=person.name), markup=False, highlight=False)


@commands.command("list")
def list_people() -> None:
    """List who holds a role in the whole house."""
    everywhere = (RoleGrant.brand_id.is_(None), RoleGrant.campaign_id.is_(None))
    held = select(Person.name, Person.email, RoleGrant.role).join(RoleGrant, RoleGrant.person_id == Person.id).where(*everywhere)
    with one_transaction() as session:
        rows = session.execute(held.order_by(Person.name, RoleGrant.role)).all()
    show(_("People of the house"), (_("name"), _("address"), _("role")), rows)

"""`callboard person`: who works for the house."""

import re
from typing import Annotated

import typer
from sqlalchemy import select

from api.commands.edge import console, one_transaction, show
from api.forms import ADDRESS
from campaigns.brief.consent import choose_few_people
from campaigns.core import clock, membership
from campaigns.core.factors.losing import forget_factors
from campaigns.core.people import HOUSE, Person, RoleGrant, Scope
from campaigns.core.permissions import Role
from campaigns.core.words import _, n_

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
    """Give someone a role in the whole house, which counts at once: the first operator and the first of finance are made here.

    Everyone later is appointed in the browser or over the API, by one person and confirmed by another.
    """
    with one_transaction() as session:
        membership.invite(session, email, role, on=Scope(), name=name, by=HOUSE, at=clock.business_now(session))
    console.print(_("{email} is {role}.", email=email, role=role.value), markup=False, highlight=False)


@commands.command()
def locked_out(email: Annotated[str, typer.Argument(callback=an_address, help="Whose phone, key or laptop is lost.")]) -> None:
    """Forget someone's passkeys and app and sign them out everywhere: be sure that it is them who asks."""
    with one_transaction() as session:
        person = forget_factors(session, email, by=HOUSE, at=clock.business_now(session))
    console.print(_("{name} signs in by a link again and can add new ones.", name=person.name), markup=False, highlight=False)


@commands.command()
def few(
    reason: Annotated[str, typer.Option(help="Why; everyone who reads Status sees it.")],
    end: Annotated[bool, typer.Option("--end", help="End the choice: two independent people again.")] = False,
) -> None:
    """Choose that this is an installation of few people: of two who act together one may have given the other their role.

    It is recorded and stands on Status for good, and each brief that is not launched yet says so and has to be signed again.
    """
    with one_transaction() as session:
        changed = choose_few_people(session, is_few=not end, reason=reason, by=HOUSE, at=clock.business_now(session))
    if end:
        sentence = _("The choice has ended: whoever gave a role and its holder no longer act together.")
    else:
        sentence = n_("Chosen and recorded. {count} brief says so now.", "Chosen and recorded. {count} briefs say so now.", len(changed))
    console.print(sentence, markup=False, highlight=False)


@commands.command("list")
def list_people() -> None:
    """List who holds a role in the whole house."""
    everywhere = (RoleGrant.brand_id.is_(None), RoleGrant.campaign_id.is_(None))
    held = select(Person.name, Person.email, RoleGrant.role).join(RoleGrant, RoleGrant.person_id == Person.id).where(*everywhere)
    with one_transaction() as session:
        rows = session.execute(held.order_by(Person.name, RoleGrant.role)).all()
    show(_("People of the house"), (_("name"), _("address"), _("role")), rows)

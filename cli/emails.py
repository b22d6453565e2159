"""`callboard emails`: every email that Callboard writes, and those that did not arrive."""

from typing import Annotated

import typer

from campaigns.core import emails
from campaigns.core.words import _
from cli.edge import REFUSED, console, one_transaction, show, stop
from notifications.preview import previews

MOST = 200


def show_emails(
    name: Annotated[str | None, typer.Argument(help="Only the email of this name.")] = None,
    locale: Annotated[str, typer.Option(help="The language of the emails.")] = "en",
    html: Annotated[bool, typer.Option("--html", help="Show the HTML part instead of the text.")] = False,
    undelivered: Annotated[
        bool, typer.Option("--undelivered", help="Instead, list the emails that did not or may not have arrived, and why.")
    ] = False,
) -> None:
    """Show every email with sample data."""
    if undelivered:
        _list_undelivered()
    else:
        _show_samples(name, locale, html=html)


def _show_samples(name: str | None, locale: str, *, html: bool) -> None:
    every = previews(locale)
    asked = [email for email in every if name in (None, email.notification)]
    if not asked:
        stop(_("There is no email {name}; there are {known}.", name=name, known=", ".join(sorted(x.notification for x in every))), REFUSED)
    for email in asked:
        console.rule(f"{email.stage} / {email.notification}")
        console.print(email.subject, style="bold", markup=False)
        console.print()
        console.print(email.html if html else email.text, markup=False, highlight=False)


def _list_undelivered() -> None:
    with one_transaction() as session:
        rows = [(m.enqueued_at, m.notification, m.address, m.state, m.reason) for m in emails.undelivered(session, MOST)]
    show(_("Emails that did not or may not have arrived"), (_("created"), _("email"), _("to"), _("state"), _("reason")), rows)

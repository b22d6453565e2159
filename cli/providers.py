"""`callboard providers`: what an installation needs at Stripe and SendGrid, made and checked through their APIs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Annotated

import typer
from pydantic import ValidationError

from campaigns.core.installing import Finding, InstallationStep
from campaigns.core.settings import senseless, settings
from campaigns.core.words import _
from campaigns.payments.provider_errors import GatewayError
from campaigns.payments.stripe_gateway import StripeGateway
from cli.edge import CANNOT_START, REFUSED, console, one_transaction, stop
from cli.person import an_address
from notifications import event_webhook
from notifications.sender import EmailRefused, NotTaken
from notifications.sendgrid_sender import SendgridSender
from workers.emails import installation as emails_installation
from workers.gateways import money_out
from workers.provider import endpoints, installation
from workers.provider.event_origins import EventOrigin
from workers.provider.reach import set_up_reach
from workers.provider.trial_events import try_events

WORD_COMES_WITHIN = timedelta(seconds=60)
commands = typer.Typer(no_args_is_help=True, help="Set up and check Stripe and SendGrid.")


@commands.command()
def set_up(
    apply: Annotated[bool, typer.Option("--apply", help="Make the changes; without this option they are only listed.")] = False,
    new_secret: Annotated[
        EventOrigin | None, typer.Option("--new-secret", help="Replace this endpoint at Stripe, because its secret is lost.")
    ] = None,
) -> None:
    """Create the webhooks and unsubscribe groups that this installation needs at Stripe and SendGrid, and correct existing ones.

    It finds existing ones by address, so running it again changes nothing. Secrets are shown once, when they are created.
    """
    _require_reachable()
    steps = _tell(_steps(new_secret, apply=apply), apply=apply)
    if not steps:
        _say(_("Nothing is missing at Stripe or SendGrid."))
    elif not apply and not all(step.is_persons for step in steps):
        _say(_("Nothing was changed. Run it again with --apply to do this."))
    for sentence in by_hand():
        _by_hand(sentence)


def _an_address(given: str | None) -> str | None:
    return None if given is None else an_address(given)


@commands.command()
def check(
    email_to: Annotated[
        str | None, typer.Option(callback=_an_address, help="Send an email to this address, your own, and wait until SendGrid reports it.")
    ] = None,
    events: Annotated[
        bool, typer.Option("--events", help="Create a draft invoice and an account at Stripe, wait for both events, and delete them.")
    ] = False,
) -> None:
    """Check with Stripe and SendGrid whether the installation can be opened; exit 1 with a sentence for each problem.

    Nothing is changed there for good. --events and --email-to also test events and outgoing email; Callboard must be up for that. What
    a person does in a dashboard is listed each time.
    """
    _require_reachable()
    with one_transaction() as session:
        session.connection()
    count = 0
    for count, found in enumerate(_findings(email_to, events=events), 1):  # noqa: B007  # the last number is how many there were
        wrong = _("wrong")
        _say(f"{wrong}  {found.code}: {found.sentence}")
    for sentence in by_hand():
        _by_hand(sentence)
    if count:
        raise typer.Exit(REFUSED)
    _say(_("Stripe and SendGrid are set up correctly."))
    if not (events and email_to):
        _say(_("Use --events and --email-to with your address to test events and outgoing email too."))


def _findings(email_to: str | None, *, events: bool) -> Iterator[Finding]:
    """What is wrong at either provider; one that cannot be asked is a finding too, and keeps nobody from asking the other."""
    try:
        yield from installation.findings(StripeGateway.configured())
        if events:
            yield from try_events(StripeGateway.configured(), within=WORD_COMES_WITHIN)
    except GatewayError as failure:
        yield Finding("stripe", _("Checking Stripe failed ({reason}): check STRIPE_API_KEY and its permissions.", reason=failure))
    sendgrid = SendgridSender(settings())
    try:
        yield from emails_installation.findings(sendgrid)
    except (NotTaken, EmailRefused) as failure:
        yield Finding("sendgrid", _("Checking SendGrid failed ({reason}): check SENDGRID_API_KEY and its permissions.", reason=failure))
    if email_to is not None:
        yield from emails_installation.email_to(sendgrid, email_to, within=WORD_COMES_WITHIN)


def _require_reachable() -> None:
    """End the command where the providers could not post to us."""
    try:
        given = settings()
    except ValidationError as error:
        stop(senseless(error), CANNOT_START)
    is_played = given.stripe_is_played and given.sendgrid_is_played
    if not is_played and not given.public_url.startswith("https://"):
        sentence = _(
            "CALLBOARD_PUBLIC_URL is {url}, to which neither Stripe nor SendGrid can post: set it to the https address that people use.",
            url=given.public_url,
        )
        stop(sentence, CANNOT_START)


def _steps(lost: EventOrigin | None, *, apply: bool) -> Iterator[InstallationStep]:
    """Each step as soon as it is done: whatever goes wrong at the next, its secret has been shown."""
    try:
        yield from endpoints.set_up(StripeGateway.configured(), lost=lost, apply=apply)
        yield from set_up_reach(money_out(), apply=apply)
    except GatewayError as failure:
        stop(_("Stripe refused or failed ({reason}). Fix that and run this again.", reason=failure), CANNOT_START)
    try:
        yield from event_webhook.set_up(SendgridSender(settings()), apply=apply)
    except (NotTaken, EmailRefused) as failure:
        stop(_("SendGrid refused or failed ({reason}). Fix that and run this again.", reason=failure), CANNOT_START)


def _tell(steps: Iterable[InstallationStep], *, apply: bool) -> Sequence[InstallationStep]:
    """Print each step as it comes, with what is to be set where; returns them all."""
    told, heading = list[InstallationStep](), _("done") if apply else _("would do")
    for step in steps:
        told.append(step)
        if step.is_persons:
            _by_hand(step.sentence)
        else:
            _say(f"{heading}  {step.sentence}")
        for name, value in step.settings.items():
            _say(_("Set {name} to this value and restart Callboard; it is shown only once: {value}", name=name, value=value))
    if any(endpoints.SETTING in step.settings for step in told):
        _say(_("{name} takes several secrets, separated by commas: one for each endpoint.", name=endpoints.SETTING))
    return told


def _by_hand(sentence: str) -> None:
    heading = _("by hand")
    _say(f"{heading}  {sentence}")


def by_hand() -> Sequence[str]:
    """What a person does once, in the provider's dashboard; listed each time, for not all of it is shown by an API."""
    return (
        _("Stripe, Settings → Payouts: set the payout schedule to manual, or payouts to your bank take what you owe to artists."),
        _("Stripe, Settings → Payment methods: turn on bank transfers, or invoices can be paid by card only."),
        _("Stripe, Settings → Connect: fill in the platform profile and the branding that artists see on the form."),
        _("SendGrid, Settings → Sender Authentication: authenticate the domain of {address}.", address=settings().mail_from),
    )


def _say(sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)

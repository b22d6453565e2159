"""`callboard providers`: what an installation needs at Stripe and SendGrid, made and checked through their APIs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Annotated

import typer
from pydantic import ValidationError

from api.commands.edge import CANNOT_START, REFUSED, console, one_transaction, stop
from api.commands.person import an_address
from campaigns.core.installing import Finding, Step
from campaigns.core.settings import senseless, settings
from campaigns.core.words import _
from campaigns.payments import endpoints, installation, reach
from campaigns.payments.gateway import GatewayError
from campaigns.payments.stripe_gateway import StripeGateway
from campaigns.payments.trial_events import try_events
from notifications import event_webhook
from notifications import installation as letters_installation
from notifications.sender import NotTaken, Refused
from notifications.sendgrid_sender import SendgridSender

WORD_COMES_WITHIN = timedelta(seconds=60)
commands = typer.Typer(no_args_is_help=True, help="What the installation needs at Stripe and SendGrid.")


@commands.command()
def set_up(
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without this nothing is changed, and you read what would be.")] = False,
) -> None:
    """Make the webhooks and unsubscribe groups that Stripe and SendGrid need for this installation, and put right what is there.

    It looks for what is there by its address, so that running it again changes nothing. Secrets are shown once, when they are made.
    """
    _require_reachable()
    count = _tell(_steps(apply=apply), apply=apply)
    if not count:
        _say(_("Nothing is missing at Stripe or SendGrid."))
    elif not apply:
        _say(_("Nothing was changed. Run it again with --apply to do this."))
    for sentence in by_hand():
        _by_hand(sentence)


def _an_address(given: str | None) -> str | None:
    return None if given is None else an_address(given)


@commands.command()
def check(
    letter_to: Annotated[
        str | None, typer.Option(callback=_an_address, help="Write a letter to this address, yours, and wait for SendGrid's word of it.")
    ] = None,
    events: Annotated[
        bool, typer.Option("--events", help="Make a draft and an account at Stripe, wait until we heard of both, and delete them.")
    ] = False,
) -> None:
    """Ask Stripe and SendGrid whether the installation can be opened; exit 1 with a sentence for each thing that is not as it must be.

    Nothing is changed there for good. With --events and a letter it proves, too, that events come and mail goes out; Callboard must be up
    for that. What only a dashboard shows it lists for a person to look at.
    """
    _require_reachable()
    with one_transaction() as session:
        session.connection()
    count = 0
    for count, found in enumerate(_findings(letter_to, events=events), 1):  # noqa: B007  # the last number is how many there were
        wrong = _("wrong")
        _say(f"{wrong}  {found.code}: {found.sentence}")
    for sentence in by_hand():
        _by_hand(sentence)
    if count:
        raise typer.Exit(REFUSED)
    _say(_("Stripe and SendGrid are as they must be."))
    if not (events and letter_to):
        _say(_("--events and --letter-to with your address prove, too, that events come and that mail goes out."))


def _findings(letter_to: str | None, *, events: bool) -> Iterator[Finding]:
    """What is wrong at either provider; one that cannot be asked is a finding too, and keeps nobody from asking the other."""
    try:
        yield from installation.findings(StripeGateway.configured())
        if events:
            yield from try_events(StripeGateway.configured(), within=WORD_COMES_WITHIN)
    except GatewayError as failure:
        yield Finding("stripe", _("Stripe was not asked to the end ({reason}): check STRIPE_API_KEY and what it may do.", reason=failure))
    sendgrid = SendgridSender(settings())
    try:
        yield from letters_installation.findings(sendgrid)
    except (NotTaken, Refused) as failure:
        yield Finding(
            "sendgrid", _("SendGrid was not asked to the end ({reason}): check SENDGRID_API_KEY and what it may do.", reason=failure)
        )
    if letter_to is not None:
        yield from letters_installation.letter_to(sendgrid, letter_to, within=WORD_COMES_WITHIN)


def _require_reachable() -> None:
    """End the command where the providers could not post to us."""
    try:
        given = settings()
    except ValidationError as error:
        stop(senseless(error), CANNOT_START)
    is_played = given.stripe_is_played and given.sendgrid_is_played
    if not is_played and not given.public_url.startswith("https://"):
        sentence = _(
            "CALLBOARD_PUBLIC_URL is {url}, where neither Stripe nor SendGrid may post: set it to the https address that people use.",
            url=given.public_url,
        )
        stop(sentence, CANNOT_START)


def _steps(*, apply: bool) -> Iterator[Step]:
    """Each step as soon as it is done: whatever goes wrong at the next, its secret has been shown."""
    try:
        yield from endpoints.set_up(StripeGateway.configured(), apply=apply)
        yield from reach.set_up(apply=apply)
    except GatewayError as failure:
        stop(_("Stripe did not do it ({reason}). Put that right and run this again.", reason=failure), CANNOT_START)
    try:
        yield from event_webhook.set_up(SendgridSender(settings()), apply=apply)
    except (NotTaken, Refused) as failure:
        stop(_("SendGrid did not do it ({reason}). Put that right and run this again.", reason=failure), CANNOT_START)


def _tell(steps: Iterable[Step], *, apply: bool) -> int:
    """Print each step with what is to be set where; returns how many there were."""
    count, heading = 0, _("done") if apply else _("would do")
    for count, step in enumerate(steps, 1):  # noqa: B007  # the last number is what is returned
        if step.is_persons:
            _by_hand(step.sentence)
        else:
            _say(f"{heading}  {step.sentence}")
        for name, value in step.settings.items():
            _say(_("Put it into {name}, and start Callboard anew; it is shown only now: {value}", name=name, value=value))
    if count and apply:
        _say(_("{name} takes several secrets with commas between them: one for each endpoint.", name=endpoints.SETTING))
    return count


def _by_hand(sentence: str) -> None:
    heading = _("by hand")
    _say(f"{heading}  {sentence}")


def by_hand() -> Sequence[str]:
    """What no API does or shows: a person does it once, in the provider's dashboard."""
    return (
        _("Stripe, Settings → Payouts: set the payout schedule to manual, or a payout to your bank drains what artists are owed."),
        _("Stripe, Settings → Payment methods: turn bank transfers on, or invoices can be paid by card only."),
        _("Stripe, Settings → Connect: fill in the platform profile and the branding that artists see on the form."),
        _("SendGrid, Settings → Sender Authentication: authenticate the domain of {address}.", address=settings().mail_from),
    )


def _say(sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)

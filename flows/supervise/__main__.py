"""`python -m flows.supervise`: an installation in the foreground, until Ctrl-C, TERM, or the end of the client that it runs."""

import argparse
import signal
import socket
import subprocess
import sys

from pydantic import ValidationError

from campaigns.core.settings import Settings, senseless, settings
from campaigns.core.words import _
from flows.supervise import database, process
from flows.supervise.alone import one_at_a_time
from flows.supervise.errors import CannotStart
from flows.supervise.program import Program, module, with_what_they_need
from flows.supervise.programs import environment, ports, programs
from flows.supervise.stack import Stack, end

INTERRUPTED = 130
# As long as 128 random bits are in base64, and as a passphrase has to be that nobody guesses.
SHORTEST = {"CALLBOARD_SECRET": 22, "CALLBOARD_PREFECT_PASSWORD": 15}  # nosec B105  # lengths


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments ask for; returns the exit code: 2 when the installation cannot start as it is set up."""
    asked = parser().parse_args(arguments)
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, signal.default_int_handler)
    try:
        with one_at_a_time(settings().home):
            return run(settings(), asked)
    except ValidationError as wrong:
        print(senseless(wrong), file=sys.stderr)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 2


def parser() -> argparse.ArgumentParser:
    """The arguments of `python -m flows.supervise`, which are those of `callboard up`."""
    parser = argparse.ArgumentParser(prog="callboard up", description=_("Start everything, watch it, and stop it all together."))
    parser.add_argument("--only", type=lambda names: names.split(","), help=_("these programs and what they need, for example postgres"))
    parser.add_argument("--once", action="store_true", help=_("stop when the client ends, with the client's exit code"))
    client = _("a Python module, with its arguments, to run once everything is ready")
    parser.add_argument("client", nargs=argparse.REMAINDER, help=client)
    return parser


def run(settings: Settings, asked: argparse.Namespace) -> int:
    """Start, watch until interrupted or until the client is done, and stop."""
    check_keys(settings)
    check_secrets(settings)
    check_ports(settings)
    stack = Stack(chosen(settings, asked.only), home=settings.home, env=environment(settings), say=say)
    client: subprocess.Popen[bytes] | None = None
    try:
        stack.start()
        say(where_to_look(settings))
        if asked.client:
            client = process.start(module(*asked.client), env=stack.env)
            stack.watch(until=client)
        if client is None or not asked.once:
            stack.watch()
        return client.returncode if client else 0
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(stop, signal.SIG_IGN)
        say(_("Stopping."))
        if client:
            end(client)
        stack.stop()


def chosen(settings: Settings, only: list[str] | None) -> tuple[Program, ...]:
    """The programs to run, once the database that somebody else runs is known to be usable."""
    if not settings.embedded:
        database.check(settings.sqlalchemy_url, "DATABASE_URL")
        database.add_if_missing(settings.prefect_database_url, "CALLBOARD_PREFECT_DATABASE_URL")
    every = programs(settings)
    if unknown := sorted(set(only or ()) - {each.name for each in every}):
        known = ", ".join(each.name for each in every)
        raise CannotStart(_("There is no program {unknown}; there are {known}.", unknown=unknown[0], known=known))
    return with_what_they_need(every, only) if only else every


def check_keys(settings: Settings) -> None:
    """Raise CannotStart when a provider's key lacks the one that belongs to it, or one provider is live and the other only played."""
    if not settings.stripe_webhook_secrets:
        raise CannotStart(
            _(
                "STRIPE_API_KEY is set and STRIPE_WEBHOOK_SECRET is not: without it, no event from Stripe can be verified. "
                "Set it to the signing secrets of both webhook endpoints, separated by a comma."
            )
        )

    if settings.moves_real_money and settings.sendgrid_is_played:
        raise CannotStart(
            _(
                "STRIPE_API_KEY is a live key and SENDGRID_API_KEY is not set: real money would move, while every sign-in link goes to "
                "a simulator. Set SENDGRID_API_KEY too, or use a Stripe test key."
            )
        )
    if settings.stripe_is_played and not settings.sendgrid_is_played:
        raise CannotStart(
            _(
                "SENDGRID_API_KEY is set and STRIPE_API_KEY is not: real people would get emails about simulated money, "
                "and anyone could forge its events. Set STRIPE_API_KEY too, or remove SENDGRID_API_KEY."
            )
        )


def check_secrets(settings: Settings) -> None:
    """Raise CannotStart when a secret that somebody chose could be guessed."""
    chosen = {"CALLBOARD_SECRET": settings.given_secret, "CALLBOARD_PREFECT_PASSWORD": settings.given_prefect_password}
    for setting, secret in chosen.items():
        if 0 < (length := len(secret.get_secret_value())) < SHORTEST[setting]:
            raise CannotStart(
                _(
                    "{setting} has {length} characters and needs at least {least}: choose a longer random one, "
                    "or remove it to have one generated.",
                    setting=setting, length=length, least=SHORTEST[setting],
                )
            )  # fmt: skip


def check_ports(settings: Settings) -> None:
    """Raise CannotStart when somebody else listens on a port of ours, or two of ours are one."""
    chosen: dict[int, str] = {}
    for setting, port in ports(settings).items():
        if (other := chosen.setdefault(port, setting)) != setting:
            raise CannotStart(_("{one} and {other} are both {port}: give each its own port.", one=other, other=setting, port=port))
        if is_taken(port):
            sentence = _("Port {port} is in use: stop what listens there, or set {setting} to another port.", port=port, setting=setting)
            raise CannotStart(sentence)


def is_taken(port: int) -> bool:
    """Whether somebody listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def where_to_look(settings: Settings) -> str:
    """The addresses of the pages, where the password for Prefect's lies, and the folder of the logs: no secret, for it may be recorded."""
    prefect = f"{settings.prefect_page}  ({_sign_in(settings)})"
    places = {_("Callboard"): settings.public_url, _("Prefect"): prefect, _("Logs"): settings.home / "logs"}
    return "\n" + "".join(f"{name:<15}{place}\n" for name, place in places.items())


def _sign_in(settings: Settings) -> str:
    if settings.given_prefect_password.get_secret_value():
        return _("sign in as {user}; the password is the one set in CALLBOARD_PREFECT_PASSWORD", user=settings.prefect_user)
    return _("sign in as {user}; the password is in {file}", user=settings.prefect_user, file=settings.prefect_password_file)


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""The programs of an installation, in the order in which they are listed and, reversed, stopped."""

import os
import signal
import sys
from pathlib import Path

from campaigns.core.settings import ENV_FILE, Settings
from flows.supervise import database
from flows.supervise.postgres import Cluster
from flows.supervise.program import Program, answers, answers_as, module
from workers.transactions import POOL_SIZE

ROOT = Path(__file__).parents[2]
WORK_POOL = "callboard"
USUAL_CONNECTIONS = 200
FLOW_RUN_COMMAND = "python -m flows.supervise.flow_run"
# The only authority that Prefect's clients know. It has signed nothing, and its key was thrown away.
NO_AUTHORITY = ROOT / "flows" / "supervise" / "no_authority.pem"


def programs(settings: Settings) -> tuple[Program, ...]:
    """All that runs; a simulator only where its provider is played, PostgreSQL only where no other is named."""
    postgres = (embedded(settings),) if settings.embedded else ()
    base = tuple(each.name for each in postgres)
    simulators = tuple(
        Program(name, title, module(f"sandbox.{name}"), after=("migrations",), ready=answers(f"{url}/health"))
        for name, title, url, is_played in (
            ("stripe", "Stripe simulator", settings.stripe_url, settings.stripe_is_played),
            ("sendgrid", "SendGrid simulator", settings.sendgrid_url, settings.sendgrid_is_played),
        )
        if is_played
    )
    return (
        *postgres,
        Program("prefect", "Prefect server", prefect_server(settings), base, answers(f"{settings.prefect_url}/api/health")),
        Program("migrations", "Migrations", module("alembic", "-c", str(ROOT / "pyproject.toml"), "upgrade", "head"), base, once=True),
        *simulators,
        Program("deploy", "Deployments", module("flows.supervise.deploy"), ("prefect", "migrations"), once=True),
        # Killed outright, and its flow runs with it: a worker that is asked to leave waits for those that are frozen.
        Program("worker", "Prefect worker", prefect_worker(), ("deploy",), last_signal=signal.SIGKILL),
        Program("sweep", "Sweep", module("flows.sweep"), ("deploy",)),
        Program("relay", "Relay", module("flows.relay"), ("deploy",)),
        *web(settings),
    )


def web(settings: Settings) -> tuple[Program, ...]:
    """The web processes; when they are several each is told its name and shares the port with the others."""
    own_host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # nosec B104  # noqa: S104 - compared, not bound
    health = f"http://{own_host}:{settings.port}/health"
    if settings.web_processes == 1:
        return (Program("api", "Callboard", module("api"), ("migrations",), answers(health)),)
    numbers = {"api": "Callboard"} | {f"api-{number}": f"Callboard {number}" for number in range(2, settings.web_processes + 1)}
    return tuple(Program(name, title, module("api", name), ("migrations",), answers_as(health, name)) for name, title in numbers.items())


def embedded(settings: Settings) -> Program:
    """The embedded PostgreSQL, ready once it holds a database for Callboard and one for Prefect."""
    connections = USUAL_CONNECTIONS + POOL_SIZE * (settings.web_processes - 1)
    cluster = Cluster.at(settings.cluster_home, settings.socket_home, max_connections=str(connections))

    def is_ready() -> bool:
        if not cluster.opens():
            return False
        cluster.add_database("callboard")
        database.add_if_missing(settings.prefect_database_url, "CALLBOARD_PREFECT_DATABASE_URL")
        return True

    return Program("postgres", "PostgreSQL", tuple(cluster.command), ready=is_ready, last_signal=signal.SIGINT, user=cluster.user)


def prefect_server(settings: Settings) -> tuple[str, ...]:
    """The command of Prefect's server, with its scheduler and its page, on the loopback only."""
    return module("flows.supervise.prefect_server", "server", "start", "--host", "127.0.0.1", "--port", str(settings.prefect_port))


def prefect_worker() -> tuple[str, ...]:
    """The command of the worker; it runs as many flow runs at once as CALLBOARD_WORKER_LIMIT says for each machine."""
    return module("flows.supervise.worker")


def ports(settings: Settings) -> dict[str, int]:
    """Every port that is listened on, by the setting that chooses it."""
    own = {"CALLBOARD_PORT": settings.port, "CALLBOARD_PREFECT_PORT": settings.prefect_port}
    stripe = {"CALLBOARD_STRIPE_SANDBOX_PORT": settings.stripe_sandbox_port} if settings.stripe_is_played else {}
    sendgrid = {"CALLBOARD_SENDGRID_SANDBOX_PORT": settings.sendgrid_sandbox_port} if settings.sendgrid_is_played else {}
    return own | stripe | sendgrid


def environment(settings: Settings) -> dict[str, str]:
    """What every program finds in its environment: ours, and Prefect's settings in place of the user's own."""
    # Without compiled files each flow run would compile all of ours anew.
    unwanted = ("PREFECT_", "PYTHONDONTWRITEBYTECODE")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    interpreter = str(Path(sys.executable).parent)
    return inherited | {
        "PATH": os.pathsep.join([interpreter, inherited.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
        "TZ": "UTC",  # in which every log says its times
        # Named outright, for a flow run works in another folder than its worker.
        "CALLBOARD_ENV_FILE": str(ENV_FILE),
        "CALLBOARD_HOME": str(settings.home),
        **prefect_settings(settings),
    }


def prefect_settings(settings: Settings) -> dict[str, str]:
    """Prefect's settings, for its server, its worker, and everyone who talks to them."""
    sign_in = f"{settings.prefect_user}:{settings.prefect_password.get_secret_value()}"
    chosen = {
        "HOME": str(settings.home / "prefect"),
        "API_URL": f"{settings.prefect_url}/api",
        "API_AUTH_STRING": sign_in,
        # The API is on the loopback and without TLS, yet each of a flow run's many clients would read every authority of the web, ask for
        # the server's version, which is its own, and for a token that this server does not want.
        "API_SSL_CERT_FILE": str(NO_AUTHORITY),
        "CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
        "CLIENT_CSRF_SUPPORT_ENABLED": "false",
        "SERVER_API_AUTH_STRING": sign_in,
        "SERVER_DATABASE_CONNECTION_URL": settings.prefect_database_url,
        "WORKER_QUERY_SECONDS": "0.5",
        "CLI_PROMPT": "false",
        "SERVER_ANALYTICS_ENABLED": "false",
        "SERVER_EPHEMERAL_ENABLED": "false",
        "SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    }
    return {f"PREFECT_{name}": value for name, value in chosen.items()}

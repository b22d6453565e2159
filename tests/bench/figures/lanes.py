"""Sign-in links asked for while 60,000 emails about one event and the provider's events about them go through, or as many as meanwhile do.

Relay, web process and the provider's simulator are the processes of an installation; only Prefect, which sends nothing, is left out.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import func, select

from campaigns.core import access, clock
from campaigns.core.emails import Email
from campaigns.core.inbox import Received
from campaigns.core.outbox import OPEN, OutboxMessage
from campaigns.core.settings import settings
from flows.supervise.program import answers
from flows.supervise.programs import prefect_settings
from tests.bench import emails
from tests.bench.databases import migrated, running
from tests.bench.figure import Figure, percentile
from tests.browser.town import within
from tests.installation import wait_for
from tests.ports import free_ports
from workers.transactions import unit_of_work

EMAILS = 60_000
WANTED = 2.0
EVERY = 1.0
LATE = 120.0
LEAST, MOST = 20, 400
TELLING = ("proposal", "final")
SENDING = ("email", "sendgrid_event")
WHY = "The relay, the web process, PostgreSQL and the simulator share the cores with the emails that are written and sent at the same time."


def measure(scale: float) -> Figure:
    people = int(EMAILS * scale)
    with running() as cluster, migrated(cluster), at_work():
        emails.enqueued_for(people)
        began = time.monotonic()
        took = [handed_over(number) for number in while_they_go_through(people)]
        minutes, through = (time.monotonic() - began) / 60, gone_through()
    assert through > len(took), "no emails went through meanwhile: it would be the figure of a quiet day"
    p50, p99 = percentile(took, 50), percentile(took, 99)
    return Figure(
        f"A sign-in link is asked for → with the provider ({len(took)} links, while {through:,} of {people:,} emails go through)",
        f"p50 {p50:.2f} s, p99 {p99:.2f} s",
        f"asked for over {minutes:.0f} min",
        f"p99 ≤ {WANTED:.0f} s",
        p99 <= WANTED,
        {"p50": p50, "p99": p99, "most": max(took), "minutes": minutes, "through": through},
        WHY,
    )


@contextmanager
def at_work() -> Iterator[None]:
    """What sends emails and hears of them, on the database of the settings."""
    api, sendgrid, prefect = free_ports(3)
    ports = {"CALLBOARD_PORT": api, "CALLBOARD_SENDGRID_SANDBOX_PORT": sendgrid, "CALLBOARD_PREFECT_PORT": prefect}
    with within(ports), ExitStack() as stack:
        environment = os.environ | prefect_settings(settings())
        for program in ("sandbox.sendgrid", "api", "flows.relay"):
            process = stack.enter_context(subprocess.Popen([sys.executable, "-m", program], env=environment))
            stack.callback(process.terminate)
        for port in (sendgrid, api):
            wait_for(answers(f"http://127.0.0.1:{port}/health"), LATE)
        yield


def while_they_go_through(people: int) -> Iterator[int]:
    """Count up, one number each second, to MOST, or until every email was sent and every event about them was looked into."""
    number = 0
    while number < LEAST or (number < MOST and not is_through(people)):
        began, number = time.monotonic(), number + 1
        yield number
        time.sleep(max(0.0, EVERY - (time.monotonic() - began)))


def is_through(people: int) -> bool:
    with unit_of_work() as session:
        told = session.scalar(select(func.count()).select_from(Received)) or 0
        waiting = session.scalar(select(func.count()).where(OutboxMessage.kind.in_(SENDING), *OPEN))
    return gone_through() >= people and told >= people and not waiting


def gone_through() -> int:
    """How many of the emails were sent."""
    with unit_of_work() as session:
        return session.scalar(select(func.count()).where(Email.notification.in_(TELLING), Email.state == "sent")) or 0


def handed_over(number: int) -> float:
    """Ask for a link; the seconds until its email is with the provider."""
    address, began = f"signs-in-{number}@crowd.example", time.monotonic()
    with unit_of_work() as session:
        access.ask_for_link(session, address, at=clock.business_now(session))
    wait_for(lambda: is_sent(address), LATE)
    return time.monotonic() - began


def is_sent(address: str) -> bool:
    with unit_of_work() as session:
        return session.scalar(select(Email.id).where(Email.address == address, Email.state.not_in(("promised", "sending")))) is not None

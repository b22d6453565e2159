"""Sign-in links asked for while 60,000 letters about one event and the provider's events about them go through, on a real installation."""

import time
from collections.abc import Iterator

from sqlalchemy import func, select

from campaigns.core import access, clock
from campaigns.core.db import unit_of_work
from campaigns.core.inbox import Received
from campaigns.core.mail import Mail
from campaigns.core.outbox import OPEN, Promise
from tests.bench import letters
from tests.bench.figure import Figure, percentile
from tests.bench.stacks import stood_up
from tests.installation import wait_for

LETTERS = 60_000
WANTED = 2.0
EVERY = 1.0
LATE = 120.0
LEAST = 20
SENDING = ("mail", "sendgrid_event")
WHY = "relay, web process, PostgreSQL and both stand-ins share the cores with the letters that are written and sent meanwhile."


def measure(scale: float) -> Figure:
    people = int(LETTERS * scale)
    with stood_up():
        letters.promised_to(people)
        began = time.monotonic()
        took = [handed_over(number) for number in while_they_go_through(people)]
        minutes = (time.monotonic() - began) / 60
    p50, p99 = percentile(took, 50), percentile(took, 99)
    return Figure(
        f"A sign-in link is asked for → with the provider ({len(took)} links while {people:,} letters and their events went through)",
        f"p50 {p50:.2f} s, p99 {p99:.2f} s",
        f"the letters took {minutes:.0f} min",
        f"p99 ≤ {WANTED:.0f} s",
        p99 <= WANTED,
        {"p50": p50, "p99": p99, "most": max(took), "minutes": minutes},
        WHY,
    )


def while_they_go_through(people: int) -> Iterator[int]:
    """Count up, one number each second, until every letter was sent and every event about them was looked into."""
    number = 0
    while number < LEAST or not is_through(people):
        began, number = time.monotonic(), number + 1
        yield number
        time.sleep(max(0.0, EVERY - (time.monotonic() - began)))


def is_through(people: int) -> bool:
    with unit_of_work() as session:
        sent = session.scalar(select(func.count()).where(Mail.notice == "final", Mail.state == "sent")) or 0
        told = session.scalar(select(func.count()).select_from(Received)) or 0
        waiting = session.scalar(select(func.count()).where(Promise.kind.in_(SENDING), *OPEN))
    return sent >= people and told >= people and not waiting


def handed_over(number: int) -> float:
    """Ask for a link; the seconds until its letter is with the provider."""
    address, began = f"signs-in-{number}@crowd.example", time.monotonic()
    with unit_of_work() as session:
        access.ask_for_link(session, address, at=clock.business_now(session))
    wait_for(lambda: is_sent(address), LATE)
    return time.monotonic() - began


def is_sent(address: str) -> bool:
    with unit_of_work() as session:
        return session.scalar(select(Mail.id).where(Mail.address == address, Mail.state.not_in(("promised", "sending")))) is not None

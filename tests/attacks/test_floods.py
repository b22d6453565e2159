"""A flood of sign-ins: what one asker may have is counted in PostgreSQL, for all processes alike, and costs the others nothing."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from campaigns.core.access import LINKS_FROM_ONE_PLACE, LINKS_TO_ONE_ADDRESS
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Person
from tests import factories
from tests.api.caller import token_of
from tests.attacks.server import Server, serving
from workers.transactions import unit_of_work

HANDS = 8
CROWD = 40


@pytest.fixture(scope="module")
def servers(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Two web processes over one database."""
    with ExitStack() as stack:
        yield [stack.enter_context(serving(tmp_path_factory.mktemp("web"))) for _ in range(2)]


def ask(servers: list[Server], place: str, emails: list[str]) -> Counter[int]:
    """How often which answer is given when all of these are asked for at once, by turns at each process, from one place in the network."""
    with httpx.Client(headers={"X-Forwarded-For": place}, timeout=60) as client, ThreadPoolExecutor(HANDS) as hands:
        each = [(servers[number % 2].url, email) for number, email in enumerate(emails)]
        answers = hands.map(lambda asked: client.post(f"{asked[0]}/api/v1/sign-in", json={"email": asked[1]}), each)
        return Counter(answer.status_code for answer in answers)


def test_one_address_gets_its_links_and_no_more_however_many_ask_in_however_many_places(servers: list[Server]) -> None:
    got = Counter[int]()
    for number in range(4):
        got += ask(servers, f"198.51.100.{number}", ["ana@example.org", "ANA@example.org"] * 5)
    assert got == {202: LINKS_TO_ONE_ADDRESS.burst, 429: 40 - LINKS_TO_ONE_ADDRESS.burst}
    with unit_of_work() as session:
        people = select(func.count()).where(func.lower(Person.email) == "ana@example.org")
        assert (session.scalar(people), session.scalar(select(func.count()).where(OutboxMessage.kind == OutboxKind.EVENT))) == (1, 5)


def test_one_place_cannot_flood_the_post_nor_keep_anyone_else_out(servers: list[Server]) -> None:
    most = LINKS_FROM_ONE_PLACE.burst
    got = ask(servers, "203.0.113.7", [f"stranger{number}@example.org" for number in range(most + 40)])
    # While so many ask, some time passes, and with it comes one more link now and then.
    assert most <= got[202] <= most + 5
    assert got[202] + got[429] == most + 40
    assert ask(servers, "203.0.113.8", ["ben@example.org"]) == {202: 1}


def test_a_flood_is_refused_fast_and_the_pages_go_on(servers: list[Server], tmp_path: Path) -> None:
    with unit_of_work() as session:
        token = token_of(session, factories.person(session, "Cleo"))
    with ThreadPoolExecutor(1) as aside:
        flood = aside.submit(ask, servers, "203.0.113.7", ["flood@example.org"] * 200)
        told = [httpx.get(f"{servers[0].url}/api/v1/me", headers={"Authorization": f"Bearer {token}"}, timeout=20) for _ in range(10)]
        assert ([answer.status_code for answer in told], flood.result()[429] > 190) == ([200] * 10, True)


def test_of_many_who_ask_at_once_each_is_answered_in_turn(servers: list[Server]) -> None:
    with unit_of_work() as session:
        token = token_of(session, factories.person(session, "Dora"))
    limits, headers = httpx.Limits(max_connections=CROWD), {"Authorization": f"Bearer {token}"}
    with httpx.Client(headers=headers, timeout=60, limits=limits) as client, ThreadPoolExecutor(CROWD) as hands:
        answers = list(hands.map(lambda _asked: client.get(f"{servers[0].url}/api/v1/me"), range(CROWD * 5)))
    assert Counter(answer.status_code for answer in answers) == {200: CROWD * 5}

"""SQL, templates and shell words in every text of every body that the API takes: kept as words or refused, and never carried out."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from campaigns.core import outbox
from campaigns.core.emails import Email
from campaigns.core.ids import new_id
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.stages import Stage
from tests.attacks.bodies import operations, whole, with_each
from tests.attacks.people import ROLES, about, asking, bearer
from tests.browser.test_twice import undone
from tests.browser.town import Town
from workers.emails.announce import announce
from workers.transactions import unit_of_work

PRODUCT = "9801547"
ATTACKS = (
    "x'; drop table person cascade; --",
    "\"' or 1=1) || (select pg_sleep(9)) -- \\%00 $(id) `id`",
    "{{1337*7331}} ${1337*7331} #{1337*7331} %(id)s {0.__class__}",
)
OPERATIONS = {f"{method} {path}": (method, path, tag, taken) for method, path, tag, taken in operations()}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with asking() as client:
        yield client


@pytest.mark.parametrize("label", OPERATIONS)
def test_what_is_written_is_words_and_nothing_else(founded_town: Town, client: TestClient, label: str) -> None:
    method, path, tag, taken = OPERATIONS[label]
    stage = Stage(tag) if tag in set(Stage) else Stage.OPEN_CALL
    with undone(founded_town):
        role, things, before = whoever_may(client, founded_town, stage, method, path, whole(taken)), founded_town.things[stage], tables()
    for attack in ATTACKS:
        with undone(founded_town):
            handle_all_messages()
            headers, body = bearer(founded_town, role, stage), about(whole(taken), things)
            for where, changed in with_each(body, attack):
                answer = client.request(method, filled(path, things), json=changed, headers=headers)
                assert (answer.status_code < 500, PRODUCT in answer.text) == (True, False), (where, answer.text)
            assert tables() == before
            assert [said for said in told_afterwards(client, founded_town, stage) if PRODUCT in said] == []


def whoever_may(client: TestClient, town: Town, stage: Stage, method: str, path: str, body: Any) -> str:
    """The role with which one comes furthest in the campaign of this stage."""
    things, furthest = town.things[stage], dict[int, str]()
    for role in ROLES:
        asked = {"json": about(body, things), "headers": bearer(town, role, stage)}
        furthest.setdefault(client.request(method, filled(path, things), **asked).status_code, role)
        if min(furthest) < 300:
            break
    return next(furthest[status] for status in (200, 201, 204, 409, 400, *furthest) if status in furthest)


def filled(path: str, things: Mapping[str, object]) -> str:
    """The path to things that there are, as far as the campaign has them."""
    return re.sub(r"{(\w+)}", lambda name: str(things.get(name[1], new_id())), path)


def tables() -> set[str]:
    """The tables that there are."""
    with unit_of_work() as session:
        return set(session.scalars(text("select table_name from information_schema.tables where table_schema = 'public'")))


def handle_all_messages() -> None:
    """What was enqueued before is no concern of ours."""
    with unit_of_work() as session:
        session.execute(text("update outbox_message set done_at = now() where done_at is null"))


def told_afterwards(client: TestClient, town: Town, stage: Stage) -> list[str]:
    """What the campaign's timeline says, and the emails that are written about it."""
    manager = bearer(town, "manager", stage)
    with unit_of_work() as session:
        claimed = [one for one in outbox.claim(session, limit=100) if one.kind == OutboxKind.EVENT]
    for one in claimed:
        announce(one)
    with unit_of_work() as session:
        emails = [email.subject + email.text + email.html for email in session.scalars(select(Email))]
    return [client.get(f"/api/v1/campaigns/{town.casts[stage].made.id}/timeline", headers=manager).text, *emails]

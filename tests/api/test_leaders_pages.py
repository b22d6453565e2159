"""What whoever leads one deliverable is shown of the campaign: their own deliverable, and nothing of how the others stand."""

import csv
import io
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from campaigns.core import clock
from campaigns.core.campaign import deliverables_of
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from tests.api.visiting import be, browser
from tests.factories import CARD, FILM, came_into, opened_call, someone
from workers.transactions import unit_of_work


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with browser() as client:
        yield client


def waits_told(client: TestClient) -> list[str]:
    """What the board's table says that each campaign waits for."""
    return [row["waiting on"] for row in csv.DictReader(io.StringIO(client.get("/board.csv?whose=everyone").text.lstrip("\ufeff")))]


def test_whoever_leads_one_deliverable_is_not_told_on_the_board_what_the_others_wait_for(client: TestClient) -> None:
    with unit_of_work() as session:
        at = clock.business_now(session)
        made = opened_call(session, (FILM, CARD), at=at)
        film, card = deliverables_of(session, made.id)
        came_into(session, card, Stage.CURATION, at=at)
        leaders = [someone(session, Role.LEADER, on=deliverable.scope) for deliverable in (film, card)]
    [whole] = waits_told(be(client, made.manager))
    [[of_film], [of_card]] = [waits_told(be(client, leader)) for leader in leaders]
    assert of_film != of_card
    assert {*of_film.split("; "), *of_card.split("; ")} == {*whole.split("; ")}

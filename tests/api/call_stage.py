"""An open call, and the people at it in their browsers."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select

from campaigns.core import clock
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.open_call.models import Contribution, ContributionState
from tests import factories, samples
from tests.api.caller import caller, token_of
from tests.api.visiting import PAGE
from workers.transactions import unit_of_work

LICENCE = "2026-01"


class Stage:
    """An open call, and the people at it in their browsers."""

    def __init__(self) -> None:
        with unit_of_work() as session:
            self.now = clock.business_now(session)
            self.made = made = factories.opened_call(session, at=self.now)
            self.ana_actor = factories.person(session, samples.NAME, country="US")
            self.ana = browser(token_of(session, self.ana_actor))
            self.ben_actor = factories.person(session, "Ben", country=None)
            self.ben = browser(token_of(session, self.ben_actor))
            self.judge = browser(token_of(session, factories.someone(session, Role.CURATOR, "Cleo")))
            self.manager = browser(token_of(session, made.manager))
        self.id = made.id
        self.guest = browser()

    def path(self, end: str = "") -> str:
        return f"/calls/{self.id}{end}"

    def desk(self) -> str:
        return f"/campaigns/{self.id}/screening"

    def send(self, client: TestClient, **changes: Any) -> Response:
        form: dict[str, Any] = {"once": uuid4().hex, "_page": self.path("/contribute"), "title": "Lantern street"}
        form |= {"licence_version": LICENCE, "text": f"Every December we walk: {uuid4()}."} | changes
        answer: Response = client.post(self.path("/contribute"), data={name: value for name, value in form.items() if value is not None})
        return answer

    def waiting(self, by: Actor | None = None, count: int = 1, **more: Any) -> list[UUID]:
        """Contributions that wait to be screened."""
        with unit_of_work() as session:
            contributions = [factories.contributed(session, self.made, by, at=self.now, **more) for _number in range(count)]
            return [factories.ready(session, contribution, at=self.now).id for contribution in contributions]

    def state_of(self, contribution_id: UUID) -> tuple[ContributionState, str | None]:
        with unit_of_work() as session:
            contribution = session.get_one(Contribution, contribution_id)
            return contribution.state, contribution.state_reason


def browser(token: str | None = None) -> TestClient:
    client = caller(token)
    client.headers.update(PAGE)
    client.follow_redirects = False
    return client


def count(what: type) -> int:
    with unit_of_work() as session:
        return session.scalars(select(func.count()).select_from(what)).one()


def text_of(answer: Response) -> str:
    """What stands on the page, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.fixture
def stage(fresh_database: str) -> Stage:
    return Stage()

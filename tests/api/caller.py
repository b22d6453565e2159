"""People at the API, each with a bearer token of their own."""

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from api.app import make_app
from campaigns.core import tokens
from campaigns.core.people import Actor
from workers.transactions import unit_of_work


def token_of(session: Session, actor: Actor) -> str:
    """A token with which `actor` may do everything that they may do."""
    return tokens.issue_token(session, actor.person, "test")[1]


def caller(token: str | None = None) -> TestClient:
    """The API as whoever holds `token` calls it, or a guest."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return TestClient(make_app(), base_url="https://testserver", headers=headers)


def led_nowhere(who: Actor, **headers: str) -> TestClient:
    """The API and its pages as `who` calls them, who is shown where an answer leads instead of being led there."""
    with unit_of_work() as session:
        client = caller(token_of(session, who))
    client.headers.update(headers)
    client.follow_redirects = False
    return client

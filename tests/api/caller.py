"""People at the API, each with a bearer token of their own."""

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from api.app import make_app
from campaigns.core import tokens
from campaigns.core.people import Actor


def token_of(session: Session, actor: Actor) -> str:
    """A token with which `actor` may do everything that they may do."""
    return tokens.issue_token(session, actor.person, "test")[1]


def caller(token: str | None = None) -> TestClient:
    """The API as whoever holds `token` calls it, or a guest."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return TestClient(make_app(), base_url="https://testserver", headers=headers)

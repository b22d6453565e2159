"""What one person says to the API, once."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from campaigns.core import tokens
from campaigns.core.people import Actor
from campaigns.core.settings import settings
from workers.transactions import unit_of_work

# How long an answer is waited for.
PATIENCE = 10.0
# A word that is refused as often as this came too late: what it was about has moved on.
REFUSALS = 5


@dataclass(slots=True)
class Word:
    """Something that one person says once to the API: the same request, under the same key, until it is answered."""

    by: Actor
    path: str
    body: dict[str, Any]
    key: str = field(default_factory=lambda: uuid4().hex)
    is_answered: bool = False
    method: str = "POST"
    answer: dict[str, Any] = field(default_factory=dict)
    refusals: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether there is no use in saying it again."""
        return self.is_answered or self.refusals >= REFUSALS


@dataclass(slots=True)
class Voice:
    """What lets people speak to the API: a token for each of them."""

    tokens: dict[UUID, str] = field(default_factory=dict)

    def say(self, word: Word) -> None:
        """Send the request once, unless it has been answered; raises what keeps it from being answered."""
        if word.is_answered:
            return
        answer = self.request(word.by, word.method, f"/api/v1{word.path}", json=word.body, headers={"Idempotency-Key": word.key})
        word.refusals += answer.is_client_error
        answer.raise_for_status()
        word.answer = answer.json() if answer.content else {}
        word.is_answered = True

    def request(self, by: Actor, method: str, path: str, *, headers: dict[str, str], **sent: Any) -> httpx.Response:
        """One request in somebody's name."""
        headers = {"Authorization": f"Bearer {self.token(by)}", **headers}
        return httpx.request(method, f"http://127.0.0.1:{settings().port}{path}", headers=headers, timeout=PATIENCE, **sent)

    def token(self, actor: Actor) -> str:
        if actor.person not in self.tokens:
            with unit_of_work() as session:
                secret = tokens.issue_token(session, actor.person, "chaos")[1]
            self.tokens[actor.person] = secret
        return self.tokens[actor.person]

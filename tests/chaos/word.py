"""What one person says to the API, once."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx

from campaigns.core import tokens
from campaigns.core.db import unit_of_work
from campaigns.core.people import Actor
from campaigns.core.settings import settings

# How long an answer is waited for.
PATIENCE = 10.0


@dataclass(slots=True)
class Word:
    """Something that one person says once to the API: the same request, under the same key, until it is answered."""

    by: Actor
    path: str
    body: dict[str, object]
    key: str = field(default_factory=lambda: uuid4().hex)
    is_answered: bool = False


@dataclass(slots=True)
class Voice:
    """What lets people speak to the API: a token for each of them."""

    tokens: dict[UUID, str] = field(default_factory=dict)

    def say(self, word: Word) -> None:
        """Send the request once, unless it has been answered; raises what keeps it from being answered."""
        if word.is_answered:
            return
        headers = {"Authorization": f"Bearer {self.token(word.by)}", "Idempotency-Key": word.key}
        address = f"http://127.0.0.1:{settings().port}/api/v1{word.path}"
        answer = httpx.post(address, json=word.body, headers=headers, timeout=PATIENCE)
        answer.raise_for_status()
        word.is_answered = True

    def token(self, actor: Actor) -> str:
        if actor.person not in self.tokens:
            with unit_of_work() as session:
                secret = tokens.issue_token(session, actor.person, "chaos")[1]
            self.tokens[actor.person] = secret
        return self.tokens[actor.person]

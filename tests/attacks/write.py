"""An operation that changes something, asked for by somebody who may, in the words of its own example and about things that exist."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import text

from api.deps import COOKIE
from campaigns.core import access
from campaigns.core.stages import Stage
from tests.attacks.people import NOBODY, ROLES, about, bearer
from tests.browser.deed import Deed, Places, Scene
from tests.browser.town import Town
from tests.described import SPEC
from tests.leaks.things import FURTHER
from workers.transactions import unit_of_work

BY_ID = {said["operationId"]: (method.upper(), path, said) for path, methods in SPEC["paths"].items() for method, said in methods.items()}
CHANGING = [name for name, (method, _path, _said) in BY_ID.items() if method in ("POST", "PUT", "PATCH", "DELETE")]
Ready: TypeAlias = Callable[[Scene], Places]


@dataclass(frozen=True, slots=True)
class Write:
    """Who asks, in the campaign of which stage; `ready` does what must have happened before, and returns what the request is about.

    `path` stands in the path and `body` in the body beside what the example and the campaign's own things give: "{name}" is the thing of
    that name. `sent` is whatever else httpx is to send.
    """

    who: str = "manager"
    stage: Stage = Stage.OPEN_CALL
    ready: Ready | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    sent: Mapping[str, Any] = field(default_factory=dict)
    in_browser: bool = False

    def things(self, town: Town) -> Mapping[str, Any]:
        """Do what must have happened before; everything that the request can be about, by its name in paths and bodies."""
        scene = Scene.of(Deed("", "", self.who, self.stage, ready=self.ready), town)
        with unit_of_work() as session:
            found = {name: session.scalar(text(query), {"campaign": scene.cast.made.id}) for name, query in FURTHER.items()}
        people = {role: scene.person(role).person for role in ROLES if role != NOBODY}
        things = {name: thing for name, thing in found.items() if thing} | people | scene.places
        things["contribution_id"] = things.get("contribution_id")
        return things | {place: _filled(thing, things) for place, thing in self.path.items()}

    def headers(self, town: Town) -> dict[str, str]:
        """What whoever asks shows at the door."""
        if not self.in_browser:
            return bearer(town, self.who, self.stage)
        with unit_of_work() as session:
            secret = access.open_session(session, town.person(self.who, self.stage).person, is_proven=True)
        return {"Cookie": f"{COOKIE}={secret}", "Sec-Fetch-Site": "same-origin"}

    def body_of(self, name: str, things: Mapping[str, Any]) -> Any:
        """The operation's example, about these things; None where it takes no JSON."""
        taken = BY_ID[name][2].get("requestBody", {}).get("content", {}).get("application/json")
        return about(deepcopy(taken["example"]), things) | _filled(self.body, things) if taken else None

    def ask(self, client: TestClient, town: Town, name: str, things: Mapping[str, Any]) -> Response:
        """The answer to the request about these things."""
        method, path, _said = BY_ID[name]
        headers = {**self.headers(town), **self.sent.get("headers", {})}
        body = self.body_of(name, things)
        json = {} if body is None else {"json": body}
        answer: Response = client.request(method, path.format(**things), **{**json, **self.sent, "headers": headers})
        return answer


def _filled(words: Any, things: Mapping[str, Any]) -> Any:
    """The same with things in the places of their names; a text that is a name and nothing else becomes the thing as JSON has it."""
    if isinstance(words, Mapping):
        return {_filled(name, things): _filled(value, things) for name, value in words.items()}
    if isinstance(words, list):
        return [_filled(each, things) for each in words]
    if not isinstance(words, str):
        return words
    thing = things.get(words[1:-1]) if words[:1] + words[-1:] == "{}" else None
    return thing if isinstance(thing, int | list | dict) else words.format(**things)

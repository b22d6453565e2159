"""A person at Callboard's HTTP API: signed in by the link in an email, acting with a bearer token."""

import base64
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx

CALLBOARD = os.environ.get("CALLBOARD_PUBLIC_URL") or f"http://localhost:{os.environ.get('CALLBOARD_PORT', '8400')}"
MAILBOX = f"http://localhost:{os.environ.get('CALLBOARD_SENDGRID_SANDBOX_PORT', '8422')}/sandbox/mailbox"
CHUNK = 512 * 1024
GLANCE = 0.2
PATIENCE = 90.0
LINK = re.compile(r"/sign-in/([\w-]{20,})")
CONFIRM = re.compile(r"/administrators/([\w-]{20,})")
Json = dict[str, Any]
Found = TypeVar("Found")


class DemoFailed(Exception):
    """Something did not go as the story has it; the sentence says what."""


class RequestRefused(DemoFailed):
    """Callboard refused a request; `problem` is its answer."""

    def __init__(self, request: str, problem: Json) -> None:
        super().__init__(f"{request}: {problem.get('detail', problem)}")
        self.problem = problem


@dataclass
class DemoPerson:
    """Someone with an address and, once signed in, a token."""

    email: str
    name: str
    country: str | None = None
    locale: str = "en"
    zone: str = "UTC"
    id: str = ""
    http: httpx.Client = field(default_factory=lambda: httpx.Client(base_url=f"{CALLBOARD}/api/v1", timeout=60))

    def get(self, path: str, **query: Any) -> Any:
        """What is there to see."""
        return self._ask("GET", path, params=query)

    def post(self, path: str, **body: Any) -> Any:
        """Do something, once however often the request is sent."""
        return self._ask("POST", path, json=body, headers={"Idempotency-Key": uuid4().hex})

    def put(self, path: str, **body: Any) -> Any:
        return self._ask("PUT", path, json=body)

    def patch(self, path: str, **body: Any) -> Any:
        return self._ask("PATCH", path, json=body)

    def every(self, path: str, **query: Any) -> list[Json]:
        """All items of a list, page by page."""
        items, after = [], None
        while True:
            page = self.get(path, limit=100, **query, **({"after": after} if after else {}))
            items += page["items"]
            if (after := page["next"]) is None:
                return items

    def sign_in(self) -> "DemoPerson":
        """Ask for a link, read the email, exchange the link for a token, and say who one is."""
        token = self._ask("POST", "/sign-in/token", json={"secret": self._link(), "name": "demo"})
        self.http.headers["Authorization"] = f"Bearer {token['secret']}"
        profile = {"name": self.name, "country": self.country, "locale": self.locale, "time_zone": self.zone}
        self.id = self.put("/me", **profile)["id"]
        return self

    def in_browser(self) -> httpx.Client:
        """A browser of one's own, signed in by another email: some things a token may not do."""
        headers = {"Origin": CALLBOARD, "Accept": "text/html"}
        signed_in = httpx.post(f"{CALLBOARD}/sign-in/{self._link()}", headers=headers, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in signed_in.cookies.items())
        return httpx.Client(base_url=CALLBOARD, headers=headers | {"Cookie": cookies}, timeout=60)

    def _link(self) -> str:
        """Ask for a link and read the email; the secret in it."""
        newest = self.newest_email()
        self._ask("POST", "/sign-in", json={"email": self.email})
        fresh = wait_for(
            f"the sign-in email to {self.email}", lambda: [x for x in emails(self.email) if x["id"] > newest and LINK.search(x["text"])]
        )
        secret = LINK.search(fresh[0]["text"])
        if secret is None:
            raise DemoFailed(f"The sign-in email to {self.email} has no link in it.")
        return secret[1]

    def newest_email(self) -> int:
        """The number of the last email that has come so far: the mailbox keeps those of earlier demos."""
        return max((email["id"] for email in emails(self.email)), default=0)

    def confirm_administrator(self, *, since: int) -> None:
        """Read the email, after number `since`, that asks this address to confirm who appoints for its brand, and confirm it."""
        found = wait_for(
            f"the email to {self.email} that asks to confirm an administrator",
            lambda: [link[1] for x in emails(self.email) if x["id"] > since and (link := CONFIRM.search(x["text"]))],
        )
        self._ask("POST", "/administrators/confirmation", json={"secret": found[0]})

    def upload(self, file: Path, mime: str) -> str:
        """Send a file by tus, piece by piece; returns the upload's id."""
        said = {"filename": file.name, "filetype": mime}
        metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())
        tus = {"Tus-Resumable": "1.0.0"}
        begun = self.http.post("/uploads", headers=tus | {"Upload-Length": str(file.stat().st_size), "Upload-Metadata": metadata})
        place, offset = begun.url.join(_checked("POST /uploads", begun).headers["Location"]), 0
        with file.open("rb") as content:
            while piece := content.read(CHUNK):
                headers = tus | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
                offset = int(
                    _checked(f"PATCH {file.name}", self.http.patch(place, headers=headers, content=piece)).headers["Upload-Offset"]
                )
        return place.path.rsplit("/", 1)[-1]

    def _ask(self, method: str, path: str, **given: Any) -> Any:
        answer = _checked(f"{self.name}: {method} {path}", self.http.request(method, path, **given))
        return answer.json() if answer.content else None


def _checked(request: str, answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        is_json = "json" in answer.headers.get("Content-Type", "")
        raise RequestRefused(request, answer.json() if is_json else {"detail": f"{answer.status_code} {answer.text[:200]}"})
    return answer


def emails(to: str) -> list[Json]:
    """The emails to an address, newest first."""
    found: list[Json] = httpx.get(MAILBOX, params={"to": to}, timeout=10).json()
    return found


def wait_for(what: str, look: Callable[[], Found | None], patience: float = PATIENCE) -> Found:
    """The first thing that `look` finds; raises DemoFailed when patience ends."""
    end = time.monotonic() + patience
    while not (found := look()):
        if time.monotonic() > end:
            raise DemoFailed(f"Waited {patience:.0f} seconds for {what}; it did not happen.")
        time.sleep(GLANCE)
    return found

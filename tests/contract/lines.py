"""A line to a provider, itself or its simulator: what a case asks goes out, and the answer is kept beside it."""

import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import certifi
import httpx

from campaigns.payments.stripe_gateway import API_VERSION
from tests.sandbox.stripe import dahlia
from tests.sandbox.stripe.listening import Listener, listening

FILES_AT = "https://files.stripe.com"  # what Stripe alone has elsewhere than the rest
PATIENCE = 60.0  # seconds that a provider itself may take over what it does by itself
Body = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a provider said: status, body and the headers, in lower case."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Exchange:
    """One request and its answer."""

    method: str
    path: str
    given: Any
    answer: Answer


@dataclass
class Line:
    """To one provider with one key; `is_real` when it is the provider itself. What a case made is taken back by `close`."""

    base: str
    key: str
    is_real: bool = False
    exchanges: list[Exchange] = field(default_factory=list)
    _undo: list[tuple[str, str]] = field(default_factory=list)
    _pool: httpx.Client | None = None

    def ask(self, method: str, path: str, given: Any = None, **headers: str) -> Answer:
        """The answer to one request; headers are named with underscores, and an empty one is left out."""
        named = {"Authorization": f"Bearer {self.key}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        asked = self._asked(method, path, given, {name: value for name, value in named.items() if value})
        said = self._client().send(asked)
        answer = Answer(said.status_code, _read(said), {name.lower(): value for name, value in said.headers.items()})
        self.exchanges.append(Exchange(method, path, given, answer))
        self._check(method, path, answer)
        return answer

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What is asked meanwhile is not a part of the case: it makes what the provider itself was given beforehand."""
        kept = list(self.exchanges)
        yield
        self.exchanges[:] = kept

    def later(self, method: str, path: str) -> None:
        """Ask for this once the case is over, whatever comes of it."""
        self._undo.append((method, path))

    @staticmethod
    def posted_to() -> AbstractContextManager[Listener]:
        """Where the provider's posts arrive; only a simulator reaches it."""
        return listening()

    def close(self) -> None:
        """Take back what the case made."""
        with self.aside():
            while self._undo:
                method, path = self._undo.pop()
                self.ask(method, path)
        if self._pool:
            self._pool.close()

    def until(self, holds: Callable[[], Any]) -> Any:
        """What `holds` answers once that is something; fails when it takes too long."""
        end = time.monotonic() + PATIENCE
        while not (found := holds()):
            assert time.monotonic() < end, "waited in vain"
            time.sleep(1.0 if self.is_real else 0.05)
        return found

    def _client(self) -> httpx.Client:
        if self._pool is None:
            proof = ssl.create_default_context(cafile=certifi.where()) if self.is_real else False
            self._pool = httpx.Client(timeout=30, verify=proof)
        return self._pool

    def _asked(self, method: str, path: str, given: Any, headers: Mapping[str, str]) -> httpx.Request:
        raise NotImplementedError

    def _check(self, method: str, path: str, answer: Answer) -> None:
        """Fail on an answer that the provider's published description does not allow."""


@dataclass
class StripeLine(Line):
    """Forms in, in parts where they have bytes, and JSON out, in the version that Callboard speaks.

    The answers are checked against the newest published description at hand, which is of an older version.

    Where they are known, `destination` is an account that can be paid, `abroad` one that money is not sent to, `paid_out` one whose bank
    was paid.
    """

    destination: str = ""
    abroad: str = ""
    paid_out: str = ""

    def ask(self, method: str, path: str, given: Any = None, **headers: str) -> Answer:
        return super().ask(method, path, given, **{"Stripe_Version": API_VERSION, **headers})

    def ok(self, method: str, path: str, given: Any = None, **headers: str) -> Body:
        """The body of an answer that must be 200."""
        answer = self.ask(method, path, given, **headers)
        assert answer.status == 200, answer.body
        return dict(answer.body)

    def refused(self, method: str, path: str, given: Any = None, **headers: str) -> tuple[int, Body]:
        """Status and error of an answer that must be a refusal."""
        answer = self.ask(method, path, given, **headers)
        assert answer.status >= 400, answer.body
        return answer.status, answer.body["error"]

    def payable(self) -> str:
        """An account that transfers may go to: on the simulator one that goes through its form now."""
        return self.destination or self._onboarded("US")

    def payable_by_others(self) -> str:
        """An account that can be paid under the full agreement, in a country that the platform's money does not go to under it."""
        return self.abroad or self._onboarded("JP")

    def paid_out_account(self) -> str:
        """An account that what was transferred to it has been paid out of."""
        return self.paid_out

    def _onboarded(self, country: str) -> str:
        asked = {"capabilities": {name: {"requested": True} for name in ("card_payments", "transfers")}}
        with self.aside():
            made = self.ok("POST", "/v1/accounts", {"type": "express", "country": country, **asked})["id"]
            link = {"account": made, "type": "account_onboarding", "refresh_url": "https://a.example", "return_url": "https://a.example"}
            httpx.post(self.ok("POST", "/v1/account_links", link)["url"])
            self.until(lambda: self.ok("GET", f"/v1/accounts/{made}")["capabilities"]["transfers"] == "active")
        return str(made)

    def funded(self, amount: int) -> Body:
        """A charge whose money is available at once."""
        asked = {"amount": amount, "currency": "usd", "payment_method": "pm_card_bypassPending", **BY_CARD}
        return self.ok("POST", "/v1/payment_intents", {**asked, "expand": ["latest_charge"]})

    def customer(self, **more: Any) -> str:
        """A customer, who is gone after the case."""
        made = str(self.ok("POST", "/v1/customers", {"name": "Contract", "email": "contract@example.org", **more})["id"])
        self.later("DELETE", f"/v1/customers/{made}")
        return made

    def _asked(self, method: str, path: str, given: Any, headers: Mapping[str, str]) -> httpx.Request:
        if files := {name: value for name, value in (given or {}).items() if isinstance(value, bytes)}:
            fields = {name: str(value) for name, value in given.items() if name not in files}
            there = FILES_AT if self.is_real else self.base
            return httpx.Request(method, there + path, headers=headers, data=fields, files=files)
        form = urlencode(list(flat(given or {})))
        if method == "GET":
            return httpx.Request(method, f"{self.base}{path}{'?' if form else ''}{form}", headers=headers)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return httpx.Request(method, self.base + path, headers={**headers, **kind}, content=form)

    def _check(self, method: str, path: str, answer: Answer) -> None:
        try:
            found = dahlia.faults(method, urlsplit(path).path, answer.status, answer.body)
        except StopIteration:
            return  # an address that Stripe does not have
        # Stripe shows fields of previews, too; its simulator shows none that are not published.
        assert [fault for fault in found if not (self.is_real and fault.endswith("is not Stripe's"))] == []


BY_CARD = {"confirm": True, "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}


@dataclass
class SendgridLine(Line):
    """JSON in and out; `address` is one that mail may come from and go to."""

    address: str = "callboard@example.org"

    def _asked(self, method: str, path: str, given: Any, headers: Mapping[str, str]) -> httpx.Request:
        kind = {"Content-Type": "application/json"} if given is not None else {}
        content = b"" if given is None else json.dumps(given).encode()
        return httpx.Request(method, self.base + path, headers={**headers, **kind}, content=content)

    def mail(self, **more: Any) -> Body:
        """A mail to oneself that SendGrid only checks."""
        to = {"to": [{"email": self.address}]}
        content = [{"type": "text/plain", "value": "Hello"}]
        checked = {"mail_settings": {"sandbox_mode": {"enable": True}}}
        return {"personalizations": [to], "from": {"email": self.address}, "subject": "Hello", "content": content, **checked, **more}


def flat(given: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Nested parameters as Stripe's form has them: `a[b][0]`."""
    if isinstance(given, Mapping):
        for key, value in given.items():
            yield from flat(value, f"{name}[{key}]" if name else str(key))
    elif isinstance(given, list | tuple):
        for number, value in enumerate(given):
            yield from flat(value, f"{name}[{number}]")
    else:
        yield name, str(given).lower() if isinstance(given, bool) else str(given)


def _read(said: httpx.Response) -> Any:
    return said.json() if said.content else None

"""What an endpoint is: its address, the parameters that it accepts, and the function that answers it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.parameters import EXPAND, Type

API_VERSION = "2026-05-27.dahlia"


@dataclass
class Call:
    """One request on its way: its transaction, business time, who asks, and what for."""

    connection: Connection
    now: int
    base_url: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    account: str = ""
    path: dict[str, str] = field(default_factory=dict)
    given: Body = field(default_factory=dict)
    refusal: StripeError | None = None
    """What to answer when the request fails and yet leaves its trace, as a declined card does."""

    frozen: int | None = None
    """The time of the test clock to which whatever is billed here belongs."""

    @property
    def moment(self) -> int:
        """The time of what is billed here: its test clock's, or everybody's."""
        return self.now if self.frozen is None else self.frozen

    def get(self, name: str, default: Any = None) -> Any:
        """The parameter of this name, read by its type; `default` when it was not given."""
        return self.given.get(name, default)

    def only(self, *names: str) -> Body:
        """Those of the named parameters that were given."""
        return {name: self.given[name] for name in names if name in self.given}


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    accepts: dict[str, Type]
    act: Callable[[Call], Body]


ENDPOINTS: list[Endpoint] = []


def endpoint(method: str, path: str, accepts: dict[str, Type] | None = None) -> Callable[[Callable[[Call], Body]], Callable[[Call], Body]]:
    """Offer a function at an address; `expand` is accepted everywhere but on a deletion."""

    def offered(act: Callable[[Call], Body]) -> Callable[[Call], Body]:
        accepted = {**(accepts or {}), **({} if method == "DELETE" else EXPAND)}
        ENDPOINTS.append(Endpoint(method, path, accepted, act))
        return act

    return offered

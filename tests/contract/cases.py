"""The cases of the contract: each what must hold at a provider and at its simulator, and the published page that says so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Run = Callable[[Any], None]
STRIPE, SENDGRID = "stripe", "sendgrid"
PUBLISHED = ("https://docs.stripe.com/", "https://www.twilio.com/docs/sendgrid/", "https://github.com/stripe/openapi/")


@dataclass(frozen=True)
class Case:
    """`only_here` is why it is not put to the provider itself; `needs` names in the environment what that has to have, beyond a key."""

    provider: str
    name: str
    says: str
    reference: str
    run: Run
    only_here: str = ""
    needs: str = ""

    def __str__(self) -> str:
        return f"{self.provider}.{self.name}"


CASES: dict[str, Case] = {}


def stripe(reference: str, *, only_here: str = "", needs: str = "") -> Callable[[Run], Run]:
    """A case of Stripe's; the function's docstring is the sentence that must hold."""
    return _case(STRIPE, f"https://docs.stripe.com/{reference}", only_here, needs)


def sendgrid(reference: str, *, only_here: str = "", needs: str = "") -> Callable[[Run], Run]:
    """A case of SendGrid's."""
    return _case(SENDGRID, f"https://www.twilio.com/docs/sendgrid/{reference}", only_here, needs)


def _case(provider: str, reference: str, only_here: str, needs: str) -> Callable[[Run], Run]:
    def registered(run: Run) -> Run:
        case = Case(provider, run.__name__, (run.__doc__ or "").strip(), reference, run, only_here, needs)
        assert str(case) not in CASES, f"two cases are called {case}"
        CASES[str(case)] = case
        return run

    return registered

"""Whom the contract is put to: the simulators always, and the providers themselves where a test key is in the environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.contract.cases import SENDGRID, STRIPE

KEYS = {STRIPE: "STRIPE_CONTRACT_KEY", SENDGRID: "SENDGRID_CONTRACT_KEY"}
ADDRESSES = {STRIPE: "https://api.stripe.com", SENDGRID: "https://api.sendgrid.com"}
OF_TESTS = ("sk_test_", "rk_test_")
# What a case may need beyond a key; docs/contract.md says what each is.
DESTINATION, PAID_OUT, ABROAD = "STRIPE_CONTRACT_DESTINATION", "STRIPE_CONTRACT_PAID_OUT", "STRIPE_CONTRACT_ABROAD"
EURO, ADDRESS = "STRIPE_CONTRACT_EURO", "SENDGRID_CONTRACT_ADDRESS"


@dataclass(frozen=True)
class Keys:
    """What the environment holds for asking the providers themselves."""

    keys: Mapping[str, str]
    more: Mapping[str, str]

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Keys":
        """Read from an environment; raises ValueError for a key of Stripe's that moves real money."""
        keys = {provider: environment[name] for provider, name in KEYS.items() if environment.get(name)}
        if STRIPE in keys and not keys[STRIPE].startswith(OF_TESTS):
            raise ValueError(f"{KEYS[STRIPE]} is no test key: it begins with {' or '.join(OF_TESTS)}.")
        return cls(keys, {name: environment.get(name, "") for name in (DESTINATION, PAID_OUT, ABROAD, EURO, ADDRESS)})

    def lacks(self, provider: str, needs: str) -> str:
        """What keeps a case from being put to the provider itself; empty where nothing does."""
        if provider not in self.keys:
            return KEYS[provider]
        return needs if needs and not self.more[needs] else ""

    def not_asked(self) -> list[str]:
        """A sentence for each provider that cannot be asked itself, and for each thing that some of its cases lack."""
        providers = [
            f"The contract was not put to {provider} itself: {name} is not in the environment. `make contract` says how."
            for provider, name in KEYS.items()
            if provider not in self.keys
        ]
        lacking = [
            f"The cases that need {name} were not put to {provider} itself: it is not in the environment."
            for provider in self.keys
            for name, given in self.more.items()
            if name.startswith(f"{provider.upper()}_") and not given
        ]
        return providers + lacking

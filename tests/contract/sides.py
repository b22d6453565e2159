"""Whom the contract is put to: the simulators always, and the providers themselves where a test key is in the environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.contract.cases import SENDGRID, STRIPE

KEYS = {STRIPE: "STRIPE_CONTRACT_KEY", SENDGRID: "SENDGRID_CONTRACT_KEY"}
ADDRESSES = {STRIPE: "https://api.stripe.com", SENDGRID: "https://api.sendgrid.com"}
OF_TESTS = ("sk_test_", "rk_test_")


@dataclass(frozen=True)
class Keys:
    """What the environment holds for asking the providers themselves."""

    keys: Mapping[str, str]
    destination: str = ""
    address: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Keys":
        """Read from an environment; raises ValueError for a key of Stripe's that moves real money."""
        keys = {provider: environment[name] for provider, name in KEYS.items() if environment.get(name)}
        if STRIPE in keys and not keys[STRIPE].startswith(OF_TESTS):
            raise ValueError(f"{KEYS[STRIPE]} is no test key: it begins with {' or '.join(OF_TESTS)}.")
        return cls(keys, environment.get("STRIPE_CONTRACT_DESTINATION", ""), environment.get("SENDGRID_CONTRACT_ADDRESS", ""))

    def lacks(self, provider: str, needs: str) -> str:
        """What keeps a case from being put to the provider itself; empty where nothing does."""
        if provider not in self.keys:
            return KEYS[provider]
        name = needs.partition(",")[0]
        given = {"STRIPE_CONTRACT_DESTINATION": self.destination, "SENDGRID_CONTRACT_ADDRESS": self.address}
        return name if name and not given[name] else ""

    def not_asked(self) -> list[str]:
        """A sentence for each provider that cannot be asked itself."""
        return [
            f"The contract was not put to {provider} itself: {name} is not in the environment. `make contract` says how."
            for provider, name in KEYS.items()
            if provider not in self.keys
        ]

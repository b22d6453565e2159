"""Which capabilities an account may ask for under its service agreement; https://docs.stripe.com/connect/service-agreement-types."""

from collections.abc import Collection

from sandbox.stripe.countries import HOME
from sandbox.stripe.endpoints import Call
from sandbox.stripe.errors import StripeError

SUPPORT = "please contact us via https://support.stripe.com/contact."


def asked_for(call: Call, before: Collection[str] = ()) -> list[str]:
    """The capabilities that the account has asked for once the request is through, in order."""
    changes = {name: change.get("requested", False) for name, change in call.get("capabilities", {}).items()}
    return sorted({*before} - {name for name, wanted in changes.items() if not wanted} | {name for name in changes if changes[name]})


def require_allowed(names: Collection[str], agreement: str) -> None:
    """Raise StripeError for capabilities that an account cannot have asked for together under its agreement."""
    if agreement == "recipient":
        if "card_payments" in names:
            raise StripeError("Accounts under the recipient service agreement cannot request the `card_payments` capability.")
        return
    if "card_payments" in names and "transfers" not in names:
        raise StripeError(
            "Accounts do not currently support `card_payments` without `transfers`. "
            "Please visit https://stripe.com/docs/connect/account-capabilities#card-payments for more details."
        )
    if "transfers" in names and "card_payments" not in names:
        raise StripeError(
            "Your platform needs approval for accounts to have requested the `transfers` capability without the `card_payments` "
            f"capability. If you would like to request transfers without card_payments, {SUPPORT}"
        )


def require_agreement(country: str, agreement: str, home: str) -> None:
    """Raise StripeError for a recipient at home, or of a platform outside the United States: it is for paying out across its border."""
    if agreement == "recipient" and (home != HOME or country in (HOME, "BR")):
        raise StripeError(
            f"The recipient ToS agreement is not supported for platforms in {home} creating accounts in {country}. "
            "See https://stripe.com/docs/connect/cross-border-payouts for more details.",
            param="tos_acceptance[service_agreement]",
        )

"""What payments refuse."""

from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal


class NoRoute(Refusal):
    """People in this country cannot be paid yet."""


class BrowserOnly(Forbidden):
    """Only a person in a browser can change a payout account."""


class NotOpened(Refusal):
    """The provider's form must be opened from the payout account page."""


class NoPayoutAccount(NotFound):
    """The person has no payout account."""


class AccountNotReady(Refusal):
    """The provider has not created the account, or refused it."""


class ProviderAway(Refusal):
    """The provider does not respond or sends an unexpected response."""

    status = 503


class DoesNotAddUp(Invalid):
    """The parts do not add up to the amount."""

"""What payments refuse."""

from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal


class NoRoute(Refusal):
    """There is no way yet to pay people of this country."""


class BrowserOnly(Forbidden):
    """A program may not change where money goes."""


class NotOpened(Refusal):
    """The provider's form is opened from the page that says what a change means."""


class NoPayoutAccount(NotFound):
    """The person has not asked for a payout account."""


class AccountNotReady(Refusal):
    """The provider has not made the account yet, or will not."""


class ProviderAway(Refusal):
    """The provider does not answer, or not as it should."""

    status = 503


class DoesNotAddUp(Invalid):
    """The parts of a movement are not its amount."""

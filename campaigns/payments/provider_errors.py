"""What can come of asking the provider, and what is not there, or not ours, any more."""

from collections.abc import Iterator
from contextlib import contextmanager


class GatewayError(Exception):
    """The provider did not do what was asked, or we do not know that it did."""


class Definite(GatewayError):
    """Refused: it did not happen, and asking again under the same key answers the same.

    `code` is the provider's word for why, `param` what of the question it is about.
    """

    def __init__(self, code: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.code, self.param = code, param


class InsufficientBalance(Definite):
    """Our available balance does not cover it; after a top-up it needs a new key."""


class RateLimited(GatewayError):
    """Not even looked at: ask again, the same, a little later."""


class Unknown(GatewayError):
    """It may have happened: ask again with the same key and the same parameters. `status` is the answer's, 0 without one."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


MISSING = frozenset({"resource_missing", "account_invalid"})  # the second of accounts that are not, or no longer, ours


@contextmanager
def unless_gone() -> Iterator[None]:
    """Pass over a refusal that says that something is not there, or not ours, any more."""
    try:
        yield
    except Definite as refused:
        if refused.code not in MISSING:
            raise

"""Refusals: the class name is the code, the status sits on the class, the message is for the reader."""

from typing import Any, ClassVar


class Refusal(Exception):
    """Something that Callboard will not do, said so that the reader can act on it."""

    status: ClassVar[int] = 409

    def __init__(self, message: str, *, field: str | None = None, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.params = params

    @property
    def code(self) -> str:
        return type(self).__name__


class NotFound(Refusal):
    """It does not exist, or not for this reader."""

    status = 404


class Forbidden(Refusal):
    """The reader may see it, and may not do this with it."""

    status = 403


class ProofNeeded(Forbidden):
    """The reader may do it once they have proven, with a passkey or a code, that it is them."""


class ScopeMissing(Forbidden):
    """The reader may do it, and the token that they came with may not."""


class NotSignedIn(Refusal):
    """Nobody, or somebody whose sign-in has ended."""

    status = 401


class Stale(Refusal):
    """The thing has changed since the caller looked at it."""


class Invalid(Refusal):
    """What was given breaks a rule of the trade; `field` says where."""

    status = 400

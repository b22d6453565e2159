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
    """It does not exist, or this reader cannot see it."""

    status = 404


class Forbidden(Refusal):
    """The reader can see it but is not allowed to do this with it."""

    status = 403


class ProofNeeded(Forbidden):
    """The reader has to confirm their identity first, with a passkey or a code."""


class ScopeMissing(Forbidden):
    """The reader is allowed to do it, but their token is not."""


class NotSignedIn(Refusal):
    """Nobody is signed in, or the session or token has ended."""

    status = 401


class Stale(Refusal):
    """The object has changed since the caller loaded it."""


class Invalid(Refusal):
    """A value breaks a rule; `field` says which."""

    status = 400


class ReasonMissing(Invalid):
    """A reason is required."""


class UnknownContribution(Invalid):
    """No contribution of the campaign has this name or ID, or several have the name."""


class NotALaterClose(Invalid):
    """A call or a collaboration can only be extended, to a later time in the future."""


class NotPaused(Refusal):
    """Only what is paused can be resumed."""

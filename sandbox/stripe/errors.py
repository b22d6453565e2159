"""Refusals in Stripe's shape."""

from typing import Any

Body = dict[str, Any]


class StripeError(Exception):
    """A refusal that Stripe would give; what the request had done so far is undone."""

    def __init__(
        self, message: str, *, code: str = "", param: str = "", status: int = 400, kind: str = "invalid_request_error", **more: str
    ):
        super().__init__(message)
        self.status = status
        fields = {"code": code, "doc_url": doc_url(code), "message": message, "param": param, "type": kind, **more}
        self.error = {name: value for name, value in fields.items() if value}

    def body(self, request_id: str) -> Body:
        """The answer's body: `{"error": {…}}`."""
        return {"error": {**self.error, "request_log_url": f"https://dashboard.stripe.com/test/logs/{request_id}"}}


class InvalidParameter(StripeError):
    """A parameter that is unknown, missing or mistyped: refused before anything runs, so never saved under an idempotency key."""


def doc_url(code: str) -> str:
    return f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}" if code else ""


def missing(kind: str, object_id: str, param: str = "id", status: int = 404) -> StripeError:
    """No such object: 404 when the address names it, 400 when a parameter does."""
    return StripeError(f"No such {kind}: '{object_id}'", code="resource_missing", param=param, status=status)


def no_access(account_id: str) -> StripeError:
    """No such account, or none of the platform's: which of the two is not told."""
    sentence = f"The provided key does not have access to account '{account_id}' (or that account does not exist)."
    return StripeError(f"{sentence} Application access may have been revoked.", code="account_invalid", status=403)

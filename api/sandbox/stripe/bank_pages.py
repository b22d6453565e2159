"""What banks and customers do away from Stripe: pages on which a person plays them, for there are no such pages at Stripe."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Connection, Engine

from api.sandbox.stripe import bank_refunds, payouts
from api.sandbox.stripe.endpoints import Call
from api.sandbox.stripe.errors import StripeError
from api.sandbox.stripe.pages import shown_page
from campaigns.core.clock import business_now

AT_ONCE = 50
PAYOUTS = """{% if refusal %}<p role="alert">{{ refusal }}</p>{% endif %}
{% if not payouts %}<p>No account has been paid out yet. Each is at midnight UTC, with what it has by then.</p>{% endif %}
<ul>{% for account, payout in payouts %}
<li><form method="post">{{ payout.amount }} {{ payout.currency }} (minor units) to {{ account }}: {{ payout.status }}
{% if payout.failure_code %}({{ payout.failure_code }}){% endif %}
{% if payout.status not in ("failed", "canceled") %}<button name="payout" value="{{ payout.id }}">The bank sends it back</button>{% endif %}
</form></li>{% endfor %}</ul>"""


REFUNDS = """{% if refusal %}<p role="alert">{{ refusal }}</p>{% endif %}
{% if not refunds %}<p>No customer is asked for a bank account.</p>{% endif %}
<ul>{% for refund in refunds %}
<li><form method="post">{{ refund.amount }} {{ refund.currency }} (minor units), {{ refund.instructions_email }} was asked where to:
<button name="refund" value="{{ refund.id }}">Name my bank account</button></form></li>{% endfor %}</ul>"""


def bank_pages(engine: Engine) -> APIRouter:
    """The pages of payouts and refunds, each visit in a transaction of its own."""
    router = APIRouter(prefix="/sandbox")

    @router.get("/payouts")
    def list_payouts() -> HTMLResponse:
        with engine.begin() as connection:
            return _listed(_call(connection))

    @router.post("/payouts")
    def send_back(payout: Annotated[str, Form()]) -> Response:
        with engine.begin() as connection:
            call = _call(connection)
            try:
                with connection.begin_nested():
                    payouts.fail(call, payout, "account_closed")
            except StripeError as refusal:
                return _listed(call, str(refusal))
        return RedirectResponse("/sandbox/payouts", 303)

    @router.get("/refunds")
    def list_refunds() -> HTMLResponse:
        with engine.begin() as connection:
            return _asked(_call(connection))

    @router.post("/refunds")
    def name_bank(refund: Annotated[str, Form()]) -> Response:
        with engine.begin() as connection:
            call = _call(connection)
            try:
                with connection.begin_nested():
                    bank_refunds.answer(call, refund)
            except StripeError as refusal:
                return _asked(call, str(refusal))
        return RedirectResponse("/sandbox/refunds", 303)

    return router


def _call(connection: Connection) -> Call:
    return Call(connection, int(business_now(connection).timestamp()))


def _asked(call: Call, refusal: str = "") -> HTMLResponse:
    return shown_page("Refunds", REFUNDS, 400 if refusal else 200, refunds=bank_refunds.waiting(call), refusal=refusal)


def _listed(call: Call, refusal: str = "") -> HTMLResponse:
    return shown_page("Payouts", PAYOUTS, 400 if refusal else 200, payouts=payouts.newest(call, AT_ONCE), refusal=refusal)

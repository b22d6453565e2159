"""What banks and customers do away from Stripe: pages on which a person plays them, for there are no such pages at Stripe."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Connection, Engine

from campaigns.core.clock import business_now
from sandbox.stripe import balance, bank_refunds, payouts, topups
from sandbox.stripe.conversions import change, kept_in
from sandbox.stripe.endpoints import Call
from sandbox.stripe.errors import StripeError
from sandbox.stripe.money import currency_of
from sandbox.stripe.pages import shown_page
from sandbox.stripe.store import fetch, matching

AT_ONCE = 50
Page = Literal["payouts", "refunds", "debts", "topups"]
PAYOUTS = """{% if refusal %}<p role="alert">{{ refusal }}</p>{% endif %}
{% if not payouts %}<p>No payouts yet. Each account is paid out at midnight UTC, with its balance at that time.</p>{% endif %}
<ul>{% for account, payout in payouts %}
<li><form method="post">{{ payout.amount }} {{ payout.currency }} (minor units) to {{ account }}: {{ payout.status }}
{% if payout.failure_code %}({{ payout.failure_code }}){% endif %}
{% if payout.status not in ("failed", "canceled") %}<button name="payout" value="{{ payout.id }}">Have it returned</button>{% endif %}
</form></li>{% endfor %}</ul>"""


REFUNDS = """{% if refusal %}<p role="alert">{{ refusal }}</p>{% endif %}
{% if not refunds %}<p>No refunds are waiting for a bank account.</p>{% endif %}
<ul>{% for refund in refunds %}
<li><form method="post">{{ refund.amount }} {{ refund.currency }} (minor units); {{ refund.instructions_email }} was asked for an account:
<button name="refund" value="{{ refund.id }}">Enter my bank account</button></form></li>{% endfor %}</ul>"""


DEBTS = """{% if refusal %}<p role="alert">{{ refusal }}</p>{% endif %}
<p>Stripe debits a connected account, below zero if necessary. The platform covers a negative balance.</p>
<form method="post"><label>Account <input name="account"></label>
<label>Amount in minor units <input name="amount" inputmode="numeric"></label>
<label>Currency <input name="currency" value="usd"></label><button>Debit account</button></form>"""


TOPUPS = """{% if refusal %}<p role="alert">{{ refusal }}</p>{% endif %}
{% if not topups %}<p>Nothing that our bank sent can be taken back.</p>{% endif %}
<ul>{% for topup in topups %}
<li><form method="post">{{ topup.amount }} {{ topup.currency }} (minor units), sent by the platform's bank:
<button name="topup" value="{{ topup.id }}">The bank takes it back</button></form></li>{% endfor %}</ul>"""


def bank_pages(engine: Engine) -> APIRouter:
    """The pages, each visit in a transaction of its own."""
    router = APIRouter(prefix="/sandbox")

    def act(address: str, show: Show, deed: Callable[[Call], object]) -> Response:
        """Do it and go back to the page; a refusal changes nothing and is shown there."""
        with engine.begin() as connection:
            call = _call(connection)
            try:
                with connection.begin_nested():
                    deed(call)
            except StripeError as refusal:
                return show(call, str(refusal))
        return RedirectResponse(f"/sandbox/{address}", 303)

    @router.get("/{page}")
    def show_page(page: Page) -> HTMLResponse:
        with engine.begin() as connection:
            return SHOWN[page](_call(connection), "")

    @router.post("/payouts")
    def send_back(payout: Annotated[str, Form()]) -> Response:
        return act("payouts", _payouts, lambda call: payouts.fail(call, payout, "account_closed"))

    @router.post("/refunds")
    def name_bank(refund: Annotated[str, Form()]) -> Response:
        return act("refunds", _refunds, lambda call: bank_refunds.answer(call, refund))

    @router.post("/debts")
    def take(account: Annotated[str, Form()], amount: Annotated[int, Form(gt=0)], currency: Annotated[str, Form()] = "usd") -> Response:
        return act("debts", _debts, lambda call: _take(call, account, amount, currency_of(currency)))

    @router.post("/topups")
    def take_back(topup: Annotated[str, Form()]) -> Response:
        return act("topups", _topups, lambda call: topups.take_back(call, topup))

    return router


def _call(connection: Connection) -> Call:
    return Call(connection, int(business_now(connection).timestamp()))


def _take(call: Call, account: str, amount: int, currency: str) -> None:
    owner = fetch(call, "account", account)
    into, by = kept_in(call, owner, currency)
    balance.move_connected(call, "adjustment", -change(0, amount, by), into, owner["id"], owner["id"], exchange_rate=by)


def _payouts(call: Call, refusal: str) -> HTMLResponse:
    return shown_page("Payouts", PAYOUTS, 400 if refusal else 200, payouts=payouts.newest(call, AT_ONCE), refusal=refusal)


def _refunds(call: Call, refusal: str) -> HTMLResponse:
    return shown_page("Refunds", REFUNDS, 400 if refusal else 200, refunds=bank_refunds.waiting(call), refusal=refusal)


def _debts(_call: Call, refusal: str) -> HTMLResponse:
    return shown_page("Debit an account", DEBTS, 400 if refusal else 200, refusal=refusal)


def _topups(call: Call, refusal: str) -> HTMLResponse:
    sent = matching(call, "topup", status="succeeded")[-AT_ONCE:]
    return shown_page("Top-ups", TOPUPS, 400 if refusal else 200, topups=sent, refusal=refusal)


Show = Callable[[Call, str], HTMLResponse]
SHOWN: dict[str, Show] = {"payouts": _payouts, "refunds": _refunds, "debts": _debts, "topups": _topups}

"""Stripe's hosted pages, as far as a person meets them: onboarding, and paying an invoice."""

import re
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment
from markupsafe import Markup
from sqlalchemy import Engine, select

from campaigns.core.clock import business_now
from campaigns.core.settings import settings
from sandbox.stripe import account_links, paying
from sandbox.stripe.endpoints import Call
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.tables import objects

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ title }}</title></head><body><main><h1>{{ title }}</h1>
<p>This is a Stripe simulator; no money moves.</p>{% block body %}{% endblock %}</main></body></html>"""

ONBOARDING = """<p>Set up payouts for account {{ account }}.</p><form method="post">
<button name="outcome" value="complete">Submit my details</button>
<button name="outcome" value="check">Submit my details; the check takes an hour</button>
<button name="outcome" value="another">Use another bank account</button>
<button name="outcome" value="refusing">Use a bank account that returns payouts</button>
<button name="outcome" value="later">Finish later</button>
<button name="outcome" value="more">Have Stripe ask for a document within two weeks</button>
<button name="outcome" value="announce">Have Stripe announce that it will ask for a document in 30 days</button>
<button name="outcome" value="review">Have Stripe review the account, which stops payments to it</button>
<button name="outcome" value="pause">Have the platform pause the account</button>
<button name="outcome" value="reject">Have Stripe reject the account</button></form>"""

INVOICE = """{% if refusal %}<p role="alert">{{ refusal }}</p>{% endif %}
<p>To {{ invoice.customer_name or invoice.customer }}: {{ invoice.description or "" }}</p>
<dl>{% for field in invoice.custom_fields or [] %}<dt>{{ field.name }}</dt><dd>{{ field.value }}</dd>{% endfor %}
<dt>Total</dt><dd>{{ invoice.total }} {{ invoice.currency }} (minor units)</dd>
<dt>Paid</dt><dd>{{ invoice.amount_paid }}</dd><dt>Amount due</dt><dd>{{ invoice.amount_remaining }}</dd></dl>
{% if invoice.status == "open" %}<form method="post">
<label>Amount, for a partial payment <input name="amount" inputmode="numeric"></label>
<label>Pay by <select name="method"><option value="card">card</option><option value="bank_transfer">bank transfer</option></select></label>
<button>Pay</button></form>{% else %}<p>This invoice is {{ invoice.status }}.</p>{% endif %}
{% if invoice.footer %}<p>{{ invoice.footer | linked }}</p>{% endif %}"""

METHODS = {"card": "pm_card_visa", "bank_transfer": "customer_balance"}
_templates = Environment(autoescape=True)


def _linked(words: str) -> Markup:
    """The words, in which an address of ours can be followed."""
    parts = re.split(rf"({re.escape(settings().public_url)}/[\w/-]*)", words)
    return Markup().join(Markup('<a href="{0}">{0}</a>').format(part) if number % 2 else part for number, part in enumerate(parts))


_templates.filters["linked"] = _linked


def shown_page(title: str, body: str, status: int = 200, **words: object) -> HTMLResponse:
    """A page of the simulator under its title."""
    whole = PAGE.replace("{% block body %}{% endblock %}", body)
    return HTMLResponse(_templates.from_string(whole).render(title=title, **words), status)


def _not_found() -> HTMLResponse:
    return shown_page("Not found", "<p>There is nothing at this address.</p>", 404)


def hosted_pages(engine: Engine) -> APIRouter:
    """The pages' routes, each visit in a transaction of its own."""
    router = APIRouter(prefix="/sandbox")

    def visit(show: Callable[[Call], Response]) -> Response:
        with engine.begin() as connection:
            return show(Call(connection, int(business_now(connection).timestamp())))

    @router.get("/onboarding/{token}")
    def open_onboarding(token: str) -> Response:
        return visit(lambda call: _onboard(call, token, None))

    @router.post("/onboarding/{token}")
    def finish_onboarding(token: str, outcome: Annotated[str, Form()] = "complete") -> Response:
        return visit(lambda call: _onboard(call, token, outcome))

    @router.get("/invoices/{token}")
    def open_invoice(token: str) -> Response:
        return visit(lambda call: _invoice_page(_invoice(call, token)))

    @router.post("/invoices/{token}")
    def pay_invoice(token: str, method: Annotated[str, Form()] = "card", amount: Annotated[str, Form()] = "") -> Response:
        return visit(lambda call: _pay(call, _invoice(call, token), method, amount))

    return router


def _onboard(call: Call, token: str, outcome: str | None) -> Response:
    """Show the form, or take what was sent; a link that is used up or too old leads back to where a new one is made."""
    found = account_links.onboarding(call, token)
    if found is None:
        return _not_found()
    if not found.works:
        return RedirectResponse(found.refresh_url, 303)
    if outcome is None:
        return shown_page("Get paid", ONBOARDING, account=found.account)
    return RedirectResponse(account_links.finish(call, found, outcome), 303)


def _invoice(call: Call, token: str) -> Body | None:
    query = select(objects.c.body).where(objects.c.kind == "invoice", objects.c.hidden["token"].astext == token)
    invoice: Body | None = call.connection.execute(query.with_for_update()).scalar_one_or_none()
    return invoice


def _invoice_page(invoice: Body | None, refusal: str = "") -> Response:
    if invoice is None:
        return _not_found()
    return shown_page(f"Invoice {invoice['number']}", INVOICE, 400 if refusal else 200, invoice=invoice, refusal=refusal)


def _pay(call: Call, invoice: Body | None, method: str, amount: str) -> Response:
    """Pay the invoice or a part of it; a refusal changes nothing and is shown on the page."""
    if invoice is None:
        return _not_found()
    if method not in METHODS or not (amount == "" or (amount.isascii() and amount.isdigit())):
        return _invoice_page(
            invoice, "Choose a payment method (card or bank transfer) and give the amount as a whole number of minor units."
        )
    try:
        with call.connection.begin_nested():
            paying.pay_open(call, invoice, METHODS[method], int(amount) if amount else None)
    except StripeError as refusal:
        return _invoice_page(invoice, str(refusal))
    # Back by a redirect, so that reloading the page does not pay once more.
    return RedirectResponse(invoice["hosted_invoice_url"], 303)

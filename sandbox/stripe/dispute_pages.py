"""The customer's bank, as far as a person plays it: it questions a payment, warns of it, and decides."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Engine, select

from campaigns.core.clock import business_now
from sandbox.stripe import dispute_life as life
from sandbox.stripe import fraud_warnings
from sandbox.stripe.endpoints import Call
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.pages import shown_page
from sandbox.stripe.store import fetch, matching
from sandbox.stripe.tables import objects

NEWEST = 50
ADDRESS = "/sandbox/payments"
PAYMENTS = """{% if refusal %}<p role="alert">{{ refusal }}</p>{% endif %}
<p>You act as the payer's bank. The newest card payments come first.</p>
{% for charge, dispute in payments %}<section><h2>{{ charge.description or charge.id }}</h2>
<p>{{ charge.amount }} {{ charge.currency }} (minor units), {{ charge.id }}
{% if charge.amount_refunded %}, {{ charge.amount_refunded }} of it refunded{% endif %}</p>
{% if dispute %}<p>Disputed ({{ dispute.reason }}): {{ dispute.status }}</p>{% if dispute.status not in closed %}
<form method="post" action="/sandbox/disputes/{{ dispute.id }}">
<button name="deed" value="win">Decide for the platform</button>
<button name="deed" value="lose">Decide for the customer</button>
{% if dispute.status in inquiries %}<button name="deed" value="escalate">Escalate to a chargeback</button>{% endif %}
</form>{% endif %}
{% else %}<form method="post" action="/sandbox/payments/{{ charge.id }}">
<button name="deed" value="inquiry">Open an inquiry</button>
<label>Reason <select name="reason">{% for reason in reasons %}<option>{{ reason }}</option>{% endfor %}</select></label>
<button name="deed" value="chargeback">Open a chargeback</button>
<button name="deed" value="warning">Send a fraud warning</button></form>{% endif %}</section>
{% else %}<p>No card payments yet.</p>{% endfor %}"""

OF_DISPUTES: Mapping[str, Callable[[Call, Body], Body]] = {"win": life.win, "lose": life.lose, "escalate": life.escalate}


def dispute_pages(engine: Engine) -> APIRouter:
    """The bank's routes, each visit in a transaction of its own."""
    router = APIRouter(prefix="/sandbox")

    def visit(show: Callable[[Call], Response]) -> Response:
        with engine.begin() as connection:
            return show(Call(connection, int(business_now(connection).timestamp())))

    @router.get("/payments")
    def show_payments() -> Response:
        return visit(_payments)

    @router.post("/payments/{charge}")
    def question(charge: str, deed: Annotated[str, Form()], reason: Annotated[str, Form()] = "fraudulent") -> Response:
        return visit(lambda call: _done(call, lambda: _question(call, fetch(call, "charge", charge, lock=True), deed, reason)))

    @router.post("/disputes/{dispute}")
    def decide(dispute: str, deed: Annotated[str, Form()]) -> Response:
        return visit(lambda call: _done(call, lambda: _decide(call, fetch(call, "dispute", dispute, lock=True), deed)))

    return router


def _done(call: Call, do: Callable[[], Body]) -> Response:
    """Back to the payments by a redirect, so that reloading does it no second time; a refusal changes nothing and is shown there."""
    try:
        with call.connection.begin_nested():
            do()
    except StripeError as refusal:
        return _payments(call, str(refusal), 400)
    return RedirectResponse(ADDRESS, 303)


def _question(call: Call, charge: Body, deed: str, reason: str) -> Body:
    if deed == "warning":
        return fraud_warnings.warn(call, charge)
    if deed not in ("inquiry", "chargeback") or reason not in life.REASONS:
        raise StripeError("Choose an inquiry or a chargeback, with its reason, or a fraud warning.")
    return life.open_dispute(call, charge, reason, is_inquiry=deed == "inquiry")


def _decide(call: Call, dispute: Body, deed: str) -> Body:
    if deed not in OF_DISPUTES:
        raise StripeError("Choose who wins the dispute, or escalate the inquiry to a chargeback.")
    return OF_DISPUTES[deed](call, dispute)


def _payments(call: Call, refusal: str = "", status: int = 200) -> HTMLResponse:
    query = select(objects.c.body).where(objects.c.kind == "charge", objects.c.body["payment_method_details"]["type"].astext == "card")
    charges = call.connection.execute(query.order_by(objects.c.sequence.desc()).limit(NEWEST)).scalars().all()
    disputes = {each["charge"]: each for each in matching(call, "dispute")}
    payments = [(charge, disputes.get(charge["id"])) for charge in charges]
    shown = {"reasons": life.REASONS, "closed": life.CLOSED, "inquiries": life.INQUIRIES, "refusal": refusal}
    return shown_page("Payments", PAYMENTS, status, payments=payments, **shown)

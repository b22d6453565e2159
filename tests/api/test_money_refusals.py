"""Every refusal of an act of money is written down as one, and every route is either of money or known not to be."""

from collections.abc import Iterator

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import select
from starlette.requests import Request

from api import door_log
from api.app import make_app
from api.errors import StaleVersion
from campaigns.core.errors import Forbidden, NotFound, ProofNeeded, Refusal, ScopeMissing, Stale
from campaigns.core.ids import new_id
from campaigns.core.security_log import SecurityEntry, SecurityEventKind
from tests.api.caller import caller, token_of
from tests.factories import person
from workers.transactions import unit_of_work

API = "/api/v1"
# In no route that any of these leads to is money paid, approved or refunded, or somebody made one who decides on it.
OTHERS = """
    administrators annotations answer assignments artist ask back brands brief call calls campaigns clock collaboration
    complete comments confirm confirmation conflict connect contribute contributions currency curation dates decide decision decline
    deliverables desk done edit extend extensions internal-approval launch let-go emails letting-go licence merge new notes dismissed
    notifications remind reminders open outside package passkey passkeys again pause preparation publication publish question
    questions remix remixes remove reopening resume reviews rubric sandbox be screening selection send-back sessions others end
    sign sign-in sign-out token signatures sources subscriptions terms undo unpublish unsubscribe uploads webhooks stripe sendgrid
    what-if claim withdraw withdrawal words contributions wrapper app prove api v1 me billing objection credits versions unconfirmed-makers
"""
MONEY = """
    POST /appointments/{}/confirm | POST /appointments/{}/stop | POST /brands/{}/people | POST /brands/{}/people/{}/end
    POST /brands/{}/roles | DELETE /brands/{}/roles/{} | PATCH /campaigns/{}/brief | POST /campaigns/{}/brief/fees
    POST /campaigns/{}/brief/pay | POST /campaigns/{}/cancel | POST /campaigns/{}/cancel/confirm | POST /campaigns/{}/cancel/keep
    POST /disputes/{}/accept | POST /disputes/{}/answer | POST /disputes/{}/bear | POST /disputes/{}/evidence
    PUT /disputes/{}/evidence | POST /disputes/{}/files | DELETE /disputes/{}/files/{}
    DELETE /campaigns/{}/cancellation | POST /campaigns/{}/cancellation/confirmation | POST /campaigns/{}/funding/advance
    POST /campaigns/{}/funding/advances | POST /campaigns/{}/funding/invoice | POST /campaigns/{}/funding/invoices
    POST /campaigns/{}/funding/invoices/{}/withdraw | POST /campaigns/{}/funding/receipt | POST /campaigns/{}/funding/receipts
    POST /campaigns/{}/funding/receipts/{}/confirm | POST /campaigns/{}/funding/refunds/{}
    POST /campaigns/{}/funding/refunds/{}/again | POST /campaigns/{}/funding/refunds/{}/confirm
    POST /campaigns/{}/funding/refunds/{}/retry | POST /campaigns/{}/people | POST /campaigns/{}/people/{}/end
    POST /campaigns/{}/roles | DELETE /campaigns/{}/roles/{} | POST /checks/reconciliation | POST /comments/{}/disposition
    POST /deliverables/{}/assessment | PUT /deliverables/{}/assessment | POST /deliverables/{}/proposals | POST /me/payout-account
    POST /me/payout-account/link | POST /me/payout-account/opening | POST /me/tokens | POST /me/tokens/{}/end | POST /outbox/retry
    POST /outbox/{}/retry | POST /payout/onboarding | POST /payouts/country-changes/{}/confirm | POST /payouts/holds
    DELETE /payouts/holds/{} | POST /payouts/limits | POST /payouts/limits/{}/confirm | POST /payouts/reconciliations
    POST /payouts/runs | POST /payouts/runs/{}/discard | POST /payouts/runs/{}/pause | POST /payouts/runs/{}/payouts/{}/retry
    POST /payouts/runs/{}/release | POST /payouts/runs/{}/resume | POST /payouts/runs/{}/retry | POST /payouts/top-ups
    POST /proposals/{}/finalization | POST /roles | DELETE /roles/{} | POST /runs | POST /runs/countries/{}/confirm | POST /runs/holds
    POST /runs/holds/{}/lift | POST /runs/limits | POST /runs/limits/{}/confirm | POST /runs/{}/again | POST /runs/{}/discard
    POST /runs/{}/pause | POST /runs/{}/payouts/{}/again | POST /runs/{}/release | POST /runs/{}/resume | POST /runs/{}/top-up
    POST /status/failed/retry | POST /status/failed/{}/retry | POST /status/people | POST /status/people/{}/end | POST /tokens
    DELETE /tokens/{}
"""
REFUSALS = (Forbidden("No."), ScopeMissing("No."), ProofNeeded("No."), NotFound("No."), Refusal("No."), Stale("No."), StaleVersion("No."))


def deeds() -> Iterator[tuple[str, str]]:
    """Every route that changes something, as (method, path)."""
    for route in iter_route_contexts(make_app().routes):
        yield from ((method, str(route.path)) for method in (route.methods or set()) - door_log.SAFE_METHODS)


def plain(method: str, path: str) -> str:
    """A route without the names of its places."""
    words = ("{}" if word.startswith("{") else word for word in path.removeprefix(API).split("/"))
    return f"{method} {'/'.join(words)}"


def refused_at(method: str, path: str, refusal: Refusal) -> SecurityEventKind | None:
    """As what a refusal there is written down."""
    route = type("Route", (), {"path": path.removeprefix(API)})
    scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b"", "route": route, "server": ("x", 1)}
    return door_log.kind_of(Request(scope), refusal)


def test_each_route_of_money_is_known_as_one_and_each_refusal_there_is_written_down() -> None:
    expected = {line.strip() for line in MONEY.replace("\n", "|").split("|")} - {""}
    assert {plain(*deed) for deed in deeds() if door_log.is_of_money(deed[0], deed[1].removeprefix(API))} == expected
    found = {(plain(*deed), refused_at(*deed, refusal)) for deed in deeds() for refusal in REFUSALS if plain(*deed) in expected}
    assert {kind for _deed, kind in found} == {SecurityEventKind.MONEY_REFUSED}


def test_no_word_of_money_is_without_a_route() -> None:
    said = {word for _method, path in deeds() for word in path.split("/")}
    assert (door_log.MONEY | door_log.WORDS_ONLY) - said == set()


def test_a_route_of_which_nobody_has_said_whether_it_is_of_money_fails_here() -> None:
    others = [path for method, path in deeds() if not door_log.is_of_money(method, path.removeprefix(API))]
    words = {word for path in others for word in path.split("/") if not word.startswith("{")}
    assert words - {"", *door_log.MONEY} == set(OTHERS.split())


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/campaigns/{id}/cancel", {"reason": "No."}), ("DELETE", "/campaigns/{id}/cancellation", None),
        ("POST", "/campaigns/{id}/cancellation/confirmation", {"preview": "x"}),
        ("POST", "/proposals/{id}/finalization", None),
        ("POST", "/comments/{id}/disposition", {"disposition": "accepted", "reason": "Yes."}),
        ("POST", "/appointments/{id}/confirm", None), ("POST", "/payouts/runs/{id}/pause", {"reason": "No."}),
        ("DELETE", "/tokens/{id}", None),
    ],
)  # fmt: skip
def test_a_refused_act_of_money_stands_in_the_log_though_nothing_else_of_it_does(
    fresh_database: str, method: str, path: str, body: dict[str, str] | None
) -> None:
    with unit_of_work() as session:
        ana = person(session, "Ana")
        api = caller(token_of(session, ana))
    answer = api.request(method, API + path.format(id=new_id()), json=body, headers={"Idempotency-Key": str(new_id()), "If-Match": '"1"'})
    assert answer.status_code in {403, 404}
    with unit_of_work() as session:
        [row] = session.scalars(select(SecurityEntry).where(SecurityEntry.kind == "money_refused"))
        assert (row.person_id, row.detail.endswith(answer.json()["code"])) == (ana.person_id, True)

"""How the sum comes together, as the manager, finance and the brand meet it in a browser."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from html import unescape
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from campaigns.brief.funding.actions import ask_invoice, record_receipt
from campaigns.brief.models import Advance, Invoice, Receipt, Refund, RefundPart
from campaigns.brief.queries import cover, written_brief
from campaigns.core import clock
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from tests import factories
from tests.api.visiting import be, browser, fault, make, seen, statements, value_of
from tests.called_off import call_off
from tests.factories import Partnership
from workers.transactions import unit_of_work


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with browser() as client:
        yield client


def at(made: Partnership, rest: str = "") -> str:
    return f"/campaigns/{made.id}/funding{rest}"


def held(made: Partnership) -> int:
    with unit_of_work() as session:
        return cover(session, written_brief(session, made.id)).held


def count(kind: type[Invoice | Receipt | Advance]) -> int:
    with unit_of_work() as session:
        return int(session.scalar(select(func.count()).select_from(kind)) or 0)


def recorded(made: Partnership, amount: int, reference: str = "WIRE 7", by: Actor | None = None) -> UUID:
    with unit_of_work() as session:
        now = clock.business_now(session)
        return record_receipt(session, made.id, amount, reference, now.date(), by=by or made.manager, at=now).id


def colleague() -> Actor:
    with unit_of_work() as session:
        return factories.someone(session, Role.FINANCE, "Fay")


def test_an_invoice_is_asked_for_once_however_often_its_form_is_sent(client: TestClient) -> None:
    made = make(factories.filled_brief)
    page = seen(be(client, made.manager).get(at(made, "/invoice")))
    assert ("$74,000.00 has not been invoiced yet." in page, 'value="74000"' in page) == (True, True)
    form = {
        "_page": at(made, "/invoice"),
        "once": value_of(page, "once"),
        "amount": "74000",
        "po_number": "PO-1",
        "bill_to": "",
        "email": "",
    }
    for _time in range(2):
        answer = client.post(at(made, "/invoice"), data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, at(made))
    assert count(Invoice) == 1
    page = seen(client.get(at(made)))
    assert ("preparing" in page, "PO PO-1" in page, at(made, "/invoice") in page) == (True, True, False)


def test_an_open_invoice_leads_to_stripes_page_in_a_tab_of_its_own(client: TestClient) -> None:
    made, url = make(factories.filled_brief), "https://invoice.stripe.example/i/1"
    with unit_of_work() as session:
        invoice = ask_invoice(session, made.id, by=made.manager, at=clock.business_now(session))
        invoice.state, invoice.number, invoice.url = "open", "CB-0001", url
    link = f'<a class="button small" href="{url}" target="_blank" rel="noopener noreferrer">View and pay at Stripe, in a new tab'
    assert f'{link}<span class="unseen"> – CB-0001</span></a>' in seen(be(client, made.signers["legal"]).get(at(made)))


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("80000", "$80,000.00 is more than the $74,000.00 still outstanding."),
        ("0", "0 is not above zero."),
        ("1.234", "1.234 has too many decimals: USD has 2."),
    ],
)
def test_an_amount_that_cannot_be_asked_for_is_refused_beside_its_field(client: TestClient, amount: str, sentence: str) -> None:
    made = make(factories.filled_brief)
    once = value_of(be(client, made.manager).get(at(made, "/invoice")).text, "once")
    answer = client.post(at(made, "/invoice"), data={"_page": at(made, "/invoice"), "once": once, "amount": amount})
    assert (answer.status_code in {400, 409}, fault(answer.text, "amount"), f'value="{amount}"' in answer.text) == (True, sentence, True)
    assert count(Invoice) == 0


def test_a_transfer_counts_once_a_second_person_has_confirmed_it(client: TestClient) -> None:
    made = make(factories.filled_brief)
    page = seen(be(client, made.finance).get(at(made, "/receipt")))
    form = {"_page": at(made, "/receipt"), "once": value_of(page, "once"), "amount": "74000", "reference": "WIRE 7"}
    form["received_on"] = value_of(page, "received_on")
    for _time in range(2):
        assert client.post(at(made, "/receipt"), data=form).status_code == 303
    with unit_of_work() as session:
        [receipt] = session.scalars(select(Receipt)).all()
    confirm = at(made, f"/receipts/{receipt.id}/confirm")
    page = seen(client.get(at(made)))
    assert ("someone else must confirm it" in page, confirm in page, held(made)) == (True, False, 0)
    answer = client.post(confirm, data={"_page": at(made)})
    assert (answer.status_code, "another person must do it" in answer.text, held(made)) == (403, True, 0)
    assert confirm in seen(be(client, colleague()).get(at(made)))
    assert (client.post(confirm).status_code, held(made)) == (303, 7_400_000)


def test_a_reference_that_is_there_already_keeps_what_was_typed(client: TestClient) -> None:
    made = make(factories.filled_brief)
    recorded(made, 100)
    page = at(made, "/receipt")
    once = value_of(be(client, made.manager).get(page).text, "once")
    form = {"_page": page, "once": once, "amount": "500", "reference": "WIRE 7", "received_on": "2026-01-02"}
    answer = client.post(page, data=form)
    assert (answer.status_code, fault(answer.text, "reference")) == (409, "A transfer with this reference has already been recorded.")
    assert ('value="500"' in answer.text, count(Receipt)) == (True, 1)


def test_finance_advances_what_is_missing_with_a_reason(client: TestClient) -> None:
    made = make(factories.filled_brief)
    page = at(made, "/advance")
    once = value_of(be(client, made.finance).get(page).text, "once")
    answer = client.post(page, data={"_page": page, "once": once, "amount": "74000", "reason": " "})
    assert (answer.status_code, fault(answer.text, "reason")) == (400, "Explain why the campaign can start before it is paid.")
    assert client.post(page, data={"once": once, "amount": "74000", "reason": "PO is signed."}).status_code == 303
    assert (held(made), "PO is signed." in seen(client.get(at(made)))) == (7_400_000, True)


def test_each_role_is_offered_what_it_may_do_and_refused_the_rest(client: TestClient) -> None:
    made = make(factories.filled_brief)
    receipt = recorded(made, 100)
    offered = {"manager": {"/invoice", "/receipt"}, "finance": {"/invoice", "/receipt", "/advance"}, "signer": set()}
    for role, who in {"manager": made.manager, "finance": made.finance, "signer": made.signers["legal"]}.items():
        page = seen(be(client, who).get(at(made)))
        for rest in ("/invoice", "/receipt", "/advance"):
            assert (f'href="{at(made, rest)}"' in page) is (rest in offered[role]), (role, rest)
            assert (client.get(at(made, rest)).status_code == 200) is (rest in offered[role]), (role, rest)
    assert client.post(at(made, f"/receipts/{receipt}/confirm")).status_code == 403
    other = make(factories.filled_brief)
    assert be(client, other.signers["legal"]).get(at(made)).status_code == 404
    assert be(client, other.finance).post(at(other, f"/receipts/{receipt}/confirm")).status_code == 404


def test_money_that_finance_sends_back_by_hand_is_confirmed_with_its_reference(client: TestClient) -> None:
    made = make(factories.funded_brief)
    with unit_of_work() as session:
        call_off(session, made.id, "The brand has changed its mind.", by=made.manager, at=clock.business_now(session))
        part = session.scalars(select(RefundPart)).one().id
    page = at(made, f"/refunds/{part}")
    assert page in seen(be(client, made.finance).get(at(made)))
    answer = client.post(page, data={"_page": page, "reference": " "})
    assert (answer.status_code, fault(answer.text, "reference")) == (400, "Enter the transfer&#39;s reference from the bank statement.")
    assert client.post(page, data={"reference": "BACK 1"}).headers["location"] == at(made)
    shown = seen(client.get(at(made)))
    assert ("refunded" in shown, "BACK 1" in shown, page in shown) == (True, True, False)


ASKED = {"asked_of": "billing@zappos.example", "asked_until": datetime(2027, 1, 15, 9, tzinfo=UTC)}
WAYS = {
    "asked": (ASKED, "Stripe emailed billing@zappos.example to ask for the brand's bank details."),
    "sent": (ASKED, "Stripe now has the bank details and is sending the refund."),
    "on_cash": ({}, "We are sending it on from there, and Stripe asks again."),
    "stuck": ({}, "The money is on the brand's balance at Stripe, and Stripe does not send it on."),
    "settled": ({}, None),
}


def given_back(made: Partnership, state: str, **about: object) -> UUID:
    """A refund of which this is known."""
    with unit_of_work() as session:
        now = clock.business_now(session)
        refund = Refund(campaign_id=made.id, key=state, amount=500, let_go=0, currency="USD", reason="It goes back.", promised_at=now)
        session.add(refund)
        session.flush()
        part = RefundPart(refund_id=refund.id, campaign_id=made.id, amount=500, currency="USD", state=state, **about)
        session.add(part)
        session.flush()
        return part.id


def part_of(part_id: UUID) -> RefundPart:
    with unit_of_work() as session:
        return session.get_one(RefundPart, part_id)


@pytest.mark.parametrize("state", WAYS)
def test_of_a_refund_that_has_not_arrived_everyone_reads_where_it_is_and_who_does_what(client: TestClient, state: str) -> None:
    about, sentence = WAYS[state]
    made = make(factories.funded_brief)
    given_back(made, state, **about)
    others = [words for words_of, (_about, words) in WAYS.items() if words and words_of != state]
    for who in (made.finance, made.signers["legal"]):
        page = unescape(seen(be(client, who).get(at(made))))
        assert sentence is None or sentence in page
        assert [words for words in others if words in page] == []
    assert ('datetime="2027-01-15' in page) is (state == "asked")


def test_finance_has_stripe_try_a_stuck_refund_again_or_says_that_it_sent_it_there(client: TestClient) -> None:
    made = make(factories.funded_brief)
    part = given_back(made, "stuck", asks=1)
    again, form = at(made, f"/refunds/{part}/again"), at(made, f"/refunds/{part}")
    page = seen(be(client, made.manager).get(at(made)))
    assert (again in page, form in page, client.post(again).status_code) == (False, False, 403)
    page = seen(be(client, made.finance).get(at(made)))
    assert (again in page, f'href="{form}"' in page) == (True, True)
    assert "Send it back in Stripe's dashboard, then enter the reference of that refund." in unescape(seen(client.get(form)))
    assert client.post(again).headers["location"] == at(made)
    assert (part_of(part).state, part_of(part).asks) == ("on_cash", 2)
    answer = client.post(again, data={"_page": at(made)})
    assert (answer.status_code, "Stripe is sending this refund on, or it has been settled." in answer.text) == (409, True)


def test_every_piece_of_money_is_in_the_table_and_no_cell_is_a_formula(client: TestClient) -> None:
    made = make(factories.filled_brief)
    recorded(made, 12_345, "=1+1")
    with unit_of_work() as session:
        ask_invoice(session, made.id, 50_000, by=made.manager, at=clock.business_now(session))
    rows = list(csv.reader(io.StringIO(be(client, made.signers["legal"]).get(at(made, ".csv")).text)))
    assert rows[0] == ["kind", "when", "amount", "currency", "state", "reference", "by", "confirmed by"]
    assert [[row[0], *row[2:]] for row in rows[1:]] == [
        ["invoice", "500", "USD", "promised", "", "Mara"],
        ["receipt", "123.45", "USD", "to be confirmed", "'=1+1", "Mara", ""],
    ]


def test_thirty_transfers_take_no_more_statements_than_one(client: TestClient) -> None:
    few, many = make(factories.filled_brief), make(factories.filled_brief)
    recorded(few, 100)
    for number in range(30):
        recorded(many, 100, f"WIRE {number}")
    counted = [statements(partial(be(client, made.manager).get, at(made))) for made in (few, many)]
    assert counted[0] == counted[1]


def test_who_may_not_see_the_brief_does_not_read_what_the_brand_has_yet_to_pay(client: TestClient) -> None:
    made = make(factories.signed_brief)
    with unit_of_work() as session:
        curator = factories.curator(session, made)
    page = seen(be(client, curator).get(f"/campaigns/{made.id}"))
    told = client.get(f"/api/v1/campaigns/{made.id}", headers={"Accept": "application/json"}).text
    assert [("not fully covered" in text, "74,000" in text or "7400000" in text) for text in (page, told)] == [(True, False)] * 2

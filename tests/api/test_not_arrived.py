"""What was sent more than a month ago and is not reported as arrived, as finance reads it: over HTTP, on a page and as CSV."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.payout.runs.models import Payout, PayoutRun
from tests.api.caller import led_nowhere as as_
from tests.api.visiting import PAGE, cells, seen
from tests.campaigns.payout.runs.bureau import released, send
from tests.treasury import Treasury, treasury
from workers.transactions import unit_of_work

__all__ = ["treasury"]
API, PATH = "/api/v1/payouts/not-arrived", "/runs/not-arrived"


def sent_long_ago(treasury: Treasury) -> tuple[Actor, Payout, int]:
    """Someone to whom a payment was sent a month ago, the payment, and the number of its run."""
    ana = treasury.payee(5_000)
    send(released(treasury))
    treasury.pass_time(timedelta(days=31))
    with unit_of_work() as session:
        return ana, session.scalars(select(Payout)).one(), session.scalars(select(PayoutRun.number)).one()


def test_finance_reads_whose_payment_it_is_and_where_to_look(treasury: Treasury) -> None:
    ana, item, number = sent_long_ago(treasury)
    assert item.settled_at
    fay = treasury.person(role=Role.FINANCE)
    assert as_(fay).get(API).json() == {
        "items": [
            {
                "id": str(item.id), "run_id": str(item.run_id), "run_number": number, "person_id": str(ana.person), "name": ana.name,
                "account": item.destination, "transfer": item.transfer_id, "amount": 5_000, "currency": "USD",
                "sent_at": item.settled_at.isoformat().replace("+00:00", "Z"),
            }
        ],
        "next": None,
    }  # fmt: skip
    browser = as_(fay, **PAGE)
    page = seen(browser.get(PATH))
    (row,) = re.findall('<tr><th scope="row">.*?</tr>', page)
    said = [cell for cell in re.sub(r"\s*<[^>]*>\s*", "|", row).split("|") if cell]
    assert [*said[:4], said[5]] == [ana.name, item.destination, str(number), "$50.00", item.transfer_id]
    assert f'href="/runs/{item.run_id}"' in row
    assert cells(browser.get(f"{PATH}.csv")) == [
        ["Name", "Run", "Amount", "Currency", "Sent", "Stripe account", "Transfer"],
        [ana.name, str(number), "50.00", "USD", item.settled_at.isoformat(), item.destination, item.transfer_id],
    ]
    assert "1 payment was sent more than 30 days ago and is not reported as arrived." in as_(fay).get("/api/v1/me/needs").text


def test_where_everything_has_arrived_the_page_says_so_and_the_payouts_lead_there(treasury: Treasury) -> None:
    treasury.payee(5_000)
    send(released(treasury))
    browser = as_(treasury.person(role=Role.FINANCE), **PAGE)
    page = seen(browser.get(PATH))
    assert ("Every payment sent more than 30 days ago has been reported as arrived or returned." in page, "<table" in page) == (True, False)
    assert f'href="{PATH}"' in seen(browser.get("/runs"))


@pytest.mark.parametrize("role", [None, Role.MANAGER, Role.OPERATOR, Role.CURATOR])
def test_nobody_but_finance_reads_what_has_not_arrived(treasury: Treasury, role: Role | None) -> None:
    ana, item, _number = sent_long_ago(treasury)
    answers = [as_(who, **PAGE).get(path) for who in (treasury.person(role=role), ana) for path in (API, PATH, f"{PATH}.csv")]
    assert [(each.status_code, str(item.transfer_id) in each.text) for each in answers] == [(403, False)] * 6

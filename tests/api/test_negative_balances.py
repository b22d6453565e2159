"""Payees whose account at Stripe is below zero, as finance reads them: over HTTP, on a page and as CSV."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from campaigns.core.ids import new_id
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.ledger.models import LedgerAccount
from campaigns.payments.models import PayoutAccount
from campaigns.payout.reconciliations.models import NegativeBalance, ShortfallSearch
from tests.api.caller import led_nowhere as as_
from tests.api.visiting import PAGE, cells, seen, statements
from tests.treasury import Treasury, treasury
from workers.gateways import by_stripe
from workers.payout.reconciliation import resume_covered_runs
from workers.transactions import unit_of_work

__all__ = ["treasury"]
API, PATH = "/api/v1/payouts/negative-balances", "/runs/negative-balances"
SINCE, LOOKED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC), datetime(2026, 12, 1, 4, 30, tzinfo=UTC)
NEXT = (
    "Stripe deducts it from the next payment to them. Until then Stripe reserves the same amount of our balance; "
    "after May 1, 2027 it takes it from us."
)


def shorten(who: Actor, amount: int, cause: str = "adjustment") -> tuple[str, str]:
    """The person's account is below zero; its id at Stripe and that of the row."""
    with unit_of_work() as session:
        account = session.scalars(select(PayoutAccount).where(PayoutAccount.person_id == who.person)).one()
        stands = {"currency": "USD", "amount": amount, "since": SINCE, "cause": cause, "looked_at": LOOKED}
        row = NegativeBalance(account_id=account.id, **stands)
        session.add(row)
        session.flush()
        return str(account.provider_id), str(row.id)


@pytest.fixture
def fay(treasury: Treasury) -> Actor:
    return treasury.person(role=Role.FINANCE)


def test_each_account_below_zero_is_listed_with_whose_it_is_why_since_when_and_what_happens_next(treasury: Treasury, fay: Actor) -> None:
    ana, ben = treasury.payee(5_000), treasury.payee(6_000)
    of_ana, of_ben = shorten(ana, -3_000), shorten(ben, -250, "payment_refund")
    rest = {"currency": "USD", "since": "2026-11-02T09:00:00Z", "sentence": NEXT, "looked_at": "2026-12-01T04:30:00Z"}
    first = {"id": of_ben[1], "person_id": str(ben.person), "name": ben.name, "account": of_ben[0], "amount": -250}
    second = {"id": of_ana[1], "person_id": str(ana.person), "name": ana.name, "account": of_ana[0], "amount": -3_000}
    client = as_(fay)
    one, other = first | rest | {"cause": "payment_refund"}, second | rest | {"cause": "adjustment"}
    assert client.get(API, params={"limit": 1}).json() == {"items": [one], "next": of_ben[1], "unexplained": None}
    assert client.get(API, params={"after": of_ben[1]}).json() == {"items": [other], "next": None, "unexplained": None}


def test_the_page_and_the_file_say_the_same_and_lead_to_the_payees_account(treasury: Treasury, fay: Actor) -> None:
    ana, ben = treasury.payee(5_000), treasury.person()
    treasury.onboard(ben)
    (of_ana, _row), (of_ben, _other) = shorten(ana, -3_000), shorten(ben, -250, "unheard_of")
    browser = as_(fay, **PAGE)
    with unit_of_work() as session:
        books = session.scalars(select(LedgerAccount.id).where(LedgerAccount.owner_id == ana.person)).one()
    page = seen(browser.get(PATH))
    rows = [re.sub(r"\s*<[^>]*>\s*", "|", row).strip("|") for row in re.findall('<tr><th scope="row">.*?</tr>', page)]
    assert [[cell for cell in row.split("|") if cell] for row in rows] == [
        [ben.name, of_ben, "-$2.50", "Nov 2, 2026, 9:00 AM", "unheard_of", NEXT],
        [ana.name, of_ana, "-$30.00", "Nov 2, 2026, 9:00 AM", "Debited by Stripe", NEXT],
    ]
    assert re.findall(r'scope="row"><a href="([^"]+)"><bdi>([^<]+)', page) == [(f"/ledger/{books}", ana.name)]
    assert cells(browser.get(f"{PATH}.csv")) == [
        ["Name", "Stripe account", "Amount", "Currency", "Since", "Cause", "What happens next", "Checked"],
        [ben.name, of_ben, "-2.50", "USD", SINCE.isoformat(), "unheard_of", NEXT, LOOKED.isoformat()],
        [ana.name, of_ana, "-30.00", "USD", SINCE.isoformat(), "Debited by Stripe", NEXT, LOOKED.isoformat()],
    ]


def test_where_no_account_is_below_zero_the_page_says_so_and_the_payouts_and_the_ledger_lead_there(treasury: Treasury, fay: Actor) -> None:
    browser = as_(fay, **PAGE)
    page = seen(browser.get(PATH))
    assert ("No payee's Stripe account is below zero." in page.replace("&#39;", "'"), "<table" in page) == (True, False)
    resume_covered_runs(by_stripe())  # notes our balance, which the ledger then shows
    assert [f'href="{PATH}"' in seen(browser.get(address)) for address in ("/runs", "/ledger")] == [True, True]
    assert as_(fay).get(API).json() == {"items": [], "next": None, "unexplained": None}


def test_a_page_of_the_list_leads_to_the_next(treasury: Treasury, fay: Actor) -> None:
    of_ana, of_ben = (shorten(treasury.payee(), -amount) for amount in (100, 200))
    browser = as_(fay, **PAGE)
    first = seen(browser.get(PATH, params={"limit": 1}))
    assert (of_ben[0] in first, of_ana[0] in first) == (True, False)
    (further,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = seen(browser.get(further.replace("&amp;", "&")))
    assert (of_ben[0] in second, of_ana[0] in second) == (False, True)


def test_the_page_asks_no_more_of_the_database_the_more_accounts_there_are(treasury: Treasury, fay: Actor) -> None:
    browser = as_(fay, **PAGE)
    first, *others = (treasury.payee() for _each in range(6))
    shorten(first, -100)
    browser.get(PATH)  # the first use of a token is noted, and then none for a minute
    few = statements(lambda: browser.get(PATH))
    for each in others:
        shorten(each, -100)
    assert statements(lambda: browser.get(PATH)) == few


def test_where_the_search_stopped_before_its_end_finance_reads_why_there_may_be_more(treasury: Treasury, fay: Actor) -> None:
    shorten(treasury.payee(), -100)
    with unit_of_work() as session:
        session.add(ShortfallSearch(left_off=new_id(), ended_at=LOOKED))
    said = (
        "Stripe reserves more than these accounts are short of. The last comparison stopped after checking 500 more accounts; the "
        "next one continues from there. An account that is short in its own currency can be the reason, because Stripe reserves in ours."
    )
    assert as_(fay).get(API).json()["unexplained"] == said
    assert said in seen(as_(fay, **PAGE).get(PATH))


@pytest.mark.parametrize("role", [None, Role.MANAGER, Role.OPERATOR, Role.CURATOR])
def test_nobody_but_finance_reads_whose_account_is_below_zero(treasury: Treasury, role: Role | None) -> None:
    payee = treasury.payee()
    account, _row = shorten(payee, -100)
    answers = [as_(treasury.person(role=role), **PAGE).get(path) for path in (API, PATH, f"{PATH}.csv")]
    answers += [as_(payee, **PAGE).get(path) for path in (API, PATH, f"{PATH}.csv")]
    assert [(each.status_code, account in each.text) for each in answers] == [(403, False)] * 6

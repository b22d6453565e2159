"""Finance in a browser: runs, limits, holds, the books and their checks; and each payee's own statements."""

import re
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text

from api.formats import has_refused, written_for
from api.payout import run_progress
from api.reader import Reader
from campaigns.core import clock
from campaigns.core.ids import new_id
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Role
from campaigns.ledger.accounts import Entry, held
from campaigns.ledger.accounts import payee as account_of
from campaigns.ledger.actions import post
from campaigns.ledger.models import LedgerAccount
from campaigns.payout.holds.actions import hold_payments, lift_hold
from campaigns.payout.holds.models import Hold
from campaigns.payout.runs.models import Payout, PayoutRun, RunLimits
from campaigns.payout.runs.payouts import Paid, TransferRefused, claim_payouts, record_outcomes
from tests.api.caller import caller, token_of
from tests.api.visiting import PAGE, cells, fault, in_one_line, seen, statements, value_of
from tests.aside import waited_for
from tests.treasury import CAMPAIGN, Treasury, now, treasury
from workers.transactions import unit_of_work

__all__ = ["treasury"]
QUOTE = {"currency": "USD", "route": "stripe_connect"}


def at_page(who: Actor) -> TestClient:
    with unit_of_work() as session:
        client = caller(token_of(session, who))
    client.headers.update(PAGE)
    client.follow_redirects = False
    return client


class Office:
    """Two people in finance, each at a browser."""

    def __init__(self, treasury: Treasury) -> None:
        self.treasury = treasury
        self.fay, self.flo = treasury.person(role=Role.FINANCE), treasury.person(role=Role.FINANCE)
        self.fays, self.flos = at_page(self.fay), at_page(self.flo)

    def quoted(self) -> str:
        once = value_of(seen(self.fays.get("/runs/new")), "once")
        return str(self.fays.post("/runs", data=QUOTE | {"once": once, "_page": "/runs/new"}).headers["location"])

    def released(self) -> str:
        path = self.quoted()
        for client in (self.fays, self.flos):
            assert client.post(f"{path}/release", data={"_page": path}).status_code == 303
        return path

    def failed(self, code: str = "account_closed") -> str:
        """A released run whose first payment is refused; its others arrive."""
        path = self.released()
        with unit_of_work() as session:
            run = session.get_one(PayoutRun, path.rpartition("/")[2])
            items = claim_payouts(session, run.id, run.generation, 100, at=now(), now=clock.process_now())
            first, *rest = items
            paid = [Paid(item, f"tr_{item.id.hex}") for item in rest]
            record_outcomes(session, run.id, [TransferRefused(first, code), *paid], at=now(), now=clock.process_now())
        return path


@pytest.fixture
def office(treasury: Treasury) -> Office:
    return Office(treasury)


def count(model: type[Any]) -> int:
    with unit_of_work() as session:
        return session.scalars(select(func.count()).select_from(model)).one()


def state_of(path: str) -> str:
    with unit_of_work() as session:
        return session.get_one(PayoutRun, path.rpartition("/")[2]).state


def words(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.text))


def item_of(path: str) -> Payout:
    with unit_of_work() as session:
        query = select(Payout).where(Payout.run_id == path.rpartition("/")[2], Payout.state == "failed")
        return session.scalars(query).one()


def test_a_run_is_quoted_approved_by_two_and_sent_from_the_page(office: Office) -> None:
    office.treasury.payee(5_000), office.treasury.payee(7_000)
    quote = seen(office.fays.get("/runs/new"))
    assert ("$120.00" in quote, "Two people must approve this run." in quote) == (True, True)
    path = office.quoted()
    assert "The run is sent after you and another person approve it." in words(office.fays.get(path))
    office.fays.post(f"{path}/release", data={"_page": path})
    assert "It is sent once another person in finance approves it." in words(office.fays.get(path))
    office.fays.post(f"{path}/release", data={"_page": path})
    assert state_of(path) == "quoted"
    assert "1 of 2 have approved" in words(office.flos.get(path))
    office.flos.post(f"{path}/release", data={"_page": path})
    page = words(office.flos.get(path))
    assert (state_of(path), "0 of 2 payments are settled (0 percent)." in page) == ("released", True)


def test_the_same_form_sent_twice_makes_one_run(office: Office) -> None:
    office.treasury.payee()
    form = QUOTE | {"once": value_of(seen(office.fays.get("/runs/new")), "once"), "_page": "/runs/new"}
    first, again = (office.fays.post("/runs", data=form).headers["location"] for _time in range(2))
    assert (first, count(PayoutRun)) == (again, 1)


def test_nothing_payable_says_so_where_one_asked(office: Office) -> None:
    once = value_of('name="once" value="' + new_id().hex + '"', "once")
    refused = office.fays.post("/runs", data=QUOTE | {"once": once, "_page": "/runs/new"})
    assert (refused.status_code, "Nobody can be paid in USD by this route now." in refused.text, count(PayoutRun)) == (409, True, 0)


def test_the_file_is_the_one_whose_digest_the_page_shows(office: Office) -> None:
    office.treasury.payee(5_000), office.treasury.payee(7_000)
    path = office.quoted()
    file = office.flos.get(f"{path}/file.csv")
    assert sha256(file.content).hexdigest() in office.flos.get(path).text
    lines = file.text.split("\r\n")
    assert lines[0] == "payment,person,amount,currency,destination"
    assert sorted(line.split(",")[2] for line in lines[1:3]) == ["50.00", "70.00"]
    office.flos.post(f"{path}/discard", data={"reason": "Wrong day.", "_page": path})
    assert office.flos.get(f"{path}/file.csv").content == file.content


def test_whom_a_run_pays_has_no_say_in_it(office: Office) -> None:
    office.treasury.onboard(office.flo)
    office.treasury.earn(office.flo.person, 5_000)
    path = office.quoted()
    assert "This run pays you, so two other people must approve it." in words(office.flos.get(path))
    refused = office.flos.post(f"{path}/release", data={"_page": path})
    assert (refused.status_code, "two other people" in refused.text, state_of(path)) == (403, True, "quoted")


def test_a_form_without_a_field_that_is_refused_is_its_page_again(office: Office) -> None:
    office.treasury.payee()
    path = office.quoted()
    office.flos.post(f"{path}/discard", data={"reason": "Wrong day.", "_page": path})
    refused = office.fays.post(f"{path}/release", data={"_page": path})
    said = "This run is no longer waiting for approval." in refused.text
    assert (refused.status_code, said, "Discarded: Wrong day." in words(refused)) == (409, True, True)


def test_a_reason_that_is_missing_is_asked_for_beside_its_field(office: Office) -> None:
    office.treasury.payee()
    path = office.quoted()
    refused = office.fays.post(f"{path}/discard", data={"reason": "  ", "_page": path})
    assert (refused.status_code, fault(in_one_line(refused), "reason")) == (400, "Give a reason. Your colleagues can read it.")
    assert state_of(path) == "quoted"


def test_a_run_is_paused_with_a_reason_and_goes_on(office: Office) -> None:
    office.treasury.payee()
    path = office.released()
    office.fays.post(f"{path}/pause", data={"reason": "A <b>look</b> first.", "_page": path})
    assert (state_of(path), "A &lt;b&gt;look&lt;/b&gt; first." in office.flos.get(path).text) == ("paused", True)
    office.flos.post(f"{path}/resume", data={"_page": path})
    again = office.flos.post(f"{path}/resume", data={"_page": path})
    assert (state_of(path), again.status_code) == ("released", 409)


def test_what_failed_comes_first_with_its_sentence_and_can_be_tried_again(office: Office) -> None:
    office.treasury.payee(5_000), office.treasury.payee(7_000)
    path = office.failed()
    page = words(office.fays.get(path))
    assert page.index("Failed payments") < page.index("Stripe account was closed.") < page.index("Download as CSV")
    item = item_of(path)
    retried = office.fays.post(f"{path}/payouts/{item.id}/again", data={"_page": path})
    assert (retried.status_code, "It will be paid in the next run." in words(office.fays.get(path))) == (303, True)
    again = office.fays.post(f"{path}/payouts/{item.id}/again", data={"_page": path})
    assert (again.status_code, "is not waiting to be retried" in again.text) == (409, True)
    later = office.quoted()
    assert re.search(r"Sent again in run \d+\.", words(office.fays.get(path)))
    assert f"${item.amount / 100:.2f}" in office.fays.get(later).text


def test_all_failures_that_wait_for_a_word_are_tried_again_at_once(office: Office) -> None:
    office.treasury.payee(5_000)
    path = office.failed()
    office.fays.post(f"{path}/again", data={"_page": path})
    with unit_of_work() as session:
        assert session.scalars(select(Hold.id).where(Hold.lifted_at.is_(None))).all() == []
    assert office.fays.post(f"{path}/again", data={"_page": path}).status_code == 409


def test_a_hold_that_a_colleague_placed_is_not_lifted_by_trying_again(office: Office) -> None:
    office.treasury.payee(5_000)
    path = office.failed()
    item = item_of(path)
    with unit_of_work() as session:
        lift_hold(session, item.person_id, by=office.flo, at=now())
        hold_payments(session, item.person_id, "Their papers are not theirs.", by=office.flo, at=now())
    page = office.fays.get(path)
    assert ("Their papers are not theirs." in page.text, "/again" in page.text) == (True, False)
    refused = office.fays.post(f"{path}/payouts/{item.id}/again", data={"_page": path})
    assert (refused.status_code, "A colleague put payments to this person on hold" in refused.text) == (409, True)
    with unit_of_work() as session:
        assert session.scalars(select(Hold.reason).where(Hold.lifted_at.is_(None))).all() == ["Their papers are not theirs."]


def test_limits_are_proposed_as_people_write_money_and_confirmed_by_another(office: Office) -> None:
    office.treasury.payee()
    form = {"currency": "USD", "most_per_run": "1,000", "most_per_person": "100", "_page": "/runs/limits"}
    form["once"] = value_of(seen(office.fays.get("/runs/limits")), "once")
    refused = office.fays.post("/runs/limits", data=form)
    page = in_one_line(refused)
    assert (refused.status_code, "is not an amount" in (fault(page, "most_per_run") or ""), 'value="1,000"' in page) == (400, True, True)
    for _time in range(2):
        assert office.fays.post("/runs/limits", data=form | {"most_per_run": "1000"}).status_code == 303
    with unit_of_work() as session:
        (limits,) = session.scalars(select(RunLimits)).all()
    assert (limits.most_per_run, limits.most_per_person) == (100_000, 10_000)
    confirm = f"/runs/limits/{limits.id}/confirm"
    assert confirm not in office.fays.get("/runs/limits").text
    assert office.fays.post(confirm, data={"_page": "/runs/limits"}).status_code == 403
    assert confirm in office.flos.get("/runs/limits").text
    assert office.flos.post(confirm, data={"_page": "/runs/limits"}).status_code == 303
    assert "In force" in office.fays.get("/runs/limits").text
    assert "will be sent automatically and immediately" in words(office.fays.get("/runs/new"))
    assert state_of(office.quoted()) == "released"


def test_a_hold_is_placed_by_address_and_lifted(office: Office) -> None:
    payee = office.treasury.payee()
    with unit_of_work() as session:
        email = session.get_one(Person, payee.person).email
    form = {"email": "nobody@example.org", "reason": "The address bounces.", "_page": "/runs/holds"}
    form["once"] = value_of(seen(office.fays.get("/runs/holds")), "once")
    people = count(Person)
    refused = office.fays.post("/runs/holds", data=form)
    page = in_one_line(refused)
    assert (fault(page, "email"), "The address bounces." in page, count(Person)) == ("No account uses this address.", True, people)
    assert office.fays.post("/runs/holds", data=form | {"email": email.upper()}).status_code == 303
    assert "The address bounces." in office.flos.get("/runs/holds").text
    assert "Nothing to pay now" in office.flos.get("/runs/new").text
    assert "Payments to you are on hold." in words(office.flos.get("/runs/unpayable"))
    office.flos.post(f"/runs/holds/{payee.person}/lift", data={"_page": "/runs/holds"})
    assert "No payments on hold" in office.flos.get("/runs/holds").text


def test_the_books_are_equal_on_both_sides_and_every_line_has_its_balance(office: Office) -> None:
    payee = office.treasury.payee(5_000)
    office.treasury.earn(payee.person, 2_500)
    page = words(office.fays.get("/ledger"))
    (totals,) = re.findall(r"Total (\S+) .* Total (\S+)", page)
    assert totals[0] == totals[1]
    assert payee.name in office.fays.get("/ledger/kinds/payee/USD").text
    with unit_of_work() as session:
        account = session.scalars(select(LedgerAccount).where(LedgerAccount.owner_id == payee.person)).one()
    statement = words(office.fays.get(f"/ledger/{account.id}"))
    assert "+$25.00 $75.00" in statement.replace("  ", " ")
    assert "+$50.00 $50.00" in statement.replace("  ", " ")
    journal = re.search(r"/ledger/journals/[0-9a-f-]+", office.fays.get(f"/ledger/{account.id}").text)
    assert journal is not None
    assert payee.name in seen(office.fays.get(journal[0]))
    rows = cells(office.fays.get(f"/ledger/{account.id}/statement.csv"))
    assert ([row[5:8] for row in rows[1:]]) == [["25.00", "75.00", "USD"], ["50.00", "50.00", "USD"]]


def test_an_older_page_of_a_statement_goes_on_with_the_balance(office: Office) -> None:
    payee = office.treasury.payee(100)
    for _time in range(54):
        office.treasury.earn(payee.person, 100)
    with unit_of_work() as session:
        account = session.scalars(select(LedgerAccount).where(LedgerAccount.owner_id == payee.person)).one()
    first = seen(office.fays.get(f"/ledger/{account.id}"))
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    second = words(office.fays.get(older[1].replace("&amp;", "&"))).replace("  ", " ")
    assert ("$5.00" in second, "$6.00" in second, "+$1.00 $1.00" in second) == (True, False, True)


def test_the_checks_say_what_is_true_and_name_what_is_not(office: Office) -> None:
    assert "All passed" not in office.fays.get("/checks").text
    assert "All passed" in office.fays.get("/checks?now=true").text
    with unit_of_work() as session:
        run = PayoutRun(currency="USD", route="x", sequence="x", quoted_at=now(), state="closed")
        session.add(run)
        session.flush()
        session.add(Payout(run_id=run.id, person_id=office.fay.person, currency="USD", amount=1, destination="acct", transfer_group="g"))
    page = words(office.fays.get("/checks?now=true"))
    assert "No closed run has open payouts. Violated by:" in page


def test_a_refused_form_is_unfolded_without_a_script_and_no_other_is(office: Office) -> None:
    office.treasury.payee(5_000)
    path = office.quoted()
    page = in_one_line(office.fays.post(f"{path}/discard", data={"reason": " ", "_page": path}))
    assert re.findall(r'<details([^>]*)> ?<summary class="(button[^"]*)"', page) == [
        (' class="confirm"', "button primary"),
        (" open", "button bad"),
    ]


def test_of_forms_to_one_place_the_one_with_the_hidden_fields_that_were_sent_is_unfolded() -> None:
    sent = SimpleNamespace(sent_to="/lift", typed={"hold": "1", "_page": "/runs", "reason": ""})
    form = '<form action="{}"><input type="hidden" name="_page" value="/any"><input type="hidden" name="hold" value="{}"></form>'
    with written_for(SimpleNamespace(request=SimpleNamespace(state=sent))):
        assert [has_refused(form.format(*each)) for each in (("/lift", 1), ("/lift", 2), ("/place", 1))] == [True, False, False]
    with written_for(SimpleNamespace(request=SimpleNamespace(state=SimpleNamespace()))):
        assert not has_refused(form.format("/lift", 1))


def test_a_comparison_is_asked_for_once_however_often_its_form_is_sent(office: Office) -> None:
    form = {"once": value_of(seen(office.fays.get("/checks")), "once"), "_page": "/checks"}
    assert [office.fays.post("/checks/reconciliation", data=form).status_code for _time in range(2)] == [303, 303]
    with unit_of_work() as session:
        query = select(OutboxMessage.body["deployment"].astext).where(
            OutboxMessage.kind == OutboxKind.START_FLOW, OutboxMessage.key.like("reconcile/%")
        )
        assert session.scalars(query).all() == ["reconcile/reconcile"]


def test_a_statement_opens_with_what_the_month_before_closed_with(office: Office) -> None:
    payee = office.treasury.person("US")
    office.treasury.onboard(payee)
    with unit_of_work() as session:
        share = Entry(held(CAMPAIGN, "USD"), account_of(payee.person, "USD"), 5_000)
        post(session, "payout.final", "share", [share], at=now() - timedelta(days=31))
    office.failed()
    page = words(at_page(payee).get("/me/statements"))
    month, before = (f"{at:%Y-%m}" for at in (now(), now() - timedelta(days=31)))
    assert re.search(r"\$50\.00 +\$0\.00 +\$0\.00 +\$50\.00 .*\$0\.00 +\$50\.00 +\$0\.00 +\$50\.00", page)
    opened = words(at_page(payee).get(f"/me/statements/{month}"))
    for reserved in ("Reserved for a payment to you", "A payment failed; the amount is back in your balance"):
        assert reserved not in opened
    assert "Your share of a final proposal" in words(at_page(payee).get(f"/me/statements/{before}"))
    assert [",".join(row) for row in cells(at_page(payee).get("/me/statements.csv"))[1:]] == [
        f"{month},USD,50.00,0.00,0.00,0.00,50.00,0.00,0.00",
        f"{before},USD,0.00,50.00,0.00,0.00,50.00,0.00,0.00",
    ]
    stranger = at_page(office.treasury.person())
    assert "No statements yet" in stranger.get("/me/statements").text
    assert [stranger.get(f"/me/statements/{each}").status_code for each in (month, "2026-13")] == [404, 404]


def test_nobody_but_finance_sees_a_run_a_hold_or_the_books(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_progress, "LOOKS", 1)
    payee = office.treasury.payee(5_000)
    path = office.failed()
    with unit_of_work() as session:
        account = session.scalars(select(LedgerAccount).where(LedgerAccount.owner_id == payee.person)).one()
        session.get_one(Person, payee.person).name = "Planted Name"
    addresses = (
        "/runs", "/runs.csv", "/runs/new", path, f"{path}/file.csv", f"{path}/payouts.csv", f"{path}/progress",
        "/runs/limits", "/runs/limits.csv", "/runs/holds", "/runs/holds.csv", "/runs/unpayable", "/runs/unpayable.csv?currency=USD",
        "/runs/negative-balances", "/runs/negative-balances.csv",
        "/ledger", "/ledger.csv", "/ledger/kinds/payee/USD", "/ledger/kinds/payee/USD/accounts.csv",
        f"/ledger/{account.id}", f"/ledger/{account.id}/statement.csv", "/checks", "/checks/differences.csv",
    )  # fmt: skip
    for who in (payee, office.treasury.person(role=Role.MANAGER), office.treasury.person(role=Role.CURATOR)):
        answers = [at_page(who).get(address) for address in addresses]
        assert {answer.status_code for answer in answers} <= {403, 404}
        assert not any("Planted Name" in answer.text and who is not payee for answer in answers)
    for address in addresses:
        answer = office.flos.get(address)
        assert answer.status_code in {200, 204}, answer.text
    guest = caller()
    guest.headers.update(PAGE)
    guest.follow_redirects = False
    assert {guest.get(address).headers.get("location") for address in addresses} == {"/sign-in"}
    deeds = (f"{path}/release", f"{path}/resume", f"{path}/again", "/runs/limits", "/runs/holds", "/checks/reconciliation")
    form = {"once": new_id().hex, "currency": "USD", "most_per_run": "1", "most_per_person": "1", "email": "a@example.org", "reason": "x"}
    assert {at_page(payee).post(deed, data=form).status_code for deed in deeds} <= {403, 404}
    assert (count(RunLimits), state_of(path)) == (0, "released")


def reader_of(who: Actor) -> Reader:
    with unit_of_work() as session:
        reader = Reader(None, session, who, now())  # type: ignore[arg-type]
        assert (reader.locale, reader.zone.key) == ("en", "UTC")
    return reader


def test_progress_is_told_while_a_run_is_sent_and_ends_with_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_progress, "SECONDS_BETWEEN_LOOKS", 0)
    office.treasury.payee(5_000), office.treasury.payee(7_000)
    path = office.failed()
    run_id = item_of(path).run_id

    async def follow() -> list[str]:
        told: list[str] = []
        async for said in run_progress.told(run_id, reader_of(office.fay)):
            told.append(said)
            if len(told) == 2:
                office.fays.post(f"{path}/pause", data={"reason": "Look.", "_page": path})
        return told

    first, second, last = waited_for(follow())
    assert first.startswith("data: ")
    assert ("2 of 2 payments are settled (100 percent)." in first, first.count("\n")) == (True, 2)
    assert (second, last) == (run_progress.STILL_THERE, run_progress.OVER)
    assert office.fays.get(f"{path}/progress").status_code == 204


def test_progress_ends_for_someone_who_is_not_in_finance_any_more(office: Office) -> None:
    office.treasury.payee()
    path = office.released()
    with unit_of_work() as session:
        session.execute(text("delete from role_grant where person_id = :who"), {"who": office.fay.person})
    with unit_of_work() as session:
        run_id = session.scalars(select(PayoutRun.id)).one()
    assert (run_progress.look(run_id, reader_of(office.fay)), state_of(path)) == (None, "released")


def test_no_page_asks_more_the_more_there_is(office: Office) -> None:
    office.treasury.payee(5_000)
    path = office.failed()
    with unit_of_work() as session:
        account = session.scalars(select(LedgerAccount.id).where(LedgerAccount.kind == "payout_clearing")).one()
    addresses = ("/runs", "/runs/new", path, "/ledger", f"/ledger/{account}", "/ledger/kinds/payee/USD", "/runs/holds", "/runs/unpayable")
    few = {address: statements(lambda address=address: office.fays.get(address)) for address in addresses}  # type: ignore[misc]
    with unit_of_work() as session:
        run = session.scalars(select(PayoutRun)).one()
        for number in range(30):
            person = Person(email=f"more{number}@example.org", name=f"More {number}", country="US")
            other = PayoutRun(currency="USD", route="stripe_connect", sequence=f"more {number}", quoted_at=now())
            session.add_all([person, other])
            session.flush()
            failed = {"currency": "USD", "amount": 100, "destination": "acct", "transfer_group": "g", "state": "failed"}
            session.add_all([Payout(run_id=each.id, person_id=person.id, **failed) for each in (run, other)])
            session.add(Hold(person_id=person.id, reason="account_closed", placed_at=now()))
    for number in range(3):
        office.treasury.earn(office.treasury.person("FR").person, 1_000 + number)
    many = {address: statements(lambda address=address: office.fays.get(address)) for address in addresses}  # type: ignore[misc]
    assert many == few

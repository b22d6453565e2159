"""What is recorded is without secrets and persons, and finds where a simulator answers otherwise."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from campaigns.payments import stripe_gateway
from sandbox.stripe import endpoints
from tests.contract.calls import called, not_asked
from tests.contract.cases import PUBLISHED, SENDGRID, STRIPE
from tests.contract.document import DOCUMENT, EVERY, table
from tests.contract.lines import Answer, Exchange, StripeLine
from tests.contract.recording import differences, note_run, pairs_of, record, recorded
from tests.contract.sides import ABROAD, ADDRESS, DESTINATION, EURO, PAID_OUT, Keys

DAY = date(2026, 12, 1)
CASE = EVERY[0]


def exchange(body: Any, status: int = 200) -> Exchange:
    given = {"email": "ana@example.org", "account": "acct_1Nv0FGQ9RKHgCVdK"}
    return Exchange("POST", "/v1/accounts/acct_1Nv0FGQ9RKHgCVdK", given, Answer(status, body, {"stripe-version": "v", "set-cookie": "x"}))


def pair_of(one: Exchange) -> Any:
    return pairs_of([one])[0]


def test_every_case_has_a_sentence_and_rests_on_a_published_page() -> None:
    for case in EVERY:
        assert case.says.endswith("."), case
        assert case.reference.startswith(PUBLISHED), case
        assert len(case.says) > 20


def test_a_recording_says_its_version_and_it_is_the_one_that_callboard_speaks(to_simulated_stripe: StripeLine) -> None:
    to_simulated_stripe.ok("GET", "/v1/balance")
    (pair,) = pairs_of(to_simulated_stripe.exchanges)
    assert pair["headers"]["stripe-version"] == stripe_gateway.API_VERSION


def test_the_document_names_that_version_and_the_one_of_the_description() -> None:
    words = DOCUMENT.read_text()
    assert [f"`{version}`" in words for version in (stripe_gateway.API_VERSION, endpoints.API_VERSION)] == [True, True]


def test_every_subject_of_the_contract_has_a_case() -> None:
    asked = {
        STRIPE: "account country capabilit link transfer reversed charge declined customer invoice void uncollectible bank credit refund "
        "balance top_up payout arrive conver dispute evidence fraud cash euro agreement endpoint key parameter page expand error 404 401 "
        "429 event clock version signature again kind reserve side fails pending past_due",
        SENDGRID: "mail sandbox nobody thousand 413 custom 401 404 limit webhook sender domain group list batch scope may_do signed again "
        "called activity announcement",
    }
    for provider, subjects in asked.items():
        told = " ".join(f"{case.name} {case.says}".lower() for case in EVERY if case.provider == provider)
        assert [each for each in subjects.split() if each.replace("_", " ") not in told and each not in told] == []


@pytest.mark.parametrize(("provider", "least"), [(STRIPE, 50), (SENDGRID, 15)])
def test_every_call_of_ours_is_asked_in_a_case(provider: str, least: int) -> None:
    assert len(called(provider)) >= least, "the sources are read, and calls are found in them"
    assert not_asked(provider) == {}


def test_a_call_that_no_case_asks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.contract.calls.asked", lambda: {("GET", "/v1/invoices/{}"), ("GET", "/v1/country_specs/US")})
    left = not_asked(STRIPE)
    assert left["POST", "/v1/invoices/{}/finalize"] == "stripe_gateway.py"
    assert {("GET", "/v1/invoices/{}"), ("GET", "/v1/country_specs/{}")}.isdisjoint(left)


def test_a_pair_is_kept_with_its_day_and_without_secrets_and_persons(tmp_path: Path) -> None:
    body = {
        "id": "acct_1Nv0FGQ9RKHgCVdK", "secret": "whsec_abc", "client_secret": "pi_1_secret_2", "email": "ana@example.org",
        "hosted_invoice_url": "https://x", "last4": "4242", "other": "Write to ana@example.org about cus_Na6dX7aXxi11N4", "amount": 5,
        "cash": "ccsbtxn_1Kw5V2Qf0JZ8",
        "individual": {"first_name": "Ana", "phone": "1"}, "address": {"city": "Ana"}, "metadata": {"who": "Ana"},
        "owner": "cus_Na6dX7aXxi11N4",
    }  # fmt: skip
    (kept,) = recorded(record(CASE, [exchange(body)], on=DAY, home=tmp_path).parents[1])
    words = json.dumps(kept)
    assert (kept["case"], kept["on"], kept["reference"]) == (str(CASE), "2026-12-01", CASE.reference)
    assert [each for each in ("ana@", "whsec", "4242", "Ana", "1Nv0", "Na6d", "1Kw5", "cookie", "https://x") if each in words] == []
    (pair,) = kept["pairs"]
    assert pair["body"]["id"] == pair["given"]["account"]
    assert pair["body"]["owner"] in pair["body"]["other"]
    assert pair["body"]["amount"] == 5


def test_of_a_question_that_was_put_again_the_last_answer_is_kept() -> None:
    said = [exchange({"status": status}) for status in ("advancing", "advancing", "ready")]
    assert [each["body"]["status"] for each in pairs_of(said)] == ["ready"]
    assert pair_of(exchange({"code": "card_declined", "capabilities": {"card_payments": "active"}}))["body"]["code"] == "card_declined"


@pytest.mark.parametrize(
    ("body", "status", "found"),
    [
        ({"id": "x", "amount": 7, "data": [{"a": "z"}]}, 200, []),
        ({"id": "x", "amount": None, "data": []}, 200, []),
        ({"id": "x", "amount": "7"}, 200, ["body.amount is str instead of int"]),
        ({"id": "x", "colour": 1}, 200, ["body.colour is not the provider's"]),
        ({"id": "x", "data": [{"a": 1}]}, 200, ["body.data[].a is int instead of str"]),
        ({"error": {"type": "t"}}, 400, ["status 400 instead of 200"]),
    ],
)
def test_an_answer_of_another_shape_is_found(body: Any, status: int, found: list[str]) -> None:
    theirs = pair_of(exchange({"id": "y", "amount": 5, "data": [{"a": "b"}], "more": 1}))
    assert differences(theirs, pair_of(exchange(body, status))) == found


def test_a_refusal_is_laid_beside_another_by_type_code_and_parameter() -> None:
    said = {"type": "invalid_request_error", "code": "parameter_missing", "param": "amount", "message": "Missing required param: amount."}
    theirs = pair_of(exchange({"error": said}, 400))
    assert differences(theirs, pair_of(exchange({"error": {**said, "message": "Give it."}}, 400))) == []
    assert len(differences(theirs, pair_of(exchange({"error": {**said, "code": "parameter_unknown"}}, 400)))) == 1


def test_the_last_run_is_kept_by_provider(tmp_path: Path) -> None:
    path = tmp_path / "last_run.json"
    note_run(STRIPE, 3, [], on=DAY, path=path)
    note_run(SENDGRID, 2, ["a"], on=DAY, path=path)
    assert json.loads(path.read_text()) == {
        STRIPE: {"on": "2026-12-01", "passed": 3, "failed": []}, SENDGRID: {"on": "2026-12-01", "passed": 2, "failed": ["a"]},
    }  # fmt: skip


def test_without_a_key_the_run_says_so_and_a_live_key_is_refused() -> None:
    assert [sentence.split("itself: ")[1].split(" ")[0] for sentence in Keys.of({}).not_asked()] == [
        "STRIPE_CONTRACT_KEY", "SENDGRID_CONTRACT_KEY",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="no test key"):
        Keys.of({"STRIPE_CONTRACT_KEY": "sk_live_1"})


def test_with_a_key_the_run_names_what_its_cases_lack() -> None:
    keys = {"STRIPE_CONTRACT_KEY": "sk_test_1", "SENDGRID_CONTRACT_KEY": "SG.1"}
    given = Keys.of({**keys, ABROAD: "acct_1"})
    assert [sentence.split(" were")[0] for sentence in given.not_asked()] == [
        f"The cases that need {name}" for name in (DESTINATION, PAID_OUT, EURO, ADDRESS)
    ]
    assert [given.lacks(STRIPE, needs) for needs in (DESTINATION, ABROAD, "")] == [DESTINATION, "", ""]


def test_the_document_lists_the_cases_as_they_are() -> None:
    assert table() in DOCUMENT.read_text(), "python -m tests.contract writes it anew"

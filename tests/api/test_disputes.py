"""Disputes over HTTP and in a browser: finance sees and answers them, the brand and who runs the campaign read what holds."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from campaigns import needs
from campaigns.brief.disputes import answering
from campaigns.brief.disputes.noting import look_at_dispute, look_at_warning
from campaigns.core.db import unit_of_work
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from tests.api.caller import caller, token_of
from tests.api.visiting import PAGE, seen, value_of
from tests.campaigns.brief.billing import TOTAL
from tests.campaigns.brief.disputes.disputing import books, disputed_campaign, paid, payments_of, row
from tests.treasury import Treasury, now, treasury

__all__ = ["treasury"]
API = "/api/v1"
WORDS = {"uncategorized_text": "It was ordered, delivered and approved."}


@pytest.fixture
def fay(treasury: Treasury) -> Actor:
    return treasury.person(role=Role.FINANCE)


def over_http(who: Actor) -> TestClient:
    with unit_of_work() as session:
        return caller(token_of(session, who))


def at_page(who: Actor) -> TestClient:
    client = over_http(who)
    client.headers.update(PAGE)
    client.follow_redirects = False
    return client


def needs_of(who: Actor) -> list[tuple[str, str, str]]:
    with unit_of_work() as session:
        return [(need.code, need.message, need.address) for need in needs.needs(session, by=who, at=now())]


def test_a_dispute_is_listed_answered_once_and_decided_over_http(treasury: Treasury, fay: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    client = over_http(fay)
    [listed] = client.get(f"{API}/disputes?open=true").json()["items"]
    about = (listed["provider_id"], listed["amount"], listed["status"], listed["reason"])
    assert about == (provider_id, TOTAL, "needs_response", "fraudulent")
    here = f"{API}/disputes/{listed['id']}"
    whole = client.get(here).json()
    assert (whole["evidence"], whole["suggested"]["customer_email_address"]) == ({}, "invoices@zappos.example")
    assert client.put(f"{here}/evidence", json={"evidence": WORDS}).json()["drafted_at"]
    assert client.get(here).json()["evidence"] == WORDS
    assert client.post(f"{here}/answer", json={}).status_code == 202
    again = client.post(f"{here}/answer", json={})
    assert (again.status_code, again.json()["code"]) == (409, "AnsweredAlready")
    treasury.keep("dispute_answer", answering.answer)
    treasury.stripe.at_the_bank(provider_id, "lose")
    look_at_dispute(provider_id)
    assert client.get(f"{API}/disputes?open=true").json()["items"] == []
    assert [each["status"] for each in client.get(f"{API}/disputes?open=false").json()["items"]] == ["lost"]
    assert client.post(f"{here}/bear", json={"reason": "The brand is bankrupt."}).status_code == 200


def test_finance_reads_the_deadline_saves_a_draft_and_hands_it_in_on_the_page(treasury: Treasury, fay: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    client, path = at_page(fay), f"/disputes/{row(provider_id).id}"
    assert needs_of(fay)[0][::2] == ("dispute", path)
    assert needs_of(fay)[0][1].startswith("Hand in evidence by ")
    page = seen(client.get(path))
    for words in ("8 days are left.", made.brand.name, "signed the agreement for legal", "$74,000.00", "Accept the dispute …"):
        assert words in page, words
    assert "Hand in the draft" not in page
    saved = client.post(f"{path}/evidence", data=WORDS | {"_page": path})
    assert (saved.status_code, row(provider_id).evidence) == (303, WORDS)
    form = {"once": value_of(seen(client.get(path)), "once"), "_page": path}
    assert [client.post(f"{path}/answer", data=form).status_code for _twice in range(2)] == [303, 303]
    assert treasury.keep("dispute_answer", answering.answer) == 1
    assert (row(provider_id).status, needs_of(fay)) == ("under_review", [])
    page = seen(client.get(path))
    assert "It was ordered, delivered and approved." in page
    assert "Save draft" not in page


def test_what_is_lost_is_written_off_on_the_page(treasury: Treasury, fay: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    client, path = at_page(fay), f"/disputes/{row(provider_id).id}"
    form = {"once": value_of(seen(client.get(path)), "once"), "_page": path}
    assert client.post(f"{path}/accept", data=form).status_code == 303
    treasury.keep("dispute_answer", answering.answer)
    page = seen(client.get(path))
    assert "Still owed by the brand: $74,000.00" in page
    assert client.post(f"{path}/bear", data={"once": value_of(page, "once"), "_page": path, "reason": "Bankrupt."}).status_code == 303
    assert books(made) == {"held": TOTAL, "dispute_losses": TOTAL}


def test_the_list_is_filtered_and_downloaded(treasury: Treasury, fay: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    client = at_page(fay)
    assert "$74,000.00" in seen(client.get("/disputes"))
    assert "$74,000.00" in seen(client.get("/disputes?show=open"))
    assert "No disputes" in seen(client.get("/disputes?show=closed"))
    assert provider_id in client.get("/disputes.csv").text


def test_a_warning_is_shown_to_finance_with_what_to_do_and_to_nobody_else(treasury: Treasury, fay: Actor) -> None:
    made = paid(TOTAL)
    treasury.stripe.at_the_bank(payments_of(made)[0].charge, "warning")
    look_at_warning(treasury.stripe.client.v1.radar.early_fraud_warnings.list().data[0].id)
    sentence = "goes back the way it came, before it becomes a dispute"
    assert [code for code, _message, _path in needs_of(fay)] == ["fraud_warning"]
    assert sentence in seen(at_page(fay).get("/disputes"))
    funding = f"/campaigns/{made.id}/funding"
    assert sentence in seen(at_page(fay).get(funding))
    assert sentence not in seen(at_page(made.manager).get(funding))
    assert [each["kind"] for each in over_http(fay).get(f"{API}/disputes/warnings").json()["items"]] == ["made_with_stolen_card"]


def test_the_brand_and_who_runs_the_campaign_read_what_holds_and_reach_no_dispute(treasury: Treasury, fay: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    funding, here = f"/campaigns/{made.id}/funding", row(provider_id).id
    for who in (made.manager, *made.signers.values()):
        page = seen(at_page(who).get(funding))
        assert "$74,000.00 of this campaign is in dispute" in page
        assert f"/disputes/{here}" not in page
        assert at_page(who).get(f"/disputes/{here}").status_code == 404
    assert f"/disputes/{here}" in seen(at_page(fay).get(funding))
    told = over_http(made.manager).get(f"{API}/campaigns/{made.id}/funding").json()
    assert (told["held"], told["disputed"], told["unrecovered"]) == (TOTAL, TOTAL, 0)
    stranger = treasury.person()
    for path in ("/disputes", f"/disputes/{here}", "/disputes.csv"):
        assert at_page(stranger).get(path).status_code in (403, 404), path


def test_after_its_day_there_is_no_form_any_more(treasury: Treasury, fay: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    treasury.pass_time(timedelta(days=10))
    assert "Save draft" not in seen(at_page(fay).get(f"/disputes/{row(provider_id).id}"))

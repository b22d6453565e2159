"""Disputes over HTTP and in a browser: finance sees and answers them, the brand and who runs the campaign read what holds."""

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from campaigns.core import tokens
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.oversight import needs
from tests.api.caller import caller, token_of
from tests.api.visiting import PAGE, fault, seen, value_of
from tests.campaigns.brief.billing import TOTAL
from tests.campaigns.brief.disputes.disputing import books, disputed_campaign, paid, payments_of, row
from tests.evidence import paper, picture
from tests.treasury import Treasury, now, treasury
from workers.brief.disputes import look_at_dispute, look_at_warning
from workers.gateways import by_stripe
from workers.transactions import unit_of_work

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
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    treasury.stripe.at_the_bank(provider_id, "lose")
    look_at_dispute(by_stripe(), provider_id)
    assert client.get(f"{API}/disputes?open=true").json()["items"] == []
    assert [each["status"] for each in client.get(f"{API}/disputes?open=false").json()["items"]] == ["lost"]
    assert client.post(f"{here}/bear", json={"reason": "The brand is bankrupt."}).status_code == 200


def test_finance_reads_the_deadline_saves_a_draft_and_hands_it_in_on_the_page(treasury: Treasury, fay: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    client, path = at_page(fay), f"/disputes/{row(provider_id).id}"
    assert needs_of(fay)[0][::2] == ("dispute", path)
    assert needs_of(fay)[0][1].startswith("Submit evidence by ")
    page = seen(client.get(path))
    for words in ("8 days are left.", made.brand.name, "signed the agreement for legal", "$74,000.00", "Accept the dispute …"):
        assert words in page, words
    assert "Submit the draft" not in page
    saved = client.post(f"{path}/evidence", data=WORDS | {"_page": path})
    assert (saved.status_code, row(provider_id).evidence) == (303, WORDS)
    form = {"once": value_of(seen(client.get(path)), "once"), "_page": path}
    assert [client.post(f"{path}/answer", data=form).status_code for _twice in range(2)] == [303, 303]
    assert treasury.handle(OutboxKind.DISPUTE_ANSWER) == 1
    assert (row(provider_id).status, needs_of(fay)) == ("under_review", [])
    page = seen(client.get(path))
    assert "It was ordered, delivered and approved." in page
    assert "Save draft" not in page


def test_files_are_attached_read_replaced_removed_and_handed_in_over_http(treasury: Treasury, fay: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    client, here = over_http(fay), f"{API}/disputes/{row(provider_id).id}"
    sent = {"field": "customer_signature"}, {"file": ("signed.pdf", paper(2), "application/pdf")}
    first, again = (client.post(f"{here}/files", data=sent[0], files=sent[1]).json() for _twice in range(2))
    assert (first["name"], first["mime"], first["pages"], first["bytes"]) == ("signed.pdf", "application/pdf", 2, len(paper(2)))
    assert (again["added_at"], again["sha256"]) == (first["added_at"], first["sha256"])
    read = client.get(first["url"])
    assert (read.content, read.headers["content-type"]) == (paper(2), "application/octet-stream")
    client.post(f"{here}/files", data={"field": "receipt"}, files={"file": ("receipt.png", picture())})
    assert [client.delete(f"{here}/files/receipt").status_code for _twice in range(2)] == [204, 404]
    assert [file["field"] for file in client.get(here).json()["files"]] == ["customer_signature"]
    assert client.post(f"{here}/answer", json={}).status_code == 202
    assert client.post(f"{here}/files", data=sent[0], files=sent[1]).json()["code"] == "AnsweredAlready"
    assert client.delete(f"{here}/files/customer_signature").json()["code"] == "AnsweredAlready"
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    assert treasury.stripe.client.v1.disputes.retrieve(provider_id).evidence.customer_signature


@pytest.mark.parametrize(
    ("field", "content", "code", "where"),
    [
        ("receipt", b"<html>", "NotEvidence", "receipt"),
        ("receipt", paper(50), "TooManyPages", "receipt"),
        ("shoe_size", paper(), "Invalid", "field"),
    ],
    ids=["html", "pages", "field"],
)
def test_a_file_that_a_bank_does_not_read_is_refused_over_http(
    treasury: Treasury, fay: Actor, field: str, content: bytes, code: str, where: str
) -> None:
    _made, provider_id = disputed_campaign(treasury)
    client, here = over_http(fay), f"{API}/disputes/{row(provider_id).id}"
    refused = client.post(f"{here}/files", data={"field": field}, files={"file": ("a.pdf", content)})
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (400, code, where)


def test_nobody_but_finance_attaches_or_removes_a_file_over_http(treasury: Treasury, fay: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    here = f"{API}/disputes/{row(provider_id).id}/files"
    with unit_of_work() as session:
        token, secret = tokens.issue_token(session, fay.person, "revoked")
        token.revoked_at = token.created_at
    known = [over_http(who) for who in (made.manager, *made.signers.values(), treasury.person())]
    for client, attaching, removing in (*((each, 404, 404) for each in known), (caller(), 403, 401), (caller(secret), 403, 401)):
        sent = client.post(here, data={"field": "receipt"}, files={"file": ("receipt.png", picture())})
        assert (sent.status_code, client.delete(f"{here}/receipt").status_code) == (attaching, removing)


NO_FILE = {"receipt": ("", b""), "refund_policy": ("", b"")}


def test_finance_attaches_files_beside_what_it_writes_and_removes_one_by_its_button(treasury: Treasury, fay: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    client, path = at_page(fay), f"/disputes/{row(provider_id).id}"
    before = seen(client.get(path))
    assert 'enctype="multipart/form-data"' in before
    assert "Maximum for all files together: 4.5 MB and 49 pages." in before
    form = WORDS | {"_page": path}
    chosen = NO_FILE | {"receipt": ("receipt <b>.png", picture()), "customer_signature": ("signed.pdf", paper(3))}
    assert [client.post(f"{path}/evidence", data=form, files=chosen).status_code for _twice in range(2)] == [303, 303]
    page = seen(client.get(path))
    for words in ("receipt &lt;b&gt;.png", "signed.pdf", "3 pages", "1 page", f"added by {fay.name}", 'name="remove" value="receipt"'):
        assert words in page, words
    assert "Stripe sends the saved draft and 2 files to the bank." in page
    taken = form | {"remove": "receipt", "customer_name": "Zappos"}
    assert [client.post(f"{path}/evidence", data=taken, files=NO_FILE).status_code for _twice in range(2)] == [303, 303]
    page = seen(client.get(path))
    assert ("receipt &lt;b&gt;.png" in page, "signed.pdf" in page) == (False, True)
    assert row(provider_id).evidence == WORDS | {"customer_name": "Zappos"}


def test_a_file_that_is_refused_on_the_page_says_so_at_its_field_and_keeps_what_was_typed(treasury: Treasury, fay: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    client, path = at_page(fay), f"/disputes/{row(provider_id).id}"
    sent = client.post(f"{path}/evidence", data=WORDS | {"_page": path}, files={"receipt": ("receipt.pdf", b"<html>")})
    assert (sent.status_code, row(provider_id).drafted_at) == (400, None)
    assert fault(sent.text, "receipt") == "A bank cannot open “receipt.pdf”: send a PDF, JPEG or PNG."
    assert WORDS["uncategorized_text"] in sent.text


def test_what_was_handed_in_is_listed_with_a_link_to_each_file(treasury: Treasury, fay: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    client, path = at_page(fay), f"/disputes/{row(provider_id).id}"
    client.post(f"{path}/evidence", data=WORDS | {"_page": path}, files={"customer_signature": ("signed.pdf", paper())})
    form = {"once": value_of(seen(client.get(path)), "once"), "_page": path}
    assert client.post(f"{path}/answer", data=form).status_code == 303
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    page = seen(client.get(path))
    link = re.search(r'href="(/files/[^"]+)" download><bdi>signed.pdf</bdi>', page)
    assert link
    assert client.get(link[1]).content == paper()
    assert ('type="file"' in page, 'name="remove"' in page) == (False, False)


def test_what_is_lost_is_written_off_on_the_page(treasury: Treasury, fay: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    client, path = at_page(fay), f"/disputes/{row(provider_id).id}"
    form = {"once": value_of(seen(client.get(path)), "once"), "_page": path}
    assert client.post(f"{path}/accept", data=form).status_code == 303
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
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
    look_at_warning(by_stripe(), treasury.stripe.client.v1.radar.early_fraud_warnings.list().data[0].id)
    sentence = "If it did not make the payment"
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

"""A campaign begun and its brief written step by step, as people meet it in a browser."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.people import Brand, Scope
from campaigns.core.permissions import Role
from campaigns.payments import own_rules
from campaigns.payments.own_rules import MINIMUMS, Minimum
from campaigns.payments.routes import LAUNCH
from tests import factories
from tests.api.brief_stage import at, change, written
from tests.api.visiting import be, browser, fault, in_one_line, make, seen, value_of
from tests.factories import Partnership, someone
from workers.transactions import unit_of_work

STEPS = ("words", "dates", "deliverables", "pay", "fees", "terms")
ATTACK = '<script>alert("x")</script>'


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with browser() as client:
        yield client


def send(client: TestClient, made: Partnership, step: str, typed: Mapping[str, Any], then: str = "stay") -> Any:
    page = at(made, f"/{step}")
    version = typed.get("version") or value_of(client.get(page).text, "version")
    return client.post(page, data={"_page": page, "then": then, **typed, "version": version})


PAY = {"assembly": "5", "contains": "30", "influenced_by": "10"}
WORDS = {"title": "Letters to the sea", "story": "Why the sea.", "asked_for": "Letters.", "do_list": "Short\n\nTrue ", "dont_list": ""}


# Begun


def test_a_campaign_is_begun_once_however_often_its_form_is_sent(client: TestClient) -> None:
    made = make(factories.new_campaign)
    form = {"_page": "/campaigns/new", "brand": str(made.brand.id), "title": "Snow"}
    form["once"] = value_of(be(client, made.manager).get("/campaigns/new").text, "once")
    first, again = client.post("/campaigns/new", data=form), client.post("/campaigns/new", data=form)
    assert (first.status_code, first.headers["location"]) == (303, again.headers["location"])
    with unit_of_work() as session:
        [begun] = session.scalars(select(Campaign).where(Campaign.title == "Snow")).all()
    assert first.headers["location"] == f"/campaigns/{begun.id}/brief/words"


def test_a_campaign_without_a_title_keeps_its_brand_and_says_so_beside_the_field(client: TestClient) -> None:
    made = make(factories.new_campaign)
    once = value_of(be(client, made.manager).get("/campaigns/new").text, "once")
    form = {"_page": "/campaigns/new", "brand": str(made.brand.id), "title": " ", "once": once}
    answer = client.post("/campaigns/new", data=form)
    assert (answer.status_code, fault(answer.text, "title")) == (400, "A campaign needs a title.")
    assert value_of(answer.text, "once") == once


def test_a_client_is_taken_on_with_those_who_sign_for_it(client: TestClient) -> None:
    made = make(factories.new_campaign)
    once = value_of(be(client, made.manager).get("/brands/new").text, "once")
    answer = client.post(
        "/brands/new", data={"once": once, "name": "Aurelle", "sign_off_roles": "Marketing\n\nlegal ", "billing_email": ""}
    )
    with unit_of_work() as session:
        brand = session.scalars(select(Brand).where(Brand.name == "Aurelle")).one()
    assert (answer.headers["location"], brand.sign_off_roles) == (f"/campaigns/new?brand={brand.id}", ["marketing", "legal"])
    assert f'value="{brand.id}" selected' in client.get(answer.headers["location"]).text


def test_only_who_begins_campaigns_meets_the_form_for_one(client: TestClient) -> None:
    made = make(factories.new_campaign)
    for who in (made.finance, made.signers["legal"]):
        assert (be(client, who).get("/campaigns/new").status_code, client.get("/brands/new").status_code) == (403, 403)


def test_who_manages_one_brand_is_offered_that_one_alone(client: TestClient) -> None:
    made, other = make(factories.new_campaign), make(factories.new_campaign)
    with unit_of_work() as session:
        ivo = someone(session, Role.MANAGER, "Ivo", on=Scope(brand_id=made.brand.id))
    page = be(client, ivo).get("/campaigns/new").text
    assert (str(made.brand.id) in page, str(other.brand.id) in page, "/brands/new" in page) == (True, False, False)


# Written


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_for_its_managers_alone(client: TestClient, step: str) -> None:
    made, page = make(factories.filled_brief), f"/{step}"
    assert seen(be(client, made.manager).get(at(made, page)))
    assert be(client, made.signers["legal"]).get(at(made, page)).status_code == 403
    with unit_of_work() as session:
        stranger = factories.person(session)
    assert be(client, stranger).get(at(made, page)).status_code in {403, 404}


def test_what_is_typed_is_kept_and_the_steps_say_what_is_still_missing(client: TestClient) -> None:
    made = make(factories.new_campaign)
    page = seen(be(client, made.manager).get(at(made, "/words")))
    assert "The story, What we ask for" in page
    answer = send(client, made, "words", WORDS, then="next")
    assert (answer.status_code, answer.headers["location"]) == (303, at(made, "/dates"))
    now = written(made)
    assert (now.campaign.title, now.brief.story, now.brief.do_list, now.brief.dont_list) == (
        "Letters to the sea", "Why the sea.", ["Short", "True"], [],
    )  # fmt: skip
    assert "The story, What we ask for" not in seen(client.get(at(made, "/words")))


def test_dates_are_typed_on_the_clock_of_the_stated_zone_and_may_be_taken_out_again(client: TestClient) -> None:
    made = make(factories.new_campaign)
    be(client, made.manager)
    year = datetime.now(ZoneInfo("UTC")).year + 1
    typed = {"time_zone": "Asia/Tokyo", "call_closes_at": f"{year}-07-01T18:00", "go_live_at": f"{year}-08-01T09:00"}
    assert send(client, made, "dates", typed).status_code == 303
    brief = written(made).brief
    assert brief.call_closes_at == datetime(year, 7, 1, 18, tzinfo=ZoneInfo("Asia/Tokyo"))
    page = seen(client.get(at(made, "/dates")))
    assert f'value="{year}-07-01T18:00"' in page
    assert "Buffer before go-live" in page
    send(client, made, "dates", typed | {"go_live_at": ""})
    assert written(made).brief.go_live_at is None


def test_dates_that_are_empty_are_planned_back_from_go_live_and_no_others(client: TestClient) -> None:
    made = make(factories.new_campaign)
    be(client, made.manager)
    answer = send(client, made, "dates", {"time_zone": "Europe/Paris"}, then="plan")
    assert (answer.status_code, fault(answer.text, "go_live_at")) == (
        400, "Enter the go-live date first. The other dates are planned back from it.",
    )  # fmt: skip
    year, paris = datetime.now(ZoneInfo("UTC")).year + 1, ZoneInfo("Europe/Paris")
    typed = {"time_zone": "Europe/Paris", "go_live_at": f"{year}-04-10T09:00", "delivery_due_at": f"{year}-04-08T18:00"}
    assert send(client, made, "dates", typed, then="plan").headers["location"] == at(made, "/dates")
    brief = written(made).brief
    # Over the change to summer time it stays nine in the morning.
    assert (brief.call_closes_at, brief.collaboration_closes_at, brief.curation_due_at, brief.delivery_due_at) == (
        datetime(year, 3, 13, 9, tzinfo=paris), datetime(year, 3, 20, 9, tzinfo=paris),
        datetime(year, 3, 27, 9, tzinfo=paris), datetime(year, 4, 8, 18, tzinfo=paris),
    )  # fmt: skip


def test_a_date_that_crosses_another_is_refused_beside_its_field_by_their_names(client: TestClient) -> None:
    made = make(factories.filled_brief)
    be(client, made.manager)
    before = written(made).hash
    early = written(made).brief.call_closes_at
    assert early
    typed = {"time_zone": "UTC", "call_closes_at": f"{early:%Y-%m-%dT%H:%M}", "go_live_at": f"{early - timedelta(days=1):%Y-%m-%dT%H:%M}"}
    answer = send(client, made, "dates", typed)
    assert (answer.status_code, fault(answer.text, "go_live_at")) == (400, "“Go-live” must be after “Call closes”.")
    assert (typed["go_live_at"] in answer.text, written(made).hash) == (True, before)


def test_percents_are_typed_as_people_write_them(client: TestClient) -> None:
    made = make(factories.filled_brief)
    be(client, made.manager)
    assert send(client, made, "pay", PAY | {"assembly": "2,5 %"}, then="next").headers["location"] == at(made, "/fees")
    fees = {"fee_bps": "12.5", "reserve_bps": "33", "kill_fee_before_changes_bps": "0", "kill_fee_after_changes_bps": "50"}
    assert send(client, made, "fees", fees | {"kill_fee_approved_bps": "100"}).status_code == 303
    brief = written(made).brief
    assert (str(brief.assembly), brief.fee_bps, brief.kill_fee_after_changes_bps) == ("0.0250", 1250, 5000)
    page = client.get(at(made, "/pay")).text
    assert 'value="2.5"' in page


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"contains": "95"}, "contains", "The shares to source contributions and to influences must add up to less than 100%."),
        ({"assembly": "100"}, "assembly", "Enter a number below 100."),
        ({"assembly": "half"}, "assembly", "Enter a number, like 12.5."),
        ({"influenced_by": "1.234"}, "influenced_by", "Enter a number, like 12.5."),
        ({"contains": "-1"}, "contains", "Enter 0 or more."),
    ],
)
def test_a_percent_out_of_range_is_refused_beside_its_field(client: TestClient, typed: dict[str, str], field: str, sentence: str) -> None:
    made = make(factories.filled_brief)
    before = written(made).hash
    answer = send(be(client, made.manager), made, "pay", PAY | typed)
    assert (answer.status_code in {400, 422}, (fault(answer.text, field) or "").startswith(sentence)) == (True, True)
    assert (f'value="{typed[field]}"' in answer.text, written(made).hash) == (True, before)


def test_the_worked_example_follows_the_numbers_that_are_typed_and_saves_none_of_them(client: TestClient) -> None:
    made = make(factories.filled_brief)
    be(client, made.manager)
    before = written(made).hash
    page = seen(client.get(at(made, "/pay")))
    # 30,000.00: film 3 of 4 points passes 30 % to the story, song 1 of 4 passes 10 % to the picture.
    assert ("$15,750.00" in page, "$6,750.00" in page, "$750.00" in page) == (True, True, True)
    page = seen(client.get(at(made, "/example"), params={"assembly": "10", "contains": "50", "influenced_by": "0"}))
    assert ("$10,125.00" in page, "$6,750.00" in page, "$3,000.00" in page) == (True, True, True)
    assert written(made).hash == before


def test_what_someone_else_wrote_meanwhile_is_shown_beside_what_was_typed(client: TestClient) -> None:
    made = make(factories.filled_brief)
    be(client, made.manager)
    seen_version = value_of(client.get(at(made, "/pay")).text, "version")
    change(made, contains="0.2")
    answer = send(client, made, "pay", PAY | {"contains": "40", "version": seen_version})
    page = in_one_line(answer)
    assert (answer.status_code, "Someone else has edited this brief since you opened it" in page) == (409, True)
    assert '<td class="told">40</td><td class="told">20</td>' in page
    assert str(written(made).brief.contains) == "0.2000"
    again = client.post(at(made, "/pay"), data=PAY | {"contains": "40", "version": value_of(page, "version"), "then": "stay"})
    assert (again.status_code, str(written(made).brief.contains)) == (303, "0.4000")


def test_the_same_step_sent_twice_is_no_conflict(client: TestClient) -> None:
    made = make(factories.filled_brief)
    version = value_of(be(client, made.manager).get(at(made, "/pay")).text, "version")
    answers = [send(client, made, "pay", PAY | {"version": version}) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]


def test_a_brief_that_is_signed_is_saved_by_its_button_alone(client: TestClient) -> None:
    made, signed = make(factories.filled_brief), make(factories.signed_brief)
    page = seen(be(client, made.manager).get(at(made, "/words")))
    assert ("data-saves" in page, "signatures are valid" in page) == (True, False)
    page = seen(be(client, signed.manager).get(at(signed, "/words")))
    assert ("data-saves" in page, "2 signatures are valid" in page) == (False, True)


def test_a_deliverable_is_added_once_changed_and_taken_out(client: TestClient) -> None:
    made = make(factories.new_campaign)
    be(client, made.manager)
    form = {"title": "Holiday film", "kind": "film", "format": "MP4", "length": "30 s", "price": "1250.50"}
    form["once"] = value_of(client.get(at(made, "/deliverables")).text, "once")
    for _time in range(2):
        assert client.post(at(made, "/deliverables"), data=form).status_code == 303
    [piece] = written(made).deliverables
    own = at(made, f"/deliverables/{piece.id}")
    assert (piece.price, 'value="1250.50"' in seen(client.get(own))) == (125_050, True)
    assert client.post(own, data=form | {"price": "2000"}).status_code == 303
    assert written(made).deliverables[0].price == 200_000
    assert client.post(f"{own}/remove").status_code == 303
    assert written(made).deliverables == []


def test_a_price_that_is_no_amount_is_refused_beside_its_field(client: TestClient) -> None:
    made = make(factories.new_campaign)
    page = at(made, "/deliverables")
    once = value_of(be(client, made.manager).get(page).text, "once")
    form = {"_page": page, "once": once, "title": "Film", "kind": "film", "format": "MP4", "length": "30 s", "price": "30,000"}
    answer = client.post(page, data=form)
    assert (answer.status_code, fault(answer.text, "price")) == (
        400, "“30,000” is not an amount: write it like 1250 or 1250.5, without signs or separators.",
    )  # fmt: skip
    assert ('value="30,000"' in answer.text, written(made).deliverables) == (True, [])


def test_a_launched_brief_leads_from_its_form_to_its_text(client: TestClient) -> None:
    made = make(factories.launched_campaign)
    answer = be(client, made.manager).get(at(made, "/words"))
    assert (answer.status_code, answer.headers["location"]) == (303, at(made))
    assert "/brief/words" not in seen(client.get(at(made)))


def test_words_from_outside_stay_words(client: TestClient) -> None:
    made = make(factories.filled_brief, story=ATTACK, do_list=[ATTACK])
    for who in (made.manager, made.signers["legal"]):
        assert "<script>alert" not in seen(be(client, who).get(at(made)))
    assert "<script>alert" not in seen(be(client, made.manager).get(at(made, "/words")))


def test_yen_for_dollars_keeps_the_prices_that_were_typed_and_says_beside_the_currency_which_it_cannot(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_rules, "MINIMUMS", (*MINIMUMS, Minimum({"JPY": 100}, LAUNCH, "a test")))
    made = make(factories.filled_brief)
    page = at(made, "/deliverables")
    be(client, made.manager)

    def yen() -> Any:
        version = value_of(client.get(page).text, "version")
        return client.post(at(made, "/currency"), data={"_page": page, "then": "stay", "currency": "JPY", "version": version})

    piece = written(made).deliverables[0]
    with unit_of_work() as session:
        session.get_one(Deliverable, piece.id).price = 125_050
    refused = yen()
    expected = f"“{piece.title}” costs $1,250.50, too fine for JPY. Round it."
    assert (refused.status_code, fault(refused.text, "currency"), written(made).brief.currency) == (400, expected, "USD")
    with unit_of_work() as session:
        session.get_one(Deliverable, piece.id).price = 3_000_000
    assert (yen().status_code, written(made).deliverables[0].price) == (303, 30_000)
    assert "¥30,000" in client.get(page).text

"""The board, a campaign's own page, its people, and what is done with it, as people meet them in a browser."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from html import unescape
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from api.pages import templates
from campaigns import lifecycle
from campaigns.core import clock
from campaigns.core.campaign import Campaign, Deliverable, deliverables_of
from campaigns.core.people import Actor, RoleGrant, Scope
from campaigns.core.permissions import Role
from campaigns.core.reminders import Reminder
from campaigns.core.stages import Stage
from campaigns.open_call.models import OpenCall
from campaigns.oversight.gates import ACTS
from tests import factories
from tests.api.visiting import be, browser, statements
from tests.campaigns.payout import sharing
from tests.factories import EVERYWHERE, READER, Partnership, someone
from workers.transactions import unit_of_work

DAY = timedelta(days=1)


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with browser() as client:
        yield client


def make(how: Callable[..., Partnership], *deliverables: Any, days_ago: int = 0, **more: Any) -> Partnership:
    with unit_of_work() as session:
        at = clock.business_now(session) - days_ago * DAY
        return how(session, *deliverables, at=at, **more)


def titled(made: Partnership, title: str) -> Partnership:
    with unit_of_work() as session:
        session.get_one(Campaign, made.id).title = title
    return made


def member(made: Partnership, role: Role, name: str) -> Actor:
    with unit_of_work() as session:
        return someone(session, role, name, on=Scope(campaign_id=made.id))


def shelf(page: str, stage: str) -> str:
    """What stands in one column."""
    return page.partition(f'aria-labelledby="shelf-{stage}"')[2].partition("</section>")[0]


def rows(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.text)))


def campaign_of(made: Partnership) -> Campaign:
    with unit_of_work() as session:
        return session.get_one(Campaign, made.id)


# The board


def test_a_card_stands_in_the_column_of_its_stage_and_says_what_it_waits_for(client: TestClient) -> None:
    brief = titled(make(factories.filled_brief, days_ago=1), "Winter voices")
    called = titled(make(factories.opened_call), "Slow trains")
    page = be(client, someone_on_staff(Role.FINANCE)).get("/board").text
    assert "Winter voices" in shelf(page, "brief")
    assert "to sign for Marketing" in shelf(page, "brief")
    assert "Slow trains" in shelf(page, "open_call")
    assert "Winter voices" not in shelf(page, "open_call")
    assert f'href="/campaigns/{brief.id}"' in page
    assert f'href="/campaigns/{called.id}"' in page


def someone_on_staff(role: Role) -> Actor:
    with unit_of_work() as session:
        return someone(session, role, on=EVERYWHERE)


def test_a_deliverable_that_is_further_on_has_its_own_line_on_the_card(client: TestClient) -> None:
    made = make(factories.opened_call)
    with unit_of_work() as session:
        first = deliverables_of(session, made.id)[0]
        factories.came_into(session, first, Stage.CURATION, at=clock.business_now(session))
    page = be(client, made.manager).get("/board").text
    assert re.search(r"<li><span class=\"tape curation\">Curation</span> Holiday film</li>", shelf(page, "open_call"))
    assert "Holiday card" not in shelf(page, "open_call")


def test_a_manager_sees_their_own_campaigns_first_and_everyone_s_when_asked(client: TestClient) -> None:
    mine, other = titled(make(factories.opened_call), "Mine alone"), titled(make(factories.opened_call), "Somebody else's")
    be(client, mine.manager)
    assert [title in client.get("/board").text for title in ("Mine alone", "Somebody else")] == [True, False]
    assert "Somebody else" in client.get("/board?whose=everyone").text
    assert other.manager != mine.manager


def test_late_only_shows_those_past_the_date_of_their_gate_and_counts_the_days(client: TestClient) -> None:
    late = titled(make(factories.signed_brief, days_ago=15), "Late one")
    titled(make(factories.opened_call), "In time")
    page = be(client, someone_on_staff(Role.FINANCE)).get("/board?late=true").text
    assert ("Late one" in page, "In time" in page, "2 days late" in page) == (True, False, True)
    assert f'<a class="card blocked" href="/campaigns/{late.id}"' in page


def test_the_board_is_searched_by_title_brand_and_number_and_a_wildcard_is_a_letter(client: TestClient) -> None:
    found, other = titled(make(factories.opened_call), "A 100% promise"), titled(make(factories.opened_call), "Nothing of it")
    be(client, someone_on_staff(Role.FINANCE))
    for words in ("100%", f"#{campaign_of(found).number}"):
        page = client.get("/board", params={"q": words}).text
        assert ("A 100% promise" in page, "Nothing of it" in page) == (True, False)
    assert "Nothing of it" in client.get("/board", params={"q": "zapp"}).text
    assert "No matching campaigns" in client.get("/board", params={"q": "no such words"}).text
    assert other.id != found.id


def test_nobody_sees_on_the_board_what_they_have_no_part_in(client: TestClient) -> None:
    planted, own = titled(make(factories.opened_call), "Planted elsewhere"), titled(make(factories.opened_call), "Their own")
    signer = own.signers["legal"]
    for address in ("/board", "/board?whose=everyone", "/board?stage=open_call", "/board.csv"):
        page = be(client, signer).get(address).text
        assert ("Their own" in page, "Planted elsewhere" in page) == (True, False), address
    with unit_of_work() as session:
        artist = factories.person(session)
    refused = be(client, artist).get("/board")
    assert (refused.status_code, "Their own" in refused.text, planted.id == own.id) == (403, False, False)


def test_a_guest_is_asked_to_sign_in_and_led_back(client: TestClient) -> None:
    asked = client.get("/board?late=true")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in")
    assert "/board?late=true" in unquote(asked.headers["set-cookie"])


def test_an_empty_board_says_what_to_do(client: TestClient) -> None:
    page = be(client, someone_on_staff(Role.MANAGER)).get("/board").text
    assert ("No active campaigns" in page, page.count('href="/campaigns/new"') >= 2) == (True, True)


def test_thirty_campaigns_cost_as_many_statements_as_one(client: TestClient) -> None:
    made = make(factories.opened_call, (READER,))
    reader = be(client, someone_on_staff(Role.FINANCE))
    reader.get("/board")
    few = statements(lambda: reader.get("/board"))
    listed = statements(lambda: reader.get("/board?stage=open_call"))
    with unit_of_work() as session:
        for _number in range(29):
            at = clock.business_now(session)
            factories.contributed(session, factories.opened_call(session, (READER,), at=at), at=at)
    assert statements(lambda: reader.get("/board")) == few
    assert statements(lambda: reader.get("/board?stage=open_call")) == listed
    page = reader.get("/board").text
    assert (page.count('<a class="card'), "All 30" in page, str(made.id) in reader.get("/board?stage=open_call").text) == (8, True, True)


def test_a_column_of_the_board_goes_on_to_twelve_cards_as_one_comes_near_and_then_leads_to_all(client: TestClient) -> None:
    with unit_of_work() as session:
        for _number in range(14):
            factories.opened_call(session, (READER,), at=clock.business_now(session))
    reader = be(client, someone_on_staff(Role.FINANCE))
    page = reader.get("/board").text
    [rest] = re.findall(r'data-near="([^"]+)"', page)
    part = reader.get(rest.replace("&amp;", "&")).text
    cards = [re.findall(r'<a class="card[^"]*" href="([^"]+)"', shown) for shown in (page, part)]
    assert ([len(found) for found in cards], len({*cards[0], *cards[1]}), "All 14" in part) == ([8, 4], 12, True)


def test_the_rest_of_a_column_costs_as_many_statements_for_four_cards_as_for_one(client: TestClient) -> None:
    def called(count: int) -> None:
        with unit_of_work() as session:
            for _number in range(count):
                at = clock.business_now(session)
                factories.contributed(session, factories.opened_call(session, (READER,), at=at), at=at)

    address = "/board/shelf?whose=everyone&stage=open_call"
    called(9)
    reader = be(client, someone_on_staff(Role.FINANCE))
    reader.get(address)
    few = statements(lambda: reader.get(address))
    called(3)
    assert (statements(lambda: reader.get(address)), reader.get(address).text.count('<a class="card')) == (few, 4)


def test_a_stage_s_list_comes_in_pages(client: TestClient) -> None:
    ids = [str(make(factories.filled_brief).id) for _number in range(3)]
    reader = be(client, someone_on_staff(Role.FINANCE))
    first = reader.get("/board?stage=brief&limit=2").text
    (older,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = reader.get(older.replace("&amp;", "&")).text
    assert [[i for i in reversed(ids) if i in page] for page in (first, second)] == [[ids[2], ids[1]], [ids[0]]]
    assert 'rel="next"' not in second


def test_the_board_s_table_says_the_same_and_runs_no_formula(client: TestClient) -> None:
    made = titled(make(factories.opened_call), "=HYPERLINK(A1)")
    found = rows(be(client, made.manager).get("/board.csv"))
    assert found[0][:5] == ["number", "title", "brand", "manager", "stage"]
    assert found[1][1:5] == ["'=HYPERLINK(A1)", "Zappos", "Mara", "open_call"]


# A campaign's own page


def test_the_manager_reads_what_it_waits_for_by_name_and_reminds_with_a_click(client: TestClient) -> None:
    made = make(factories.filled_brief)
    page = be(client, made.manager).get(f"/campaigns/{made.id}").text
    assert "<bdi>Signer for legal</bdi> (Signer)" in page
    assert ">Go to launch</a>" in page
    done = client.post(f"/campaigns/{made.id}/remind", data={"gate": "unsigned:legal", "_page": f"/campaigns/{made.id}"})
    assert (done.status_code, done.headers["location"]) == (303, f"/campaigns/{made.id}")
    after = client.get(f"/campaigns/{made.id}").text
    assert ("Reminder sent to 1 person." in after, "at most once a day." in after) == (True, True)


def test_a_reminder_sent_twice_is_refused_on_the_same_page_and_writes_nothing(client: TestClient) -> None:
    made = make(factories.filled_brief)
    form = {"gate": "unsigned:legal", "_page": f"/campaigns/{made.id}"}
    be(client, made.manager).post(f"/campaigns/{made.id}/remind", data=form)
    again = client.post(f"/campaigns/{made.id}/remind", data=form)
    assert (again.status_code, "a reminder within the last day" in again.text, "<h1><bdi>Holiday traditions</bdi></h1>" in again.text) == (
        409,
        True,
        True,
    )
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Reminder)) == 1


def test_who_runs_nothing_is_led_to_the_call_and_before_the_launch_finds_nothing(client: TestClient) -> None:
    with unit_of_work() as session:
        artist = factories.person(session)
    open_, secret = make(factories.opened_call), make(factories.filled_brief)
    led = be(client, artist).get(f"/campaigns/{open_.id}")
    assert (led.status_code, led.headers["location"]) == (303, f"/calls/{open_.id}")
    assert client.get(f"/campaigns/{secret.id}").status_code == 404
    assert client.get(f"/campaigns/{uuid4()}").status_code == 404


def test_a_curator_sees_where_it_stands_and_neither_names_history_nor_what_is_not_theirs_to_do(client: TestClient) -> None:
    made = make(factories.opened_call)
    with unit_of_work() as session:
        factories.contributed(session, made, factories.person(session, "Planted Artist"), at=clock.business_now(session))
    curator = member(made, Role.CURATOR, "Chidi")
    page = be(client, curator).get(f"/campaigns/{made.id}").text
    assert "Deliverables" in page
    for hidden in ("Planted Artist", "Activity", "Cancel campaign", "Pause", "Remind", ">Brief</a>", ">Payout</a>", ">People</a>"):
        assert hidden not in page, hidden
    assert client.get(f"/campaigns/{made.id}/timeline.csv").status_code == 403


def test_a_manager_who_also_judges_blind_reads_no_maker_s_name_in_the_history(client: TestClient) -> None:
    made = make(factories.opened_call)
    with unit_of_work() as session:
        factories.contributed(session, made, factories.person(session, "Planted Artist"), at=clock.business_now(session))
    assert "Planted Artist" in be(client, made.manager).get(f"/campaigns/{made.id}").text
    with unit_of_work() as session:
        session.add(RoleGrant(person_id=made.manager.person, role="curator", brand_id=made.brand.id, campaign_id=made.id))
    for address in (f"/campaigns/{made.id}", f"/campaigns/{made.id}/timeline.csv"):
        text = client.get(address).text
        assert ("submitted a contribution" in text, "Planted Artist" in text) == (True, False)


def test_what_happened_comes_in_pages_and_as_a_table_with_its_hashes(client: TestClient) -> None:
    made = make(factories.opened_call)
    with unit_of_work() as session:
        for _number in range(45):
            factories.contributed(session, made, at=clock.business_now(session))
    page = be(client, made.manager).get(f"/campaigns/{made.id}").text
    assert "40 contributions were submitted" in page
    (older,) = re.findall(rf'href="(/campaigns/{made.id}\?before=\d+)#history"', page)
    assert "created the campaign" in client.get(older).text
    table = rows(client.get(f"/campaigns/{made.id}/timeline.csv"))
    assert (table[-1][3], len(table[-1][6]), table[1][0]) == ("created the campaign", 64, str(len(table) - 1))


def test_more_deliverables_and_more_facts_cost_no_more_statements(client: TestClient) -> None:
    small, large = make(factories.opened_call, (READER,)), make(factories.opened_call, (READER,) * 30)
    with unit_of_work() as session:
        for made, count in ((small, 1), (large, 30)):
            for _number in range(count):
                factories.contributed(session, made, at=clock.business_now(session))
    reader = be(client, someone_on_staff(Role.MANAGER))
    reader.get(f"/campaigns/{small.id}")
    few, many = (statements(partial(reader.get, f"/campaigns/{made.id}")) for made in (small, large))
    assert many == few


def test_every_act_has_its_words() -> None:
    said = templates().get_template("lifecycle/_gates.html").module
    assert all(str(said.todo(action)).strip() for action in ACTS)  # type: ignore[attr-defined]  # a macro


# What is done with it


def test_a_pause_without_a_reason_stands_beside_its_field_and_nothing_is_paused(client: TestClient) -> None:
    made = make(factories.opened_call)
    address = f"/campaigns/{made.id}/pause"
    be(client, made.manager)
    refused = client.post(address, data={"reason": "   ", "_page": address})
    assert (refused.status_code, 'id="reason-fault"' in refused.text, campaign_of(made).paused_at) == (400, True, None)
    client.post(address, data={"reason": "The shoot moved.", "_page": address})
    assert campaign_of(made).pause_reason == "The shoot moved."
    page = client.get(f"/campaigns/{made.id}").text
    assert ("The shoot moved." in page, ">Resume</button>" in page.replace("\n", "")) == (True, True)
    client.post(f"/campaigns/{made.id}/resume", data={"_page": f"/campaigns/{made.id}"})
    assert campaign_of(made).paused_at is None


def test_cancelling_shows_what_it_costs_asks_and_ends_it_once(client: TestClient) -> None:
    made = make(factories.opened_call)
    address = f"/campaigns/{made.id}/cancel"
    page = be(client, made.manager).get(address).text
    assert ("another person has to confirm." in page, "Platform fee" in page) == (True, True)
    assert ("Cost of canceling now" in page, "cannot be undone" in page, "$30,000.00" in page) == (True, True, True)
    form = {"reason": "The line has stopped.", "_page": address}
    assert [client.post(address, data=form).status_code for _twice in range(2)] == [303, 303]
    assert campaign_of(made).cancelled_at is None
    mine = client.get(address).text
    assert ("The line has stopped." in mine, "has been notified by email" in mine, f"{address}/confirm" in mine) == (True, True, False)
    page = be(client, made.finance).get(address).text
    assert ("Mara has requested to cancel" in page, "Refund to the brand" in page, "$74,000.00" in page) == (True, True, True)
    stale = client.post(f"{address}/confirm", data={"preview": "0" * 64, "_page": address})
    assert (stale.status_code, "has changed since you looked" in stale.text) == (409, True)
    (seen,) = re.findall(r'name="preview" value="(\w+)"', page)
    assert client.post(f"{address}/confirm", data={"preview": seen, "_page": address}).status_code == 303
    assert campaign_of(made).cancelled_at is not None
    again = client.post(f"{address}/confirm", data={"preview": seen, "_page": address})
    assert (again.status_code, "has ended" in again.text) == (409, True)
    assert "Nothing: the campaign was canceled." in client.get(f"/campaigns/{made.id}").text


def test_whoever_confirms_reads_whom_the_kill_fees_go_to(client: TestClient) -> None:
    with unit_of_work() as session:
        shared = sharing.in_delivery(session, assembly="0.1")
    address = f"/campaigns/{shared.made.id}/cancel"
    page = be(client, shared.made.finance).get(address).text
    chosen = "No version was shown to the brand, so all chosen contributions count."
    assert (chosen in page, "Lantern street" in page, "Ben" in page, "Eddie" in page) == (True, True, True, False)
    (owed,) = client.get(f"/api/v1/campaigns/{shared.made.id}/cancellation").json()["owed"]
    assert (owed["version"], owed["contributions"]) == (None, [str(shared.newer.id)])
    with unit_of_work() as session:
        version = sharing.version(session, shared)
    page = client.get(address).text
    shown = "Based on the contributions in version 1, the latest that the brand was shown."
    assert (shown in page, "get the editor's share" in unescape(page), "Eddie" in page, chosen in page) == (True, True, True, False)
    (owed,) = client.get(f"/api/v1/campaigns/{shared.made.id}/cancellation").json()["owed"]
    assert (owed["version"], owed["contributions"]) == (str(version.id), [str(shared.newer.id)])


def test_a_request_to_cancel_is_seen_on_the_campaign_and_can_be_declined(client: TestClient) -> None:
    made = make(factories.opened_call)
    address = f"/campaigns/{made.id}/cancel"
    be(client, made.manager).post(address, data={"reason": "The line has stopped.", "_page": address})
    assert "Someone has requested to cancel this campaign." in client.get(f"/campaigns/{made.id}").text
    assert client.post(f"{address}/keep", data={"_page": address}).status_code == 303
    assert "Someone has requested to cancel this campaign." not in client.get(f"/campaigns/{made.id}").text
    assert campaign_of(made).is_live


def test_a_call_is_extended_by_the_clock_of_its_zone_and_never_shortened(client: TestClient) -> None:
    made = make(factories.opened_call)
    address = f"/campaigns/{made.id}/extend"
    be(client, made.manager)
    with unit_of_work() as session:
        closes_at = session.get_one(OpenCall, made.id).closes_at
    earlier = client.post(address, data={"closes_at": "2001-01-01T10:00", "reason": "More time.", "_page": address})
    assert (earlier.status_code, 'id="closes_at-fault"' in earlier.text, "More time." in earlier.text) == (400, True, True)
    (value,) = re.findall(r'name="closes_at"[^>]* value="([^"]+)"', client.get(address).text)
    later = f"{value[:-5]}{(int(value[-5:-3]) + 1) % 24:02}{value[-3:]}" if value[-5:-3] != "23" else f"{value[:-2]}59"
    assert client.post(address, data={"closes_at": later, "reason": "More time.", "_page": address}).status_code == 303
    with unit_of_work() as session:
        moved = session.get_one(OpenCall, made.id).closes_at - closes_at
    assert timedelta(0) < moved <= timedelta(hours=1)


def test_a_deliverable_is_sent_back_with_a_reason_and_a_repeated_click_sends_it_once(client: TestClient) -> None:
    with unit_of_work() as session:
        delivery = factories.in_delivery(session, at=clock.business_now(session) - 30 * DAY)
    deliverable, manager = delivery.deliverable, delivery.made.manager
    address = f"/deliverables/{deliverable.id}/send-back"
    page = be(client, manager).get(address).text
    assert re.findall(r'<option value="(\w+)"', page) == ["curation", "collaboration"]
    form = {"to": "curation", "visit": str(deliverable.visit), "reason": "  ", "closes_at": "", "_page": address}
    refused = client.post(address, data=form)
    assert (refused.status_code, 'id="reason-fault"' in refused.text) == (400, True)
    for _click in range(2):
        assert client.post(address, data={**form, "reason": "Choose again."}).status_code == 303
    with unit_of_work() as session:
        now = session.get_one(Deliverable, deliverable.id)
        assert (now.stage, now.visit, now.entered_because) == (Stage.CURATION, deliverable.visit + 1, "Choose again.")
    assert "sent back" in client.get(f"/campaigns/{delivery.made.id}").text


def test_material_is_complete_by_a_click_and_its_close_is_moved_on_a_page(client: TestClient) -> None:
    made = make(factories.opened_call, (READER,), days_ago=15)
    with unit_of_work() as session:
        (deliverable,) = lifecycle.move_on(session, made.id, at=clock.business_now(session))
    page = be(client, made.manager).get(f"/campaigns/{made.id}").text
    assert f'action="/deliverables/{deliverable.id}/complete"' in page
    address = f"/deliverables/{deliverable.id}/extend"
    assert client.get(address).status_code == 200
    refused = client.post(address, data={"closes_at": "2001-01-01T10:00", "reason": "Late.", "_page": address})
    assert (refused.status_code, 'id="closes_at-fault"' in refused.text) == (400, True)
    done = client.post(f"/deliverables/{deliverable.id}/complete", data={"visit": str(deliverable.visit), "_page": f"/campaigns/{made.id}"})
    assert done.status_code == 303


def test_who_leads_one_deliverable_sees_that_one_alone_and_says_when_its_material_is_complete(client: TestClient) -> None:
    made = make(factories.opened_call, days_ago=15)
    with unit_of_work() as session:
        lifecycle.move_on(session, made.id, at=clock.business_now(session))
        film, card, song = deliverables_of(session, made.id)
        reach = Scope(brand_id=made.campaign.brand_id, campaign_id=made.id, deliverable_id=card.id)
        leader = someone(session, Role.LEADER, "Tomas", on=reach)
    address = f"/campaigns/{made.id}"
    page = be(client, leader).get(address, follow_redirects=False)
    shown = re.findall(r'action="/deliverables/([^/]+)/complete"', page.text)
    assert (page.status_code, shown, [each.title in page.text for each in (film, card, song)]) == (
        200,
        [str(card.id)],
        [False, True, False],
    )
    form = {"visit": str(card.visit), "_page": address}
    assert [client.post(f"/deliverables/{deliverable.id}/complete", data=form).status_code for deliverable in (film, card)] == [403, 303]


@pytest.mark.parametrize("deed", ["pause", "cancel", "extend"])
def test_who_does_not_run_it_is_refused_what_is_done_with_it(client: TestClient, deed: str) -> None:
    made = make(factories.opened_call)
    be(client, member(made, Role.EDITOR, "Edda"))
    form = {"reason": "Because.", "closes_at": "2099-01-01T10:00"}
    assert [client.get(f"/campaigns/{made.id}/{deed}").status_code, client.post(f"/campaigns/{made.id}/{deed}", data=form).status_code] == [
        403,
        403,
    ]
    campaign = campaign_of(made)
    assert (campaign.paused_at, campaign.cancelled_at) == (None, None)


# Its people


def people_of(made: Partnership) -> list[tuple[UUID, str]]:
    with unit_of_work() as session:
        held = session.scalars(select(RoleGrant).where(RoleGrant.campaign_id == made.id).order_by(RoleGrant.id))
        return [(grant.person_id, grant.role) for grant in held]


def test_someone_is_invited_once_however_often_the_form_is_sent(client: TestClient) -> None:
    made = make(factories.filled_brief)
    before = people_of(made)
    address = f"/campaigns/{made.id}/people"
    form = {
        "email": "chidi@example.org",
        "name": "Chidi",
        "role": "curator",
        "sign_off_role": "",
        "deliverable": "",
        "once": uuid4().hex,
        "_page": address,
    }
    be(client, made.manager)
    for _click in range(2):
        assert client.post(address, data=form).status_code == 303
    assert [role for _person, role in people_of(made)[len(before) :]] == ["curator"]
    page = client.get(address).text
    assert ("Chidi" in page, "chidi@example.org" in page) == (True, True)


def test_a_signer_is_not_the_manager_s_to_invite_and_what_was_typed_stays(client: TestClient) -> None:
    made = make(factories.filled_brief)
    before = people_of(made)
    address = f"/campaigns/{made.id}/people"
    form = {"email": "yuki@example.org", "name": "Yuki", "role": "signer", "sign_off_role": "", "once": uuid4().hex, "_page": address}
    refused = be(client, made.manager).post(address, data=form)
    assert (refused.status_code, 'id="role-fault"' in refused.text, 'value="yuki@example.org"' in refused.text) == (403, True, True)
    assert people_of(made) == before


def test_a_role_in_the_campaign_ends_and_what_reaches_beyond_it_or_runs_it_stays(client: TestClient) -> None:
    made = make(factories.filled_brief)
    curator = member(made, Role.CURATOR, "Chidi")
    be(client, made.manager)
    with unit_of_work() as session:
        grant = {g.role: g.id for g in session.scalars(select(RoleGrant).where(RoleGrant.campaign_id == made.id))}
        signs = session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == made.signers["legal"].person)).one()
    ended = [grant["curator"], grant["curator"], signs, grant["manager"]]
    answers = [client.post(f"/campaigns/{made.id}/people/{role_id}/end").status_code for role_id in ended]
    assert answers == [303, 404, 404, 409]
    assert curator.person not in [person for person, _role in people_of(made)]
    assert (made.manager.person, "manager") in people_of(made)
    assert "removed someone" in client.get(f"/campaigns/{made.id}").text


def test_only_who_runs_it_sees_its_people(client: TestClient) -> None:
    made = make(factories.opened_call)
    for who in (made.finance, made.signers["legal"], member(made, Role.CURATOR, "Chidi")):
        be(client, who)
        assert [client.get(f"/campaigns/{made.id}/people{end}").status_code for end in ("", ".csv")] == [403, 403]
    table = rows(be(client, made.manager).get(f"/campaigns/{made.id}/people.csv"))
    assert ["Signer for legal", "signer", "legal", "brand"] in [[row[0], row[2], row[3], row[5]] for row in table]

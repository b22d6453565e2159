"""A brief signed and launched, and what keeps it from its launch, as people meet it in a browser."""

from collections.abc import Iterator
from functools import partial

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from campaigns.brief.deliverables.actions import DeliverableOrder, add_deliverable, edit_deliverable
from campaigns.brief.models import SignOff
from campaigns.brief.queries import written_brief
from campaigns.core import clock
from tests import factories
from tests.api.brief_stage import at, change, written
from tests.api.visiting import be, browser, in_one_line, make, seen, statements, value_of
from workers.transactions import unit_of_work


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with browser() as client:
        yield client


def test_the_brief_is_for_staff_the_brand_and_finance(client: TestClient) -> None:
    made, other = make(factories.filled_brief), make(factories.filled_brief)
    for who in (made.manager, made.finance, made.signers["legal"]):
        page = seen(be(client, who).get(at(made)))
        assert ("Families everywhere" in page, "/brief/words" in page) == (True, who is made.manager)
        assert client.get(at(made, "/sign")).status_code == 200
    assert be(client, other.signers["legal"]).get(at(made)).status_code == 404


def test_a_signer_signs_the_text_that_they_have_read_and_no_other(client: TestClient) -> None:
    made = make(factories.filled_brief)
    page = seen(be(client, made.signers["legal"]).get(at(made, "/sign")))
    buttons = ("Sign for legal", "Sign out", "Keyboard shortcuts")
    assert page.count("<button") == sum(page.count(f"{words}</button>") for words in buttons)
    form = {"_page": at(made, "/sign"), "sign_off_role": "legal", "hash": value_of(page, "hash")}
    change(made, story="Another story.")
    answer = client.post(at(made, "/sign"), data=form)
    assert (answer.status_code, "The brief has changed since you read it" in answer.text) == (409, True)
    form["hash"] = value_of(in_one_line(answer), "hash")
    for _time in range(2):
        assert client.post(at(made, "/sign"), data=form).status_code == 303
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(SignOff).where(SignOff.campaign_id == made.id)) == 1
    assert "signed, current version" in seen(client.get(at(made, "/sign")))


def test_what_changed_since_it_was_signed_is_read_in_words_money_and_days(client: TestClient) -> None:
    made = make(factories.signed_brief)
    change(made, story="Families everywhere keep a holiday in their very own way. We want to hear how.", fee_bps=1200, ai_training=True)
    with unit_of_work() as session:
        by, now = made.manager, clock.business_now(session)
        film = written_brief(session, made.id).deliverables[0].id
        edit_deliverable(session, made.id, film, DeliverableOrder("Holiday film", "film", "MP4", "30 s", 3_500_000), by=by, at=now)
        add_deliverable(session, made.id, DeliverableOrder("Poster", "picture", "PDF", "A2", 500_000), by=by, at=now)
    page = seen(be(client, made.signers["legal"]).get(at(made, "/sign")))
    for there in (
        "their <ins>very </ins>own", "<del>15%</del> → <ins>12%</ins>", "<del>no </del> → <ins>yes </ins>",
        "<del>$30,000.00 </del> → <ins>$35,000.00 </ins>", "Poster <span class=\"chip ok\">new</span>", "<ins>Picture</ins>",
    ):  # fmt: skip
        assert there.replace(" <", "<") in page.replace(" <", "<"), there
    for raw in ("fee_bps", "ai_training", "deliverables.", "asked_for"):
        assert raw not in page


def test_a_brief_says_what_keeps_it_from_its_launch_by_the_names_of_its_fields(client: TestClient) -> None:
    made = make(factories.new_campaign)
    page = seen(be(client, made.manager).get(at(made)))
    assert "The brief is incomplete. Missing: The story, What we ask for, Call closes" in page
    assert ("Open the call now" in page, "delivery_due_at" in page) == (False, False)
    answer = client.post(at(made, "/launch"), data={"_page": at(made)})
    assert (answer.status_code, "The brief has no deliverables yet" in answer.text) == (409, True)


def test_a_brief_that_lacks_nothing_is_launched_once_and_by_its_manager_alone(client: TestClient) -> None:
    made = make(factories.funded_brief)
    assert "Open the call now" not in seen(be(client, made.finance).get(at(made)))
    assert client.post(at(made, "/launch")).status_code == 403
    assert "Open the call now" in seen(be(client, made.manager).get(at(made)))
    for _time in range(2):
        assert client.post(at(made, "/launch")).headers["location"] == f"/campaigns/{made.id}"
    assert written(made).campaign.launched_at is not None
    assert "Open the call now" not in seen(client.get(at(made)))


@pytest.mark.parametrize("rest", ["", "/deliverables", "/sign"])
def test_a_brief_of_thirty_deliverables_takes_no_more_statements_than_one_of_a_single(client: TestClient, rest: str) -> None:
    few = make(factories.signed_brief, (factories.FILM,))
    many = make(factories.signed_brief, (factories.FILM,) * 30)
    counted = [statements(partial(be(client, made.manager).get, at(made, rest))) for made in (few, many)]
    assert counted[0] == counted[1]


def test_those_whom_it_waits_for_are_reminded_from_the_brief_by_its_manager(client: TestClient) -> None:
    made = make(factories.filled_brief)
    assert "Remind" not in seen(be(client, made.signers["legal"]).get(at(made)))
    page = seen(be(client, made.manager).get(at(made)))
    assert page.count('name="gate" value="unsigned:legal"') == 1
    assert client.post(f"/campaigns/{made.id}/remind", data={"gate": "unsigned:legal"}).status_code == 303
    assert 'name="gate" value="unsigned:legal"' not in seen(client.get(at(made)))

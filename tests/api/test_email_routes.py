"""What those who run a campaign are told of its emails."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from campaigns.core import clock
from campaigns.core.emails import Email, EmailState
from campaigns.core.ids import new_id
from campaigns.core.people import actor_for
from campaigns.open_call.makers.actions import confirm_part
from tests import factories
from tests.api.caller import caller, token_of
from tests.campaigns.brief.counting import statements
from tests.campaigns.payout.sharing import named_too
from tests.factories import Partnership
from workers.transactions import unit_of_work

PATH = "/api/v1/campaigns/{}/emails"


@pytest.fixture
def made(fresh_database: str) -> Partnership:
    with unit_of_work() as session:
        return factories.opened_call(session, (factories.CARD,), at=clock.business_now(session))


@pytest.fixture
def mara(made: Partnership) -> TestClient:
    """The manager."""
    with unit_of_work() as session:
        return caller(token_of(session, made.manager))


def email(session: Session, made: Partnership, state: EmailState = "sent", reason: str | None = None) -> Email:
    reader = factories.person(session, "Ada Okafor")
    written = Email(
        event_id=new_id(), recipient_id=reader.person, notification="screened", campaign_id=made.id, address="ada@example.org", subject="s",
        text="t", html="h", state=state, reason=reason, enqueued_at=clock.business_now(session),
    )  # fmt: skip
    session.add(written)
    session.flush()
    return written


def test_an_email_that_failed_is_found_with_its_reason_and_without_its_address(made: Partnership, mara: TestClient) -> None:
    with unit_of_work() as session:
        email(session, made)
        failed = email(session, made, "failed", "550 <ada@example.org> does not exist")
    page = mara.get(PATH.format(made.id), params={"state": "failed"}).json()
    assert page == {
        "items": [
            {
                "id": str(failed.id), "notification": "screened", "to": "Ada Okafor", "state": "failed", "reason": "550 <…> does not exist",
                "enqueued_at": page["items"][0]["enqueued_at"], "settled_at": None,
            }
        ],
        "next": None,
    }  # fmt: skip


def test_whoever_has_yet_to_confirm_a_contribution_is_not_told_by_name_to_whoever_runs_the_campaign(
    made: Partnership, mara: TestClient
) -> None:
    with unit_of_work() as session:
        nico, contribution = email(session, made).recipient_id, factories.contributed(session, made)
        named_too(session, contribution.id, actor_for(session, nico))
    assert [each["to"] for each in mara.get(PATH.format(made.id)).json()["items"]] == ["someone who has not confirmed yet"]
    with unit_of_work() as session:
        confirm_part(session, contribution.id, by=actor_for(session, nico), at=clock.business_now(session))
    assert [each["to"] for each in mara.get(PATH.format(made.id)).json()["items"]] == ["Ada Okafor"]


def test_an_artist_does_not_see_what_became_of_emails(made: Partnership) -> None:
    with unit_of_work() as session:
        email(session, made)
        ana = caller(token_of(session, factories.person(session, "Ana")))
    refused = ana.get(PATH.format(made.id))
    assert (refused.status_code, refused.json()["code"]) == (403, "Forbidden")


def test_thirty_emails_cost_as_many_statements_as_one_and_come_in_pages_without_a_gap(made: Partnership, mara: TestClient) -> None:
    costs, path = [], PATH.format(made.id)
    for count in (1, 29):
        with unit_of_work() as session:
            for _number in range(count):
                email(session, made)
        mara.get(path)  # the first use of a token is written down
        with unit_of_work() as session, statements(session) as asked:
            every = mara.get(path).json()["items"]
        costs.append(len(asked))
    assert (len(every), costs[1]) == (30, costs[0])
    first = mara.get(path, params={"limit": 20}).json()
    second = mara.get(path, params={"limit": 20, "after": first["next"]}).json()
    assert (first["items"] + second["items"], second["next"]) == (every, None)

"""What is stuck and which flow run carries which campaign, over HTTP; and everything that was given up tried again."""

from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from campaigns.core import clock, outbox
from campaigns.core.campaign import Campaign
from campaigns.core.ids import new_id
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.permissions import Role
from tests import factories
from tests.api.caller import caller, token_of
from workers.transactions import unit_of_work

API = "/api/v1"
WHY = "APIConnectionError: Stripe did not answer"


@pytest.fixture
def odile(fresh_database: str) -> TestClient:
    """The operator."""
    with unit_of_work() as session:
        return caller(token_of(session, factories.someone(session, Role.OPERATOR)))


def enqueued(key: str, **changes: object) -> UUID:
    """A message that went wrong when last tried."""
    with unit_of_work() as session:
        outbox.enqueue(session, OutboxKind.BRIEF_INVOICE, key=key)
        changed = update(OutboxMessage).where(OutboxMessage.key == key).values(last_error=WHY, **changes)
        return session.scalars(changed.returning(OutboxMessage.id)).one()


def carried(title: str, flow_run: UUID | None, generation: int) -> Campaign:
    """A campaign under way."""
    with unit_of_work() as session:
        made = factories.new_campaign(session, title=title)
        campaign = session.get_one(Campaign, made.id)
        campaign.flow_run_id, campaign.generation = flow_run, generation
        return campaign


def test_what_is_tried_again_by_itself_is_listed_the_most_tried_first(odile: TestClient) -> None:
    few, many = enqueued("few", attempts=1), enqueued("many", attempts=5)
    enqueued("failed", attempts=12, failed_at=clock.process_now())
    listed = odile.get(f"{API}/outbox/failing").json()["items"]
    assert listed == [
        {
            "id": str(message), "kind": "brief_invoice", "key": key, "attempts": attempts, "enqueued_at": shown["enqueued_at"],
            "due_at": shown["due_at"], "last_error": WHY,
        }
        for (message, key, attempts), shown in zip(((many, "many", 5), (few, "few", 1)), listed, strict=True)
    ]  # fmt: skip
    assert odile.get(f"{API}/outbox/failing", params={"limit": 1}).json()["items"] == listed[:1]


def test_everything_that_was_given_up_is_tried_again_in_one_act(odile: TestClient) -> None:
    for key in ("one", "two"):
        enqueued(key, failed_at=clock.process_now())
    assert [odile.post(f"{API}/outbox/retry").json() for _twice in range(2)] == [{"messages": 2}, {"messages": 0}]
    assert odile.get(f"{API}/outbox/failed").json() == {"items": [], "next": None}


def test_each_live_campaign_is_listed_with_the_flow_run_that_carries_it(odile: TestClient) -> None:
    run = new_id()
    older, newer = carried("Doors at dusk", run, 2), carried("Lanterns", None, 1)
    shown = {"paused_at": None}
    of_older = shown | {"campaign": str(older.id), "number": older.number, "title": "Doors at dusk", "flow_run": str(run), "generation": 2}
    of_newer = shown | {"campaign": str(newer.id), "number": newer.number, "title": "Lanterns", "flow_run": None, "generation": 1}
    first = odile.get(f"{API}/flow-runs", params={"limit": 1}).json()
    assert first == {"items": [of_newer], "next": str(newer.id)}
    assert odile.get(f"{API}/flow-runs", params={"after": first["next"]}).json() == {"items": [of_older], "next": None}


def test_nobody_but_an_operator_sees_or_does_any_of_it(odile: TestClient) -> None:
    failed = enqueued("failed", failed_at=clock.process_now())
    with unit_of_work() as session:
        others = [factories.someone(session, Role.MANAGER), factories.someone(session, Role.FINANCE), factories.person(session)]
        callers = [caller(token_of(session, other)) for other in others]

    def asked(who: TestClient) -> set[int]:
        return {who.get(f"{API}/{path}").status_code for path in ("outbox/failing", "flow-runs")}

    for other in callers:
        assert (asked(other), other.post(f"{API}/outbox/retry").status_code) == ({403}, 403)
    assert (asked(caller()), caller().post(f"{API}/outbox/retry").status_code) == ({401}, 401)
    with unit_of_work() as session:
        assert session.scalars(select(OutboxMessage.id).where(OutboxMessage.failed_at.is_not(None))).all() == [failed]

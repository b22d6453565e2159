"""What Prefect's page says that a campaign waits for, without Prefect."""

import pytest
from sqlalchemy.orm import Session

from campaigns.core.campaign import deliverables_of
from campaigns.core.settings import settings
from campaigns.oversight.statuses import standing
from flows import page
from flows.page import tell_moved, waits_of
from flows.pulse import Carried
from tests.factories import NOW, READER, contributed, new_campaign, opened_call

SINCE = "(waiting on: manager, since 02 November 2026 09:00 UTC)"


def test_a_campaign_without_a_deliverable_waits_for_its_manager_all_the_same(session: Session) -> None:
    made = new_campaign(session)
    lines = waits_of(made.campaign, standing(session, made.campaign, at=NOW)).splitlines()
    assert lines[:3] == [
        "# Holiday traditions: what it is waiting for",
        "",
        f"- [ ] The brief has no deliverables yet. Add at least one. {SINCE}",
    ]
    assert lines[-2:] == ["", f"[The campaign in Callboard]({settings().public_url}/campaigns/{made.id})"]
    assert all(line.startswith("- [ ] ") for line in lines[2:-2])


def test_the_page_shows_how_many_contributions_are_still_being_made_ready(session: Session) -> None:
    made = opened_call(session, (READER,))
    for title in ("Lantern street", "First foot"):
        contributed(session, made, title=title)
    text = waits_of(made.campaign, standing(session, made.campaign, at=NOW))
    assert f"- [ ] 2 contributions are being processed for screening. (waiting on: callboard, since {NOW:%d %B %Y %H:%M} UTC)" in text


def test_a_move_is_an_event_that_automations_may_listen_to(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(page, "emit_event", lambda name, **said: told.append((name, said)))
    made = opened_call(session, (READER,))
    deliverable = deliverables_of(session, made.id)[0]
    tell_moved.fn(Carried(made.id, 1), deliverable)
    resource = {"prefect.resource.id": f"callboard.campaign.{made.id}", "prefect.resource.name": "Holiday reader"}
    payload = {"deliverable": str(deliverable.id), "stage": "open_call", "visit": 2}
    assert told == [("callboard.campaign.moved", {"resource": resource, "payload": payload})]

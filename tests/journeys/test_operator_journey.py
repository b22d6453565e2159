"""An operator: appoints staff, watches every campaign, moves the sandbox's clock, and touches no contribution and no money."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from campaigns.core.settings import settings
from cli.main import app
from tests.journeys.world import Caller, World, open_call

HOUR = timedelta(hours=1)


def test_an_operator_appoints_watches_and_moves_time_and_nothing_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(app, ["person", "grant", "odile@example.org", "operator", "--name", "Odile"]).exit_code == 0
    odile = world.sign_in("odile@example.org")
    granted = odile.post("/roles", email="femi@example.org", role="finance", name="Femi")
    assert (granted["role"], granted["state"], world.sign_in("femi@example.org").id) == ("finance", "cooling", granted["person"])
    assert odile.post(f"/appointments/{granted['id']}/stop")["state"] == "stopped"
    assert odile.refused("POST", "/roles", email="ana@example.org", role="artist") == (400, "Invalid")

    everyone = open_call(world)
    path = f"/campaigns/{everyone.made.id}"
    shown = odile.get(path)
    assert (shown["stage"], [w["code"] for w in shown["deliverables"][0]["waits"]]) == ("open_call", ["call_open"])
    timeline = odile.get(f"{path}/timeline?limit=200")["items"]
    assert [fact["number"] for fact in timeline] == list(range(len(timeline), 0, -1))
    assert [fact["name"] for fact in timeline[:2]] == ["campaign.moved", "open_call.opened"]

    before = datetime.fromisoformat(odile.get("/clock")["business_now"])
    moved = odile.post("/clock", days=15)
    assert timedelta(days=15) <= datetime.fromisoformat(moved["business_now"]) - before < timedelta(days=15) + HOUR
    world.flow()
    assert odile.get(path)["stage"] == "collaboration"
    touches_no_work_and_no_money(odile, path)

    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_a_key_of_stripes_own")
    settings.cache_clear()
    assert odile.get("/clock")["movable"] is False
    assert odile.refused("POST", "/clock", days=1) == (409, "ClockFixed")


def touches_no_work_and_no_money(odile: Caller, path: str) -> None:
    asked = [
        ("GET", f"{path}/brief"),
        ("GET", f"{path}/funding"),
        ("GET", f"{path}/screening"),
        ("POST", f"{path}/launch"),
        ("GET", "/payouts/runs"),
        ("GET", "/payouts/unpayable"),
        ("POST", "/brands"),
    ]
    bodies = {"/brands": {"name": "Zappos"}}
    assert [odile.refused(method, place, **bodies.get(place, {})) for method, place in asked] == [(403, "Forbidden")] * len(asked)
    assert odile.refused("GET", f"/campaigns/{uuid4()}") == (404, "NotFound")

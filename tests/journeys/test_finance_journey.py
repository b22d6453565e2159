"""Finance: confirms what came in, says with a colleague that a split is final, and sends the money with a second pair of eyes."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from tests import factories
from tests.everyone import cast
from tests.factories import READER
from tests.journeys.world import Caller, World, only_deliverable
from tests.treasury import Treasury, at_hand
from workers.payout import sending
from workers.transactions import unit_of_work

TO_PAYOUT = (
    "call_open", "contributions_unscreened", "collaboration_open", "material_incomplete", "curators_unassigned", "reviews_outstanding",
    "selection_unpublished", "no_version", "internal_approval", "decision", "points_unassessed", "window_open",
)  # fmt: skip


@pytest.fixture
def treasury(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Treasury]:
    """Stripe's simulator beside the world."""
    with at_hand(monkeypatch) as treasury:
        yield treasury


def test_finance_confirms_the_funding_finalizes_the_split_and_sends_the_money(world: World, treasury: Treasury) -> None:
    with unit_of_work() as session:
        everyone = cast(session, factories.signed_brief(session, (READER,), at=world.now()), at=world.now())
    femi, greta, path = world.sign_in(everyone.made.finance), world.sign_in(everyone.second), f"/campaigns/{everyone.made.id}"
    confirm(world, femi, greta, path)
    world.play(everyone, "not_launched")
    with unit_of_work() as session:
        factories.contributed(session, everyone.made, everyone.artist, at=world.now())
    world.play(everyone, *TO_PAYOUT)
    finalize(world, femi, greta, f"/deliverables/{only_deliverable(everyone).id}/proposals")
    assert femi.get(path)["stage"] == "done"
    treasury.fund(2_000_000)
    treasury.onboard(everyone.artist)
    pay(femi, greta)
    assert femi.get("/payouts/unpayable")["items"] == []
    [purse] = world.sign_in(everyone.artist).get("/me/money")["items"]
    assert (purse["balance"], purse["sent"], purse["paid"]) == (0, 1_000_000, 0)


def confirm(world: World, femi: Caller, greta: Caller, path: str) -> None:
    owed = femi.get(f"{path}/funding")["missing"]
    wire = {"amount": owed, "reference": "WIRE 1", "received_on": world.now().date().isoformat()}
    written = femi.post(f"{path}/funding/receipts", **wire)["id"]
    assert femi.refused("POST", f"{path}/funding/receipts/{written}/confirm") == (403, "SecondPersonNeeded")
    assert femi.get(f"{path}/funding")["missing"] == owed
    greta.post(f"{path}/funding/receipts/{written}/confirm")
    assert greta.refused("POST", f"{path}/funding/receipts/{written}/confirm") == (409, "AlreadyConfirmed")
    assert femi.get(f"{path}/funding")["missing"] == 0
    assert femi.refused("PATCH", f"{path}/brief", story="Ours.") == (403, "Forbidden")
    assert femi.refused("POST", f"{path}/launch") == (403, "Forbidden")


def finalize(world: World, femi: Caller, greta: Caller, place: str) -> None:
    [proposal] = femi.get(place)["items"]
    path = f"/proposals/{proposal['id']}"
    assert (femi.get(path)["finalized"], femi.get(path)["needed"]) == (0, 2)
    femi.post(f"{path}/finalization")
    femi.post(f"{path}/finalization")
    assert femi.get(path)["finalized"] == 1
    greta.post(f"{path}/finalization")
    world.flow()


def pay(femi: Caller, greta: Caller) -> None:
    quoted = femi.ask("POST", "/payouts/runs", {"currency": "USD"}, **{"Idempotency-Key": "today"}).json()
    run = f"/payouts/runs/{quoted['id']}"
    assert (quoted["state"], femi.get(run)["sums"]) == ("quoted", [{"state": "ready", "items": 1, "amount": 1_000_000}])
    assert [who.post(f"{run}/release")["state"] for who in (femi, femi, greta)] == ["quoted", "quoted", "released"]
    send(UUID(quoted["id"]))
    assert femi.get(run)["sums"] == [{"state": "sent", "items": 1, "amount": 1_000_000}]
    assert femi.refused("POST", f"{run}/discard", reason="Too late.")[0] == 409


def send(run_id: UUID) -> None:
    """What the flow of a released run does."""
    while sending.send_batch(run_id, 1):
        pass

"""A partnership manager: from the sign-in link to a partnership that is done."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from campaigns.core.campaign import Campaign
from campaigns.core.people import Brand, actor_for
from campaigns.core.permissions import Role
from tests import factories
from tests.everyone import Cast, cast
from tests.factories import Partnership, someone
from tests.journeys.world import API, Caller, World
from workers.transactions import unit_of_work

READER = {"title": "Holiday reader", "kind": "text", "format": "Markdown", "length": "12 pages", "price": 1_000_000}
STAGES = ["open_call", "collaboration", "curation", "client_delivery", "payout"]


def write_brief(mara: Caller, path: str, world: World) -> None:
    text = factories.brief_text(world.now())
    mara.patch(f"{path}/brief", **{name: v if isinstance(v, str | list) else v.isoformat() for name, v in text.items()})  # type: ignore[attr-defined]
    mara.post(f"{path}/deliverables", **READER)


def administrator(world: World, mara: Caller, brand: str) -> Caller:
    """Whom the manager names, and the brand's billing address confirms by the link in its email."""
    mara.post(f"/brands/{brand}/administrators", email="ada@zappos.example", name="Ada Okoye")
    secret = world.link("bills@zappos.example", r"/administrators/([\w-]{20,})")
    confirmed = world.client.post(f"{API}/administrators/confirmation", json={"secret": secret})
    assert confirmed.status_code == 200, confirmed.text
    return world.sign_in("ada@zappos.example")


def people_around(world: World, mara: Caller, campaign: str, brand: str) -> Cast:
    """A lawyer whom the brand's administrator appoints, and everyone else that the campaign needs."""
    ada = administrator(world, mara, brand)
    lawyer = {"email": "yuki@zappos.example", "role": "signer", "sign_off_role": "legal", "name": "Yuki Tanabe"}
    assert mara.refused("POST", f"/brands/{brand}/roles", **lawyer) == (403, "Forbidden")
    legal = ada.post(f"/brands/{brand}/roles", **lawyer)["person"]
    with unit_of_work() as session:
        finance = someone(session, Role.FINANCE, "Femi")
        made = Partnership(
            session.get_one(Campaign, UUID(campaign)), session.get_one(Brand, UUID(brand)), actor_for(session, UUID(mara.id)), finance,
            {"legal": actor_for(session, UUID(legal))},
        )  # fmt: skip
        return cast(session, made, at=made.campaign.created_at)


def deliverable(mara: Caller, path: str) -> Any:
    [only] = mara.get(path)["deliverables"]
    return only


def waits(mara: Caller, path: str) -> list[str]:
    return [wait["code"] for wait in deliverable(mara, path)["waits"]]


def test_a_manager_carries_a_partnership_from_an_empty_brief_to_its_end(world: World) -> None:
    with unit_of_work() as session:
        manager = someone(session, Role.MANAGER, "Mara")
    mara = world.sign_in(manager)
    brand = mara.post("/brands", name="Zappos", sign_off_roles=["legal"], billing_email="bills@zappos.example")["id"]
    campaign = mara.post("/campaigns", brand=brand, title="Holiday traditions")["id"]
    path = f"/campaigns/{campaign}"
    write_brief(mara, path, world)
    everyone = people_around(world, mara, campaign, brand)
    launch(world, mara, everyone, path)
    contribution = hold_the_call(world, mara, everyone, path)
    choose(world, mara, everyone, path, contribution)
    present(world, mara, everyone, path)
    divide(world, mara, everyone, path, contribution)

    ended = mara.get(path)
    assert (ended["stage"], [d["stage"] for d in ended["deliverables"]]) == ("done", ["done"])
    moves = [fact["facts"]["to"] for fact in mara.get(f"{path}/timeline?limit=200")["items"] if fact["name"] == "campaign.moved"]
    assert moves[::-1] == [*STAGES, "done"]


def launch(world: World, mara: Caller, everyone: Cast, path: str) -> None:
    assert mara.get(f"{path}/brief")["budget"] == {
        "pool": 1_000_000,
        "fee": 150_000,
        "reserve": 330_000,
        "total": 1_480_000,
        "currency": "USD",
    }
    seen = mara.get(f"{path}/brief")
    assert [wait["code"] for wait in seen["waits"]] == ["unsigned", "uncovered", "not_launched"]
    assert mara.refused("POST", f"{path}/launch") == (409, "NotSigned")
    assert mara.refused("POST", f"{path}/signatures", sign_off_role="legal", hash=seen["hash"]) == (403, "Forbidden")
    receipt = mara.post(f"{path}/funding/receipts", amount=1_480_000, reference="WIRE 1", received_on=world.now().date().isoformat())["id"]
    assert mara.refused("POST", f"{path}/funding/receipts/{receipt}/confirm") == (403, "Forbidden")
    world.sign_in(everyone.made.finance).post(f"{path}/funding/receipts/{receipt}/confirm")
    world.play(everyone, "unsigned")
    mara.post(f"{path}/launch")
    world.flow()
    assert (deliverable(mara, path)["stage"], waits(mara, path)) == ("open_call", ["call_open"])


def hold_the_call(world: World, mara: Caller, everyone: Cast, path: str) -> str:
    """Two contributions come in; one is let in and one is not. Returns the first's id."""
    with unit_of_work() as session:
        fits, unfit = [factories.contributed(session, everyone.made, everyone.artist, title, at=world.now()) for title in ("Yes", "No")]
    world.flow()
    desk = mara.get(f"{path}/screening")["items"]
    assert {item["id"] for item in desk} == {str(fits.id), str(unfit.id)}
    mara.post(f"/contributions/{fits.id}/screening", takes_part=True)
    mara.post(f"/contributions/{unfit.id}/screening", takes_part=False, reason="It shows a brand's name.")
    assert [item["id"] for item in mara.get(f"{path}/contributions")["items"]] == [str(fits.id)]
    assert mara.refused("GET", f"/me/contributions/{fits.id}") == (404, "NoSuchContribution")
    world.play(everyone, "call_open")
    mara.post(f"/deliverables/{deliverable(mara, path)['id']}/collaboration/complete", visit=deliverable(mara, path)["visit"])
    world.flow()
    return str(fits.id)


def choose(world: World, mara: Caller, everyone: Cast, path: str, contribution: str) -> None:
    here = deliverable(mara, path)
    assert (here["stage"], waits(mara, path)) == ("curation", ["curators_unassigned", "selection_unpublished"])
    address = f"/deliverables/{here['id']}"
    mara.post(f"{address}/assignments", curators=[str(everyone.curator.person)], per_contribution=1)
    assert mara.get("/me/reviews")["items"] == []
    world.play(everyone, "reviews_outstanding")
    [judged] = mara.get(f"{address}/reviews")["items"]
    assert (judged["contribution"], judged["mean"]) == (contribution, 4.0)
    mara.post(f"{address}/selection", visit=here["visit"], chosen={contribution: "It moved us."}, common_reason="Not this time.")
    world.flow()


def present(world: World, mara: Caller, everyone: Cast, path: str) -> None:
    world.play(everyone, "no_version")
    here = deliverable(mara, path)
    assert (here["stage"], waits(mara, path)) == ("client_delivery", ["internal_approval"])
    [version] = mara.get(f"/deliverables/{here['id']}/versions")["items"]
    mara.post(f"/versions/{version['id']}/internal-approval")
    hashes = {"file_sha256": version["file_sha256"], "parts_sha256": version["parts_sha256"]}
    assert mara.refused("POST", f"/versions/{version['id']}/decision", verdict="approved", **hashes) == (403, "Forbidden")
    world.play(everyone, "decision")


def divide(world: World, mara: Caller, everyone: Cast, path: str, contribution: str) -> None:
    here = deliverable(mara, path)
    assert (here["stage"], waits(mara, path)) == ("payout", ["points_unassessed"])
    points = [{"contribution": contribution, "points": 5, "reason": "It carries the piece."}]
    mara.put(f"/deliverables/{here['id']}/assessment", visit=here["visit"], contributions=points)
    world.flow()
    [proposal] = mara.get(f"/deliverables/{here['id']}/proposals")["items"]
    opened = mara.get(f"/proposals/{proposal['id']}")
    assert sum(line["amount"] for line in opened["lines"]) == proposal["pool"] == 1_000_000
    world.pass_time(timedelta(days=15))
    assert waits(mara, path) == ["finalization"]
    assert mara.refused("GET", "/payouts/runs") == (403, "Forbidden")
    world.play(everyone, "finalization")

"""A curator: screens, judges blind, decides what stays open, and never learns who made what."""

from uuid import UUID

from sqlalchemy import select

from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.models import SourceKind
from campaigns.core.people import Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.open_call.models import Maker
from tests import factories
from tests.everyone import Cast
from tests.factories import someone
from tests.journeys.world import Caller, World, only_deliverable, open_call
from workers.transactions import unit_of_work

PLANTED = "Zorblatt Quimby"


def two_contributions(world: World, everyone: Cast) -> list[str]:
    """Two contributions by people whose names could give themselves away."""
    with unit_of_work() as session:
        titles = ("Lantern street", "First foot")
        contributions = [
            factories.contributed(session, everyone.made, factories.person(session, PLANTED), t, at=world.now()) for t in titles
        ]
        return [str(contribution.id) for contribution in contributions]


def claim_influence(world: World, first: str, second: str) -> None:
    """The second's maker says that the first led to it."""
    with unit_of_work() as session:
        maker = session.scalars(select(Maker.person_id).where(Maker.contribution_id == UUID(second))).one()
        claim_actions.claim(session, UUID(second), UUID(first), SourceKind.INFLUENCED_BY, by=actor_for(session, maker), at=world.now())


def test_a_curator_screens_judges_and_decides_without_a_name(world: World) -> None:
    everyone = open_call(world)
    cleo = world.sign_in(everyone.curator)
    path = f"/campaigns/{everyone.made.id}"
    contributions = two_contributions(world, everyone)
    world.flow()
    desk = cleo.get(f"{path}/screening")
    assert {item["id"] for item in desk["items"]} == set(contributions)
    for contribution in contributions:
        cleo.post(f"/contributions/{contribution}/screening", takes_part=True)
    assert cleo.get(f"{path}/screening")["items"] == []
    decide(world, everyone, cleo, contributions)
    review(world, everyone, cleo)
    answers = [cleo.ask("GET", place).text for place in (f"{path}/contributions", f"{path}/influence-claims", "/me/reviews?every=true")]
    assert [PLANTED in str(seen) for seen in (desk, *answers)] == [False] * 4
    assert [contribution["credits"] for contribution in cleo.get(f"{path}/contributions")["items"]] == [[], []]


def decide(world: World, everyone: Cast, cleo: Caller, contributions: list[str]) -> None:
    claim_influence(world, *contributions)
    [claim] = cleo.get(f"/campaigns/{everyone.made.id}/influence-claims")["items"]
    first, second = claim["source"]["id"], claim["contribution"]["id"]
    assert [first, second] == contributions
    decided = cleo.post(f"/sources/{second}/{first}/decide", counts=True, reason="The turn of the melody is the same.")
    assert (decided["state"], decided["kind"]) == ("confirmed", "influenced_by")
    assert cleo.get(f"/campaigns/{everyone.made.id}/influence-claims")["items"] == []


def review(world: World, everyone: Cast, cleo: Caller) -> None:
    world.play(everyone, "call_open", "collaboration_open", "material_incomplete")
    deliverable = only_deliverable(everyone)
    with unit_of_work() as session:
        other = someone(session, Role.CURATOR, "Chidi", on=Scope(campaign_id=everyone.made.id))
    mara = world.sign_in(everyone.manager)
    mara.post(f"/deliverables/{deliverable.id}/assignments", curators=[cleo.id, str(other.person)], per_contribution=1)
    mine, theirs = cleo.get("/me/reviews")["items"], world.sign_in(other).get("/me/reviews")["items"]
    assert (len(mine), len(theirs)) == (1, 1)
    assert cleo.refused("GET", f"/reviews/{theirs[0]['id']}") == (404, "NoSuchReview")
    asked = cleo.get(f"/reviews/{mine[0]['id']}")["criteria"]
    incomplete = cleo.refused("PUT", f"/reviews/{mine[0]['id']}", scores={}, reason="It has a voice.")
    assert incomplete == (400, "ScoreMissing")
    cleo.put(f"/reviews/{mine[0]['id']}", scores={criterion["name"]: 4 for criterion in asked}, reason="It has a voice.")
    assert (cleo.get("/me/reviews")["items"], len(cleo.get("/me/reviews?every=true")["items"])) == ([], 1)
    chosen = {"visit": deliverable.visit, "chosen": {}, "common_reason": "None."}
    assert cleo.refused("POST", f"/deliverables/{deliverable.id}/selection", **chosen) == (403, "Forbidden")
    assert cleo.refused("GET", f"/deliverables/{deliverable.id}/reviews") == (403, "Forbidden")
    assert cleo.refused("GET", f"/deliverables/{deliverable.id}/proposals")[0] == 404

"""A leader: closes the collaboration of a deliverable, later or sooner, and looks on at what is chosen, shown and shared out."""

from datetime import datetime, timedelta
from typing import Any

from campaigns.brief.deliverables.actions import DeliverableOrder
from tests import factories
from tests.everyone import Cast
from tests.factories import READER
from tests.journeys.world import Caller, World, open_call
from workers.transactions import unit_of_work

LETTER = DeliverableOrder("Holiday letter", kind="text", format="Markdown", length="2 pages", price=1_000_000)
FORBIDDEN = (403, "Forbidden")
WHY = {"reason": "Two of the songs are still being recorded."}
SO_FAR = ("Sign in to Callboard", "A token for your account was created", "You are leader for “Holiday traditions”")
TO_SELECTION = (
    "collaboration_open", "material_incomplete", "curators_unassigned", "reviews_outstanding", "selection_unpublished",
)  # fmt: skip


def test_a_leader_says_when_the_material_is_complete_and_only_looks_on_at_what_is_made_of_it(world: World) -> None:
    everyone = open_call(world, (READER, LETTER))
    path, other = f"/campaigns/{everyone.made.id}", f"/campaigns/{open_call(world).made.id}"
    with unit_of_work() as session:
        factories.taking_part(session, everyone.made, everyone.artist, at=world.now())
    mara = world.sign_in(everyone.manager)
    lena, tomas = invited(world, mara, path)
    do_not_run_it(lena, path, other)
    world.play(everyone, "call_open")
    give_more_time(world, lena, tomas, path)
    complete(world, lena, tomas, path)
    complete_again(world, mara, lena, tomas, path)
    see_what_is_chosen(world, everyone, lena, path)
    see_what_is_shown(world, everyone, lena, path)
    see_how_it_is_shared(world, everyone, lena, path)


def invited(world: World, mara: Caller, path: str) -> tuple[Caller, Caller]:
    """Lena leads the whole campaign, Tomas its letter."""
    letter = mara.get(path)["deliverables"][1]["id"]
    mara.post(f"{path}/roles", email="lena@example.org", role="leader", name="Lena")
    mara.post(f"{path}/roles", email="tomas@example.org", role="leader", name="Tomas", deliverable=letter)
    lena, tomas = world.sign_in("lena@example.org"), world.sign_in("tomas@example.org")
    assert set(world.emails(lena, 3)) == {*SO_FAR}
    assert [held["deliverable"] for who in (lena, tomas) for held in who.get("/me")["roles"] if held["role"] == "leader"] == [None, letter]
    return lena, tomas


def do_not_run_it(lena: Caller, path: str, other: str) -> None:
    """Of one campaign she sees where it stands, of another's running nothing; to run either is for others."""
    listed = {f"/campaigns/{shown['id']}": shown["waits"] is not None for shown in lena.get("/campaigns")["items"]}
    assert listed == {path: True, other: False}
    assert lena.get(path)["stage"] == "open_call"
    assert lena.refused("GET", other) == FORBIDDEN
    assert [lena.refused("GET", f"{path}/{what}") for what in ("brief", "timeline", "roles", "screening")] == [FORBIDDEN] * 4
    assert lena.refused("POST", f"{path}/pause", **WHY) == FORBIDDEN
    assert lena.refused("POST", f"{path}/cancel", **WHY) == FORBIDDEN
    assert lena.refused("POST", f"{path}/reminders", gate="call_open") == FORBIDDEN
    assert lena.refused("POST", f"{path}/roles", email="kim@example.org", role="editor") == FORBIDDEN
    reader, _letter = at(lena, path)
    assert lena.refused("POST", f"{reader}/collaboration/complete", visit=2) == (409, "NotInCollaboration")


def at(who: Caller, path: str) -> list[str]:
    """The addresses of the reader and of the letter."""
    return [f"/deliverables/{shown['id']}" for shown in who.get(path)["deliverables"]]


def stages(who: Caller, path: str) -> list[tuple[str, int]]:
    """The stage and the visit of the reader and of the letter."""
    return [(shown["stage"], shown["visit"]) for shown in who.get(path)["deliverables"]]


def needs(who: Caller) -> list[tuple[str, str, list[str]]]:
    """What waits for someone, by its code, with the sentence and for which deliverables."""
    return [(need["code"], need["message"], need["deliverables"]) for need in who.get("/me/needs")["items"]]


def give_more_time(world: World, lena: Caller, tomas: Caller, path: str) -> None:
    """She moves the close of the reader's collaboration on, with a reason that everyone reads; the letter's stays."""
    reader, _letter = at(lena, path)
    before = [closes(lena, path, number) for number in (0, 1)]
    later, earlier = (before[0] + timedelta(days=days) for days in (3, -1))
    assert tomas.refused("POST", f"{reader}/collaboration/extend", closes_at=later.isoformat(), **WHY) == FORBIDDEN
    assert lena.refused("POST", f"{reader}/collaboration/extend", closes_at=earlier.isoformat(), **WHY) == (400, "NotALaterClose")
    extended = lena.post(f"{reader}/collaboration/extend", closes_at=later.isoformat(), **WHY)
    assert (datetime.fromisoformat(extended["closes_at"]), extended["completed_at"]) == (later, None)
    assert [closes(lena, path, number) for number in (0, 1)] == [later, before[1]]
    assert {told.partition(": until ")[0] for told in world.emails(tomas, 4)} == {*SO_FAR, "More time for “Holiday reader”"}


def closes(who: Caller, path: str, number: int) -> datetime:
    """When the time for building on contributions ends for the deliverable in this place."""
    [wait] = who.get(path)["deliverables"][number]["waits"]
    assert wait["code"] == "collaboration_open"
    return datetime.fromisoformat(wait["due"])


def complete(world: World, lena: Caller, tomas: Caller, path: str) -> None:
    """Her word closes the reader's collaboration, once; the letter's goes on."""
    reader, letter = at(lena, path)
    assert stages(lena, path) == [("collaboration", 3), ("collaboration", 3)]
    assert (at(tomas, path), stages(tomas, path)) == ([letter], [("collaboration", 3)])
    assert tomas.refused("POST", f"{reader}/collaboration/complete", visit=3) == FORBIDDEN
    assert lena.refused("POST", f"{reader}/collaboration/complete", visit=2) == (409, "Stale")
    said = lena.post(f"{reader}/collaboration/complete", visit=3)
    assert (said["visit"], said["completed_at"] is None) == (3, False)
    assert lena.post(f"{reader}/collaboration/complete", visit=3) == said
    world.flow()
    assert stages(lena, path) == [("curation", 4), ("collaboration", 3)]
    later = (world.now() + timedelta(days=9)).isoformat()
    assert lena.refused("POST", f"{reader}/collaboration/extend", closes_at=later, **WHY) == (409, "NotInCollaboration")


def complete_again(world: World, mara: Caller, lena: Caller, tomas: Caller, path: str) -> None:
    """What the manager sends back has no close of its own: it waits for her word, and not for another deliverable's leader."""
    reader, _letter = at(lena, path)
    assert lena.refused("POST", f"{reader}/send-back", to="collaboration", visit=4, **WHY) == FORBIDDEN
    mara.post(f"{reader}/send-back", to="collaboration", visit=4, **WHY)
    sentence = "Waiting for the manager or the deliverable's leader to close the collaboration."
    assert needs(lena) == [("material_incomplete", sentence, [reader.rpartition("/")[2]])]
    assert needs(tomas) == []
    lena.post(f"{reader}/collaboration/complete", visit=5)
    world.flow()
    assert (needs(lena), stages(lena, path)) == ([], [("curation", 6), ("collaboration", 3)])


def see_what_is_chosen(world: World, everyone: Cast, lena: Caller, path: str) -> None:
    """She reads what was chosen and why; to have it judged and to choose it is not hers."""
    reader, _letter = at(lena, path)
    curators = {"curators": [lena.id], "per_contribution": 1}
    assert lena.refused("POST", f"{reader}/assignments", **curators) == FORBIDDEN
    assert lena.refused("POST", f"{reader}/selection", visit=6, chosen={}, common_reason="None.") == FORBIDDEN
    assert lena.get(f"{reader}/selection")["items"] == []
    world.play(everyone, *TO_SELECTION)
    [selection] = lena.get(f"{reader}/selection")["items"]
    assert [(contribution["title"], contribution["reason"]) for contribution in selection["chosen"]] == [("Lantern street", "It moved us.")]
    assert lena.refused("GET", f"{reader}/reviews") == FORBIDDEN
    assert [stage for stage, _visit in stages(lena, path)] == ["client_delivery"] * 2


def see_what_is_shown(world: World, everyone: Cast, lena: Caller, path: str) -> None:
    """She sees what the brand sees, wishes for something, and hears what the brand decides; she makes, presents and decides nothing."""
    reader, _letter = at(lena, path)
    form = {"upload_id": lena.id, "components": [], "makers": {}}
    assert lena.refused("POST", f"{reader}/versions", **form) == FORBIDDEN
    world.play(everyone, "no_version")
    assert lena.get(f"{reader}/versions")["items"] == []
    world.play(everyone, "internal_approval")
    [version] = lena.get(f"{reader}/versions")["items"]
    assert (version["number"], "note" in version, "made_by" in version) == (1, False, False)
    note_something(lena, version)
    assert lena.refused("POST", f"/versions/{version['id']}/internal-approval") == FORBIDDEN
    assert lena.refused("POST", f"/versions/{version['id']}/decision", **approving(version)) == FORBIDDEN
    world.sign_in(everyone.approver).post(f"/versions/{version['id']}/decision", **approving(version))
    assert set(world.emails(lena, 4)) == {*SO_FAR, "“Holiday reader” is approved"}
    assert lena.get(f"/versions/{version['id']}")["decision"]["verdict"] == "approved"
    world.play(everyone, "decision")
    assert lena.refused("GET", f"{reader}/package") == FORBIDDEN


def approving(version: dict[str, Any]) -> dict[str, str]:
    return {"verdict": "approved", "file_sha256": version["file_sha256"], "parts_sha256": version["parts_sha256"]}


def note_something(lena: Caller, version: dict[str, Any]) -> None:
    """A wish is hers, and open to the brand; what keeps a version from being approved is said by others."""
    asked = {"words": "The bells a little softer."}
    assert lena.refused("POST", f"/versions/{version['id']}/annotations", **asked, weight="required") == (403, "OnlyAWish")
    wish = lena.post(f"/versions/{version['id']}/annotations", **asked, internal=True)
    assert (wish["words"], wish["weight"], wish["internal"], wish["by"]) == ("The bells a little softer.", "wish", False, "Lena")


def see_how_it_is_shared(world: World, everyone: Cast, lena: Caller, path: str) -> None:
    """She reads who is to get what; nothing of it is for her to say, and none of it is hers."""
    reader, _letter = at(lena, path)
    points = {"visit": stages(lena, path)[0][1], "contributions": []}
    assert lena.refused("PUT", f"{reader}/assessment", **points) == FORBIDDEN
    world.play(everyone, "points_unassessed")
    [proposal] = lena.get(f"{reader}/proposals")["items"]
    shown = lena.get(f"/proposals/{proposal['id']}")
    assert [(line["name"], line["amount"]) for line in shown["lines"]] == [("Ana", 1_000_000)]
    assert lena.refused("POST", f"/proposals/{proposal['id']}/comments", claim="Mine.", evidence="It is.") == (403, "NotAContributor")
    assert lena.refused("POST", f"/proposals/{proposal['id']}/finalization") == FORBIDDEN
    world.play(everyone, "window_open", "finalization")
    assert lena.get(path)["stage"] == "done"
    assert lena.get("/me/money")["items"] == []
    assert lena.refused("GET", "/payouts/runs") == FORBIDDEN

"""Curation: blind reviews against a rubric, and a selection for each deliverable with its reasons."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from demo.client import DemoPerson, Json
from demo.story.partnership import Partnership
from demo.works.versions import VERSIONS

PER_CONTRIBUTION = 2
REASONS = (
    "It knows its kitchen from the inside, and lets the reader stand in it.",
    "The composition holds one thing back and is stronger for it.",
    "Heard twice; the second time is better, which is rare.",
    "A small custom told exactly. Nothing in it is there for show.",
)
NOT_CHOSEN = "A good contribution, but this deliverable had no room for it. It stays in the collection, and others can build on it."


def review(p: Partnership, title: str) -> None:
    """Curators are assigned by lot and review what they get, without a name or a number of anything."""
    deliverable = p.deliverables[title]
    curators = [c.id for c in p.cast.curators]
    p.cast.manager.post(f"/deliverables/{deliverable}/assignments", curators=curators, per_contribution=PER_CONTRIBUTION)
    with ThreadPoolExecutor(len(p.cast.curators)) as desks:
        reviews = sum(desks.map(_review_all, p.cast.curators))
    p.tell(
        f"{title}: three curators submit {reviews} blind reviews." if reviews else f"{title}: all contributions have already been reviewed."
    )


def select(p: Partnership, title: str, without: Iterable[str] = ()) -> None:
    """The manager publishes what is chosen, with a reason for each contribution, in one act."""
    deliverable = p.deliverable(title)
    judged = p.cast.manager.every(f"/deliverables/{deliverable['id']}/reviews")
    known = {item["contribution"] for item in judged}
    keys = {key for planned in VERSIONS if planned.deliverable == title for key in planned.components} - set(without)
    chosen = {p.contributions[key]: _why(judged, p.contributions[key]) for key in sorted(keys) if p.contributions.get(key) in known}
    p.cast.manager.post(f"/deliverables/{deliverable['id']}/selection", visit=deliverable["visit"], chosen=chosen, common_reason=NOT_CHOSEN)
    p.tell(f"{title}: {len(chosen)} contributions are chosen out of {len(known)}; every maker can read the reason.")
    p.wait_until_in("client_delivery", title)


def _review_all(curator: DemoPerson) -> int:
    done = 0
    while desk := curator.get("/me/reviews", limit=100)["items"]:
        for item in desk:
            _review(curator, item["id"], done)
            done += 1
    return done


def _review(curator: DemoPerson, assignment: str, number: int) -> None:
    criteria = curator.get(f"/reviews/{assignment}")["criteria"]
    scores = {criterion["name"]: 3 + (number + place) % 3 for place, criterion in enumerate(criteria)}
    curator.put(f"/reviews/{assignment}", scores=scores, reason=REASONS[number % len(REASONS)])


def _why(judged: list[Json], contribution: str) -> str:
    reviews = next(item["reviews"] for item in judged if item["contribution"] == contribution)
    return str(reviews[0]["reason"]) if reviews else REASONS[0]

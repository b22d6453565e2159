"""Collaboration: the works are built on, generation by generation, and what led to what is claimed and confirmed."""

from demo.client import Json
from demo.story.open_call import screen, send
from demo.story.partnership import Partnership
from demo.works.catalogue import WORKS
from demo.works.versions import FILM, POSTER, SONG

LATE = "marigold-door"


def remix(p: Partnership) -> None:
    """Each generation builds on the works of those before it, and cites them."""
    built = [work for work in WORKS if work.sources and work.key != LATE]
    while built:
        generation = [work for work in built if all(key in p.works for key, _kind in work.sources)]
        send(p, generation)
        p.tell(f"{len(generation)} works build on others: “{generation[0].title}” on {_titles(generation[0].sources)}.")
        screen(p, generation)
        built = [work for work in built if work.key not in p.works]


def confirm(p: Partnership) -> None:
    """Influence counts once the other side says so; what stays open a curator decides."""
    confirmed = 0
    for artist in p.cast.artists.values():
        for claim in artist.every("/me/claims"):
            artist.post(f"/sources/{claim['work']}/{claim['source']}/confirm")
            confirmed += 1
    decided = 0
    for claim in p.cast.curators[0].every(f"{p.path}/influence-claims"):
        work, source = claim["work"]["id"], claim["source"]["id"]
        reason = "The turn of the melody is the same; both heard it here first."
        p.cast.curators[0].post(f"/sources/{work}/{source}/decide", counts=True, reason=reason)
        decided += 1
    p.tell(f"{confirmed} influences are confirmed by the other side, {decided} by a curator.")


def trace(p: Partnership) -> None:
    """A lineage several generations deep."""
    lineage: Json = p.cast.artists["tomasz"].get(f"/works/{p.works['every-window']}/lineage")
    generations = max(work["generation"] for work in lineage["works"])
    p.tell(f"“Every Window” is based on {len(lineage['works']) - 1} works across {generations} generations.")


def complete(p: Partnership) -> None:
    """The song's material is complete, says the manager, and it goes ahead; the others close at their hour."""
    say_complete(p, SONG)


def say_complete(p: Partnership, title: str) -> None:
    """The manager's word closes this deliverable's collaboration."""
    deliverable = p.deliverable(title)
    p.cast.manager.post(f"/deliverables/{deliverable['id']}/collaboration/complete", visit=deliverable["visit"])
    p.wait_until_in("curation", title)


def close(p: Partnership) -> None:
    """The other two close at the stated hour."""
    p.let_pass_until("collaboration_closes_at")
    p.wait_until_in("curation", FILM, POSTER)


def _titles(sources: tuple[tuple[str, str], ...]) -> str:
    titles = {work.key: work.title for work in WORKS}
    return " and ".join(f"“{titles[key]}” ({kind.replace('_', ' ')})" for key, kind in sources)

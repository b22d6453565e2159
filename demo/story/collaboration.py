"""Collaboration: the contributions are built on, generation by generation, and what led to what is claimed and confirmed."""

from demo.client import Json
from demo.story.open_call import screen, send
from demo.story.partnership import Partnership
from demo.works.catalogue import CONTRIBUTIONS
from demo.works.versions import FILM, POSTER, SONG

LATE = "marigold-door"


def remix(p: Partnership) -> None:
    """Each generation builds on the contributions of those before it, and cites them."""
    built = [contribution for contribution in CONTRIBUTIONS if contribution.sources and contribution.key != LATE]
    while built:
        generation = [contribution for contribution in built if all(key in p.contributions for key, _kind in contribution.sources)]
        send(p, generation)
        p.tell(f"{len(generation)} contributions build on others: “{generation[0].title}” on {_titles(generation[0].sources)}.")
        screen(p, generation)
        built = [contribution for contribution in built if contribution.key not in p.contributions]


def confirm(p: Partnership) -> None:
    """Influence counts once the other side says so; what stays open a curator decides."""
    confirmed = 0
    for artist in p.cast.artists.values():
        for claim in artist.every("/me/claims"):
            artist.post(f"/sources/{claim['contribution']}/{claim['source']}/confirm")
            confirmed += 1
    decided = 0
    for claim in p.cast.curators[0].every(f"{p.path}/influence-claims"):
        contribution, source = claim["contribution"]["id"], claim["source"]["id"]
        reason = "The turn of the melody is the same; both heard it here first."
        p.cast.curators[0].post(f"/sources/{contribution}/{source}/decide", counts=True, reason=reason)
        decided += 1
    p.tell(f"{confirmed} influences are confirmed by the other side, {decided} by a curator.")


def trace(p: Partnership) -> None:
    """A lineage several generations deep."""
    lineage: Json = p.cast.artists["tomasz"].get(f"/contributions/{p.contributions['every-window']}/lineage")
    generations = max(contribution["generation"] for contribution in lineage["contributions"])
    p.tell(f"“Every Window” is based on {len(lineage['contributions']) - 1} contributions across {generations} generations.")


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
    titles = {contribution.key: contribution.title for contribution in CONTRIBUTIONS}
    return " and ".join(f"“{titles[key]}” ({kind.replace('_', ' ')})" for key, kind in sources)

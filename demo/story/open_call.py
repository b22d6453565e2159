"""The call: read by anyone, answered by artists of many countries, screened blind."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from demo.cast import AT_ONCE, sign_in
from demo.client import DemoPerson, Json, RequestRefused, wait_for
from demo.story.partnership import ENDINGS, Partnership
from demo.works.catalogue import CONTRIBUTIONS
from demo.works.contribution import DemoContribution

FIRST = [contribution for contribution in CONTRIBUTIONS if not contribution.sources]


def read(p: Partnership) -> None:
    """A guest reads the call: money first, the rule in words, the rights."""
    guest = DemoPerson("", "A guest")
    call = guest.get(f"{p.path}/call")
    p.tell(f"Anyone can read the call: {call['money']['in_words']} for {len(call['deliverables'])} deliverables.")
    for sentence in call["money"]["pay_rule"][:2]:
        p.tell(f"   {sentence}")


def join(p: Partnership) -> None:
    """The artists and curators sign in, each by the link in an email; those who cannot be paid yet are told before they upload."""
    for curator in p.cast.curators:
        p.cast.manager.post(f"{p.path}/roles", email=curator.email, role="curator", name=curator.name)
    sign_in([*p.cast.artists.values(), *p.cast.curators])
    countries = {artist.country for artist in p.cast.artists.values()}
    p.tell(f"{len(p.cast.artists)} artists from {len(countries)} countries sign in.")
    route = p.cast.artists["sarita"].get(f"{p.path}/call")["payout_route"]
    p.tell(f"Sarita Gurung in Nepal reads before she uploads: {route['sentence']}")


def contribute(p: Partnership) -> None:
    """Everyone sends a first contribution; a file that is not what its name says is refused."""
    _refuse_a_lie(p)
    send(p, FIRST)
    p.tell(f"{len(FIRST)} contributions are submitted: stories, poems, pictures, sounds.")
    screen(p, FIRST)


def send(p: Partnership, contributions: Iterable[DemoContribution]) -> None:
    """Send contributions in, several at once."""
    with ThreadPoolExecutor(AT_ONCE) as hands:
        list(hands.map(lambda contribution: _send_one(p, contribution), contributions))


def screen(p: Partnership, contributions: list[DemoContribution]) -> None:
    """The curators see what was made of each file, without a name, and let it take part."""
    expected = {p.contributions[contribution.key] for contribution in contributions}
    desk: list[Json] = wait_for("contributions to be ready for screening", lambda: _all_ready(p, expected))
    for number, item in enumerate(desk):
        p.cast.curators[number % len(p.cast.curators)].post(f"/contributions/{item['id']}/screening", takes_part=True)
    p.tell(f"Screened blind: {len(contributions)} contributions are accepted.")


def close(p: Partnership) -> None:
    """The call closes at its stated hour."""
    p.let_pass_until("call_closes_at")
    p.wait_until_in("collaboration")


def _send_one(p: Partnership, contribution: DemoContribution) -> None:
    artist = p.cast.artists[contribution.artist]
    entry: Json = {
        "title": contribution.title,
        "statement": contribution.statement,
        "is_wrapper": contribution.wrapper,
        "licence_version": _licence(p),
    }
    entry["upload"] = artist.upload(p.files / contribution.file, ENDINGS["." + contribution.file.rsplit(".", 1)[1]])
    if contribution.shares:
        entry["makers"] = {p.cast.artists[key].id: share for key, share in contribution.shares.items()}
    if not contribution.sources:
        p.contributions[contribution.key] = artist.post(f"{p.path}/contributions", **entry)["id"]
    else:
        sources = [{"source": p.contributions[key], "kind": kind} for key, kind in contribution.sources]
        p.contributions[contribution.key] = artist.post(f"{p.path}/remixes", **entry, sources=sources)["id"]
    for key in contribution.shares.keys() - {contribution.artist}:
        p.cast.artists[key].post(f"/contributions/{p.contributions[contribution.key]}/confirmation")


def _licence(p: Partnership) -> str:
    version: str = p.cast.manager.get(f"{p.path}/brief")["licence_version"]
    return version


def _all_ready(p: Partnership, expected: set[str]) -> list[Json] | None:
    desk = [item for item in p.cast.curators[0].every(f"{p.path}/screening") if item["id"] in expected and item["state"] == "ready"]
    return desk if len(desk) == len(expected) else None


def _refuse_a_lie(p: Partnership) -> None:
    artist = p.cast.artists["noa"]
    lie = p.files / "not-really-a-picture.png"
    lie.write_bytes(next(p.files.glob("*.mp3")).read_bytes())
    try:
        artist.post(f"{p.path}/contributions", title="A lie", upload=artist.upload(lie, "image/png"), licence_version=_licence(p))
    except RequestRefused as refused:
        p.tell(f"Refused: {refused.problem['detail']}")

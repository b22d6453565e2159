"""Everyone asks for everything once: what they were told, what they could read, what changed, what a refusal gave away."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from httpx import Response
from sqlalchemy import Connection, text

from campaigns.core.files import opened
from campaigns.core.ids import new_id
from tests.described import unlike
from tests.leaks.asking import Asking, absent, filled, fingerprint, told, undone
from tests.leaks.matrix import Line, lines
from tests.leaks.planted import Mark
from tests.leaks.readers import readers
from tests.leaks.routes import Way, ways
from tests.leaks.texts import MORE, form_of, links_of, text_of
from tests.leaks.things import asked_of, things_of
from tests.leaks.world import World

ANYWHERE = ""
API = "/api/v1/"
# What a search is asked for: the beginning of every marker, which is none itself.
SOUGHT = "zq0"
RECORDED = text("select name, facts from event where id > :begun")


@dataclass(frozen=True, slots=True)
class Sight:
    """A planted text that a reader, asking about the campaign of a place, was shown."""

    reader: str
    place: str
    mark: Mark


@dataclass
class Walk:
    """One round of everyone through the world: what came of it.

    `opened` is what each form of a file or stream named to whom, `facts` what was recorded of all that was done.
    """

    told: dict[tuple[str, str, str], str] = field(default_factory=dict)
    seen: dict[Sight, str] = field(default_factory=dict)
    opened: dict[tuple[str, str], set[Mark]] = field(default_factory=dict)
    facts: set[str] = field(default_factory=set)
    changed: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    dead_ends: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)

    def add(self, other: "Walk") -> None:
        """Add what came of another part of the round."""
        self.told |= other.told
        self.seen |= other.seen
        self.facts |= other.facts
        for opened_by, marks in other.opened.items():
            self.opened.setdefault(opened_by, set()).update(marks)
        for mine, theirs in ((self.changed, other.changed), (self.differing, other.differing), (self.logged, other.logged)):
            mine += theirs
        self.dead_ends += other.dead_ends
        self.unlike += other.unlike


class Walking:
    """The round itself, in two parts that need not be made in one process: what there is to read, and what can be done."""

    def __init__(self, world: World) -> None:
        self.walk, self._pen = Walk(), world.pen
        self._readers, self._things = readers(world), things_of(world)
        self._asking, self._ways = Asking(), {way.name: way for way in ways()}
        self._known = [line for line in lines() if line.name in self._ways]
        self._begun = new_id()
        self._leads: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}

    async def read(self) -> Walk:
        """Everyone reads all that there is, and follows every link."""
        with undone():
            for line in self._known:
                if self._ways[line.name].only_reads:
                    for reader in line.asked:
                        await self._try(line, reader)
            await self._follow_links()
            await self._search()
        return self.walk

    async def act(self) -> Walk:
        """Everyone tries all that can be done."""
        with undone() as connection:
            self._before = fingerprint(connection)
        for name, of_way in self._of_each_way():
            if not self._ways[name].only_reads:
                await self._act(name, of_way)
        return self.walk

    def _of_each_way(self) -> list[tuple[str, list[Line]]]:
        by_name: dict[str, list[Line]] = {}
        for line in self._known:
            by_name.setdefault(line.name, []).append(line)
        return list(by_name.items())

    async def _act(self, name: str, of_way: list[Line]) -> None:
        """Those who are refused first, together, for they change nothing; then each of the others in a world of their own."""
        with undone() as connection:
            for line in of_way:
                for reader in line.asked:
                    if line.refuses(reader):
                        await self._try(line, reader)
            after = fingerprint(connection)
            self.walk.changed += [f"{name}: {table}" for table in after if after[table] != self._before[table]]
            for line in of_way:
                for reader in line.asked:
                    if not line.refuses(reader):
                        await self._do(line, reader, connection)

    async def _do(self, line: Line, reader: str, connection: Connection) -> None:
        """What one may do is done, noted, and undone."""
        with connection.begin_nested() as world:
            await self._try(line, reader)
            self.walk.facts |= {f"{name}: {facts}" for name, facts in connection.execute(RECORDED, {"begun": self._begun})}
            world.rollback()

    async def _try(self, line: Line, reader: str) -> None:
        way, things = self._ways[line.name], asked_of(reader, self._things[line.place])
        answer = await self._ask(way, line.place, reader, things)
        said = self.walk.told[line.name, line.place, reader] = told(answer)
        if way.route and way.path.startswith(API) and (fault := unlike(way.method, way.path, answer)):
            self.walk.unlike.append(f"{reader}: {line.name} at {line.place}: {fault}")
        self._look(reader, line.place, line.name, answer)
        if said == "404" and reader in line.told_of_nothing:
            twin = await self._ask(way, line.place, reader, nobodys := absent(way.path, things))
            if without(answer, things) != without(twin, nobodys):
                self.walk.differing.append(f"{reader}: {line.name}")
        await self._read_on(answer, line, reader)

    async def _read_on(self, answer: Response, line: Line, reader: str) -> None:
        """A list's further pages, to its end."""
        while more := MORE.search(answer.content):
            following = answer.request.url.copy_set_param("after", more[1].decode())
            answer = await self._readers[line.place][reader].ask(self._asking, "GET", following.raw_path.decode(), {})
            self._look(reader, line.place, line.name, answer)

    async def _ask(self, way: Way, place: str, reader: str, things: Mapping[str, object]) -> Response:
        return await self._readers[place][reader].ask(self._asking, way.method, filled(way.path, things), way.sent(things))

    def _look(self, reader: str, place: str, where: str, answer: Response) -> None:
        """Note what of the planted texts the answer shows, and where its links lead."""
        shown = text_of(answer)
        marks = self._pen.found(shown)
        for mark in marks:
            self.walk.seen.setdefault(Sight(reader, place, mark), where)
        if form := form_of(answer.content):
            self.walk.opened.setdefault((form, reader), set()).update(marks)
        leads = self._leads.setdefault((reader, place), {})
        for link in links_of(answer, shown):
            leads.setdefault(target(link), (link, where))

    async def _follow_links(self) -> None:
        """Go wherever the answers of the table lead that is no line of it, one step further."""
        asked = {(ANYWHERE, way.path) for way in self._ways.values() if "{" not in way.path}
        asked |= {(line.place, filled(self._ways[line.name].path, self._things[line.place])) for line in self._known}
        for (reader, place), leads in list(self._leads.items()):
            for link, page in list(leads.values()):
                if link.startswith("/static/") or {(place, link), (ANYWHERE, link.partition("?")[0])} & asked:
                    continue
                answer = await self._readers[place][reader].ask(self._asking, "GET", link, {})
                self._look(reader, place, f"{link} of {page}", answer)
                if answer.status_code >= 400:
                    self.walk.dead_ends.append(f"{reader} at {page}: {link} is {answer.status_code}")

    async def _search(self) -> None:
        """Look for what is hidden, by its beginning."""
        everyone = {who: (reader, place) for place, present in self._readers.items() for reader, who in present.items()}
        for who, (reader, place) in everyone.items():
            for path in ("/search", "/api/v1/search"):
                self._look(reader, place, path, await who.ask(self._asking, "GET", path, {"params": {"q": SOUGHT}}))


def target(link: str) -> str:
    """What a link leads to: of a file, which is sealed anew in each answer, the file itself."""
    start, _files, token = link.partition("/files/")
    return link if start or not token else opened(token).model_dump_json()


def without(answer: Response, things: Mapping[str, object]) -> tuple[int, str]:
    """The whole answer, but for its own id and the ids that were asked for."""
    whole = text_of(answer).replace(answer.headers.get("x-request-id", ""), "")
    for name, thing in things.items():
        if isinstance(thing, UUID):
            whole = whole.replace(str(thing), name)
    return answer.status_code, whole

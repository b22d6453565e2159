"""Whoever judges sees the contribution and nothing else: not whose it is, not how well known they are, not the file that they sent."""

import re
from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest
from httpx import Response
from sqlalchemy import Connection, select, text

from campaigns.collaboration.claims.actions import claim
from campaigns.collaboration.models import SourceKind
from campaigns.core import access, clock, tokens
from campaigns.core.files import opened, storage
from campaigns.core.people import SYSTEM, Person, Scope
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.curation.assignments import actions as assignment_actions
from campaigns.curation.assignments.actions import assign
from campaigns.curation.models import ReviewAssignment
from campaigns.curation.selections.ranking import ranked
from campaigns.open_call.models import Contribution, ContributionFile, Maker, Upload
from tests.aside import waited_for
from tests.factories import someone
from tests.leaks.asking import Asking, filled, in_one_thread, undone
from tests.leaks.planted import Mark
from tests.leaks.readers import Reader, readers
from tests.leaks.routes import ways
from tests.leaks.texts import text_of
from tests.leaks.things import things_of
from tests.leaks.world import DESK, PAY, World
from tests.samples import NAME
from workers.transactions import unit_of_work

pytestmark = pytest.mark.xdist_group("leaks")
FILE = re.compile(rb"/files/([\w=-]+)")
MAKERS = "select person_id from maker"
OF_DESK = "select id from contribution where campaign_id = :desk"
OF_RUNNING_IT = ("/api/v1/campaigns/{campaign_id}/timeline", "/api/v1/campaigns/{campaign_id}/emails", "/campaigns/{campaign_id}")
FAME = (
    # Everyone who made something is called otherwise, came at another time, and lives elsewhere; so are their files.
    f"update person set name = 'Somebody Famous', created_at = created_at - interval '9 years', country = 'PE' where id in ({MAKERS})",
    "update upload set name = 'famous ' || name",
    # What someone else made, had chosen and is to be paid for is now the first maker's, and all shares are other ones.
    f"update maker set person_id = :artist where person_id = :star and contribution_id not in ({OF_DESK})",
    "update maker set shares = shares * 100",
    # Every contribution is built on every older one, and contains it.
    "update source set kind = 'contains' where kind <> 'contains'",
    f"""insert into source
        select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'contribution_id', n.id, 'source_id', o.id))).*
        from source s, contribution n, contribution o
        where s.id = (select id from source where contribution_id in ({OF_DESK}) limit 1)
        and n.campaign_id = :desk and o.campaign_id = :desk and o.id < n.id on conflict do nothing""",
)


@pytest.fixture
def judge(in_world: World) -> Reader:
    return readers(in_world)[DESK]["curator"]


def make_famous(connection: Connection, world: World) -> None:
    """Change every figure that says how well known a contribution's makers are."""
    people = {"artist": world.who("artist", DESK).person, "star": world.who("artist", PAY).person, "desk": world.companies[DESK].id}
    connection.execute(text("set local session_replication_role = 'replica'"))  # the ledgers of makers and claims take no change otherwise
    changed = [connection.execute(text(change), {k: v for k, v in people.items() if f":{k}" in change}).rowcount for change in FAME]
    connection.execute(text("set local session_replication_role = 'origin'"))
    assert all(changed), changed


def shown(judge: Reader, world: World) -> dict[str, tuple[int, str, bytes]]:
    """Every answer that the curator gets while judging, by its address."""
    with unit_of_work() as session:
        mine = select(ReviewAssignment.id).where(ReviewAssignment.curator_id == world.who("curator", DESK).person)
        assignments = session.scalars(mine.order_by(ReviewAssignment.place)).all()
    desk = world.companies[DESK].id
    paths = ["/desk", "/desk.csv", f"/desk/next?campaign={desk}", "/api/v1/me/reviews", "/api/v1/me/reviews?every=true"]
    each = ("/desk/{}", "/desk/{}/text", "/desk/{}/picture", "/desk/{}/thumbnail", "/api/v1/reviews/{}")
    paths += [path.format(assignment) for assignment in assignments for path in each]
    return waited_for(_asked(judge, paths))


async def _asked(judge: Reader, paths: list[str]) -> dict[str, tuple[int, str, bytes]]:
    asking = Asking()
    answers = {path: await judge.ask(asking, "GET", path, {}) for path in paths}
    return {path: (told.status_code, _lasting(told.headers), _unsealed(told.content)) for path, told in answers.items()}


def _lasting(headers: Mapping[str, str]) -> str:
    """The headers without those that differ with each request: its id, and the tag of a body whose links are sealed anew."""
    return str(sorted((name, value) for name, value in headers.items() if name.lower() not in {"x-request-id", "etag"}))


def _unsealed(body: bytes) -> bytes:
    """The body with each link to a file, which is sealed anew each time, replaced by the bytes that it leads to."""
    return FILE.sub(lambda link: storage().path(opened(link[1].decode()).sha256).read_bytes(), body)


def test_what_a_curator_is_shown_is_the_same_to_the_byte_whoever_made_it(
    in_world: World, judge: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, key = clock.process_now(), uuid4()
    monkeypatch.setattr(clock, "process_now", lambda: now)
    monkeypatch.setattr("api.reader.uuid4", lambda: key)  # the key of each form, drawn anew for each page
    with undone() as connection:
        before = shown(judge, in_world)
        make_famous(connection, in_world)
        after = shown(judge, in_world)
    assert {path for path in before if before[path] != after[path]} == set()
    assert {status for status, _headers, _body in before.values()} == {200, 303, 404}


def test_contributions_are_handed_out_and_shown_in_the_same_order_whoever_made_them(
    in_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment_actions, "token_hex", lambda _bytes: "0" * 32)
    with undone() as connection:
        before = _handed_out(in_world)
    with undone() as connection:
        make_famous(connection, in_world)
        after = _handed_out(in_world)
    assert (before, len(before) > 3) == (after, True)


def _handed_out(world: World) -> list[tuple[str, UUID, UUID]]:
    """The desks of two curators, in their order, were they asked now for the first time."""
    company = world.companies[DESK]
    with unit_of_work() as session:
        for table in ("score", "review", "review_assignment"):
            session.execute(text(f"delete from {table}"))
        curators = [company.all_.curator.person, company.who("screener").person]
        [deliverable] = company.all_.deliverables(session)
        assign(session, deliverable.id, curators, 2, by=company.all_.manager, at=clock.business_now(session))
        placed = select(ReviewAssignment).order_by(ReviewAssignment.curator_id, ReviewAssignment.place)
        return [(each.place, each.curator_id, each.contribution_id) for each in session.scalars(placed)]


def test_contributions_stand_in_the_same_order_before_whoever_chooses(in_world: World) -> None:
    manager = in_world.who("manager", DESK)
    with undone() as connection, unit_of_work() as session:
        [deliverable] = in_world.companies[DESK].all_.deliverables(session)

        def order() -> list[tuple[UUID, float | None]]:
            return [(each.contribution.id, each.mean) for each in ranked(session, deliverable.id, by=manager)]

        before = order()
        make_famous(connection, in_world)
        assert (order(), len(before) > 3) == (before, True)


def test_nothing_that_a_curator_is_shown_says_whose_it_is_or_holds_the_file_that_was_sent(in_world: World, judge: Reader) -> None:
    desk = in_world.companies[DESK].id
    with unit_of_work() as session:
        of_desk = select(Contribution.id).where(Contribution.campaign_id == desk)
        makers = select(Maker.person_id).where(Maker.contribution_id.in_(of_desk))
        people = session.scalars(select(Person).where(Person.id.in_(makers))).all()
        files = select(ContributionFile.sha256, ContributionFile.mime).where(ContributionFile.contribution_id.in_(of_desk))
        originals = dict(session.execute(files).all())
        names = session.scalars(select(Upload.name).where(Upload.sha256.in_(originals))).all()
        contributions = session.scalars(select(Contribution).where(Contribution.id.in_(of_desk))).all()
    secrets = {
        NAME,
        *originals,
        *names,
        *(str(contribution.id) for contribution in contributions),
        *(contribution.statement for contribution in contributions if contribution.statement),
    }
    secrets |= {told for person in people for told in (person.name, person.email, str(person.id))}
    everything = b"".join(body for _status, _headers, body in shown(judge, in_world).values())
    assert {secret for secret in secrets if secret.encode() in everything} == set()
    assert [sha for sha, mime in originals.items() if storage().path(sha).read_bytes() in everything and not mime.startswith("text/")] == []


@pytest.mark.parametrize("reach", ["the campaign", "one deliverable of it"])
def test_whoever_judges_learns_whose_a_contribution_is_by_no_other_role_of_theirs(in_world: World, reach: str) -> None:
    company = in_world.companies[DESK]
    people = ("name of Ana", "name of Ben", "name of Nico", "email of ana", "email of ben", "email of nico")
    makers = {Mark(DESK, f"person.{field}") for field in people}
    with undone(), in_one_thread():
        things = things_of(in_world)[DESK]
        with unit_of_work() as session:
            first, _second, third = session.scalars(text(f"{OF_DESK} order by id limit 3"), {"desk": company.id})
            claim(session, third, first, SourceKind.INFLUENCED_BY, by=company.all_.artist, at=clock.business_now(session))
            [deliverable] = company.all_.deliverables(session)
            judged = company.all_.made.campaign if reach == "the campaign" else deliverable
            judge = someone(session, Role.CURATOR, "Jude", on=judged.scope)
            for role in (Role.MANAGER, Role.EDITOR, Role.FINANCE, Role.OPERATOR):
                grant_role(session, judge.person, role, on=Scope(campaign_id=company.id), by=SYSTEM)
            reader = Reader(access.open_session(session, judge.person), tokens.issue_token(session, judge.person, "all")[1])
        answers = waited_for(_everything(reader, things))
    told = {way: in_world.pen.found(text_of(answer)) & makers for way, answer in answers.items()}
    assert {way: marks for way, marks in told.items() if marks} == {}
    assert [answers[f"GET {path}"].status_code for path in OF_RUNNING_IT] == [200] * len(OF_RUNNING_IT)


async def _everything(reader: Reader, things: Mapping[str, object]) -> dict[str, Response]:
    """Every answer that there is to read about these things, by its way."""
    asking, reading = Asking(), [way for way in ways() if way.only_reads]
    return {way.name: await reader.ask(asking, way.method, filled(way.path, things), way.sent(things)) for way in reading}

"""A contribution among its relatives, remixes and claims of influence, as people meet them in a browser."""

import re
from collections.abc import Iterator
from functools import partial
from html import unescape
from types import SimpleNamespace
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from api.app import make_app
from api.deps import COOKIE
from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.models import Party, Source, SourceKind, SourceState, WrapperFinding
from campaigns.core import access, clock
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.open_call.contributions import actions as contribution_actions
from campaigns.open_call.models import Contribution
from tests import factories
from tests.api.test_people_and_campaigns import statements
from tests.api.visiting import cells
from tests.factories import person, remixed, taking_part
from workers.transactions import unit_of_work

PAGE = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
CONTAINS, INFLUENCED_BY = SourceKind.CONTAINS, SourceKind.INFLUENCED_BY
ONCE = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with TestClient(make_app(), base_url="https://testserver", headers=PAGE, follow_redirects=False) as client:
        yield client


@pytest.fixture
def scene(client: TestClient) -> SimpleNamespace:
    """Ana's Doors, Ben's remix of it, Cleo's of that one, a contribution of Ben's that stands alone, and those who run the campaign."""
    with unit_of_work() as session:
        at = clock.business_now(session)
        made = factories.opened_call(session, at=at)
        ana, ben, cleo = (person(session, name) for name in ("Ana Quispe", "Ben Okri", "Cleo Danso"))
        doors = taking_part(session, made, ana, "Doors", at=at, statement="My grandmother left it open.")
        sung = remixed(session, made, ben, (doors, CONTAINS), title="Doors, sung", at=at)
        danced = remixed(session, made, cleo, (sung, CONTAINS), title="Doors, danced", at=at)
        lantern = taking_part(session, made, ben, "Lantern", at=at)
        return SimpleNamespace(
            made=made, ana=ana, ben=ben, cleo=cleo, judge=factories.curator(session, made, "Hanna"), manager=made.manager,
            doors=doors.id, sung=sung.id, danced=danced.id, lantern=lantern.id, at=at,
        )  # fmt: skip


def be(client: TestClient, who: Actor) -> TestClient:
    with unit_of_work() as session:
        client.cookies.set(COOKIE, access.open_session(session, who.person))
    return client


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def said(scene: SimpleNamespace, contribution: UUID, older: UUID, by: Actor, kind: SourceKind = INFLUENCED_BY) -> str:
    """A claim's path."""
    with unit_of_work() as session:
        claim_actions.claim(session, contribution, older, kind, by=by, at=scene.at)
    return f"/sources/{contribution}/{older}"


def source(contribution: UUID, older: UUID) -> Source:
    with unit_of_work() as session:
        return session.get_one(Source, (contribution, older))


def contributions() -> int:
    with unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(Contribution)) or 0


def test_a_guest_is_led_to_the_door(client: TestClient, scene: SimpleNamespace) -> None:
    for path in (
        f"/contributions/{scene.doors}",
        f"/contributions/{scene.doors}/lineage",
        f"/contributions/{scene.doors}/remix",
        "/me/claims",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_a_contribution_shows_who_made_it_what_it_came_from_and_what_came_of_it(client: TestClient, scene: SimpleNamespace) -> None:
    page = be(client, scene.ana).get(f"/contributions/{scene.sung}").text
    assert "Made by BO Ben Okri" in text_of(page)
    before, after = page.split('id="made-into"')
    assert "contained in this contribution" in before.split('id="made-from"')[1]
    assert f'href="/contributions/{scene.doors}"' in before.split('id="made-from"')[1]
    assert f'href="/contributions/{scene.danced}"' in after
    boxes = re.findall(r'<a class="box[^>]*href="/contributions/([0-9a-f-]+)"[^>]*>(.*?)</a>', page, re.DOTALL)
    assert [(contribution, text_of(box)) for contribution, box in boxes] == [
        (str(scene.doors), "Doors Ana Quispe"),
        (str(scene.sung), "Doors, sung Ben Okri"),
        (str(scene.danced), "Doors, danced Cleo Danso"),
    ]
    assert len(re.findall(r'<path class="edge contains" d="M[^"]+" marker-end', page)) == 2


def test_a_contribution_s_page_asks_eighteen_times(client: TestClient, scene: SimpleNamespace) -> None:
    be(client, scene.ana)
    assert statements(lambda: client.get(f"/contributions/{scene.sung}")) == 18


def test_a_contribution_that_stands_alone_says_so_and_draws_nothing(client: TestClient, scene: SimpleNamespace) -> None:
    page = be(client, scene.ana).get(f"/contributions/{scene.lantern}").text
    assert "Nobody has built on it yet." in page
    assert "data-map" not in page


def test_whoever_judges_sees_the_contribution_and_nothing_of_where_it_comes_from(client: TestClient, scene: SimpleNamespace) -> None:
    page = be(client, scene.judge).get(f"/contributions/{scene.doors}")
    assert page.status_code == 200
    for hidden in ("Ana Quispe", "My grandmother", "Doors, sung", str(scene.sung), "data-map", "Made into", "/remix"):
        assert hidden not in page.text
    assert client.get(f"/contributions/{scene.doors}/lineage").status_code == 403
    assert client.get(f"/contributions/{scene.doors}/lineage.csv").status_code == 403


def test_a_contribution_that_was_not_let_in_has_a_page_for_its_makers_and_those_who_screen_only(
    client: TestClient, scene: SimpleNamespace
) -> None:
    with unit_of_work() as session:
        waiting = factories.contributed(session, scene.made, scene.ana, "Not yet", at=scene.at).id
    assert be(client, scene.ben).get(f"/contributions/{waiting}").status_code == 404
    for who in (scene.ana, scene.manager):
        assert "This contribution is not public." in be(client, who).get(f"/contributions/{waiting}").text


def test_of_a_contribution_that_was_taken_down_only_its_place_is_shown(client: TestClient, scene: SimpleNamespace) -> None:
    with unit_of_work() as session:
        contribution_actions.withdraw(session, scene.doors, by=scene.ana, at=scene.at)
    be(client, scene.cleo)
    for path in (f"/contributions/{scene.sung}", f"/contributions/{scene.sung}/lineage", f"/contributions/{scene.danced}/lineage.csv"):
        page = client.get(path).text
        assert "withdrawn" in page
        assert "Ana Quispe" not in page
        assert f"/contributions/{scene.doors}" not in page


def test_the_whole_map_goes_over_every_generation_and_is_a_table_too(client: TestClient, scene: SimpleNamespace) -> None:
    page = text_of(be(client, scene.ben).get(f"/contributions/{scene.danced}/lineage").text)
    assert "2 earlier contributions; no later contributions yet." in page
    assert "Doors, danced Cleo Danso contains Doors, sung Ben Okri" in page
    assert cells(client.get(f"/contributions/{scene.danced}/lineage.csv"))[1:] == [
        ["Doors, sung", "Ben Okri", "Doors", "Ana Quispe", "contains"],
        ["Doors, danced", "Cleo Danso", "Doors, sung", "Ben Okri", "contains"],
    ]


def test_titles_and_names_never_become_markup(client: TestClient, scene: SimpleNamespace) -> None:
    with unit_of_work() as session:
        nasty = remixed(
            session, scene.made, scene.ben, (session.get_one(Contribution, scene.doors), CONTAINS), title="<script>x</script>", at=scene.at
        )
    for path in (
        f"/contributions/{nasty.id}",
        f"/contributions/{scene.doors}",
        f"/contributions/{scene.doors}/lineage",
        f"/contributions/{scene.doors}/remix/titles?like=script",
    ):
        page = be(client, scene.cleo).get(path).text
        assert "<script>x" not in page
        assert "&lt;script&gt;x" in page


def test_a_contribution_with_thirty_remixes_costs_as_many_statements_as_one_with_one(client: TestClient, scene: SimpleNamespace) -> None:
    be(client, scene.ana)
    grown = []
    for count in (1, 29):
        with unit_of_work() as session:
            lantern = session.get_one(Contribution, scene.lantern)
            for number in range(count):
                remixed(session, scene.made, scene.cleo, (lantern, CONTAINS), title=f"Lantern {count} {number}", at=scene.at)
        client.get(f"/contributions/{scene.lantern}")
        grown.append(statements(lambda: client.get(f"/contributions/{scene.lantern}")))
    assert grown[0] == grown[1]
    page = client.get(f"/contributions/{scene.lantern}").text
    assert "6 more contributions are just as close" in page
    older = re.search(r'rel="next" href="([^"]+)"', client.get(f"/contributions/{scene.lantern}?limit=20").text)
    assert older is not None
    assert len(re.findall(r'<li><a class="kin"', client.get(unescape(older[1])).text)) == 10


REMIX = {"once": ONCE, "kind": "contains", "title": "Doors, drummed", "text": "Knock.", "licence_version": "2026-01"}


def test_a_remix_is_sent_in_once_with_all_that_it_is_built_on(client: TestClient, scene: SimpleNamespace) -> None:
    form = REMIX | {"also": ["Lantern", ""], "also_kind": ["influenced_by", "contains"]}
    be(client, scene.ana)
    first, again = (client.post(f"/contributions/{scene.sung}/remix", data=form) for _ in range(2))
    assert (first.status_code, first.headers["location"]) == (303, again.headers["location"])
    contribution = UUID(first.headers["location"].removeprefix("/me/contributions/"))
    with unit_of_work() as session:
        edges = session.scalars(select(Source).where(Source.contribution_id == contribution).order_by(Source.source_id)).all()
    assert [(e.source_id, e.kind, e.state) for e in edges] == [
        (scene.sung, CONTAINS, SourceState.CONFIRMED),
        (scene.lantern, INFLUENCED_BY, SourceState.OPEN),
    ]
    assert contributions() == 5


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"also": ["Nowhere"], "also_kind": ["contains"]}, "There is no accepted contribution “Nowhere” here."),
        ({"also": ["Doors, sung"], "also_kind": ["contains"]}, "A source can be cited only once"),
        ({"text": ""}, "Choose a file or write a text."),
    ],
)
def test_a_remix_that_is_refused_keeps_what_was_typed(
    client: TestClient, scene: SimpleNamespace, change: dict[str, list[str]] | dict[str, str], sentence: str
) -> None:
    path = f"/contributions/{scene.sung}/remix"
    answer = be(client, scene.ana).post(path, data=REMIX | {"_page": path, "statement": "Typed for an hour."} | change)
    assert answer.status_code in (400, 409)
    assert sentence in unescape(answer.text)
    assert "Typed for an hour." in answer.text
    assert contributions() == 4


def test_two_contributions_of_one_title_are_told_apart_by_their_address(client: TestClient, scene: SimpleNamespace) -> None:
    with unit_of_work() as session:
        twin = taking_part(session, scene.made, scene.cleo, "LANTERN", at=scene.at).id
    path = f"/contributions/{scene.sung}/remix"
    be(client, scene.ana)
    refused = client.post(path, data=REMIX | {"_page": path, "also": ["Lantern"], "also_kind": ["contains"]})
    assert "Several contributions are called “Lantern”." in unescape(refused.text)
    sent = client.post(path, data=REMIX | {"also": [f"https://testserver/contributions/{twin}"], "also_kind": ["contains"]})
    contribution = UUID(sent.headers["location"].removeprefix("/me/contributions/"))
    assert source(contribution, twin) is not None


def test_nothing_is_built_on_contributions_whose_time_is_over(client: TestClient, scene: SimpleNamespace) -> None:
    with unit_of_work() as session:
        factories.entered(session, scene.made, Stage.CURATION, at=scene.at)
    path = f"/contributions/{scene.sung}/remix"
    be(client, scene.ana)
    assert "This contribution cannot be remixed" in client.get(path).text
    assert "Remix this" not in client.get(f"/contributions/{scene.sung}").text
    assert client.post(path, data=REMIX | {"_page": path}).status_code == 409
    assert contributions() == 4


def test_titles_are_suggested_with_their_makers_but_never_to_those_who_judge(client: TestClient, scene: SimpleNamespace) -> None:
    path = f"/contributions/{scene.sung}/remix/titles?like=lanT"
    assert be(client, scene.ana).get(path).text.strip() == '<option value="Lantern">Ben Okri</option>'
    assert be(client, scene.judge).get(path).text.strip() == '<option value="Lantern"></option>'


def test_an_influence_is_claimed_from_the_page_of_a_contribution_and_confirmed_by_the_other_side(
    client: TestClient, scene: SimpleNamespace
) -> None:
    path = f"/contributions/{scene.doors}/claim"
    form = {"once": ONCE, "_page": path, "other": "Lantern", "kind": "influenced_by"}
    be(client, scene.ben)
    first, again = (client.post(path, data=form) for _ in range(2))
    claim = f"/sources/{scene.lantern}/{scene.doors}"
    assert (first.headers["location"], again.headers["location"]) == (claim, claim)
    assert "Waiting for the other side." in client.get(claim).text
    assert "“Lantern” was influenced by “Doors”" in unescape(be(client, scene.ana).get("/me/claims").text)
    assert client.post(f"{claim}/confirm", data={"_page": "/me/claims"}).headers["location"] == "/me/claims"
    assert "No claims to answer" in client.get("/me/claims").text
    assert "Confirmed" in client.get("/me/claims/all").text
    found = source(scene.lantern, scene.doors)
    assert (found.state, found.claimed_as, found.decided_as) == (SourceState.CONFIRMED, Party.CONTRIBUTION, Party.SOURCE)


def test_a_claim_is_declined_with_a_reason_that_both_sides_read(client: TestClient, scene: SimpleNamespace) -> None:
    claim = said(scene, scene.lantern, scene.doors, scene.ben)
    be(client, scene.ana)
    refused = client.post(f"{claim}/decline", data={"_page": claim, "reason": "  "})
    assert (refused.status_code, "Say why" in refused.text) == (400, True)
    assert source(scene.lantern, scene.doors).state is SourceState.OPEN
    assert client.post(f"{claim}/decline", data={"_page": claim, "reason": "I never saw it."}).status_code == 303
    assert "I never saw it." in be(client, scene.ben).get("/me/claims/all").text
    assert "I never saw it." in client.get(claim).text
    row = cells(client.get("/me/claims/all.csv"))[1]
    assert (row[:4], row[-1]) == (["Lantern", "influenced_by", "Doors", "declined"], "I never saw it.")


def test_a_claim_exists_for_its_two_sides_and_for_curators_and_for_nobody_else(client: TestClient, scene: SimpleNamespace) -> None:
    claim = said(scene, scene.lantern, scene.doors, scene.ben)
    assert [be(client, who).get(claim).status_code for who in (scene.ana, scene.ben, scene.judge)] == [200, 200, 200]
    assert [be(client, who).get(claim).status_code for who in (scene.cleo, scene.manager)] == [404, 404]
    assert [be(client, who).post(f"{claim}/confirm").status_code for who in (scene.ben, scene.cleo)] == [403, 404]
    assert "Doors" not in be(client, scene.cleo).get("/me/claims/all").text


def test_a_curator_decides_blind_what_stays_open(client: TestClient, scene: SimpleNamespace) -> None:
    claim = said(scene, scene.lantern, scene.doors, scene.ben)
    desk = f"/campaigns/{scene.made.id}/claims"
    be(client, scene.judge)
    assert desk in client.get("/me/claims").text
    assert f'<a href="{desk}" aria-current="page">Claims</a>' in client.get(desk).text
    for path in (desk, claim):
        page = client.get(path).text
        assert "“Lantern” was influenced by “Doors”" in unescape(page)
        assert not re.search("Ana Quispe|Ben Okri|grandmother", page)
    form = {"_page": claim, "counts": "yes", "weight": "2", "reason": "Its first line is there."}
    refused = client.post(f"{claim}/decide", data=form | {"weight": "0", "reason": "Typed."})
    assert (refused.status_code, "Typed." in refused.text) == (400, True)
    assert client.post(f"{claim}/decide", data=form).headers["location"] == desk
    found = source(scene.lantern, scene.doors)
    assert (found.state, found.weight, found.decided_as) == (SourceState.CONFIRMED, 2, Party.CURATOR)
    assert "No open claims" in client.get(desk).text


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FINANCE, Role.EDITOR])
def test_claims_are_decided_by_curators_only(client: TestClient, scene: SimpleNamespace, role: Role) -> None:
    claim = said(scene, scene.lantern, scene.doors, scene.ben)
    with unit_of_work() as session:
        other = factories.someone(session, role)
    be(client, other)
    assert client.get(f"/campaigns/{scene.made.id}/claims").status_code == 403
    assert client.post(f"{claim}/decide", data={"counts": "yes", "reason": "So."}).status_code == 403
    assert source(scene.lantern, scene.doors).state is SourceState.OPEN


def test_a_curator_records_that_a_contribution_adds_nothing_of_its_own(client: TestClient, scene: SimpleNamespace) -> None:
    path = f"/contributions/{scene.sung}"
    form = {"_page": path, "is_wrapper": "yes", "reason": "The same file again."}
    assert be(client, scene.ana).post(f"{path}/wrapper", data=form).status_code == 403
    assert be(client, scene.judge).post(f"{path}/wrapper", data=form).headers["location"] == path
    assert "The same file again." in client.get(path).text
    with unit_of_work() as session:
        assert session.get_one(WrapperFinding, scene.sung).is_wrapper


def test_thirty_claims_cost_as_many_statements_as_one(client: TestClient, scene: SimpleNamespace) -> None:
    be(client, scene.ana)
    pages = ("/me/claims", "/me/claims/all")
    grown = []
    for count in (1, 28):
        with unit_of_work() as session:
            for number in range(count):
                later = taking_part(session, scene.made, scene.cleo, f"Later {count} {number}", at=scene.at)
                claim_actions.claim(session, later.id, scene.doors, INFLUENCED_BY, by=scene.cleo, at=scene.at)
        grown.append([statements(partial(client.get, path)) for path in pages])
    assert grown[0] == grown[1]

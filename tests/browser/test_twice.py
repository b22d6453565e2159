"""Every action on every page, its form sent twice: no fault of ours, no second effect, and a page that can be loaded again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, text

from api.app import BESIDE, PAGES, make_app
from api.deps import COOKIE
from campaigns.core import access
from campaigns.core.db import Base
from tests.api.bodies import routes
from tests.api.visiting import PAGE
from tests.browser.deed import Deed, Scene
from tests.browser.deeds import DEEDS
from tests.browser.forms import forms_for
from tests.browser.town import Town, within
from tests.leaks import asking
from workers.transactions import unit_of_work

# What is not a deed of the reader's: what a page counted, how often someone has asked, what was refused.
ASIDE = {"attention", "bucket", "security_entry"}
# A browser's session is the same one whenever it was last seen.
SESSIONS = "web_session"
FROM_PROGRAMS = "/webhooks/"


@contextmanager
def undone(town: Town) -> Iterator[Connection]:
    """Whatever is done in the town by this process until the block ends, all of it over this connection, is undone then."""
    with within(town.environment), asking.undone() as connection:
        yield connection


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """A browser on the town's own machine."""
    at_home = ("127.0.0.1", 50_000)
    with TestClient(make_app(), base_url="https://localhost", client=at_home, headers=PAGE, follow_redirects=False) as client:
        yield client


@pytest.fixture(params=DEEDS, ids=lambda deed: f"{deed.who} to {deed.route}")
def scene(request: pytest.FixtureRequest, founded_town: Town, client: TestClient) -> Iterator[Scene]:
    """The town as the deed needs it, with whoever does it at the browser; whatever is done is undone."""
    deed: Deed = request.param
    with undone(founded_town):
        scene = Scene.of(deed, founded_town)
        client.cookies.clear()
        if deed.who != "guest":
            with unit_of_work() as session:
                client.cookies.set(COOKIE, access.open_session(session, scene.person(deed.who).person, is_proven=True))
        yield scene


def test_a_form_sent_twice_does_once_what_it_does_and_its_result_can_be_loaded_again(scene: Scene, client: TestClient) -> None:
    deed, path = scene.deed, scene.page
    page = client.get(path)
    assert page.status_code == 200
    fitting = [form for form in forms_for(deed.route, page.text, path) if form.holds(deed.holds)]
    assert fitting, f"There is no form for it at {path}."
    sent = fitting[0].filled(scene.typed, deed.button)
    before = everything()
    first = client.post(fitting[0].action, data=sent)
    after = everything()
    assert (first.status_code, *said(first.text)) == (deed.answer,)
    assert after - before or deed.route in CHANGE_NOTHING
    for _time in range(2):
        assert client.get(first.headers.get("location", path)).status_code in (200, 303)
    again = client.post(fitting[0].action, data=sent)
    assert again.status_code in (deed.answer, 400, 401, 403, 404, 409)
    assert again.status_code < 400 or said(again.text)
    assert deed.anew or everything() - after == set()


def said(page: str) -> list[str]:
    """What a refusal says: in the box above a page, beside a field, or as a page of its own."""
    found = re.findall(r'class="(?:refused|fault|lede)"[^>]*>(?:\s*<b>[^<]*</b>)?\s*(?:<p>)?([^<]+)<', page)
    return [words for words in map(str.strip, found) if words] or re.findall("<h1>(Your session has ended)</h1>", page)


def everything() -> set[tuple[str, str]]:
    """What stands in the database: each table with a digest of its rows."""
    tables = [table.name for table in Base.metadata.sorted_tables if table.name not in ASIDE]
    digests = ", ".join(map(digest_of, tables))
    with unit_of_work() as session:
        return set(zip(tables, session.execute(text(f"select {digests}")).one(), strict=True))


def digest_of(table: str) -> str:
    row = "x.digest" if table == SESSIONS else "x::text"
    return f"(select md5(coalesce(string_agg({row}, ',' order by {row}), '')) from \"{table}\" x)"


def test_every_action_of_the_application_is_in_the_table() -> None:
    routers = [*PAGES, *BESIDE]
    sent_to = {route.path for router in routers for route, _path in routes(router) if "POST" in (route.methods or ())}
    assert {path for path in sent_to if not path.startswith(FROM_PROGRAMS)} == {deed.route for deed in DEEDS}


CHANGE_NOTHING = {"/proposals/{proposal_id}/what-if", "/sign-out"}

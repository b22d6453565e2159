"""That nothing which can be read is left out of the bench."""

import re
from collections import defaultdict

from campaigns.core.stages import Stage
from tests.bench.fillings import CALLED, SAME
from tests.bench.reads import Read, readers, reads, unmeasured
from tests.browser.town import ONE_OF_EACH
from tests.leaks.routes import ways

# What stands in a path and is filled in by a link, or by what an artist has; besides what the town has.
LINKED = {"contribution_id", "upload_id", "token", "digest", "name"}


def routes() -> set[str]:
    return {way.path for way in ways() if way.method == "GET"}


def test_each_route_that_only_reads_is_measured_or_says_why_not() -> None:
    known = {read.route for read in reads()} | set(unmeasured())
    assert (sorted(routes() - known), sorted(known - routes())) == ([], [])


def test_each_role_that_may_read_something_is_measured_there() -> None:
    measured: dict[str, set[str]] = defaultdict(set)
    for read in reads():
        measured[read.route].add(read.who)
    left_out = {route: sorted(roles - measured[route]) for route, roles in readers().items() if route not in unmeasured()}
    assert {route: roles for route, roles in left_out.items() if roles} == {}


def test_each_place_in_a_path_has_something_to_fill_it() -> None:
    places = {(route, place) for route in routes() for place in re.findall(r"{(\w+)}", route)}
    known = set(ONE_OF_EACH) | set(SAME) | LINKED
    assert [(route, place) for route, place in sorted(places) if place not in known and place not in CALLED.get(route, {})] == []


def test_nothing_but_200_is_an_answer_where_the_route_ever_gives_it() -> None:
    may_be_read = {route for route, roles in readers().items() if roles}
    answered = {read.route for read in reads() if read.status == 200}
    # The stream of a run has nothing to tell until one is sent; whoever has just proved who they are is led on.
    assert may_be_read - answered - set(unmeasured()) == {"/runs/{run_id}/progress", "/prove"}


def test_a_read_knows_its_kind() -> None:
    paths = ("/api/v1/me", "/board.csv", "/static/{digest}/{name}", "/files/{token}", "/board?stage=payout")
    assert [Read(path, "manager", Stage.BRIEF, 200).kind for path in paths] == ["API", "file", "file", "file", "page"]

"""A line of many contributions, opened: page by page, and each page adds up to the credit."""

import csv
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from api.payout import proposal_files
from campaigns.core import clock
from campaigns.core.ids import new_id
from campaigns.payout.proposals.actions import draft, gather_due, open_proposal
from campaigns.payout.split import LineageSource, trace
from tests.api.test_payout_pages import Room, words
from tests.campaigns.payout.lineages import contribution
from tests.campaigns.payout.sharing import Shared, assessed
from workers.transactions import unit_of_work

MANY = 27
AMOUNT = re.compile(r'<h4 class="spread">.*?<span class="amount">\$([\d,.]+)</span>', re.DOTALL)
IN_ALL = re.compile(r"Total credit</th><td class=\"amount\">\$([\d,.]+)<")


@pytest.fixture
def room(fresh_database: str) -> Room:
    return Room()


def of_many_contributions(session: Session, shared: Shared) -> str:
    """A proposal in which Ben's work was made from many of Ana's, each with a weight of its own; the page of Ana's line."""
    at = clock.business_now(session)
    assessed(session, shared, at=at)
    due = gather_due(session, shared.deliverable.id)
    assert due is not None
    since, gathered = due
    older = [str(new_id()) for _each in range(MANY)]
    newer = contribution(
        str(shared.newer.id), str(shared.ben.person), *(LineageSource(each, "contains", n) for n, each in enumerate(older, 1))
    )
    inputs = replace(gathered.inputs, lineage=trace([newer, *(contribution(each, str(shared.ana.person)) for each in older)]))
    edges = [gathered.edges[0] | {"source": each, "weight": n} for n, each in enumerate(older, 1)]
    proposal = open_proposal(session, shared.deliverable.id, draft(since, replace(gathered, inputs=inputs, edges=edges)), at=at)
    assert proposal is not None
    return f"/proposals/{proposal.id}/lines/{shared.ana.person}"


def figures(wanted: re.Pattern[str], page: str) -> list[Decimal]:
    return [Decimal(each.replace(",", "")) for each in wanted.findall(page)]


def read(room: Room, path: str) -> tuple[list[Decimal], Decimal, list[str]]:
    """The credits of the sections of a page, the credit in all, and where its sections of other contributions lead."""
    page = room.ana.get(path).text
    (in_all,) = figures(IN_ALL, page)
    return figures(AMOUNT, page), in_all, re.findall(r'href="(/proposals/[^"]+after=\d+)#line"', page)


def test_each_page_of_a_line_adds_up_with_what_stands_on_the_others(room: Room) -> None:
    with unit_of_work() as session:
        path = of_many_contributions(session, room.shared)
    shown = {at: read(room, f"{path}?after={at}") for at in (0, 12, 24)}
    assert {at: (len(amounts), sum(amounts) == in_all, leads) for at, (amounts, in_all, leads) in shown.items()} == {
        0: (13, True, [f"{path}?after=12"]),
        12: (14, True, [f"{path}?after=0", f"{path}?after=24"]),
        24: (4, True, [f"{path}?after=12"]),
    }
    contributions = [*shown[0][0][:12], *shown[12][0][1:13], *shown[24][0][1:]]
    assert (len(contributions), contributions == sorted(contributions, reverse=True), sum(contributions)) == (MANY, True, shown[0][1])


def test_among_a_proposals_other_lines_the_twelve_largest_contributions_stand_and_the_rest_is_one_sum(room: Room) -> None:
    with unit_of_work() as session:
        path = of_many_contributions(session, room.shared)
    page = room.ana.get(path, headers={"HX-Request": "true"})
    amounts, in_all = (figures(found, page.text) for found in (AMOUNT, IN_ALL))
    assert (len(amounts), [sum(amounts)], f"{MANY - 12} smaller contributions together" in words(page)) == (13, in_all, True)


def test_a_proposal_says_ones_own_line_in_a_sentence_and_the_contributions_of_it_are_fetched_when_it_is_opened(room: Room) -> None:
    with unit_of_work() as session:
        path = of_many_contributions(session, room.shared)
    page = room.ana.get(f"/proposals/{path.split('/')[2]}").text
    [sentence] = re.findall(r'<p class="sentence">(.*?)</p>', page)
    opened = room.ana.get(f"{path}?bare=true", headers={"HX-Request": "true"}).text
    assert (f'data-from="{path}?bare=true"' in page, f'<a href="{path}">' in page, IN_ALL.search(page)) == (True, True, None)
    assert (sentence in room.ana.get(path).text, sentence in opened, len(figures(AMOUNT, opened))) == (True, False, 13)


def test_every_edge_stands_on_one_of_the_pages_of_the_lineage_and_no_other_does(room: Room) -> None:
    with unit_of_work() as session:
        path = of_many_contributions(session, room.shared)
    page = room.manager.get(f"/proposals/{path.split('/')[2]}/edges")
    weights = re.findall(r'<td class="amount">(\d+)</td>', page.text)
    assert sorted(map(int, weights)) == list(range(1, MANY + 1))


def test_the_list_of_edges_is_read_page_by_page_and_the_file_has_them_all(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposal_files, "AT_ONCE", 12)
    with unit_of_work() as session:
        proposal = of_many_contributions(session, room.shared).split("/")[2]
    read_on = {at: room.manager.get(f"/api/v1/proposals/{proposal}/edges", params={"after": at, "limit": 12}).json() for at in (0, 12, 24)}
    assert {at: (len(page["items"]), page["next"]) for at, page in read_on.items()} == {0: (12, 12), 12: (12, 24), 24: (3, None)}
    listed = [(each["source"], str(each["weight"])) for page in read_on.values() for each in page["items"]]
    _header, *rows = csv.reader(room.manager.get(f"/proposals/{proposal}/edges.csv").text.splitlines())
    assert [(row[2], row[3]) for row in rows] == listed
    assert sorted(int(weight) for _source, weight in listed) == list(range(1, MANY + 1))

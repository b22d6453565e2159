"""What would move, shown and not stored."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from campaigns.core.errors import Refusal, UnknownContribution
from campaigns.core.ids import new_id
from campaigns.core.people import SYSTEM
from campaigns.payout.errors import NotAComponent
from campaigns.payout.proposals.changes import LineChange, OtherEdge, changes, what_if
from campaigns.payout.split import InvalidLineage
from tests.campaigns.payout.sharing import assessed, computed, confirmed, proposed
from tests.campaigns.payout.unmoved import refusal_of
from tests.factories import contributed, opened_call


def shown(found: Sequence[LineChange]) -> list[tuple[str, int, int]]:
    return [(change.name, change.before, change.amount) for change in found]


def test_an_edge_that_might_be_there_shows_what_it_would_move_and_then_moves_just_that(session: Session) -> None:
    shared, proposal = proposed(session)
    edge = OtherEdge(shared.newer.id, shared.unused.id, "influenced_by", 1)
    moved = what_if(session, proposal, {}, [edge], by=SYSTEM)
    assert shown(moved) == [("Ben", 700_000, 600_000), ("Lea", 0, 100_000)]
    confirmed(session, shared)
    assessed(session, shared, points=9)
    assert changes(session, computed(session, shared.deliverable), by=SYSTEM) == moved


def test_an_edge_may_be_taken_away_or_weigh_more(session: Session) -> None:
    shared, proposal = proposed(session)
    assert shown(what_if(session, proposal, {}, [OtherEdge(shared.newer.id, shared.older.id, "contains", 0)], by=SYSTEM)) == [
        ("Ana", 300_000, 0), ("Ben", 700_000, 1_000_000),
    ]  # fmt: skip
    both = [OtherEdge(shared.newer.id, shared.unused.id, "contains", 2)]
    assert shown(what_if(session, proposal, {}, both, by=SYSTEM)) == [("Ana", 300_000, 100_000), ("Lea", 0, 200_000)]


def test_points_alone_move_nothing_where_there_is_one_component(session: Session) -> None:
    shared, proposal = proposed(session)
    assert what_if(session, proposal, {shared.newer.id: 99}, [], by=SYSTEM) == []


def test_what_cannot_be_is_refused_with_its_field(session: Session) -> None:
    shared, proposal = proposed(session)
    stranger = contributed(session, opened_call(session))

    def refusal(points: dict[UUID, int], *edges: OtherEdge) -> tuple[type[Refusal], int, str | None]:
        refused = refusal_of(session, lambda: what_if(session, proposal, points, edges, by=SYSTEM))
        return type(refused), refused.status, refused.field

    assert refusal({shared.older.id: 3}) == (NotAComponent, 400, "points")
    assert refusal({shared.newer.id: 0}) == (InvalidLineage, 400, "components")
    assert refusal({}, OtherEdge(shared.newer.id, new_id(), "contains", 1)) == (UnknownContribution, 400, "edges")
    assert refusal({}, OtherEdge(shared.newer.id, stranger.id, "contains", 1)) == (UnknownContribution, 400, "edges")
    assert refusal({}, OtherEdge(shared.older.id, shared.newer.id, "contains", 1)) == (InvalidLineage, 400, "sources")


@pytest.mark.parametrize("weight", [1, 5])
def test_the_weight_of_an_only_source_moves_nothing(session: Session, weight: int) -> None:
    shared, proposal = proposed(session)
    assert what_if(session, proposal, {}, [OtherEdge(shared.newer.id, shared.older.id, "contains", weight)], by=SYSTEM) == []

from itertools import pairwise

import pytest
from sqlalchemy.orm import Session

from campaigns.collaboration.errors import JudgesBlind
from campaigns.collaboration.lineage.neighborhoods import Neighbourhood, relations, whole_map
from campaigns.collaboration.models import SourceKind
from campaigns.collaboration.remixes.actions import Citation, remix
from campaigns.core.people import Actor
from campaigns.open_call.contributions import actions as contribution_actions
from campaigns.open_call.models import Contribution
from tests.factories import NOW, Partnership, curator, entry, opened_call, person, remixed, taking_part

Line = tuple[Partnership, Actor, list[Contribution]]
CONTAINS, INFLUENCED_BY = SourceKind.CONTAINS, SourceKind.INFLUENCED_BY


@pytest.fixture
def line(session: Session) -> Line:
    """Five contributions, each made of the one before, all by Ana."""
    made, ana = opened_call(session), person(session, "Ana")
    contributions = [taking_part(session, made, ana, "0")]
    for number in range(1, 5):
        contributions.append(remixed(session, made, ana, (contributions[-1], CONTAINS), title=str(number)))
    return made, ana, contributions


def titles(found: Neighbourhood) -> list[tuple[str | None, int]]:
    return [(relative.contribution.title if relative.contribution else None, relative.generation) for relative in found.relatives]


def test_around_a_contribution_are_the_contributions_up_to_two_steps_away_on_either_side(session: Session, line: Line) -> None:
    _made, ana, contributions = line
    found = relations(session, contributions[3], by=ana).around
    assert titles(found) == [("1", -2), ("2", -1), ("3", 0), ("4", 1)]
    assert [(s.source_id, s.contribution_id) for s in found.sources] == [(a.id, b.id) for a, b in pairwise(contributions[1:])]
    assert found.beyond == 0


def test_the_whole_map_has_every_generation(session: Session, line: Line) -> None:
    _made, ana, contributions = line
    assert titles(whole_map(session, contributions[3].id, by=ana)) == [("0", -3), ("1", -2), ("2", -1), ("3", 0), ("4", 1)]


def test_of_many_the_nearest_are_shown_and_the_rest_is_counted(session: Session, line: Line) -> None:
    made, ana, contributions = line
    for number in range(3):
        remixed(session, made, ana, (contributions[0], CONTAINS), title=f"Beside {number}")
    near = relations(session, contributions[0], by=ana, most=2).around
    assert (titles(near), near.beyond) == ([("0", 0), ("1", 1), ("Beside 0", 1)], 3)
    whole = whole_map(session, contributions[0].id, by=ana, most=4)
    assert ([generation for _title, generation in titles(whole)], whole.beyond) == ([0, 1, 1, 1, 1], 3)


def test_a_contribution_that_was_taken_down_keeps_its_place_and_nothing_else(session: Session, line: Line) -> None:
    _made, ana, contributions = line
    contribution_actions.withdraw(session, contributions[2].id, by=ana, at=NOW)
    ben = person(session, "Ben")
    found = relations(session, contributions[3], by=ben)
    assert titles(found.around) == [("1", -2), (None, -1), ("3", 0), ("4", 1)]
    (kin,) = found.made_from
    assert (kin.relative.contribution, kin.relative.credits, contributions[2].id in found.renditions) == (None, [], False)


def test_a_remix_that_was_never_let_in_is_no_relative(session: Session, line: Line) -> None:
    made, ana, contributions = line
    cited = [Citation(contributions[4].id, CONTAINS)]
    waiting = remix(session, made.id, entry(session, ana, "Waiting"), cited, by=ana, at=NOW)
    assert whole_map(session, contributions[4].id, by=ana, most=3).beyond == 1
    assert waiting.id not in {kin.relative.id for kin in relations(session, contributions[4], by=ana).made_into}


def test_what_came_of_a_contribution_comes_newest_first_a_page_at_a_time(session: Session, line: Line) -> None:
    made, ana, contributions = line
    newer = [remixed(session, made, ana, (contributions[4], INFLUENCED_BY if n else CONTAINS), title=f"N{n}") for n in range(3)]
    counted = [kin.relative.id for kin in relations(session, contributions[4], by=ana).made_into]
    assert counted == [newer[0].id], "an influence counts once it is confirmed"
    more = [remixed(session, made, ana, (contributions[4], CONTAINS), title=f"M{n}") for n in range(2)]
    first = relations(session, contributions[4], by=ana, limit=2).made_into
    assert [kin.relative.id for kin in first] == [more[1].id, more[0].id]
    assert [kin.relative.id for kin in relations(session, contributions[4], by=ana, after=more[0].id).made_into] == [newer[0].id]


def test_whoever_judges_sees_no_relatives(session: Session, line: Line) -> None:
    made, _ana, contributions = line
    judge = curator(session, made)
    with pytest.raises(JudgesBlind):
        relations(session, contributions[2], by=judge)
    with pytest.raises(JudgesBlind):
        whole_map(session, contributions[2].id, by=judge)

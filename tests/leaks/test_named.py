"""Whoever is only named as a maker of one contribution stands to every other contribution of its campaign as a stranger does."""

from collections.abc import Mapping

import pytest

from tests.aside import waited_for
from tests.leaks.asking import Asking, filled, in_one_thread, told, undone
from tests.leaks.people import NAMED
from tests.leaks.readers import Reader, readers
from tests.leaks.routes import ways
from tests.leaks.things import things_of
from tests.leaks.world import DESK, FINAL, JOIN, PAY, World

pytestmark = pytest.mark.xdist_group("leaks")
# While contributions are sent in, while they are judged, after that, and where anyone may look at them.
PLACES = (JOIN, DESK, PAY, FINAL)


def test_of_a_contribution_that_they_were_not_named_in_they_are_told_what_a_stranger_is(in_world: World) -> None:
    present, things = readers(in_world), things_of(in_world)
    with in_one_thread():
        answers = {
            (place, who): waited_for(_of_the_contribution(present[place][who], things[place]))
            for place in PLACES
            for who in (NAMED, "stranger")
        }
    assert len(answers[PAY, NAMED]) > 30
    assert {place: answers[place, NAMED] for place in PLACES} == {place: answers[place, "stranger"] for place in PLACES}


async def _of_the_contribution(reader: Reader, things: Mapping[str, object]) -> dict[str, str]:
    """What the reader is told at each way that is about a contribution; what they do there is undone."""
    asking, said = Asking(), dict[str, str]()
    for way in ways():
        if "{contribution_id}" in way.path.split("/"):
            with undone():
                said[way.name] = told(await reader.ask(asking, way.method, filled(way.path, things), way.sent(things)))
    return said

"""Every operation that changes something is done for somebody, and is answered as it is described; so is what schemathesis asks of it then.

`ATTACK_SEED` is what is drawn, see `asked.py`.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

from tests.attacks.asked import BOUNDED, BY_OPERATION, HELD, asked_of, drawn, told
from tests.attacks.people import asking
from tests.attacks.write import BY_ID, CHANGING
from tests.attacks.writes import NOT_DONE, WRITES
from tests.browser.test_twice import undone
from tests.browser.town import Town
from tests.described import unlike


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with asking() as client:
        yield client


def test_every_operation_that_changes_something_is_in_the_table() -> None:
    assert sorted(CHANGING) == sorted([*WRITES, *NOT_DONE])


@pytest.mark.parametrize("name", WRITES)
def test_what_may_be_done_is_done_in_the_words_of_its_example_and_answered_as_it_is_described(
    founded_town: Town, client: TestClient, name: str
) -> None:
    write, (method, path, _said) = WRITES[name], BY_ID[name]
    with undone(founded_town) as connection:
        things, headers = write.things(founded_town), write.headers(founded_town)
        with connection.begin_nested() as here:
            answer = write.ask(client, founded_town, name, things)
            here.rollback()
        assert (answer.is_success, unlike(method, path, answer)) == (True, None), answer.text

        @drawn
        @BOUNDED
        @given(case=BY_OPERATION[name].as_strategy(generation_mode=GenerationMode.POSITIVE))
        def ask(case: Case[Any]) -> None:
            with connection.begin_nested() as here:
                answer = told(client, asked_of(case, things), headers)
                here.rollback()
            if answer is not None:
                case.validate_response(answer, checks=HELD)

        with suppress(Unsatisfiable):
            ask()

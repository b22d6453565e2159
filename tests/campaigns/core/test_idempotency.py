"""A key is one person's and one request's, and its answer is kept with it."""

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from campaigns.core.idempotency import KeyReused, keep_answer, take_key
from tests.factories import person


@pytest.fixture
def people(session: Session) -> tuple[UUID, UUID]:
    return person(session, "Ana").person, person(session, "Ben").person


def test_a_key_that_came_before_has_the_answer_that_was_given_then(session: Session, people: tuple[UUID, UUID]) -> None:
    ana, _ben = people
    assert take_key(session, ana, "k1", b"one") is None
    keep_answer(session, ana, "k1", 201, {"id": "x"})
    session.flush()
    kept = take_key(session, ana, "k1", b"one")
    assert kept
    assert (kept.person_id, kept.key, kept.status, kept.body) == (ana, "k1", 201, {"id": "x"})


def test_the_same_key_is_another_for_somebody_else_and_another_key_for_the_same(session: Session, people: tuple[UUID, UUID]) -> None:
    ana, ben = people
    assert [take_key(session, who, key, b"one") for who, key in ((ana, "k1"), (ben, "k1"), (ana, "k2"))] == [None] * 3
    for who, key, status in ((ana, "k1", 201), (ben, "k1", 202), (ana, "k2", 203)):
        keep_answer(session, who, key, status, {})
    session.flush()
    kept = [take_key(session, who, key, b"one") for who, key in ((ana, "k1"), (ben, "k1"), (ana, "k2"))]
    assert [(each.person_id, each.key, each.status) for each in kept if each] == [(ana, "k1", 201), (ben, "k1", 202), (ana, "k2", 203)]


def test_a_key_of_another_request_is_refused_and_one_without_an_answer_has_none(session: Session, people: tuple[UUID, UUID]) -> None:
    ana, _ben = people
    take_key(session, ana, "k1", b"one")
    with pytest.raises(KeyReused) as refused:
        take_key(session, ana, "k1", b"two")
    assert refused.value.field == "Idempotency-Key"
    kept = take_key(session, ana, "k1", b"one")
    assert kept
    assert (kept.status, kept.body) == (None, None)

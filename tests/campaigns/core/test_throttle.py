"""Buckets of tokens: nobody gets more than there are, and they fill up again."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from campaigns.core.throttle import Rate, ThrottleBucket, TooMany, take
from workers.transactions import unit_of_work

RATE = Rate(burst=3, every=timedelta(hours=1))


def taken(session: Session, key: str = "ana", times: int = 1) -> Sequence[bool]:
    return [_take(session, key) for _time in range(times)]


def _take(session: Session, key: str) -> bool:
    try:
        take(session, key, RATE)
    except TooMany:
        return False
    return True


def test_a_bucket_gives_what_it_holds_and_then_no_more_and_every_asker_has_their_own(session: Session) -> None:
    assert (taken(session, times=5), taken(session, "ben")) == ([True] * 3 + [False] * 2, [True])


def test_a_bucket_fills_with_time_up_to_its_brim(session: Session) -> None:
    taken(session, times=4)
    _let_pass(session, timedelta(hours=1, minutes=1))
    assert taken(session, times=2) == [True, False]
    _let_pass(session, timedelta(days=30))
    assert taken(session, times=4) == [True] * 3 + [False]


def test_a_refusal_says_when_to_ask_again_and_takes_nothing(session: Session) -> None:
    taken(session, times=3)
    before = session.execute(select(ThrottleBucket.tokens, ThrottleBucket.filled_at)).all()
    with pytest.raises(TooMany) as refused:
        take(session, "ana", RATE)
    assert refused.value.params == {"retry_after": 3600}
    assert session.execute(select(ThrottleBucket.tokens, ThrottleBucket.filled_at)).all() == before


def test_of_many_at_once_exactly_as_many_get_a_token_as_there_are(fresh_database: str) -> None:
    def ask(_number: int) -> bool:
        with unit_of_work() as session:
            return _take(session, "ana")

    with ThreadPoolExecutor(8) as askers:
        assert sum(askers.map(ask, range(40))) == 3


def test_buckets_are_not_in_the_log_that_every_change_is_written_to(session: Session) -> None:
    assert session.scalar(text("select relpersistence from pg_class where relname = 'bucket'")) == "u"


def _let_pass(session: Session, by: timedelta) -> None:
    session.execute(update(ThrottleBucket).values(filled_at=ThrottleBucket.filled_at - by))

"""What goes wrong at a simulator when it is ordered to: each in place of one call of a function of the simulator's."""

import time
from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]
# Longer than our side waits for an answer.
TOO_LONG = 22.0


def broken(_function: Function) -> Function:
    """The server fails: Stripe keeps that answer under its key."""

    def fail(*_given: Any) -> Any:
        raise RuntimeError("ordered to fail")

    return fail


def slow(function: Function) -> Function:
    """What is asked for happens, and the answer comes when nobody waits for it any more."""

    def act_late(*given: Any) -> Any:
        done = function(*given)
        time.sleep(TOO_LONG)
        return done

    return act_late


def too_many_at_stripe(_admit: Function) -> Function:
    """429."""

    def refuse(*_given: Any) -> None:
        from sandbox.stripe.limiter import RateLimitExceeded

        raise RateLimitExceeded("global-rate")

    return refuse


def too_many_at_sendgrid(count: Function) -> Function:
    """429."""

    def count_beyond(*given: Any) -> tuple[int, int, int]:
        limit, _left, reset = count(*given)
        return limit, -1, reset

    return count_beyond


def twice(post: Function) -> Function:
    """A webhook goes out two times."""

    def post_twice(*given: Any) -> Any:
        post(*given)
        return post(*given)

    return post_twice


def later(_post: Function) -> Function:
    """A webhook does not go out now, and is overtaken by those that come after it."""
    return lambda *_given: False

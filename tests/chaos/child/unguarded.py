"""What stands in the place of each guard while it is taken out: the same function without what it guards against."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

Function = Callable[..., Any]


def another_each_time(_key_of: Function) -> Function:
    """A key that no two requests share."""
    return lambda *_given: f"chaos:{uuid4()}"


def never_taken(_take_key: Function) -> Function:
    """Every request under a key counts as its first."""
    return lambda *_given: None


def not_kept(_keep_answer: Function) -> Function:
    return lambda *_given: None


def never_lapsed(_fence: Function) -> Function:
    """The lease is never over; whoever carried a campaign may always go on."""
    return lambda *_given: None


def any_visit(complete: Function) -> Function:
    """A word holds for whichever visit it finds."""

    def complete_it_now(session: Any, track_id: Any, _visit: int, **by_and_at: Any) -> Any:
        from campaigns.core.campaign import Track

        return complete(session, track_id, session.get_one(Track, track_id).visit, **by_and_at)

    return complete_it_now


def kept_when_taken(claim: Function) -> Function:
    """A promise counts as kept as soon as somebody has taken it."""

    def claim_and_keep(session: Any, *given: Any, **named: Any) -> Any:
        from campaigns.core import outbox

        taken = claim(session, *given, **named)
        for each in taken:
            outbox.keep(session, each.id)
        return taken

    return claim_and_keep

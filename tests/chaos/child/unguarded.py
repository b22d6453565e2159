"""What stands in the place of each guard while it is taken out: the same function without what it guards against."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
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

    def complete_it_now(session: Any, deliverable_id: Any, _visit: int, **by_and_at: Any) -> Any:
        from campaigns.core.campaign import Deliverable

        return complete(session, deliverable_id, session.get_one(Deliverable, deliverable_id).visit, **by_and_at)

    return complete_it_now


def kept_when_taken(claim: Function) -> Function:
    """A message counts as done as soon as somebody has taken it."""

    def claim_and_mark_done(session: Any, *given: Any, **named: Any) -> Any:
        from campaigns.core import outbox

        taken = claim(session, *given, **named)
        for each in taken:
            outbox.mark_done(session, each.id)
        return taken

    return claim_and_mark_done


def key_each_time(ask: Function) -> Function:
    """Whatever is asked for goes under a key that no two requests share."""
    return lambda *given, **named: ask(*given, **{**named, "key": f"chaos:{uuid4()}"})


def never(_must: Function) -> Function:
    return lambda *_given: False


def no_pulse(_pulse: Function) -> Function:
    """No lock says that this process lives."""
    return lambda *_given: nullcontext()


def received_each_time(receive: Function) -> Function:
    """An event that comes again counts as another one."""

    def receive_anew(session: Any, provider: str, event_id: str, *rest: Any) -> Any:
        return receive(session, provider, f"{event_id}:{uuid4()}", *rest)

    return receive_anew


def journal_each_time(open_journal: Function) -> Function:
    return lambda session, **values: open_journal(session, **{**values, "key": f"{values['key']}:{uuid4()}"})


def in_any_generation(claim_payouts: Function) -> Function:
    """Whoever asks may claim, in whichever generation the run is."""

    def claim_now(session: Any, run_id: Any, _generation: int, *rest: Any, **named: Any) -> Any:
        from campaigns.payout.runs.models import PayoutRun

        return claim_payouts(session, run_id, session.get_one(PayoutRun, run_id).generation, *rest, **named)

    return claim_now


def of_any_attempt(record_others: Function) -> Function:
    """What came of one attempt is taken for what came of the present one."""

    def record_now(session: Any, run: Any, outcomes: Any, *rest: Any) -> Any:
        from campaigns.payout.runs.models import Payout

        for outcome in outcomes:
            outcome.item.attempt = session.get_one(Payout, outcome.item.id).attempt
        return record_others(session, run, outcomes, *rest)

    return record_now


def without_a_lease(claim: Function) -> Function:
    """What one relay has taken, another may take as well."""

    def claim_and_leave(session: Any, *given: Any, **named: Any) -> Any:
        from sqlalchemy import update

        from campaigns.core.outbox import OutboxMessage

        taken = claim(session, *given, **named)
        session.execute(update(OutboxMessage).where(OutboxMessage.id.in_([each.id for each in taken])).values(leased_until=None))
        return taken

    return claim_and_leave


def no_wait(wait_for_word: Function) -> Function:
    """What SendGrid says of an email is not waited for."""

    def go_on_at_once(email: Any) -> None:
        wait_for_word(email)
        email.wait_until -= timedelta(days=1)

    return go_on_at_once

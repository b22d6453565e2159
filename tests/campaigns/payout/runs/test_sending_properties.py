"""Whatever befalls the line to Stripe, and however time jumps, a payee is paid once."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.core.ids import new_id
from campaigns.ledger.accounts import stripe_available
from tests.campaigns.payout.runs.bureau import all_is_well, close, due_now, items, quote, release, send
from tests.treasury import Treasury, held_on
from workers.gateways import by_stripe

MISHAPS = st.lists(st.sampled_from(["lose the call", "lose the answer", "503", "429", "a day passes", "an hour passes"]), max_size=8)
JUMPS = {"a day passes": timedelta(hours=25), "an hour passes": timedelta(hours=1)}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mishaps=MISHAPS)
def test_a_payee_is_paid_once(treasury: Treasury, mishaps: list[str]) -> None:
    before = len(treasury.transfers())
    treasury.payee(1_234)
    run_id = quote(str(new_id()))
    assert run_id
    release(treasury, run_id)
    for mishap in mishaps:
        if mishap in JUMPS:
            treasury.pass_time(JUMPS[mishap])
        else:
            treasury.line.faults.append(("/v1/transfers", mishap))
        due_now(run_id)
        send(run_id)
    treasury.line.faults.clear()
    for _time in range(3):
        due_now(run_id)
        send(run_id)
    assert (close(run_id), [(amount, state) for amount, state, _attempt in items(run_id)]) == (True, [(1_234, "sent")])
    assert [amount for _to, amount in treasury.transfers()[before:]] == [1_234]
    assert (held_on(stripe_available("USD")), all_is_well()) == (by_stripe().balance()["USD"].available, [])

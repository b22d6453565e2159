"""We ask Stripe for transfers at a pace of our own, slower than the one that it refuses; the time of these tests goes by hand."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from campaigns.core import clock
from campaigns.core.settings import Settings
from tests.campaigns.payout.runs.bureau import items, released, send
from tests.treasury import Treasury
from workers.payout import sending
from workers.payout.sending import Pace

GAP = 0.04


class ByHand:
    """A clock that goes on only while someone sleeps, or not even then; `slept` is how long each slept, in seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, stands_still: bool = False) -> None:
        self.seconds, self.stands_still, self.slept = 100.0, stands_still, list[float]()
        monkeypatch.setattr(clock, "awake_seconds", lambda: self.seconds)
        monkeypatch.setattr(sending, "sleep", self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.seconds += 0.0 if self.stands_still else seconds

    def turns(self, pace: Pace, count: int) -> Sequence[float]:
        """When each of so many requests had its turn, from the start of the clock on."""
        moments = []
        for _request in range(count):
            pace.wait()
            moments.append(round(self.seconds - 100.0, 6))
        return moments


def spaced(count: int) -> Sequence[float]:
    return [round(number * GAP, 6) for number in range(count)]


def test_of_our_requests_25_go_in_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, by_hand = Pace(Settings().stripe_requests_per_second), ByHand(monkeypatch)
    assert by_hand.turns(ours, 51) == spaced(51)
    assert by_hand.seconds == pytest.approx(102.0)


def test_time_in_which_nothing_was_sent_is_not_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, by_hand = Pace(25), ByHand(monkeypatch)
    assert by_hand.turns(ours, 2) == [0.0, 0.04]
    by_hand.seconds += 10.0
    assert by_hand.turns(ours, 3) == [10.04, 10.08, 10.12]


def test_all_threads_keep_one_pace_together(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, by_hand = Pace(25), ByHand(monkeypatch, stands_still=True)
    with ThreadPoolExecutor(sending.HANDS) as hands:
        list(hands.map(lambda _request: ours.wait(), range(40)))
    assert sorted(by_hand.slept) == spaced(40)


def test_a_batch_is_sent_at_our_pace_and_what_is_sent_again_waits_for_its_turn_too(
    treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _payee in range(3):
        treasury.payee(1_000)
    run_id = released(treasury)
    treasury.line.faults.append(("/v1/transfers", "429"))
    by_hand = ByHand(monkeypatch, stands_still=True)
    send(run_id)
    assert sorted(by_hand.slept) == sorted([*spaced(4), sending.FIRST_PAUSE])
    assert items(run_id) == [(1_000, "sent", 1)] * 3

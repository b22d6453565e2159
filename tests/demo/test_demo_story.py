"""What the demo's story takes for a good end."""

import pytest

from demo.client import DemoFailed
from demo.story.payout import settled

SENT = {"state": "sent", "items": 17, "amount": 4_900_000}


def test_a_payout_run_is_settled_once_every_item_was_sent() -> None:
    assert settled([SENT]) == (17, 4_900_000)


def test_a_payout_run_with_an_item_that_failed_ends_the_demo_with_the_reason() -> None:
    with pytest.raises(DemoFailed, match=r"Not every item of the payout run was sent: 1 failed\."):
        settled([SENT, {"state": "failed", "items": 1, "amount": 100}])

"""Every reason for which money stays has its sentence, its words and its next step: one that is added without them fails here."""

import re

import pytest

from api.wording import blocked_name
from campaigns.payout.balances.queries import SENTENCES
from campaigns.payout.balances.reasons import OBSTACLES, STANDINGS, Reason
from campaigns.payout.earnings.next_steps import STEPS, URGENT
from campaigns.payout.runs.failures import LEFT_OUT


def named_in(sql: str) -> set[str]:
    return set(re.findall(r"then '(\w+)'", sql))


def test_what_the_database_gives_for_a_reason_is_one() -> None:
    assert named_in(STANDINGS) | named_in(OBSTACLES) == {reason.value for reason in Reason}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_sentence_its_words_and_its_next_step(reason: Reason) -> None:
    assert (reason in SENTENCES, reason in STEPS, reason in URGENT, bool(blocked_name(reason))) == (True, True, True, True)


def test_everything_that_leaves_a_payment_out_is_said_to_finance() -> None:
    assert named_in(OBSTACLES) == set(LEFT_OUT)

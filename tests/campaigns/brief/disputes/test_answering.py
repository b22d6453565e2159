"""Our answer to a bank: written, handed in once, accepted; what Stripe does not take; what is borne; and what an end keeps back."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from campaigns.brief.disputes import actions as dispute_actions
from campaigns.brief.disputes import answering
from campaigns.brief.disputes.errors import AnsweredAlready, DisputeOver, NothingToBear, NothingToHandIn
from campaigns.core.campaign import find_campaign
from campaigns.core.errors import Forbidden, Invalid, NotFound
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import SYSTEM, Actor
from campaigns.evidence.drafts import suggested
from campaigns.installation import checks as installation_checks
from campaigns.payments.dispute_gateway import DisputeAtStripe
from campaigns.payments.provider_errors import Definite, Unknown
from campaigns.payments.stripe_gateway import StripeGateway
from campaigns.payout.actions import give_back
from tests.campaigns.brief.billing import TOTAL, facts, parts
from tests.campaigns.brief.disputes.disputing import WORDS, books, disputed_campaign, hand_in, row
from tests.treasury import Treasury, now, told
from workers.brief.dispute_answers import remind_of_answers
from workers.brief.disputes import look_at_dispute
from workers.gateways import by_stripe
from workers.transactions import unit_of_work


def at_stripe(treasury: Treasury, provider_id: str) -> str:
    return treasury.stripe.client.v1.disputes.retrieve(provider_id).status


def test_evidence_reaches_the_bank_once_and_what_it_decides_comes_back(treasury: Treasury, finance: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    hand_in(provider_id, finance, WORDS)
    assert at_stripe(treasury, provider_id) == "needs_response"
    assert treasury.handle(OutboxKind.DISPUTE_ANSWER) == 1
    handed = row(provider_id)
    assert (at_stripe(treasury, provider_id), handed.status, handed.submissions, handed.handed_in_by) == (
        "under_review", "under_review", 1, finance.person,
    )  # fmt: skip
    with pytest.raises(AnsweredAlready):
        hand_in(provider_id, finance, WORDS)
    treasury.stripe.at_the_bank(provider_id, "win")
    look_at_dispute(by_stripe(), provider_id)
    assert (row(provider_id).status, books(made)) == ("won", {"held": TOTAL})


def test_the_same_draft_saved_again_changes_nothing(treasury: Treasury, finance: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    written = []
    for _twice in range(2):
        with unit_of_work() as session:
            written.append(answering.write_evidence(session, row(provider_id).id, WORDS, by=finance, at=now()).drafted_at)
    assert written[0] == written[1]


def test_words_that_decide_at_stripe_decide_here_too(treasury: Treasury, finance: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    hand_in(provider_id, finance, {"uncategorized_text": "losing_evidence"})
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    assert (row(provider_id).status, books(made)) == ("lost", {"held": TOTAL, "unrecovered": TOTAL})


def befalls(treasury: Treasury, fault: str) -> None:
    """What befalls the answer itself, after the look at the dispute."""
    treasury.line.faults += [("/v1/disputes/", "pass"), ("/v1/disputes/", fault)]


@pytest.mark.parametrize("fault", ["lose the call", "lose the answer", "503"])
def test_an_answer_is_given_once_though_nobody_knows_whether_it_arrived(treasury: Treasury, finance: Actor, fault: str) -> None:
    _made, provider_id = disputed_campaign(treasury)
    hand_in(provider_id, finance, WORDS)
    befalls(treasury, fault)
    with pytest.raises(Unknown):
        treasury.handle(OutboxKind.DISPUTE_ANSWER)
    assert treasury.handle(OutboxKind.DISPUTE_ANSWER) == 1
    assert (row(provider_id).status, row(provider_id).handed_in_by) == ("under_review", finance.person)
    assert treasury.stripe.client.v1.disputes.retrieve(provider_id).evidence_details.submission_count == 1


def test_what_stripe_does_not_take_was_not_said_and_can_be_said_again(treasury: Treasury, finance: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    hand_in(provider_id, finance, WORDS)
    befalls(treasury, "400")
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    dispute = row(provider_id)
    assert (bool(dispute.refusal), dispute.is_answerable, len(facts(made, "brief.dispute_answer_refused"))) == (True, True, 1)
    treasury.pass_time(timedelta(minutes=1))
    hand_in(provider_id, finance, WORDS)
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    assert (row(provider_id).status, row(provider_id).refusal) == ("under_review", None)


def test_evidence_that_stripe_took_is_not_told_as_refused_though_a_later_try_is(
    treasury: Treasury, finance: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, provider_id = disputed_campaign(treasury)
    hand_in(provider_id, finance, WORDS)
    real = StripeGateway.hand_in_evidence

    def taken_by_another(gateway: StripeGateway, dispute_id: str, evidence: Mapping[str, str], *, key: str) -> DisputeAtStripe:
        real(gateway, dispute_id, evidence, key=f"{key}:before")
        raise Definite("dispute_already_submitted", "The evidence was submitted already.")

    monkeypatch.setattr(StripeGateway, "hand_in_evidence", taken_by_another)
    assert treasury.handle(OutboxKind.DISPUTE_ANSWER) == 1
    handed = row(provider_id)
    assert (handed.status, handed.handed_in_by, handed.refusal) == ("under_review", finance.person, None)
    assert (handed.submissions, facts(made, "brief.dispute_answer_refused")) == (1, [])


def test_an_accepted_dispute_is_lost_and_an_inquiry_is_not_accepted(treasury: Treasury, finance: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    with unit_of_work() as session:
        answering.accept(session, row(provider_id).id, by=finance, at=now())
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    assert (at_stripe(treasury, provider_id), row(provider_id).status, books(made)["unrecovered"]) == ("lost", "lost", TOTAL)
    _other, inquiry = disputed_campaign(treasury, deed="inquiry")
    with pytest.raises(DisputeOver), unit_of_work() as session:
        answering.accept(session, row(inquiry).id, by=finance, at=now())


def test_an_inquiry_that_was_answered_is_answered_anew_as_a_chargeback(treasury: Treasury, finance: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury, deed="inquiry")
    hand_in(provider_id, finance, WORDS)
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    assert row(provider_id).status == "warning_under_review"
    treasury.stripe.at_the_bank(provider_id, "escalate")
    look_at_dispute(by_stripe(), provider_id)
    hand_in(provider_id, finance, WORDS)
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    assert row(provider_id).status == "under_review"


def test_only_finance_answers_nobody_else_finds_it_and_nothing_empty_or_too_long_is_handed_in(treasury: Treasury, finance: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    for who, refusal in ((made.manager, NotFound), (treasury.person(), NotFound)):
        with pytest.raises(refusal):
            hand_in(provider_id, who, WORDS)
    for evidence, wrong in (
        ({"uncategorized_text": " "}, NothingToHandIn),
        ({"shoe_size": "9"}, Invalid),
        ({"customer_name": "x" * 5_001}, Invalid),
    ):
        with pytest.raises(wrong):
            hand_in(provider_id, finance, evidence)
    with pytest.raises(Forbidden), unit_of_work() as session:
        suggested(session, row(provider_id), by=made.manager)


def test_after_its_day_the_bank_takes_no_answer(treasury: Treasury, finance: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    treasury.pass_time(timedelta(days=10))
    with pytest.raises(DisputeOver):
        hand_in(provider_id, finance, WORDS)


def test_finance_is_reminded_once_two_days_before(treasury: Treasury) -> None:
    disputed_campaign(treasury)
    assert remind_of_answers() == 0
    treasury.pass_time(timedelta(days=7))
    assert [remind_of_answers(), remind_of_answers(), len(told("brief.dispute_due_soon"))] == [1, 0, 1]


def test_what_is_lost_and_borne_covers_the_campaign_again(treasury: Treasury, finance: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    with pytest.raises(NothingToBear), unit_of_work() as session:
        dispute_actions.bear(session, row(provider_id).id, "We want to.", by=finance, at=now())
    treasury.stripe.at_the_bank(provider_id, "lose")
    look_at_dispute(by_stripe(), provider_id)
    with unit_of_work() as session:
        dispute_actions.bear(session, row(provider_id).id, "The brand is bankrupt.", by=finance, at=now())
    assert books(made) == {"held": TOTAL, "dispute_losses": TOTAL}
    with pytest.raises(NothingToBear), unit_of_work() as session:
        dispute_actions.bear(session, row(provider_id).id, "Once more.", by=finance, at=now())
    with unit_of_work() as session:
        assert installation_checks.broken(session) == []


@pytest.mark.parametrize(("deed", "goes_back"), [("win", TOTAL), ("lose", 0)])
def test_what_a_bank_may_yet_take_is_not_given_back_to_the_brand_before_it_has_decided(
    treasury: Treasury, deed: str, goes_back: int
) -> None:
    made, provider_id = disputed_campaign(treasury)
    with unit_of_work() as session:
        campaign = find_campaign(session, made.id, by=SYSTEM, lock=True)
        give_back(session, campaign, "It has ended.", key="ended", at=now())
    assert (books(made), row(provider_id).kept_back, parts(made)) == ({"held": TOTAL, "disputed": TOTAL}, TOTAL, [])
    treasury.stripe.at_the_bank(provider_id, deed)
    look_at_dispute(by_stripe(), provider_id)
    assert (books(made), sum(amount for amount, _state, _by_payment in parts(made))) == ({}, goes_back)
    with unit_of_work() as session:
        assert installation_checks.broken(session) == []


def test_what_we_hold_is_written_for_the_bank(treasury: Treasury, finance: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    with unit_of_work() as session:
        found = suggested(session, row(provider_id), by=finance)
    assert found["customer_name"] == made.brand.name
    assert "signed the agreement for legal (SHA-256 " in found["access_activity_log"]
    assert "$74,000.00 of it was paid on" in found["uncategorized_text"]
    assert "in percent of the price of each piece: 25 before" in found["cancellation_policy_disclosure"]

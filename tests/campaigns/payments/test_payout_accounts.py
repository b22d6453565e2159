"""A payee's account with Stripe: promised, made, onboarded, and what is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import httpx
import pytest
from babel.dates import format_date
from sqlalchemy import select, update

from campaigns.core import clock
from campaigns.core.events import Event
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Actor, Person
from campaigns.payments.actions import note_account, open_payout_account
from campaigns.payments.errors import AccountNotReady, NoPayoutAccount, NoRoute
from campaigns.payments.models import PayoutAccount
from campaigns.payments.provider_errors import Unknown
from campaigns.payments.queries import payout_account
from campaigns.payout.balances.queries import standings_of
from campaigns.payout.balances.reasons import Reason
from campaigns.payout.earnings.next_steps import Deed, NextStep, next_step
from campaigns.payout.earnings.queries import Purse, my_money
from notifications.notification import EmailDraft
from notifications.registry import NOTIFICATIONS, notifications_of
from notifications.render import Recipient, write
from sandbox.stripe import accounts
from tests.treasury import Treasury, now, told
from workers.gateways import by_stripe
from workers.provider.accounts import look_at_account, onboarding_link
from workers.transactions import unit_of_work


def state(person_id: object) -> tuple[str, list[str]]:
    with unit_of_work() as session:
        account = session.scalars(select(PayoutAccount).where(PayoutAccount.person_id == person_id)).one()
        return account.state, account.requirements


def test_an_account_is_promised_made_once_and_active_after_stripes_form(treasury: Treasury) -> None:
    ana = treasury.person("DE")
    provider_id = treasury.open_account(ana)
    assert state(ana.person) == ("onboarding", ["external_account", "tos_acceptance.date", "tos_acceptance.ip"])
    assert httpx.post(onboarding_link(by_stripe(), ana.person)).headers["location"] == "http://localhost:8400/payout/onboarding/back"
    treasury.stripe.settle()
    look_at_account(by_stripe(), provider_id)
    assert state(ana.person) == ("active", [])
    assert [len(told(f"payout.account_{name}")) for name in ("promised", "onboarding", "active")] == [1, 1, 1]
    assert len(treasury.stripe.client.v1.accounts.list().data) == 1


def test_an_account_is_made_to_be_paid_out_each_day_whatever_the_platforms_default_is(
    treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = accounts._settings()
    default["payouts"]["schedule"]["interval"] = "manual"
    monkeypatch.setattr(accounts, "_settings", lambda: default)
    made = treasury.stripe.client.v1.accounts.retrieve(treasury.open_account(treasury.person()))
    assert made.settings
    assert made.settings.payouts
    assert made.settings.payouts.schedule.interval == "daily"


def looked_at(treasury: Treasury, who: Actor) -> tuple[str, list[str]]:
    """How the account stands with us once Stripe has done what it does by itself."""
    treasury.stripe.settle()
    with unit_of_work() as session:
        provider_id = payout_account(session, who.person).provider_id or ""
    look_at_account(by_stripe(), provider_id)
    return state(who.person)


def visited(treasury: Treasury, who: Actor, outcome: str) -> tuple[str, list[str]]:
    """How it stands after a visit to Stripe's form that ended so."""
    treasury.submit(who, outcome)
    return looked_at(treasury, who)


def steps(who: Actor) -> tuple[NextStep | None, NextStep | None]:
    """What their own page has them do: with what is on their account, and before anything is."""
    proposed = Purse("USD", 0, 0, 0, 0, 0, 0, 5_000, None, None)
    with unit_of_work() as session:
        purses = my_money(session, by=who, at=clock.business_now(session))
        return next_step(session, purses, by=who, at=now()), next_step(session, [proposed], by=who, at=now())


def emails_told() -> list[tuple[UUID, bool, bool]]:
    """Whose emails there are about what Stripe wants more of them, whether payments have stopped, and whether that is still so."""
    notification = NOTIFICATIONS["account_needs_more"]
    assert notification.still_true
    with unit_of_work() as session:
        facts = session.scalars(select(Event).where(Event.name == "payout.account_asked").order_by(Event.number)).all()
        emails = [(fact, email) for fact in facts for email in notification.build(session, fact)]
        return [(email.to, email.params["is_stopped"], notification.still_true(session, fact)) for fact, email in emails]


def test_somebody_whose_details_stripe_is_checking_has_nothing_to_do_and_is_paid_after_that(treasury: Treasury) -> None:
    ana = treasury.person("DE")
    treasury.open_account(ana)
    treasury.earn(ana.person, 5_000)
    assert visited(treasury, ana, "check") == ("onboarding", [])
    checking = "Stripe is checking your details. There is nothing for you to do: $50.00 will be paid in the first run after that."
    assert steps(ana) == (
        NextStep(Deed.NOTHING, checking),
        NextStep(Deed.NOTHING, "Nothing to do. Stripe is checking your details, which can take a few days."),
    )  # fmt: skip
    treasury.pass_time(timedelta(hours=1))
    assert looked_at(treasury, ana) == ("active", [])
    assert told("payout.account_asked") == []


def test_somebody_of_whom_stripe_wants_more_is_told_while_they_are_paid_and_again_when_payments_stop(treasury: Treasury) -> None:
    ana, document = treasury.payee(country="DE"), ["individual.verification.document"]
    assert visited(treasury, ana, "more") == looked_at(treasury, ana) == ("active", document)
    (at_stripe,) = treasury.stripe.client.v1.accounts.list().data
    assert at_stripe.requirements
    assert at_stripe.requirements.current_deadline
    due_by = datetime.fromtimestamp(at_stripe.requirements.current_deadline, UTC)
    assert steps(ana) == (NextStep(Deed.FINISH_FORM, asked_by(due_by)),) * 2
    treasury.pass_time(timedelta(days=14))
    assert looked_at(treasury, ana) == ("onboarding", document)
    assert emails_told() == [(ana.person, False, False), (ana.person, True, True)]
    assert [step.deed for step in steps(ana) if step] == [Deed.FINISH_FORM] * 2
    assert visited(treasury, ana, "complete") == ("active", [])
    assert emails_told() == [(ana.person, False, False), (ana.person, True, False)]


def test_what_stripe_only_announces_is_asked_of_somebody_who_is_paid_and_their_form_takes_it(treasury: Treasury) -> None:
    ana = treasury.payee(country="DE")
    assert visited(treasury, ana, "announce") == ("active", ["individual.verification.document"])
    (at_stripe,) = treasury.stripe.client.v1.accounts.list().data
    assert at_stripe.requirements
    assert at_stripe.future_requirements
    assert at_stripe.requirements.currently_due == []
    begins = datetime.fromtimestamp(at_stripe.future_requirements.current_deadline or 0, UTC)
    assert steps(ana) == (NextStep(Deed.FINISH_FORM, asked_by(begins)),) * 2
    assert emails_told() == [(ana.person, False, True)]
    assert visited(treasury, ana, "complete") == ("active", [])
    treasury.pass_time(timedelta(days=30))
    assert looked_at(treasury, ana) == ("active", [])
    assert emails_told() == [(ana.person, False, False)]


def asked_by(due: datetime) -> str:
    day = format_date(due, "long", locale="en")
    return f"Stripe needs more information. Provide it by {day}, or payments to you will stop."


def test_page_and_email_say_in_the_readers_own_zone_by_when_stripe_waits_and_soon_where_it_does_not_say(treasury: Treasury) -> None:
    ana = treasury.payee()
    with unit_of_work() as session:
        session.get_one(Person, ana.person).time_zone = "Pacific/Auckland"
    answer(ana, due=["individual.verification.document"], due_by=datetime(2026, 12, 24, 15, tzinfo=UTC))
    assert steps(ana)[0] == NextStep(Deed.FINISH_FORM, asked_by(datetime(2026, 12, 25, tzinfo=UTC)))
    written = write(
        NOTIFICATIONS["account_needs_more"], email_of("payout.account_asked").params, path=None, reader=IN_AUCKLAND, campaign=None
    )
    assert "Stripe needs more information from you by December 25, 2026. You are still being paid" in " ".join(written.text.split())
    answer(ana, due=["individual.verification.document"])
    soon = "Stripe needs more information. Provide it soon, or payments to you will stop."
    assert steps(ana)[0] == NextStep(Deed.FINISH_FORM, soon)


IN_AUCKLAND = Recipient("Ana", time_zone="Pacific/Auckland")


def answer(who: Actor, **changes: Any) -> None:
    """Stripe answers that their account stands as before but for these `changes`."""
    with unit_of_work() as session:
        found = by_stripe().fetch_account(payout_account(session, who.person).provider_id or "")
        note_account(session, replace(found, **changes), person_id=who.person, looked_at=clock.process_now(), at=now())


def email_of(name: str) -> EmailDraft:
    """The email of the newest event of this name."""
    with unit_of_work() as session:
        fact = session.scalars(select(Event).where(Event.name == name).order_by(Event.number.desc()).limit(1)).one()
        (notification,) = notifications_of(name)
        return next(iter(notification.build(session, fact)))


CHECKING = (
    NextStep(
        Deed.NOTHING, "Stripe is checking your details. There is nothing for you to do: $50.00 will be paid in the first run after that."
    ),
    NextStep(Deed.NOTHING, "Nothing to do. Stripe is checking your details, which can take a few days."),
)  # fmt: skip
PAUSED = (
    NextStep(
        Deed.WRITE, "We have paused your Stripe account, so nothing is paid to you. Contact us, and we will tell you what is needed."
    ),
    NextStep(Deed.WRITE, "We have paused your Stripe account. Contact us, and we will tell you what is needed."),
)  # fmt: skip


@pytest.mark.parametrize(("outcome", "why", "read"), [("review", "checked", CHECKING), ("pause", "paused", PAUSED)])
def test_whose_account_is_off_though_nothing_is_asked_is_told_and_is_not_sent_to_a_form_that_asks_nothing(
    treasury: Treasury, outcome: str, why: str, read: tuple[NextStep, NextStep]
) -> None:
    ana = treasury.payee(country="DE")
    assert visited(treasury, ana, outcome) == looked_at(treasury, ana) == ("onboarding", [])
    assert (steps(ana), told("payout.account_asked")) == (read, [])
    assert told("payout.account_stopped") == [{"person": str(ana.person), "why": why}]
    email = email_of("payout.account_stopped")
    assert (email.to, email.path, email.params, stopped_still()) == (ana.person, "/payout", {"why": why}, True)
    assert (visited(treasury, ana, "complete"), stopped_still()) == (("active", []), False)


def stopped_still() -> bool:
    still_true = NOTIFICATIONS["account_stopped"].still_true
    assert still_true
    with unit_of_work() as session:
        return still_true(session, session.scalars(select(Event).where(Event.name == "payout.account_stopped")).one())


def test_each_end_of_payments_is_told_once_with_what_has_become_of_the_account(treasury: Treasury) -> None:
    ana, document = treasury.payee(country="DE"), ["individual.verification.document"]
    off: dict[str, Any] = {"transfers": "inactive", "due": []}
    answer(ana, **off, disabled_reason="under_review")
    answer(ana, **off, disabled_reason="listed")
    answer(ana, transfers="inactive", due=document, disabled_reason="requirements.past_due")
    answer(ana, **off, disabled_reason="requirements.pending_verification")
    answer(ana, **off, disabled_reason="platform_paused")
    answer(ana, **off, disabled_reason="rejected.listed")
    answer(ana)
    answer(ana, pays_out=False, disabled_reason="other")
    assert [each["why"] for each in told("payout.account_stopped")] == ["checked", "paused", "refused", "checked"]
    assert [each["is_stopped"] for each in told("payout.account_asked")] == [True]


def test_whose_details_are_found_wanting_after_they_were_checked_is_told_what_is_asked(treasury: Treasury) -> None:
    ana = treasury.person("DE")
    treasury.open_account(ana)
    visited(treasury, ana, "check")
    assert told("payout.account_asked") == told("payout.account_stopped") == []
    answer(ana, due=["individual.verification.document"], disabled_reason="requirements.past_due")
    assert [each["is_stopped"] for each in told("payout.account_asked")] == [True]


STATES: Sequence[Mapping[str, object]] = (
    {"state": "onboarding"},
    {"state": "active", "pays_out": False},
    {"state": "active", "pays_out": True},
)
REASONS = ("under_review", "listed", "other", "platform_paused", "requirements.pending_verification", "rejected.other", None)


def test_of_every_way_in_which_an_account_stands_its_row_and_the_reason_of_the_balance_say_the_same(treasury: Treasury) -> None:
    ana, found = treasury.payee(), []
    for state, reason, due in product(STATES, REASONS, ([], ["external_account"])):
        if state == STATES[2] and reason == "rejected.other":
            continue  # Stripe pays nobody whom it rejected
        with unit_of_work() as session:
            known: dict[str, object] = {"pays_out": True, **state, "reason": reason, "requirements": due}
            session.execute(update(PayoutAccount).where(PayoutAccount.person_id == ana.person).values(known))
        with unit_of_work() as session:
            (standing,) = standings_of(session, ana.person, now())
            account = payout_account(session, ana.person)
            asked = {"onboarding": Reason.NOT_ONBOARDED, "active": Reason.BANK_NEEDED if account.is_stopped else None}[account.state]
            found.append((known, standing.reason, Reason(f"account_{account.stop}") if account.stop else asked))
    assert [each for each in found if each[1] != each[2]] == []
    assert {given for _known, given, _said in found} == {
        Reason.ACCOUNT_CHECKED, Reason.ACCOUNT_PAUSED, Reason.ACCOUNT_REFUSED, Reason.NOT_ONBOARDED, Reason.BANK_NEEDED, None,
    }  # fmt: skip


def test_whose_account_stripe_rejects_is_not_sent_to_its_form(treasury: Treasury) -> None:
    ana = treasury.payee(country="DE")
    assert visited(treasury, ana, "reject") == ("onboarding", [])
    said = "Stripe has declined your account. Contact us, and we will look for another way to pay you."
    assert steps(ana) == (NextStep(Deed.WRITE, said),) * 2
    assert told("payout.account_stopped") == [{"person": str(ana.person), "why": "refused"}]


def test_asking_twice_leaves_one_account(treasury: Treasury) -> None:
    ana = treasury.person()
    with unit_of_work() as session:
        first = open_payout_account(session, by=ana, at=clock.business_now(session))
        again = open_payout_account(session, by=ana, at=clock.business_now(session))
        assert (first.id, session.scalars(select(OutboxMessage.key).where(OutboxMessage.kind == OutboxKind.PAYOUT_ACCOUNT)).all()) == (
            again.id,
            [str(first.id)],
        )


def test_a_lost_answer_leaves_one_account_at_stripe(treasury: Treasury) -> None:
    ana = treasury.person()
    treasury.line.faults.append(("/v1/accounts", "lose the answer"))
    with pytest.raises(Unknown):
        treasury.open_account(ana)
    treasury.handle(OutboxKind.PAYOUT_ACCOUNT)
    assert (state(ana.person)[0], len(treasury.stripe.client.v1.accounts.list().data)) == ("onboarding", 1)


def test_a_country_without_a_route_is_refused_with_what_happens_to_the_money(treasury: Treasury) -> None:
    femi = treasury.person("NP")
    with pytest.raises(NoRoute) as refused, unit_of_work() as session:
        open_payout_account(session, by=femi, at=clock.business_now(session))
    sentence = "We cannot pay people in Nepal yet. Your earnings stay in your balance until we can."
    assert (refused.value.message, refused.value.field, refused.value.status) == (sentence, "country", 409)
    with unit_of_work() as session:
        assert session.scalars(select(PayoutAccount)).all() == []


def test_without_a_country_the_refusal_asks_for_it(treasury: Treasury) -> None:
    with pytest.raises(NoRoute, match="Tell us which country you live in"), unit_of_work() as session:
        open_payout_account(session, by=treasury.person(None), at=clock.business_now(session))


def test_a_country_that_stripe_refuses_leaves_the_account_refused_with_the_reason(treasury: Treasury) -> None:
    ana = treasury.person("BG")
    with unit_of_work() as session:
        open_payout_account(session, by=ana, at=clock.business_now(session)).country = "XX"
    treasury.handle(OutboxKind.PAYOUT_ACCOUNT)
    with unit_of_work() as session:
        account = payout_account(session, ana.person)
        assert (account.state, account.reason, account.provider_id) == ("refused", "country_unsupported", None)


def test_there_is_no_link_before_the_account_is_made(treasury: Treasury) -> None:
    ana = treasury.person()
    with pytest.raises(NoPayoutAccount):
        onboarding_link(by_stripe(), ana.person)
    with unit_of_work() as session:
        open_payout_account(session, by=ana, at=clock.business_now(session))
    with pytest.raises(AccountNotReady):
        onboarding_link(by_stripe(), ana.person)


def test_an_older_answer_that_comes_late_changes_nothing(treasury: Treasury) -> None:
    ana = treasury.person()
    provider_id = treasury.open_account(ana)
    before, looked_at = by_stripe().fetch_account(provider_id), clock.process_now()
    treasury.stripe.client.v1.accounts.retrieve(provider_id)
    treasury.submit(ana)
    look_at_account(by_stripe(), provider_id)
    with unit_of_work() as session:
        note_account(session, before, person_id=ana.person, looked_at=looked_at, at=now() + timedelta(minutes=1))
    assert state(ana.person) == ("active", [])

"""A payee's account with Stripe: promised, made, onboarded, and what is refused."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from campaigns.core import clock
from campaigns.core.db import unit_of_work
from campaigns.core.outbox import Promise
from campaigns.payments.actions import note_account, open_payout_account
from campaigns.payments.errors import AccountNotReady, NoPayoutAccount, NoRoute
from campaigns.payments.gateway import Unknown, gateway
from campaigns.payments.keepers import create_payout_account, look_at_account, onboarding_link
from campaigns.payments.models import PayoutAccount
from campaigns.payments.queries import payout_account
from tests.treasury import Treasury, now, told


def state(person_id: object) -> tuple[str, list[str]]:
    with unit_of_work() as session:
        account = session.scalars(select(PayoutAccount).where(PayoutAccount.person_id == person_id)).one()
        return account.state, account.requirements


def test_an_account_is_promised_made_once_and_active_after_stripes_form(treasury: Treasury) -> None:
    ana = treasury.person("DE")
    provider_id = treasury.open_account(ana)
    assert state(ana.person) == ("onboarding", ["external_account", "tos_acceptance.date", "tos_acceptance.ip"])
    assert httpx.post(onboarding_link(ana.person)).headers["location"] == "http://localhost:8400/payout/onboarding/back"
    look_at_account(provider_id)
    assert state(ana.person) == ("active", [])
    assert [len(told(f"payout.account_{name}")) for name in ("promised", "onboarding", "active")] == [1, 1, 1]
    assert len(treasury.stripe.client.v1.accounts.list().data) == 1


def test_asking_twice_leaves_one_account(treasury: Treasury) -> None:
    ana = treasury.person()
    with unit_of_work() as session:
        first = open_payout_account(session, by=ana, at=clock.business_now(session))
        again = open_payout_account(session, by=ana, at=clock.business_now(session))
        assert (first.id, session.scalars(select(Promise.key).where(Promise.kind == "payout_account")).all()) == (again.id, [str(first.id)])


def test_a_lost_answer_leaves_one_account_at_stripe(treasury: Treasury) -> None:
    ana = treasury.person()
    treasury.line.faults.append(("/v1/accounts", "lose the answer"))
    with pytest.raises(Unknown):
        treasury.open_account(ana)
    treasury.keep("payout_account", create_payout_account)
    assert (state(ana.person)[0], len(treasury.stripe.client.v1.accounts.list().data)) == ("onboarding", 1)


def test_a_country_without_a_route_is_refused_with_what_happens_to_the_money(treasury: Treasury) -> None:
    femi = treasury.person("NP")
    with pytest.raises(NoRoute) as refused, unit_of_work() as session:
        open_payout_account(session, by=femi, at=clock.business_now(session))
    sentence = "We have no way yet to pay people in Nepal. What you earn stays on your account until there is one."
    assert (refused.value.message, refused.value.field, refused.value.status) == (sentence, "country", 409)
    with unit_of_work() as session:
        assert session.scalars(select(PayoutAccount)).all() == []


def test_without_a_country_the_refusal_asks_for_it(treasury: Treasury) -> None:
    with pytest.raises(NoRoute, match="Tell us the country you live in"), unit_of_work() as session:
        open_payout_account(session, by=treasury.person(None), at=clock.business_now(session))


def test_a_country_that_stripe_refuses_leaves_the_account_refused_with_the_reason(treasury: Treasury) -> None:
    ana = treasury.person("BG")
    with unit_of_work() as session:
        open_payout_account(session, by=ana, at=clock.business_now(session)).country = "XX"
    treasury.keep("payout_account", create_payout_account)
    with unit_of_work() as session:
        account = payout_account(session, ana.person)
        assert (account.state, account.reason, account.provider_id) == ("refused", "country_unsupported", None)


def test_there_is_no_link_before_the_account_is_made(treasury: Treasury) -> None:
    ana = treasury.person()
    with pytest.raises(NoPayoutAccount):
        onboarding_link(ana.person)
    with unit_of_work() as session:
        open_payout_account(session, by=ana, at=clock.business_now(session))
    with pytest.raises(AccountNotReady):
        onboarding_link(ana.person)


def test_an_older_answer_that_comes_late_changes_nothing(treasury: Treasury) -> None:
    ana = treasury.person()
    provider_id = treasury.open_account(ana)
    before, looked_at = gateway().fetch_account(provider_id), clock.process_now()
    treasury.stripe.client.v1.accounts.retrieve(provider_id)
    httpx.post(onboarding_link(ana.person))
    look_at_account(provider_id)
    with unit_of_work() as session:
        note_account(session, before, person_id=ana.person, looked_at=looked_at, at=now() + timedelta(minutes=1))
    assert state(ana.person) == ("active", [])

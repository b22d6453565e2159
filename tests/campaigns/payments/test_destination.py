"""Where somebody's money goes: a proof, an email, and a time in which it can be stopped."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from campaigns.core.errors import ProofNeeded
from campaigns.core.people import Actor
from campaigns.core.settings import settings
from campaigns.payments.destination import open_form, require_open
from campaigns.payments.errors import NoPayoutAccount, NotOpened
from campaigns.payments.queries import payout_account
from campaigns.payout.balances.queries import standings_of
from tests.campaigns.payout.runs.bureau import items, quote, released, send
from tests.treasury import Treasury, now, told
from workers.gateways import by_stripe
from workers.provider.accounts import look_at_account
from workers.transactions import unit_of_work


def reason(person: Actor) -> str | None:
    with unit_of_work() as session:
        return standings_of(session, person.person, now())[0].reason


def opens(person: Actor) -> None:
    with unit_of_work() as session:
        open_form(session, by=person, at=now())


def test_who_opens_the_form_of_a_ready_account_is_not_paid_before_it_has_cooled(treasury: Treasury) -> None:
    ana = treasury.payee(5_000)
    run_id = released(treasury)
    opens(ana)
    opens(ana)
    assert len(told("payout.destination_opened")) == 1
    send(run_id)
    assert (items(run_id), treasury.transfers(), reason(ana)) == ([(5_000, "failed", 1)], [], "cooling")
    treasury.pass_time(timedelta(hours=71))
    assert (quote("early"), reason(ana)) == (None, "cooling")
    treasury.pass_time(timedelta(hours=1, seconds=1))
    assert (reason(ana), quote("later") is not None) == (None, True)


def test_a_bank_account_that_is_another_one_cools_by_whatever_door_it_was_changed(treasury: Treasury) -> None:
    ana = treasury.payee(5_000)
    assert reason(ana) is None
    with unit_of_work() as session:
        provider_id = str(payout_account(session, ana.person).provider_id)
    treasury.submit(ana)
    look_at_account(by_stripe(), provider_id)
    assert (reason(ana), told("payout.destination_changed")) == (None, [])
    treasury.submit(ana, "another")
    look_at_account(by_stripe(), provider_id)
    assert (reason(ana), quote()) == ("cooling", None)
    (fact,) = told("payout.destination_changed")
    assert fact["person"] == str(ana.person)
    look_at_account(by_stripe(), provider_id)
    assert len(told("payout.destination_changed")) == 1


def test_under_a_live_key_the_form_opens_only_for_who_has_lately_proven_that_it_is_them(
    treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, new = treasury.payee(5_000), treasury.person()
    treasury.open_account(new)
    monkeypatch.setattr(settings(), "stripe_api_key", SecretStr("sk_live_1"))
    for person in (ana, new):
        for deed in (open_form, require_open):
            with pytest.raises(ProofNeeded), unit_of_work() as session:
                deed(session, by=person, at=now())
    opens(replace(ana, is_proven=True))
    assert len(told("payout.destination_opened")) == 1


def test_the_way_to_the_form_is_open_for_minutes_and_from_the_start_for_whoever_sets_it_up(treasury: Treasury) -> None:
    ana, new = treasury.payee(5_000), treasury.person()
    with pytest.raises(NoPayoutAccount), unit_of_work() as session:
        require_open(session, by=new, at=now())
    treasury.open_account(new)
    with unit_of_work() as session:
        assert require_open(session, by=new, at=now()).state == "onboarding"
    opens(new)
    assert told("payout.destination_opened") == []
    with pytest.raises(NotOpened), unit_of_work() as session:
        require_open(session, by=ana, at=now())
    opens(ana)
    with unit_of_work() as session:
        require_open(session, by=ana, at=now())
    treasury.pass_time(timedelta(minutes=11))
    with pytest.raises(NotOpened), unit_of_work() as session:
        require_open(session, by=ana, at=now())

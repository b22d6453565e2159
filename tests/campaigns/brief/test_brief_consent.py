"""Money that comes in takes two people who are two, unless the brand has agreed to an installation of few people."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.brief.funding.actions import approve_advance, confirm_receipt, record_receipt
from campaigns.brief.queries import sign_offs, written_brief
from campaigns.brief.rules import unsigned_sign_off_roles
from campaigns.brief.signatures.rules import agreed_to_few, all_agreed_to_few, choose_few_people
from campaigns.brief.terms.contents import FEW_PEOPLE
from campaigns.core import membership
from campaigns.core.appointing import actions
from campaigns.core.appointing.errors import SecondPersonNeeded
from campaigns.core.event_names import EventName
from campaigns.core.events import recorded
from campaigns.core.people import SYSTEM, Actor, Scope, actor_for
from campaigns.core.permissions import Role
from tests.factories import NOW, Partnership, filled_brief, launched_campaign, signed_brief, someone


def second_of_finance(session: Session, made: Partnership) -> Actor:
    """Somebody of finance whose role the campaign's manager confirmed."""
    operator = someone(session, Role.OPERATOR)
    someone(session, Role.FINANCE)
    given = membership.invite(session, "rita@example.org", Role.FINANCE, on=Scope(), by=operator, at=NOW)
    actions.confirm(session, given.id, by=made.manager, at=NOW)
    actions.begin_due(session, at=NOW + timedelta(hours=72))
    return actor_for(session, given.person_id)


def chosen(session: Session) -> None:
    choose_few_people(session, is_few=True, reason="We are three.", by=SYSTEM, at=NOW)


def test_whoever_confirmed_a_role_records_no_receipt_that_its_holder_confirms(session: Session) -> None:
    made = filled_brief(session)
    rita = second_of_finance(session, made)
    receipt = record_receipt(session, made.id, 400_000, "WIRE", NOW.date(), by=made.manager, at=NOW)
    with pytest.raises(SecondPersonNeeded, match="Mara"):
        confirm_receipt(session, made.id, receipt.id, by=rita, at=NOW)
    assert confirm_receipt(session, made.id, receipt.id, by=made.finance, at=NOW).confirmed_by == made.finance.person


def test_whoever_runs_a_campaign_and_whoever_approves_its_advance_are_two_people(session: Session) -> None:
    made = filled_brief(session)
    rita = second_of_finance(session, made)
    with pytest.raises(SecondPersonNeeded):
        approve_advance(session, made.id, "They always pay.", by=rita, at=NOW)
    approve_advance(session, made.id, "They always pay.", by=made.finance, at=NOW)


def test_few_people_act_together_only_where_the_brief_says_so(session: Session) -> None:
    launched, begun = launched_campaign(session), filled_brief(session)
    rita = second_of_finance(session, begun)
    chosen(session)
    assert [agreed_to_few(session, each.id) for each in (launched, begun)] == [False, True]
    assert not all_agreed_to_few(session)
    receipt = record_receipt(session, begun.id, 400_000, "WIRE", NOW.date(), by=begun.manager, at=NOW)
    assert confirm_receipt(session, begun.id, receipt.id, by=rita, at=NOW).confirmed_by == rita.person
    choose_few_people(session, is_few=False, reason="We are ten.", by=SYSTEM, at=NOW)
    assert not agreed_to_few(session, begun.id)


def test_the_choice_of_few_people_is_part_of_what_is_signed_and_asks_for_every_signature_again(session: Session) -> None:
    made = signed_brief(session)
    before = written_brief(session, made.id)
    content, text_hash = before.content, before.hash
    chosen(session)
    after = written_brief(session, made.id)
    assert ("few_people" in content["terms"], after.content["terms"]["few_people"], after.hash != text_hash) == (False, FEW_PEOPLE, True)
    assert sorted(unsigned_sign_off_roles(after, sign_offs(session, [made.id])[made.id])) == ["legal", "marketing"]
    assert len(recorded(session, EventName.BRIEF_SIGNATURES_FELL)) == 1
    assert written_brief(session, filled_brief(session).id).content["terms"]["few_people"] == FEW_PEOPLE

"""Who gets which email when a partnership ends before its time, and when money goes back."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.administration import cancellations
from campaigns.brief.models import RefundPart
from campaigns.core.events import Event
from campaigns.core.people import Scope
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.open_call.questions import actions as question_actions
from notifications.notification import EmailDraft
from notifications.preview import sample_of
from notifications.registry import NOTIFICATIONS
from notifications.render import Recipient, write
from tests import carrying
from tests.called_off import call_off, confirm, paid_out, settle_what_is_due
from tests.campaigns.payout.sharing import AT, Shared, in_delivery, version
from tests.carrying import under_way
from tests.factories import NOW, administrator, contributed, new_campaign, opened_call, person, signed_brief, someone


def emails(session: Session, notification: str, event: str) -> dict[UUID, EmailDraft]:
    """The emails of a notification about the newest event of this name, by recipient."""
    session.commit()
    fact = session.scalars(select(Event).where(Event.name == event).order_by(Event.number.desc()).limit(1)).one()
    return {email.to: email for email in NOTIFICATIONS[notification].build(session, fact)}


def staffed(session: Session) -> tuple[Shared, dict[str, UUID]]:
    """A campaign in client delivery, and whom its emails may go to."""
    shared = in_delivery(session)
    curator, leader = (someone(session, role, on=Scope(campaign_id=shared.made.id)) for role in (Role.CURATOR, Role.LEADER))
    of_one = someone(session, Role.APPROVER, "Ola", on=Scope(brand_id=shared.made.brand.id, campaign_id=shared.made.id))
    people = {
        "ana": shared.ana.person, "ben": shared.ben.person, "lea": shared.left_out.person, "editor": shared.editor.person,
        "curator": curator.person, "leader": leader.person, "of_one": of_one.person,
        "administrator": administrator(session, shared.made.brand.id).person,
        "manager": shared.manager.person, "finance": shared.made.finance.person,
        "approver": shared.approver.person, **{sign_off_role: signer.person for sign_off_role, signer in shared.made.signers.items()},
    }  # fmt: skip
    return shared, people


def named(found: dict[UUID, EmailDraft], people: dict[str, UUID]) -> set[str]:
    return {name for name, person_id in people.items() if person_id in found}


def test_makers_the_brand_and_staff_each_get_their_own_email_of_a_cancellation(session: Session) -> None:
    shared, people = staffed(session)
    call_off(session, shared.made.id, "The line is stopped.", by=shared.manager, at=AT)
    told = {name: emails(session, name, "campaign.cancelled") for name in ("cancelled", "cancelled_for_brand", "cancelled_for_staff")}
    assert {name: named(found, people) for name, found in told.items()} == {
        "cancelled": {"ana", "ben", "lea"},
        "cancelled_for_brand": {"approver", "of_one", "administrator", "marketing", "legal"},
        "cancelled_for_staff": {"curator", "leader", "editor", "manager", "finance"},
    }  # fmt: skip
    everyone = [person_id for found in told.values() for person_id in found]
    assert len(everyone) == len(set(everyone))
    sums = {"currency": "USD", "kill_fees": 250_000, "fee": 37_500, "refund": 1_192_500, "let_go": 0, "by_hand": 1_192_500, "still_owed": 0}
    for name, to in (("cancelled_for_brand", "approver"), ("cancelled_for_staff", "finance")):
        assert told[name][people[to]].params == {"reason": "The line is stopped.", "has_contribution": False, **sums}


def test_who_has_a_role_and_has_made_something_reads_of_both_in_one_email(session: Session) -> None:
    shared, people = staffed(session)
    version(session, shared)
    call_off(session, shared.made.id, "The line is stopped.", by=shared.manager, at=AT)
    told = {name: emails(session, name, "campaign.cancelled") for name in ("cancelled", "cancelled_for_brand", "cancelled_for_staff")}
    assert [name for name, found in told.items() if people["editor"] in found] == ["cancelled_for_staff"]
    assert [person_id for person_id, email in told["cancelled_for_staff"].items() if email.params["has_contribution"]] == [people["editor"]]
    for name in ("cancelled_for_brand", "cancelled_for_staff"):
        assert "Your own work stays yours" in " ".join(sample_of(NOTIFICATIONS[name]).text.split())


def test_whoever_only_asked_a_question_has_no_contribution_that_stays_theirs(session: Session) -> None:
    made = opened_call(session)
    curious = person(session, "Quin")
    question_actions.ask(session, made.id, "May the film be in Quechua?", by=curious, at=NOW)
    call_off(session, made.id, "The line is stopped.", by=made.manager, at=NOW)
    assert curious.person not in emails(session, "cancelled", "campaign.cancelled")


def test_a_curator_of_another_campaign_reads_as_the_artist_that_they_are_here(session: Session) -> None:
    made, there = opened_call(session), Scope(campaign_id=new_campaign(session).id)
    elsewhere = someone(session, Role.CURATOR, on=there)
    contributed(session, made, elsewhere, "A story of theirs")
    call_off(session, made.id, "The line is stopped.", by=made.manager, at=NOW)
    assert elsewhere.person in emails(session, "cancelled", "campaign.cancelled")
    assert elsewhere.person not in emails(session, "cancelled_for_staff", "campaign.cancelled")


def test_finance_is_told_of_each_transfer_that_is_to_be_sent_by_hand(session: Session) -> None:
    shared, people = staffed(session)
    call_off(session, shared.made.id, "The line is stopped.", by=shared.manager, at=AT)
    found = emails(session, "refund_by_hand", "brief.refund_by_hand_due")
    part = session.scalars(select(RefundPart.id)).one()
    email = found[people["finance"]]
    assert (named(found, people), email.path, email.params["amount"]) == (
        {"finance"}, f"/campaigns/{shared.made.id}/funding/refunds/{part}", 1_192_500,
    )  # fmt: skip


def test_everyone_who_may_be_the_second_person_is_told_that_someone_asks(session: Session) -> None:
    shared, people = staffed(session)
    cancellations.cancel(session, shared.made.id, "The line is stopped.", by=shared.manager, at=AT)
    found = emails(session, "cancellation_asked", "campaign.cancellation_asked")
    assert (named(found, people), found[people["finance"]].path) == ({"finance"}, f"/campaigns/{shared.made.id}/cancel")
    still_true = NOTIFICATIONS["cancellation_asked"].still_true
    assert still_true is not None
    fact = session.scalars(select(Event).where(Event.name == "campaign.cancellation_asked")).one()
    assert still_true(session, fact)
    confirm(session, shared.made.id, shared.made.finance, at=AT)
    assert not still_true(session, fact)


def test_the_brand_and_staff_are_told_what_the_kill_fees_came_to(session: Session) -> None:
    shared, people = staffed(session)
    call_off(session, shared.made.id, "The line is stopped.", by=shared.manager, at=AT)
    paid_out(session, shared.made.id, at=AT)
    found = emails(session, "cancellation_settled", "payout.cancellation_settled")
    assert named(found, people) == {"manager", "finance", "approver", "of_one", "administrator", "marketing", "legal"}
    assert found[people["approver"]].params == {"paid": 250_000, "refund": 0, "currency": "USD"}


def test_every_contributor_is_told_of_a_kill_fees_proposal_and_of_its_end(session: Session) -> None:
    shared, people = staffed(session)
    call_off(session, shared.made.id, "The line is stopped.", by=shared.manager, at=AT)
    settle_what_is_due(session, at=AT)
    proposed = emails(session, "proposal", "payout.proposed")
    assert {name: proposed[people[name]].params["amount"] for name in ("ana", "ben", "lea")} == {"ana": 75_000, "ben": 175_000, "lea": 0}
    assert (
        "kill fee"
        in write(
            NOTIFICATIONS["proposal"], proposed[people["ana"]].params, path=None, reader=Recipient("Ana"), campaign=shared.made.campaign
        ).text
    )
    paid_out(session, shared.made.id, at=AT)
    final = emails(session, "final", "payout.posted")
    assert (final[people["ana"]].params["amount"], final[people["ana"]].params["is_kill_fee"]) == (75_000, True)


def test_a_campaign_for_which_no_money_had_come_says_so(session: Session) -> None:
    made = signed_brief(session)
    call_off(session, made.id, "The brand stops.", by=made.manager, at=NOW)
    found = emails(session, "cancelled_for_brand", "campaign.cancelled")
    email = found[made.signers["legal"].person]
    text = write(NOTIFICATIONS["cancelled_for_brand"], email.params, path=email.path, reader=Recipient("Lou"), campaign=made.campaign).text
    assert "The campaign had received no money, so nothing is owed." in " ".join(text.split())


def test_the_brand_is_told_of_what_goes_back_when_all_is_done(session: Session) -> None:
    all_, _deliverable = under_way(session, Stage.PAYOUT)
    ada = administrator(session, all_.made.brand.id)
    carrying.finish(session, all_)
    found = emails(session, "refund_promised", "brief.refund_promised")
    assert found[all_.approver.person].params["amount"] == 330_000
    assert set(found) == {ada.person, all_.approver.person, *(signer.person for signer in all_.made.signers.values())}


def test_a_paused_campaign_that_is_cancelled_tells_everyone_at_once(session: Session) -> None:
    shared, _people = staffed(session)
    lifecycle.pause(session, shared.made.id, "The brand thinks.", by=shared.manager, at=AT)
    call_off(session, shared.made.id, "The line is stopped.", by=shared.manager, at=AT)
    assert shared.made.campaign.paused_at is None


@pytest.mark.parametrize("name", ["cancelled_for_brand", "cancelled_for_staff"])
def test_the_emails_of_a_cancellation_name_every_sum(name: str) -> None:
    text = " ".join(sample_of(NOTIFICATIONS[name]).text.split())
    assert [amount in text for amount in ("$11,925.00", "$2,500.00", "$375.00", "$2,000.00")] == [True] * 4

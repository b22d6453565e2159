"""After it was handed over: a take-down is told, marked and said beside the package; whoever is paid is named by their own word."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Package
from campaigns.client_delivery.packages import actions as package_actions
from campaigns.client_delivery.packages.actions import build, contents_of
from campaigns.client_delivery.packages.queries import TakenDown, handover
from campaigns.collaboration.claims import actions as claim_actions
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.errors import Refusal
from campaigns.core.events import Event
from campaigns.core.files import storage
from campaigns.core.people import Actor
from campaigns.core.stages import Stage
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.makers.actions import confirm_part, decline_part, end_namings
from campaigns.open_call.makers.queries import asked_of, unanswered_of
from campaigns.open_call.models import EndedNaming, Maker, NamedMaker
from campaigns.oversight.needs import needs
from campaigns.payout.finalizations.actions import finalize, post_final, why_not_final
from campaigns.payout.models import Proposal, ProposalState
from campaigns.payout.proposals.actions import propose_again
from campaigns.payout.proposals.rules import miscredited, outdated_of, work_waiting
from flows import payout
from flows.pulse import Carried
from notifications.contained import version_stopped
from tests.campaigns.payout.sharing import (
    AFTER,
    AT,
    CONTAINS,
    STORY,
    TALE,
    Shared,
    assessed,
    computed,
    confirmed,
    finalizers,
    in_payout,
    made_final,
    named_too,
    proposed,
    told,
)
from tests.campaigns.payout.test_payout_crediting import codes
from tests.campaigns.payout.unmoved import refusal_of
from tests.factories import curator, person
from workers.transactions import unit_of_work

LATER = AT + timedelta(days=3)
END = AFTER + timedelta(days=9)


def seen_anew(session: Session) -> None:
    session.flush()
    session.expire_all()


def made_again(session: Session, shared: Shared) -> Package:
    """What the flow makes of the one package that is outdated."""
    session.flush()
    (version_id,) = outdated_of(session, shared.made.id)
    return package_actions.record_again(session, version_id, build(contents_of(session, version_id)), at=LATER)


def texts_of(package: Package) -> bytes:
    return storage().path(package.sha256).read_bytes()


def emails(session: Session, fact: Event) -> dict[str, tuple[list[str], list[str]]]:
    return {str(email.to): (email.params["deliverables"], email.params["delivered"]) for email in version_stopped(session, fact)}


def test_a_contribution_taken_down_after_the_package_is_told_to_manager_editor_brand_and_who_built_on_it(session: Session) -> None:
    shared = in_payout(session)
    withdraw(session, shared.older.id, by=shared.ana, at=LATER)
    (fact,) = told(session, "open_call.contribution_withdrawn")
    story = (list[str](), [shared.deliverable.title])
    people = (shared.manager, shared.editor, shared.approver)
    assert emails(session, fact) == {str(one.person): story for one in people} | {str(shared.ben.person): ([], [])}


def test_a_dispute_after_the_package_is_told_and_waits_for_a_curator_by_name_of_the_campaign(session: Session) -> None:
    shared = in_payout(session)
    judge = curator(session, shared.made)
    assert [need for need in needs(session, by=judge, at=LATER) if need.code == "delivered_unsettled"] == []
    claim_actions.claim(session, shared.newer.id, shared.unused.id, CONTAINS, by=shared.left_out, at=LATER)
    claim_actions.decline(session, shared.newer.id, shared.unused.id, "It is not.", by=shared.ben, at=LATER)
    (fact,) = told(session, "collaboration.source_declined")
    assert emails(session, fact)[str(shared.approver.person)] == ([], [shared.deliverable.title])
    (need,) = [need for need in needs(session, by=judge, at=LATER) if need.code == "delivered_unsettled"]
    assert (need.campaign, need.address) == (shared.made.campaign, f"/campaigns/{shared.made.id}/claims")


def test_a_package_is_made_again_once_a_contribution_that_led_to_it_is_taken_down_and_marks_it(session: Session) -> None:
    shared, proposal = proposed(session)
    withdraw(session, shared.older.id, by=shared.ana, at=LATER)
    seen_anew(session)
    handed = handover(session, shared.deliverable.id, by=shared.approver)
    assert (handed.package.is_outdated, handed.taken_down) == (True, [TakenDown(shared.older.id, "Lanterns", LATER)])
    assert work_waiting(session, [shared.made.id]) == {shared.made.id}
    assert codes(session, shared) == [("package", "callboard"), ("finalization", "finance")]
    finance, _other = finalizers(session)
    assert refusal_of(session, lambda: finalize(session, proposal.id, by=finance, at=END)).code == "CreditsOutdated"
    package = made_again(session, shared)
    assert b"Ana: Lanterns (since withdrawn by its makers)" in texts_of(package)
    assert f'"taken_down_at": "{LATER.isoformat()}"'.encode() in texts_of(package)
    assert (package.edition, package.is_outdated, work_waiting(session, [shared.made.id])) == (2, False, set())
    assert codes(session, shared) == [("finalization", "finance")]
    assert handover(session, shared.deliverable.id, by=shared.approver).taken_down == handed.taken_down


def test_a_package_is_made_again_before_anything_is_assessed_too(session: Session) -> None:
    shared = in_payout(session)
    withdraw(session, shared.newer.id, by=shared.ben, at=LATER)
    seen_anew(session)
    assert codes(session, shared) == [("package", "callboard"), ("points_unassessed", "manager")]
    made_again(session, shared)
    assert codes(session, shared) == [("points_unassessed", "manager")]


def test_the_package_of_a_deliverable_that_is_done_is_made_again_while_its_campaign_goes_on(session: Session) -> None:
    shared = in_payout(session, STORY, TALE)
    session.execute(update(Deliverable).where(Deliverable.id == shared.deliverable.id).values(stage=Stage.DONE))
    withdraw(session, shared.older.id, by=shared.ana, at=LATER)
    seen_anew(session)
    assert len(outdated_of(session, shared.made.id)) == 2
    (fact,) = told(session, "open_call.contribution_withdrawn")
    assert emails(session, fact)[str(shared.approver.person)] == ([], [STORY.title, TALE.title])


def test_after_the_campaign_has_ended_the_hand_over_says_what_was_taken_down_and_nothing_is_made_again(session: Session) -> None:
    shared, proposal = proposed(session)
    post_final(session, made_final(session, proposal).id, at=AFTER)
    session.execute(update(Deliverable).where(Deliverable.id == shared.deliverable.id).values(stage=Stage.DONE))
    session.execute(update(Campaign).where(Campaign.id == shared.made.id).values(done_at=AFTER))
    withdraw(session, shared.older.id, by=shared.ana, at=END)
    seen_anew(session)
    handed = handover(session, shared.deliverable.id, by=shared.approver)
    assert (handed.package.is_outdated, handed.taken_down) == (True, [TakenDown(shared.older.id, "Lanterns", END)])
    assert (outdated_of(session, shared.made.id), work_waiting(session, [shared.made.id])) == ([], set())
    (fact,) = told(session, "open_call.contribution_withdrawn")
    assert list(emails(session, fact)) == [str(shared.ben.person)]


def test_a_package_that_says_what_has_changed_again_meanwhile_is_not_recorded(session: Session) -> None:
    shared, _proposal = proposed(session)
    withdraw(session, shared.older.id, by=shared.ana, at=LATER)
    session.flush()
    (version_id,) = outdated_of(session, shared.made.id)
    built = build(contents_of(session, version_id))
    withdraw(session, shared.newer.id, by=shared.ben, at=LATER)
    package = package_actions.record_again(session, version_id, built, at=LATER)
    assert (package.edition, outdated_of(session, shared.made.id)) == (1, [version_id])


def influenced(session: Session) -> tuple[Shared, Proposal, Actor]:
    """Lea's work influenced the one in the version, and is paid; Zoe was named as its maker too and has not answered."""
    shared = in_payout(session)
    zoe = person(session, "Zoe")
    confirmed(session, shared)
    named_too(session, shared.unused.id, zoe)
    assessed(session, shared)
    return shared, computed(session, shared.deliverable), zoe


def test_a_proposal_is_not_final_while_somebody_whom_it_pays_has_not_confirmed_their_credit(session: Session) -> None:
    shared, proposal, zoe = influenced(session)
    finance, _other = finalizers(session)
    refusal = refusal_of(session, lambda: finalize(session, proposal.id, by=finance, at=END))
    shown = why_not_final(session, proposal.id, by=finance, at=END)
    assert isinstance(shown, Refusal)
    assert (refusal.code, shown.message, "Old street" in shown.message) == ("CreditsUnconfirmed", refusal.message, True)
    assert codes(session, shared) == [("credits_unconfirmed", "manager"), ("finalization", "finance")]
    assert [need.code for need in needs(session, by=zoe, at=END) if need.code == "namings"] == ["namings"]
    confirm_part(session, shared.unused.id, by=zoe, at=LATER)
    seen_anew(session)
    assert [need.code for need in needs(session, by=zoe, at=END) if need.code == "namings"] == []
    assert codes(session, shared) == [("package", "callboard"), ("finalization", "finance")]
    assert b"Zoe" in texts_of(made_again(session, shared))
    assert made_final(session, proposal, at=END).state is ProposalState.FINAL


@pytest.mark.parametrize("end", ["they decline", "whoever named them", "the manager"])
def test_a_naming_that_nobody_confirms_ends_and_the_others_are_paid(session: Session, end: str) -> None:
    shared, proposal, zoe = influenced(session)
    assert [each.contribution.id for each in unanswered_of(session, shared.made.id, by=shared.manager)] == [shared.unused.id]
    assert [contribution.id for contribution in asked_of(session, by=zoe)] == [shared.unused.id]
    if end == "they decline":
        decline_part(session, shared.unused.id, by=zoe, at=LATER)
    else:
        end_namings(session, shared.unused.id, by=shared.left_out if end == "whoever named them" else shared.manager, at=LATER)
    assert list(session.scalars(select(Maker.person_id).where(Maker.contribution_id == shared.unused.id))) == [shared.left_out.person]
    assert (list(unanswered_of(session, shared.made.id, by=shared.manager)), asked_of(session, by=zoe)) == ([], [])
    assert codes(session, shared) == [("inputs_changed", "manager")]
    propose_again(session, shared.deliverable.id, "Somebody was named who is none.", by=shared.manager, at=LATER)
    second = computed(session, shared.deliverable, at=LATER)
    makers = {contribution["work"]: list(contribution["makers"]) for contribution in second.inputs["lineage"]}
    assert makers[str(shared.unused.id)] == [str(shared.left_out.person)]
    assert second.id != proposal.id
    assert made_final(session, second, at=END + timedelta(days=9)).state is ProposalState.FINAL


def test_nobody_else_takes_a_naming_back_and_a_confirmed_one_stays(session: Session) -> None:
    shared, _proposal, zoe = influenced(session)
    assert refusal_of(session, lambda: end_namings(session, shared.unused.id, by=zoe, at=LATER)).code == "Forbidden"
    assert refusal_of(session, lambda: end_namings(session, shared.unused.id, by=shared.ben, at=LATER)).status in (403, 404)
    assert refusal_of(session, lambda: decline_part(session, shared.unused.id, by=shared.left_out, at=LATER)).code == "NobodyUnconfirmed"
    confirm_part(session, shared.unused.id, by=zoe, at=LATER)
    for decline in (decline_part, end_namings):
        by = zoe if decline is decline_part else shared.manager
        assert refusal_of(session, partial(decline, session, shared.unused.id, by=by, at=LATER)).code == "NobodyUnconfirmed"


@pytest.mark.usefixtures("own_prefect")
def test_the_flow_makes_an_outdated_package_again(fresh_database: str) -> None:
    with unit_of_work() as session:
        shared = in_payout(session)
        withdraw(session, shared.older.id, by=shared.ana, at=LATER)
    payout.renew_packages(Carried(shared.made.id, 0))
    with unit_of_work() as session:
        (package,) = session.query(Package)
        assert (package.edition, package.is_outdated, miscredited(session, [shared.deliverable.id])) == (2, False, {})


def test_the_database_itself_takes_a_maker_off_a_contribution_only_by_the_end_of_a_naming_that_was_never_confirmed(
    session: Session,
) -> None:
    shared, _proposal, zoe = influenced(session)
    ended = {"contribution_id": shared.unused.id, "ended_by": zoe.person, "ended_at": AT}
    writes = (
        delete(Maker).where(Maker.contribution_id == shared.unused.id),
        delete(NamedMaker).where(NamedMaker.contribution_id == shared.unused.id),
        insert(EndedNaming).values(ended | {"person_id": shared.left_out.person}),
    )
    for write in writes:
        with pytest.raises(IntegrityError, match=r"append-only|never confirmed"), session.begin_nested():
            session.execute(write)

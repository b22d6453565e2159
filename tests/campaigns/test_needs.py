"""What waits for one person: everything that they, and nobody else, are asked for."""

from datetime import timedelta

from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief.funding.actions import record_receipt
from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.models import SourceKind
from campaigns.core import anchor_files, clock
from campaigns.core.anchor_files import Loss
from campaigns.core.anchors import Anchor
from campaigns.core.attention import counted
from campaigns.core.people import Actor, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.curation.assignments.actions import assign
from campaigns.curation.assignments.queries import desk
from campaigns.curation.reviews.actions import submit_review
from campaigns.curation.rubrics.actions import rubric
from campaigns.open_call.questions import actions as question_actions
from campaigns.oversight.needs import needs
from campaigns.payments.models import CountryChange
from campaigns.payout.runs.models import PayoutRun, RunApproval
from tests import factories
from tests.called_off import call_off
from tests.campaigns.brief.counting import statements
from tests.factories import CARD, DELIVERING, NOW, READER, SONG, person, someone


def codes_for(session: Session, by: Actor, at: object = NOW) -> list[str]:
    return [need.code for need in needs(session, by=by, at=at)]  # type: ignore[arg-type]  # a moment


def test_an_unsigned_brief_waits_for_the_signer_of_each_sign_off_role_and_for_the_manager_who_funds_it(session: Session) -> None:
    made = factories.filled_brief(session)
    for sign_off_role, signer in made.signers.items():
        (need,) = needs(session, by=signer, at=NOW)
        assert (need.code, need.address) == ("unsigned", f"/campaigns/{made.id}/brief/sign")
        assert need.message.endswith(f"to sign for {sign_off_role.capitalize()}.")
        assert [deliverable.title for deliverable in need.deliverables] == ["Holiday film", "Holiday card", "Holiday song"]
    assert codes_for(session, made.manager) == ["uncovered"]
    assert codes_for(session, someone(session, Role.MANAGER)) == []


def test_a_launch_waits_for_the_manager_once_nothing_else_does(session: Session) -> None:
    made = factories.funded_brief(session)
    assert codes_for(session, made.manager) == ["not_launched"]


def test_a_brief_without_a_deliverable_waits_for_its_manager(session: Session) -> None:
    made = factories.new_campaign(session)
    assert codes_for(session, made.manager) == ["brief_incomplete", "deliverable_missing"]


def test_a_second_person_in_finance_confirms_what_the_first_wrote_down(session: Session) -> None:
    made = factories.signed_brief(session)
    other = someone(session, Role.FINANCE, "Greta")
    record_receipt(session, made.id, 100, "W1", NOW.date(), by=made.finance, at=NOW)
    assert codes_for(session, made.finance) == []
    (need,) = needs(session, by=other, at=NOW)
    assert (need.code, need.address) == ("receipts", f"/campaigns/{made.id}/funding")


def test_a_curator_is_waited_for_until_their_own_reviews_are_written(session: Session) -> None:
    made = factories.opened_call(session, (CARD,))
    first, second = factories.curator(session, made, "Cleo"), factories.curator(session, made, "Cyd")
    factories.taking_part(session, made)
    (deliverable,) = factories.entered(session, made, Stage.CURATION, at=NOW)
    assert codes_for(session, first) == []
    assign(session, deliverable.id, [first.person, second.person], 2, by=made.manager, at=NOW)
    assert (codes_for(session, first), codes_for(session, second)) == (["reviews_outstanding"], ["reviews_outstanding"])
    for given in desk(session, by=first):
        submit_review(session, given.assignment.id, {c.name: 3 for c in rubric(session, made.id)}, "It is still.", by=first, at=NOW)
    assert (codes_for(session, first), codes_for(session, second)) == ([], ["reviews_outstanding"])


def test_a_curator_is_asked_about_a_claim_that_stops_a_version_until_it_is_decided(session: Session) -> None:
    made = factories.opened_call(session, (READER,))
    ana, ben, cleo = person(session, "Ana"), person(session, "Ben"), factories.curator(session, made, "Cleo")
    older, chosen = factories.taking_part(session, made, ana, "Doors"), factories.taking_part(session, made, ben, "Parade")
    delivery = factories.delivered_from(session, made, [chosen])
    factories.presented_version(session, delivery)
    assert codes_for(session, cleo, DELIVERING) == []
    claim_actions.claim(session, chosen.id, older.id, SourceKind.CONTAINS, by=ana, at=DELIVERING)
    (need,) = needs(session, by=cleo, at=DELIVERING)
    assert (need.code, need.address) == ("component_unsettled", f"/campaigns/{made.id}/claims")
    claim_actions.decide(session, chosen.id, older.id, False, "It is not inside.", by=cleo, at=DELIVERING)
    assert codes_for(session, cleo, DELIVERING) == []


def test_a_paused_campaign_waits_for_nothing_but_its_manager(session: Session) -> None:
    made = factories.filled_brief(session)
    lifecycle.pause(session, made.id, "The brand asked for it.", by=made.manager, at=NOW)
    assert codes_for(session, made.manager) == ["paused"]
    assert [codes_for(session, signer) for signer in made.signers.values()] == [[], []]


def test_an_ended_campaign_waits_for_nobody(session: Session) -> None:
    made = factories.filled_brief(session)
    call_off(session, made.id, "The brand stopped it.", by=made.manager, at=NOW)
    assert codes_for(session, made.manager) == []


def test_the_brand_decides_on_what_was_shown_to_it_and_no_other_brand_hears_of_it(session: Session) -> None:
    delivery = factories.in_delivery(session)
    factories.presented_version(session, delivery)
    stranger = someone(session, Role.APPROVER, on=Scope(brand_id=factories.brand(session, "Other").id))
    approver = actor_for(session, delivery.approver.person)
    assert (codes_for(session, approver), codes_for(session, stranger)) == (["decision"], [])


def test_an_artist_is_asked_about_influences_that_others_claim(session: Session) -> None:
    made = factories.opened_call(session, (READER,))
    ana, ben = person(session, "Ana"), person(session, "Ben")
    older = factories.taking_part(session, made, ana)
    newer = factories.taking_part(session, made, ben)
    assert codes_for(session, ana) == []
    claim_actions.claim(session, newer.id, older.id, SourceKind.INFLUENCED_BY, by=ben, at=NOW)
    (need,) = needs(session, by=ana, at=NOW)
    assert (need.code, need.message, need.address) == ("claims", "1 claimed influence needs your answer.", "/me/claims")
    assert codes_for(session, ben) == []


def test_a_manager_is_asked_for_answers_about_their_own_calls_until_they_are_given(session: Session) -> None:
    made = factories.opened_call(session)
    asked = question_actions.ask(session, made.id, "May it be in Quechua?", by=person(session), at=NOW)
    found = [need for need in needs(session, by=made.manager, at=NOW) if need.code == "questions"]
    assert [(n.message, n.address, n.since) for n in found] == [
        ("1 question about the call needs an answer.", f"/calls/{made.id}#questions", NOW)
    ]
    other = someone(session, Role.MANAGER)
    assert [need for need in needs(session, by=other, at=NOW) if need.code == "questions"] == []
    question_actions.answer(session, asked.id, "Yes.", by=other, at=NOW)
    assert [need for need in needs(session, by=made.manager, at=NOW) if need.code == "questions"] == []


def test_a_quoted_run_waits_for_whoever_in_finance_has_not_approved_it(session: Session) -> None:
    femi, greta = someone(session, Role.FINANCE, "Femi"), someone(session, Role.FINANCE, "Greta")
    run = PayoutRun(currency="USD", route="stripe_us", sequence="2026-11-02", quoted_at=NOW)
    session.add(run)
    session.flush()
    session.add(RunApproval(run_id=run.id, person_id=femi.person, at=NOW))
    session.flush()
    assert (codes_for(session, femi), codes_for(session, greta)) == ([], ["runs"])


def test_a_paused_run_waits_for_finance_and_says_whether_money_is_missing(session: Session) -> None:
    femi, paused = someone(session, Role.FINANCE, "Femi"), {"state": "paused", "released_at": NOW, "generation": 1, "quoted_at": NOW}
    for number, cause in ((7, "balance_insufficient"), (8, "finance")):
        session.add(PayoutRun(currency="USD", route="stripe_us", sequence=cause, number=number, cause=cause, **paused))
    session.flush()
    found = [(need.code, need.message) for need in needs(session, by=femi, at=NOW)]
    assert found == [
        ("run_paused", "Payout run 7 is waiting for money: our Stripe balance does not cover it."),
        ("run_paused", "Payout run 8 is paused."),
    ]  # fmt: skip


def test_a_payee_whose_country_changed_waits_for_another_person_in_finance(session: Session) -> None:
    femi, greta = someone(session, Role.FINANCE, "Femi"), someone(session, Role.FINANCE, "Greta")
    session.add(CountryChange(person_id=greta.person, before="US", after="DE", changed_at=NOW))
    session.flush()
    assert (codes_for(session, femi), codes_for(session, greta)) == (["country_changed"], [])


def test_what_is_counted_is_kept_for_the_bar_of_every_page(session: Session) -> None:
    made = factories.funded_brief(session)
    assert counted(session, made.manager.person) is None
    needs(session, by=made.manager, at=NOW)
    kept = counted(session, made.manager.person)
    assert kept is not None
    assert (kept.needed, kept.is_fresh) == (1, True)


def test_what_is_due_first_comes_first(session: Session) -> None:
    made = factories.opened_call(session, (CARD, SONG))
    factories.taking_part(session, made)
    factories.entered(session, made, Stage.CURATION, at=NOW + timedelta(days=20))
    needed = needs(session, by=made.manager, at=NOW + timedelta(days=21))
    assert [need.code for need in needed] == ["selection_unpublished", "curators_unassigned"]


def test_thirty_campaigns_cost_as_many_statements_as_one(session: Session) -> None:
    def another() -> None:
        factories.filled_brief(session, (CARD,))

    finance = someone(session, Role.FINANCE)
    sent = []
    for more in (1, 29):
        for _number in range(more):
            another()
        with statements(session) as asked:
            needs(session, by=finance, at=NOW)
        sent.append(len(asked))
    assert sent[0] == sent[1]


def test_an_anchor_file_that_had_to_be_begun_anew_waits_for_operators_for_two_weeks(session: Session) -> None:
    operator = someone(session, Role.OPERATOR)
    assert codes_for(session, operator) == []
    now = clock.process_now()
    first = Anchor(now, [], "a" * 64)
    anchor_files.remember(session, None, first, 1)
    assert codes_for(session, operator) == []
    anchor_files.remember(session, anchor_files.present(session), first, 1, because=Loss.GONE)
    (need,) = needs(session, by=operator, at=NOW)
    assert (need.code, need.address, need.since) == ("anchors", "/status/security", now)
    assert codes_for(session, someone(session, Role.MANAGER)) == []
    file = anchor_files.present(session)
    assert file is not None
    file.begun_at = now - timedelta(days=14)
    assert codes_for(session, operator) == []

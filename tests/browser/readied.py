"""What must have happened before an action can be taken, each by the real actions, in the town's campaign of the scene."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from campaigns import lifecycle
from campaigns.administration import cancellations
from campaigns.brief.disputes.answering import write_evidence
from campaigns.brief.disputes.models import Dispute
from campaigns.brief.funding.actions import ask_invoice, record_receipt
from campaigns.brief.models import Invoice, Refund, RefundPart
from campaigns.brief.queries import cover, written_brief
from campaigns.client_delivery.annotations.actions import annotate, let_go
from campaigns.client_delivery.models import OutsideKind, Version, Weight
from campaigns.client_delivery.versions.actions import Outside, make_version
from campaigns.collaboration.models import Source, SourceState
from campaigns.core import clock
from campaigns.core.campaign import Deliverable
from campaigns.core.ids import new_id
from campaigns.core.people import STRIPE, SYSTEM, Person
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.curation.reviews.actions import submit_review
from campaigns.curation.rubrics.actions import rubric
from campaigns.ledger.accounts import Entry, held, payee
from campaigns.ledger.actions import post
from campaigns.open_call import uploads
from campaigns.open_call.call.actions import publish_contributions
from campaigns.open_call.makers.queries import makers_at
from campaigns.open_call.models import Contribution, ContributionState
from campaigns.open_call.questions import actions as question_actions
from campaigns.open_call.screening.actions import screen
from campaigns.payments.countries import change_profile
from campaigns.payout.holds.actions import hold_payments
from campaigns.payout.models import Disposition
from campaigns.payout.proposals.actions import dispose
from campaigns.payout.runs.actions import approve_run, discard_run, pause_run, propose_limits
from campaigns.payout.runs.models import SHORT, PayoutRun
from campaigns.payout.runs.payouts import TransferRefused, claim_payouts, record_outcomes
from tests.browser.deed import Places, Scene
from tests.factories import contributed
from tests.journeys.world import address_of
from tests.questioned import lost
from workers.transactions import unit_of_work


def signed(scene: Scene) -> Places:
    scene.play("unsigned")
    return {}


def funded(scene: Scene) -> Places:
    scene.play("unsigned", "uncovered")
    return {}


def invoice_open(scene: Scene) -> Places:
    """An invoice that the brand has and has not paid."""
    with unit_of_work() as session:
        invoice = ask_invoice(session, scene.cast.made.id, by=scene.cast.manager, at=scene.at)
        session.execute(update(Invoice).where(Invoice.id == invoice.id).values(state="open"))
    return {}


def receipt_recorded(scene: Scene) -> Places:
    with unit_of_work() as session:
        made = scene.cast.made
        owed = cover(session, written_brief(session, made.id)).owed
        record_receipt(session, made.id, owed, "WIRE 7", scene.at.date(), by=made.manager, at=scene.at)
    return {}


def refund_stuck(scene: Scene) -> Places:
    """A part of the refund that Stripe does not send on from the brand's balance there."""
    with unit_of_work() as session:
        refund = session.scalars(select(Refund).where(Refund.campaign_id == scene.cast.made.id)).one()
        stuck = RefundPart(refund_id=refund.id, campaign_id=refund.campaign_id, amount=1, currency=refund.currency, state="stuck", asks=1)
        session.add(stuck)
        session.flush()
        return {"part_id": stuck.id}


def paused(scene: Scene) -> Places:
    with unit_of_work() as session:
        lifecycle.pause(session, scene.cast.made.id, "The brand thinks.", by=scene.cast.manager, at=scene.at)
    return {}


def contributions_published(scene: Scene) -> Places:
    with unit_of_work() as session:
        publish_contributions(session, scene.cast.made.id, by=scene.cast.manager, at=scene.at)
    return {}


def cancellation_asked(scene: Scene) -> Places:
    """The manager asks for the campaign to be cancelled."""
    with unit_of_work() as session:
        cancellations.cancel(session, scene.cast.made.id, "The brand has left.", by=scene.cast.manager, at=scene.at)
    return {}


def question_asked(scene: Scene) -> Places:
    with unit_of_work() as session:
        question_actions.ask(session, scene.cast.made.id, "May it be a song?", by=scene.cast.artist, at=scene.at)
    return {}


def _waiting(scene: Scene) -> UUID:
    with unit_of_work() as session:
        ready = (Contribution.campaign_id == scene.cast.made.id, Contribution.state == ContributionState.READY)
        return session.scalars(select(Contribution.id).where(*ready).limit(1)).one()


def contribution_screened(scene: Scene) -> Places:
    with unit_of_work() as session:
        screen(session, _waiting(scene), True, None, by=scene.cast.curator, at=scene.at)
    return {}


def contribution_unshowable(scene: Scene) -> Places:
    contribution_id = _waiting(scene)
    with unit_of_work() as session:
        broken = {"state": ContributionState.UNSHOWABLE, "state_reason": "Its file is broken."}
        session.execute(update(Contribution).where(Contribution.id == contribution_id).values(**broken))
    return {"contribution": contribution_id}


def maker_named(scene: Scene) -> Places:
    """A contribution of another artist, who named the first by their address."""
    with unit_of_work() as session:
        by = scene.cast.other_artist
        named = makers_at(session, 1, [(address_of(scene.cast.artist), 1)], by=by)
        sent = contributed(session, scene.cast.made, by, at=scene.at, makers=named.shares, addresses=named.addresses)
        return {"contribution_id": sent.id}


def claim_open(scene: Scene) -> Places:
    """The claim that still waits for the other side's word."""
    with unit_of_work() as session:
        in_campaign = select(Contribution.id).where(Contribution.campaign_id == scene.cast.made.id)
        source = session.scalars(
            select(Source).where(Source.contribution_id.in_(in_campaign), Source.state == SourceState.OPEN).limit(1)
        ).one()
        return {"newer": source.contribution_id, "older": source.source_id}


def contribution_judged(scene: Scene) -> Places:
    with unit_of_work() as session:
        scores = {criterion.name: 4 for criterion in rubric(session, scene.cast.made.id)}
        assignment_id = UUID(str(scene.places["assignment_id"]))
        submit_review(session, assignment_id, scores, "It has a voice.", by=scene.cast.curator, at=scene.at)
    return {}


def _latest_version(scene: Scene) -> Version:
    with unit_of_work() as session:
        of_campaign = (
            select(Version).join(Deliverable, Deliverable.id == Version.deliverable_id).where(Deliverable.campaign_id == scene.cast.made.id)
        )
        return session.scalars(of_campaign.order_by(Version.number.desc()).limit(1)).one()


def version_made(scene: Scene) -> Places:
    scene.play("no_version")
    return {"version": _latest_version(scene).id}


def version_presented(scene: Scene) -> Places:
    scene.play("no_version", "internal_approval")
    return {"version": _latest_version(scene).id}


def version_unlicensed(scene: Scene) -> Places:
    """A version with something from outside in it whose licence nobody has written down."""
    scene.play("no_version")
    editor, first = scene.cast.editor, _latest_version(scene)
    with unit_of_work() as session:
        upload = uploads.take_text(session, "Twice, in December.", "text/markdown", by=editor)
        bells = Outside(OutsideKind.STOCK_MUSIC, "Sleigh bells", "Northern Stock Music", None)
        contribution = UUID(str(scene.places["contribution_id"]))
        version = make_version(
            session, first.deliverable_id, upload.id, [contribution], {editor.person: 1}, [bells], by=editor, at=scene.at
        )
        return {"version": version.id}


def version_naming_artist(scene: Scene) -> Places:
    """A version of the editor's that names an artist as its maker too."""
    scene.play("no_version")
    editor, artist, first = scene.cast.editor, scene.cast.artist, _latest_version(scene)
    with unit_of_work() as session:
        grant_role(session, artist.person, Role.EDITOR, on=session.get_one(Deliverable, first.deliverable_id).scope, by=SYSTEM)
        upload = uploads.take_text(session, "Together, in December.", "text/markdown", by=editor)
        contribution, makers = UUID(str(scene.places["contribution_id"])), {editor.person: 1, artist.person: 1}
        version = make_version(session, first.deliverable_id, upload.id, [contribution], makers, by=editor, at=scene.at)
        return {"version": version.id, "version_id": version.id}


def package_stopped(scene: Scene) -> Places:
    """An approved version whose package could not be made."""
    scene.play("no_version", "internal_approval", "decision")
    version = _latest_version(scene)
    with unit_of_work() as session:
        session.execute(update(Version).where(Version.id == version.id).values(package_problem="Its file is gone."))
    return {"version": version.id}


def note_written(scene: Scene) -> Places:
    version_id = version_presented(scene)["version"]
    with unit_of_work() as session:
        annotate(session, UUID(str(version_id)), "Warmer lanterns.", Weight.WISH, by=scene.cast.approver, at=scene.at)
    return {"version": version_id}


def note_let_go(scene: Scene) -> Places:
    version_id = version_presented(scene)["version"]
    with unit_of_work() as session:
        by = scene.cast.approver
        note = annotate(session, UUID(str(version_id)), "Warmer lanterns.", Weight.WISH, by=by, at=scene.at)
        let_go(session, note.id, by=by, at=scene.at)
    return {"version": version_id}


def note_before_a_later_version(scene: Scene) -> Places:
    note_written(scene)
    return version_unlicensed(scene)


def payable_again(scene: Scene) -> Places:
    with unit_of_work() as session:
        post(session, "proposal.final", str(new_id()), [_earned(scene)], at=scene.at)
    return {}


def run_given_up(scene: Scene) -> Places:
    """What it would have paid can be paid again."""
    with unit_of_work() as session:
        discard_run(session, _run(scene), "Wrong day.", by=scene.cast.second, at=scene.at)
    return {}


def comment_accepted(scene: Scene) -> Places:
    """An answer that says that something has changed since the proposal was computed."""
    with unit_of_work() as session:
        comment_id = UUID(str(scene.places["comment_id"]))
        dispose(session, comment_id, Disposition.ACCEPTED, "It is so.", by=scene.cast.manager, at=scene.at)
    return {}


def _earned(scene: Scene) -> Entry:
    return Entry(held(scene.cast.made.id, "USD"), payee(scene.cast.artist.person, "USD"), 125_00)


def _run(scene: Scene) -> UUID:
    return UUID(str(scene.places["run_id"]))


def run_released(scene: Scene) -> Places:
    with unit_of_work() as session:
        for by in (scene.person("finance"), scene.cast.second):
            approve_run(session, _run(scene), by=by, at=scene.at)
    return {}


def run_paused(scene: Scene) -> Places:
    run_released(scene)
    with unit_of_work() as session:
        pause_run(session, _run(scene), "A look first.", by=scene.cast.second, at=scene.at)
    return {}


def run_short(scene: Scene) -> Places:
    run_released(scene)
    with unit_of_work() as session:
        pause_run(session, _run(scene), None, cause=SHORT, by=STRIPE, at=scene.at)
    return {}


def payments_refused(scene: Scene) -> Places:
    run_released(scene)
    with unit_of_work() as session:
        run, real = session.get_one(PayoutRun, _run(scene)), clock.process_now()
        items = claim_payouts(session, run.id, run.generation, 100, at=scene.at, now=real)
        record_outcomes(session, run.id, [TransferRefused(item, "account_closed") for item in items], at=scene.at, now=real)
    return {}


def limits_proposed(scene: Scene) -> Places:
    with unit_of_work() as session:
        propose_limits(session, "USD", most_per_run=100_000, most_per_person=10_000, by=scene.cast.second, at=scene.at)
    return {}


def payee_held(scene: Scene) -> Places:
    with unit_of_work() as session:
        hold_payments(session, scene.cast.artist.person, "The address bounces.", by=scene.cast.second, at=scene.at)
    return {}


def payee_moved(scene: Scene) -> Places:
    with unit_of_work() as session:
        artist = session.get_one(Person, scene.cast.artist.person)
        change_profile(session, artist.name, "DE", artist.locale, artist.time_zone, by=scene.cast.artist, at=scene.at)
    return {}


def payee_known(scene: Scene) -> Places:
    return {"email": address_of(scene.cast.artist)}


def window_over(scene: Scene) -> Places:
    """A proposal whose comments are answered and whose window has closed."""
    scene.play("comments_unanswered", "window_open")
    return {}


def some_days_on(scene: Scene) -> Places:
    return {"later": f"{scene.at + timedelta(days=18):%Y-%m-%dT%H:%M}"}


def a_month_on(scene: Scene) -> Places:
    return {"later": f"{scene.at + timedelta(days=30):%Y-%m-%dT%H:%M}"}


def evidence_written(scene: Scene) -> Places:
    with unit_of_work() as session:
        written = {"uncategorized_text": "It was approved."}
        write_evidence(session, UUID(str(scene.places["dispute_id"])), written, by=scene.cast.second, at=scene.at)
    return {}


def dispute_lost(scene: Scene) -> Places:
    with unit_of_work() as session:
        dispute = session.get_one(Dispute, UUID(str(scene.places["dispute_id"])))
        dispute.turns = 1
        lost(session, dispute, scene.cast.made, scene.at)
    return {}

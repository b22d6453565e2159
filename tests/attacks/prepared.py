"""What must have happened before some operations can be asked for, beside what `tests/browser/readied.py` has."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from campaigns.administration import cancellations
from campaigns.brief.queries import cover, written_brief
from campaigns.client_delivery.queries import components_of, find_version_details
from campaigns.core import access, tokens
from campaigns.core.emails import Email
from campaigns.curation.rubrics.actions import rubric
from campaigns.open_call import uploads
from campaigns.open_call.models import Contribution, ContributionState
from campaigns.open_call.screening.actions import screen
from campaigns.payout.assessments.queries import present_assessment
from campaigns.payout.runs.models import Payout
from tests.browser import readied
from tests.browser import readied_at_the_door as at_the_door
from tests.browser.deed import Places, Scene
from tests.everyone import material_of
from tests.factories import brief_text
from workers.transactions import unit_of_work


def token_of_ones_own(scene: Scene) -> Places:
    with unit_of_work() as session:
        return {"token_id": tokens.issue_token(session, scene.cast.artist.person, "A program of mine")[0].id}


def session_of_ones_own(scene: Scene) -> Places:
    with unit_of_work() as session:
        return {"key": tokens.digest(access.open_session(session, scene.cast.artist.person, agent="Elsewhere"))}


def email_received(scene: Scene) -> Places:
    at_the_door.email_sent(scene)
    with unit_of_work() as session:
        own = select(Email.id).where(Email.recipient_id == scene.cast.artist.person).order_by(Email.id.desc()).limit(1)
        return {"email": session.scalars(own).one()}


def cancellation_previewed(scene: Scene) -> Places:
    """The manager asks for the campaign to be cancelled, and finance has seen what that would do."""
    readied.cancellation_asked(scene)
    with unit_of_work() as session:
        return {"preview": cancellations.preview(session, scene.cast.made.id, by=scene.person("finance")).hash}


def brief_read(scene: Scene) -> Places:
    with unit_of_work() as session:
        written = written_brief(session, scene.cast.made.id)
        return {"hash": written.hash, "owed": cover(session, written).owed, "today": f"{scene.at:%Y-%m-%d}"}


def work_waiting(scene: Scene) -> Places:
    """A contribution that nobody has screened."""
    with unit_of_work() as session:
        ready = (Contribution.campaign_id == scene.cast.made.id, Contribution.state == ContributionState.READY)
        return {"contribution_id": session.scalars(select(Contribution.id).where(*ready).limit(1)).one()}


def contribution_just_screened(scene: Scene) -> Places:
    waiting = work_waiting(scene)
    with unit_of_work() as session:
        screen(session, UUID(str(waiting["contribution_id"])), True, None, by=scene.cast.curator, at=scene.at)
    return waiting


def upload_begun(scene: Scene) -> Places:
    """Two bytes are announced and none has come."""
    with unit_of_work() as session:
        return {"upload_id": uploads.begin(session, "lanterns.md", None, 2, by=scene.cast.artist).id}


def contribution_after_another(scene: Scene) -> Places:
    """The artist's second contribution, and the other artist's, which is older."""
    with unit_of_work() as session:
        contributions = select(Contribution.id).where(Contribution.campaign_id == scene.cast.made.id).order_by(Contribution.id)
        _first, other, own = session.scalars(contributions.limit(3))
        return {"contribution_id": own, "other_id": other}


def dates_ahead(scene: Scene) -> Places:
    """Those of a brief, by their names."""
    return {name: said.isoformat() for name, said in brief_text(scene.at).items() if isinstance(said, datetime)}


def a_month_later(scene: Scene) -> Places:
    return {"later": (scene.at + timedelta(days=30)).isoformat()}


def some_days_later(scene: Scene) -> Places:
    return {"later": (scene.at + timedelta(days=18)).isoformat()}


def contribution_to_review(scene: Scene) -> Places:
    with unit_of_work() as session:
        return {"scores": {criterion.name: 4 for criterion in rubric(session, scene.cast.made.id)}}


def file_of_a_version(scene: Scene) -> Places:
    """What the editor made of the contributions that were chosen."""
    with unit_of_work() as session:
        [deliverable] = scene.cast.deliverables(session)
        upload = uploads.take_text(session, "Once, in December.", "text/markdown", by=scene.cast.editor)
        return {
            "upload_id": upload.id,
            "contributions": [str(contribution) for contribution in material_of(session, scene.cast, deliverable)],
        }


def version_looked_at(scene: Scene) -> Places:
    version_id = UUID(str(readied.version_presented(scene)["version"]))
    with unit_of_work() as session:
        seen = find_version_details(session, version_id, by=scene.cast.approver)
        return {"version_id": version_id, "file_sha256": seen.version.sha256, "parts_sha256": seen.parts_sha256}


def note_before_a_later_version(scene: Scene) -> Places:
    return {"later_version": readied.note_before_a_later_version(scene)["version"]}


def version_to_assess(scene: Scene) -> Places:
    with unit_of_work() as session:
        [deliverable] = scene.cast.deliverables(session)
        assessment = present_assessment(session, deliverable)
        assert assessment is not None
        assert assessment.version_id is not None
        contributions = components_of(session, assessment.version_id)
        return {"points": [{"contribution": str(contribution), "points": 3, "reason": "It leads."} for contribution in contributions]}


def payment_refused(scene: Scene) -> Places:
    readied.payments_refused(scene)
    with unit_of_work() as session:
        return {"payout_id": session.scalars(select(Payout.id).where(Payout.run_id == scene.places["run_id"]).limit(1)).one()}

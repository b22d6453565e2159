"""What a visit to curation begins with."""

from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core.campaign import Deliverable
from campaigns.curation.rubrics.actions import keep_rubric


def enter(session: Session, deliverable: Deliverable, *, at: datetime) -> None:  # noqa: ARG001 - every stage is entered alike
    """Keep the rubric that the campaign's contributions will be judged by, if the manager has not set one; all else waits for people."""
    keep_rubric(session, deliverable.campaign_id)

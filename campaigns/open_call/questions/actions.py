"""What is done with a question: anyone signed in asks, staff answer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.campaign import Campaign, find_campaign, visible_to
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.errors import NobodyAnswers, NoSuchQuestion, NotAQuestion, TooManyQuestions
from campaigns.open_call.models import Question

LONGEST_QUESTION = 1_000
LONGEST_ANSWER = 4_000
MOST_OPEN = 5


def ask(session: Session, campaign_id: UUID, text: str, *, by: Actor, at: datetime) -> Question:
    """Ask about the call; raises TooManyQuestions while staff still owe the asker as many answers as anyone may wait for."""
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(Permission.ASK, on=campaign)
    if not campaign.is_live or campaign.launched_at is None:
        raise NobodyAnswers(_("Questions can be asked and answered only while the campaign is running."))
    words = _words(text, LONGEST_QUESTION, "text")
    open_ones = select(func.count()).where(Question.campaign_id == campaign_id, Question.asked_by == by.person, Question.answer.is_(None))
    if session.scalars(open_ones).one() >= MOST_OPEN:
        raise TooManyQuestions(_("{most} of your questions are unanswered. Wait for an answer before asking another.", most=MOST_OPEN))
    question = Question(campaign_id=campaign_id, asked_by=by.person, text=words, asked_at=at)
    session.add(question)
    session.flush()
    events.record(session, EventName.OPEN_CALL_QUESTION_ASKED, by=by, at=at, campaign_id=campaign_id, question=str(question.id))
    return question


def answer(session: Session, question_id: UUID, text: str, *, by: Actor, at: datetime) -> Question:
    """Answer a question, which everyone reads from then on; a better answer takes the place of the one before, the same changes nothing."""
    question = _find(session, question_id, by)
    campaign = find_campaign(session, question.campaign_id, by=by, lock=True)
    by.require(Permission.ANSWER, on=campaign)
    words = _words(text, LONGEST_ANSWER, "answer")
    if (question.answer, question.answered_by) == (words, by.person):
        return question
    question.answer = words
    question.answered_by, question.answered_at = by.person, at
    session.flush()
    events.record(session, EventName.OPEN_CALL_QUESTION_ANSWERED, by=by, at=at, campaign_id=campaign.id, question=str(question.id))
    return question


def _words(text: str, most: int, field: str) -> str:
    words = text.strip()
    if not words or len(words) > most:
        raise NotAQuestion(_("Write between 1 and {most} characters.", most=most), field=field)
    return words


def _find(session: Session, question_id: UUID, by: Actor) -> Question:
    """A question that this actor sees; raises NoSuchQuestion."""
    query = select(Question, Campaign).join(Campaign, Campaign.id == Question.campaign_id).where(Question.id == question_id, visible_to(by))
    found = session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if found is None or not (found[0].answer or found[0].asked_by == by.person_id or by.may(Permission.ANSWER, on=found[1])):
        raise NoSuchQuestion(_("There is no such question."))
    question: Question = found[0]
    return question

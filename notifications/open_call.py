"""The emails of the open call."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.core.campaign import Campaign
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.open_call.credits import makers_of
from campaigns.open_call.makers.actions import ended_at
from campaigns.open_call.models import Contribution, ContributionState, Question
from notifications.audiences import managers
from notifications.lifecycle import everyone_in, is_live
from notifications.notification import EmailDraft, notification

CONTRIBUTION = {"path": "/me/contributions/0199a1b2", "title": "Lantern street"}


def _contribution(session: Session, fact: Event) -> Contribution:
    return session.get_one(Contribution, UUID(fact.facts["contribution"]))


def _is_not_withdrawn(session: Session, fact: Event) -> bool:
    return _contribution(session, fact).state is not ContributionState.WITHDRAWN


@notification(
    stage="open_call", on=EventName.OPEN_CALL_CONTRIBUTION_RECEIVED, still_true=_is_not_withdrawn,
    sample=CONTRIBUTION | {
        "sender": "Ada Okafor", "is_sender": False, "is_asked": True, "shares": [["Ada Okafor", 2], ["Ben Ruiz", 1]], "licence": "2026-01",
    },
)  # fmt: skip
def contribution_received(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Each maker learns that the contribution has arrived, whose it is, and what happens next."""
    contribution = _contribution(session, fact)
    licence = session.get_one(Brief, contribution.campaign_id).licence_version
    makers = makers_of(session, [contribution.id])[contribution.id]
    for maker in makers:
        told = [each.told_to(maker.person_id) for each in makers]
        yield EmailDraft(
            maker.person_id, path=f"/me/contributions/{contribution.id}", title=contribution.title, licence=licence,
            sender=fact.actor_name, is_sender=maker.person_id == fact.actor_id, shares=[[each.name, each.shares] for each in told],
            is_asked=not maker.is_confirmed,
        )  # fmt: skip


@notification(stage="open_call", on=EventName.OPEN_CALL_NAMING_ENDED, sample=CONTRIBUTION | {"has": "declined", "is_named": False})
def naming_ended(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever was named, and whoever named them, learn that it was taken back or declined, and that the contribution's pay is the
    others'."""
    contribution = _contribution(session, fact)
    ended = session.scalars(ended_at(contribution.id, fact.at)).all()
    has = "declined" if fact.actor_id in ended else "taken_back"
    if contribution.uploaded_by != fact.actor_id:
        yield EmailDraft(
            contribution.uploaded_by, path=f"/me/contributions/{contribution.id}", title=contribution.title, has=has, is_named=False
        )
    for person_id in ended:
        if person_id != fact.actor_id:
            yield EmailDraft(person_id, path=f"/calls/{contribution.campaign_id}", title=contribution.title, has=has, is_named=True)


def _still_so(session: Session, fact: Event) -> bool:
    return _contribution(session, fact).state is (
        ContributionState.SCREENED_IN if fact.facts["takes_part"] else ContributionState.SCREENED_OUT
    )


@notification(
    stage="open_call", on=EventName.OPEN_CALL_SCREENED, still_true=_still_so,
    sample=CONTRIBUTION | {"takes_part": False, "reason": "It shows a brand's logo, which the call asks to leave out."},
)  # fmt: skip
def screened(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Each maker by their own word learns whether the contribution takes part, and why."""
    contribution = _contribution(session, fact)
    for maker in makers_of(session, [contribution.id])[contribution.id]:
        if maker.is_confirmed:
            path = f"/me/contributions/{contribution.id}"
            yield EmailDraft(maker.person_id, path=path, title=contribution.title, takes_part=fact.facts["takes_part"], reason=fact.reason)


@notification(
    stage="open_call", on=EventName.OPEN_CALL_EXTENDED, still_true=is_live,
    sample={
        "path": "/campaigns/0199a1b2", "closes_at": "2026-12-07T23:59:00-08:00", "zone": "America/Los_Angeles",
        "reason": "A storm kept half of Manila offline; everyone gets another week.",
    },
)  # fmt: skip
def call_extended(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Everyone in the campaign learns of the later close, which holds for all."""
    brief, path = session.get_one(Brief, fact.campaign_id), f"/campaigns/{fact.campaign_id}"
    for person_id in everyone_in(session, fact):
        yield EmailDraft(person_id, path=path, closes_at=brief.call_closes_at, zone=brief.time_zone, reason=fact.reason)


def _question(session: Session, fact: Event) -> Question:
    return session.get_one(Question, UUID(fact.facts["question"]))


def _has_no_answer(session: Session, fact: Event) -> bool:
    return is_live(session, fact) and _question(session, fact).answer is None


@notification(
    stage="open_call", on=EventName.OPEN_CALL_QUESTION_ASKED, still_true=_has_no_answer,
    sample={"path": "/calls/0199a1b2#questions", "question": "May the film be in Quechua, with subtitles?"},
)  # fmt: skip
def question_asked(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """The campaign's managers learn that someone waits for an answer."""
    for person_id in sorted(managers(session, session.get_one(Campaign, fact.campaign_id)) - {fact.actor_id}):
        yield EmailDraft(person_id, path=f"/calls/{fact.campaign_id}#questions", question=_question(session, fact).text)


@notification(
    stage="open_call", on=EventName.OPEN_CALL_QUESTION_ANSWERED,
    sample={
        "path": "/calls/0199a1b2#questions", "question": "May the film be in Quechua, with subtitles?",
        "answer": "Yes, gladly. Send the subtitles with the film, in English.",
    },
)  # fmt: skip
def question_answered(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever asked reads the answer."""
    question = _question(session, fact)
    path = f"/calls/{fact.campaign_id}#questions"
    if question.asked_by != fact.actor_id:
        yield EmailDraft(question.asked_by, path=path, question=question.text, answer=question.answer)

"""Whom the emails of collaboration and curation go to, and what they say."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.collaboration import actions
from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.models import SourceKind
from campaigns.core.events import Event
from campaigns.core.stages import Stage
from campaigns.curation.assignments.actions import assign, declare_conflict
from campaigns.curation.assignments.queries import desk
from campaigns.curation.selections.actions import publish
from campaigns.open_call.models import ContributionState
from notifications.registry import NOTIFICATIONS
from tests.factories import NOW, curator, entered, opened_call, person, remixed, taking_part

CONTAINS, INFLUENCED_BY = SourceKind.CONTAINS, SourceKind.INFLUENCED_BY
LATER = NOW + timedelta(days=14)


def emails(session: Session, notification: str, event: str) -> list[tuple[UUID, str | None, dict[str, Any]]]:
    """What the newest fact of this name makes the notification write: to whom, with what to do, and with which words."""
    session.commit()
    fact = session.scalars(select(Event).where(Event.name == event).order_by(Event.id.desc()).limit(1)).one()
    return [(email.to, email.path, dict(email.params)) for email in NOTIFICATIONS[notification].build(session, fact)]


def test_the_makers_of_what_a_new_contribution_contains_are_told_once_each_and_never_of_their_own(session: Session) -> None:
    made = opened_call(session)
    ana, ben = person(session, "Ana"), person(session, "Ben")
    first, second = taking_part(session, made, ana, "Doors"), taking_part(session, made, ana, "Lanterns")
    own = taking_part(session, made, ben, "Bells")
    contribution = remixed(session, made, ben, (first, CONTAINS), (second, CONTAINS), (own, CONTAINS), title="All of it")
    told = emails(session, "your_contribution_was_used", "open_call.screened")
    assert told == [(ana.person, f"/contributions/{contribution.id}", {"title": "All of it", "used": ["Doors", "Lanterns"]})]
    taking_part(session, made, ana)
    assert emails(session, "your_contribution_was_used", "open_call.screened") == []


def test_a_claim_goes_to_those_who_answer_it_once_the_contribution_takes_part_and_while_it_is_open(session: Session) -> None:
    made = opened_call(session)
    ana, ben = person(session, "Ana"), person(session, "Ben")
    older = taking_part(session, made, ana, "Doors")
    contribution = remixed(session, made, ben, (older, INFLUENCED_BY), title="Bells")
    claim = (ana.person, "/me/claims", {"claims": [["Bells", "Doors", "influenced_by"]]})
    assert emails(session, "influence_claimed", "open_call.screened") == [claim]
    claim_actions.confirm(session, contribution.id, older.id, by=ana, at=NOW)
    assert emails(session, "influence_claimed", "open_call.screened") == []
    (told,) = emails(session, "influence_decided", "collaboration.source_confirmed")
    assert told[:2] == (ben.person, f"/contributions/{contribution.id}")
    assert told[2] == {"contribution": "Bells", "older": "Doors", "contains": False, "counts": True, "by_curator": False, "reason": None}


def test_what_a_curator_decides_goes_to_both_sides_with_the_reason(session: Session) -> None:
    made = opened_call(session)
    ana, ben = person(session, "Ana"), person(session, "Ben")
    older, contribution = taking_part(session, made, ana), taking_part(session, made, ben)
    claim_actions.claim(session, contribution.id, older.id, INFLUENCED_BY, by=ana, at=NOW)
    assert [to for to, *_rest in emails(session, "influence_claimed", "collaboration.source_claimed")] == [ben.person]
    claim_actions.decide(session, contribution.id, older.id, False, "A common tune.", by=curator(session, made), at=NOW)
    told = emails(session, "influence_decided", "collaboration.source_declined")
    assert [(to, said["by_curator"], said["reason"]) for to, _path, said in told] == [
        (ana.person, True, "A common tune."),
        (ben.person, True, "A common tune."),
    ]


def test_a_later_close_is_told_to_everyone_in_the_campaign(session: Session) -> None:
    made = opened_call(session)
    ana = person(session, "Ana")
    taking_part(session, made, ana)
    deliverable = entered(session, made, Stage.COLLABORATION, at=LATER)[0]
    actions.extend(session, deliverable.id, LATER + timedelta(days=9), "Late.", by=made.manager, at=LATER)
    told = {to: said["deliverable"] for to, _path, said in emails(session, "collaboration_extended", "collaboration.extended")}
    assert (told[ana.person], made.manager.person in told) == ("Holiday film", False)


def test_each_curator_who_got_contributions_is_told_how_many(session: Session) -> None:
    made = opened_call(session)
    for _ in range(3):
        taking_part(session, made)
    judges = [curator(session, made) for _ in range(4)]
    deliverable = entered(session, made, Stage.CURATION, at=LATER)[0]
    assign(session, deliverable.id, [judge.person for judge in judges], 1, by=made.manager, at=LATER)
    told = emails(session, "reviews_asked", "curation.assigned")
    assert [(path, said) for _to, path, said in told] == [("/me/reviews", {"contributions": 1})] * 3


def test_a_curator_who_gets_a_contribution_that_another_handed_on_is_told_and_no_one_else_is(session: Session) -> None:
    made = opened_call(session)
    for _ in range(2):
        taking_part(session, made)
    judges = {judge.person: judge for judge in (curator(session, made) for _ in range(2))}
    deliverable = entered(session, made, Stage.CURATION, at=LATER)[0]
    assign(session, deliverable.id, list(judges), 1, by=made.manager, at=LATER)
    first, second = judges.values()
    declare_conflict(session, desk(session, by=first)[0].assignment.id, by=first, at=LATER)
    assert emails(session, "reviews_asked", "curation.assigned") == [(second.person, "/me/reviews", {"contributions": 2})]


def test_a_selection_is_told_in_one_email_for_each_maker_with_a_reason_for_each_contribution(session: Session) -> None:
    made = opened_call(session)
    ana, ben = person(session, "Ana"), person(session, "Ben")
    first, second = taking_part(session, made, ana, "Doors"), taking_part(session, made, ana, "Bells")
    shared = taking_part(session, made, ben, "Lanterns", makers={ana.person: 1, ben.person: 1})
    deliverable = entered(session, made, Stage.CURATION, at=LATER)[0]
    publish(
        session,
        deliverable.id,
        deliverable.visit,
        {first.id: "The voice."},
        {shared.id: "Too long."},
        "Not now.",
        by=made.manager,
        at=LATER,
    )
    event, path = "curation.selection_published", f"/campaigns/{made.id}"
    chosen = {"deliverable": "Holiday film", "contributions": [["Doors", "The voice."]]}
    assert emails(session, "selected", event) == [(ana.person, path, chosen)]
    assert [(to, said["contributions"]) for to, _path, said in emails(session, "not_selected", event)] == [
        (ana.person, [["Bells", "Not now."], ["Lanterns", "Too long."]]),
        (ben.person, [["Lanterns", "Too long."]]),
    ]
    assert second.id < shared.id


def is_still_true(session: Session, notification: str, event: str) -> bool:
    """Whether the newest fact of this name is still worth its email."""
    session.commit()
    fact = session.scalars(select(Event).where(Event.name == event).order_by(Event.id.desc()).limit(1)).one()
    truth = NOTIFICATIONS[notification].still_true
    assert truth is not None
    return truth(session, fact)


def test_that_a_contribution_was_used_is_not_told_once_what_used_it_is_screened_out_or_withdrawn(session: Session) -> None:
    made = opened_call(session)
    ana, ben = person(session, "Ana"), person(session, "Ben")
    contribution = remixed(session, made, ben, (taking_part(session, made, ana, "Doors"), CONTAINS), title="All of it")
    assert is_still_true(session, "your_contribution_was_used", "open_call.screened")
    for state in (ContributionState.SCREENED_OUT, ContributionState.WITHDRAWN):
        contribution.state, contribution.state_reason = state, "It shows a logo."
        assert not is_still_true(session, "your_contribution_was_used", "open_call.screened")


def test_a_claim_on_a_contribution_that_takes_part_no_more_asks_nobody(session: Session) -> None:
    made = opened_call(session)
    ana, ben = person(session, "Ana"), person(session, "Ben")
    older, contribution = taking_part(session, made, ana), taking_part(session, made, ben)
    claim_actions.claim(session, contribution.id, older.id, INFLUENCED_BY, by=ana, at=NOW)
    assert is_still_true(session, "influence_claimed", "collaboration.source_claimed")
    contribution.state, contribution.state_reason = ContributionState.SCREENED_OUT, "It shows a logo."
    assert not is_still_true(session, "influence_claimed", "collaboration.source_claimed")


def test_a_decision_on_an_influence_is_told_only_while_it_holds(session: Session) -> None:
    made = opened_call(session)
    ana, ben = person(session, "Ana"), person(session, "Ben")
    older, contribution = taking_part(session, made, ana), taking_part(session, made, ben)
    claim_actions.claim(session, contribution.id, older.id, INFLUENCED_BY, by=ana, at=NOW)
    claim_actions.decide(session, contribution.id, older.id, False, "A common tune.", by=curator(session, made), at=NOW)
    assert is_still_true(session, "influence_decided", "collaboration.source_declined")
    claim_actions.decide(session, contribution.id, older.id, True, "Note for note.", by=curator(session, made), at=NOW)
    assert not is_still_true(session, "influence_decided", "collaboration.source_declined")

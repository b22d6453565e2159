"""Who screens sees the contributions that wait for them, and nobody else's, and nothing of their own."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.core.errors import Forbidden, NotFound
from campaigns.core.files import FileLink
from campaigns.core.people import SYSTEM, Actor, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.errors import NoSuchContribution
from campaigns.open_call.models import Contribution, ContributionState, Rendition
from campaigns.open_call.screening.actions import screen, take_back
from campaigns.open_call.screening.queries import blind_contributions, just_decided, screened_file, screening_desk
from tests.factories import NOW, Partnership, contributed, opened_call, person, ready, someone

SOON = NOW + timedelta(minutes=1)


@pytest.fixture
def made(session: Session) -> Partnership:
    return opened_call(session)


def waiting(session: Session, made: Partnership, title: str, by: Actor | None = None) -> Contribution:
    return ready(session, contributed(session, made, by, title))


def titles(session: Session, made: Partnership, by: Actor, **more: object) -> list[str]:
    return [each.title for each in screening_desk(session, made.id, by=by, **more)]  # type: ignore[arg-type]


def curator(session: Session, made: Partnership) -> Actor:
    return someone(session, Role.CURATOR, on=made.campaign.scope)


def test_the_desk_has_what_waits_in_its_campaign_from_the_newest_on_and_nothing_else(session: Session, made: Partnership) -> None:
    judge, other = curator(session, made), opened_call(session)
    first, second, third, fourth, fifth = (waiting(session, made, title) for title in ("One", "Two", "Three", "Four", "Five"))
    waiting(session, other, "Elsewhere")
    contributed(session, made, title="Not ready")
    screen(session, third.id, True, None, by=judge, at=NOW)
    screen(session, fourth.id, False, "No.", by=judge, at=NOW)
    withdraw(session, fifth.id, by=actor_for(session, fifth.uploaded_by), at=NOW)
    second.state, second.state_reason = ContributionState.UNSHOWABLE, "It is empty."
    session.flush()
    assert titles(session, made, judge) == ["Two", "One"]
    assert (titles(session, made, judge, limit=1), titles(session, made, judge, after=second.id)) == (["Two"], ["One"])
    assert [(each.id, each.problem) for each in screening_desk(session, made.id, by=judge)] == [
        (second.id, "It is empty."),
        (first.id, None),
    ]


def test_a_problem_that_is_over_is_told_no_more(session: Session, made: Partnership) -> None:
    contribution = waiting(session, made, "One")
    contribution.state_reason = "It was empty."
    session.flush()
    assert [each.problem for each in blind_contributions(session, [contribution])] == [None]


def test_nobody_screens_what_they_made_themselves(session: Session, made: Partnership) -> None:
    ana, ben = person(session, "Ana"), person(session, "Ben")
    for who in (ana, ben):
        grant_role(session, who.person, Role.CURATOR, on=made.campaign.scope, by=SYSTEM)
    ana, ben = (actor_for(session, who.person) for who in (ana, ben))
    hers, his = waiting(session, made, "Hers", ana), waiting(session, made, "His", ben)
    assert (titles(session, made, ana), titles(session, made, ben)) == (["His"], ["Hers"])
    assert screened_file(session, his.id, "text", by=ana).name == "text"
    with pytest.raises(NoSuchContribution):
        screened_file(session, hers.id, "text", by=ana)


@pytest.mark.parametrize("role", [Role.LEADER, Role.EDITOR, Role.APPROVER])
def test_nobody_but_who_screens_has_a_desk(session: Session, made: Partnership, role: Role) -> None:
    contribution, who = waiting(session, made, "One"), someone(session, role, on=made.campaign.scope)
    with pytest.raises(Forbidden):
        screening_desk(session, made.id, by=who)
    with pytest.raises(NoSuchContribution):
        screened_file(session, contribution.id, "text", by=who)


def test_a_screener_of_another_campaign_sees_nothing_of_this_one(session: Session, made: Partnership) -> None:
    contribution, stranger = waiting(session, made, "One"), curator(session, opened_call(session))
    with pytest.raises((Forbidden, NotFound)):
        screening_desk(session, made.id, by=stranger)
    with pytest.raises(NoSuchContribution):
        screened_file(session, contribution.id, "text", by=stranger)


def test_the_file_of_a_contribution_is_shown_while_it_waits_and_in_a_role_that_it_has(session: Session, made: Partnership) -> None:
    judge, contribution, other = curator(session, made), waiting(session, made, "One"), waiting(session, made, "Two")
    shown = session.get_one(Rendition, (contribution.id, "text"))
    assert screened_file(session, contribution.id, "text", by=judge) == FileLink(sha256=shown.sha256, mime=shown.mime, name="text")
    with pytest.raises(NoSuchContribution):
        screened_file(session, contribution.id, "original", by=judge)
    screen(session, contribution.id, True, None, by=judge, at=NOW)
    for by in (judge, someone(session, Role.CURATOR)):
        with pytest.raises(NoSuchContribution):
            screened_file(session, contribution.id, "text", by=by)
    assert screened_file(session, other.id, "text", by=judge).name == "text"


def test_what_was_just_decided_is_ones_own_last_decision_in_this_campaign(session: Session, made: Partnership) -> None:
    judge, other = someone(session, Role.CURATOR), curator(session, made)
    elsewhere = opened_call(session)
    first, second, theirs = (waiting(session, made, title) for title in ("One", "Two", "Theirs"))
    screen(session, first.id, True, None, by=judge, at=NOW)
    found = just_decided(session, made.id, NOW, by=judge)
    assert found
    assert (found[0].title, found[1].reason) == ("One", None)
    screen(session, second.id, False, "No.", by=judge, at=SOON)
    screen(session, theirs.id, True, None, by=other, at=SOON)
    screen(session, waiting(session, elsewhere, "Elsewhere").id, True, None, by=judge, at=SOON)
    found = just_decided(session, made.id, SOON, by=judge)
    assert found
    assert (found[0].title, found[1].screened_by, found[1].reason) == ("Two", judge.person, "No.")
    assert just_decided(session, made.id, SOON + timedelta(microseconds=1), by=judge) is None
    take_back(session, second.id, by=judge, at=SOON)
    assert just_decided(session, made.id, NOW, by=judge) is None

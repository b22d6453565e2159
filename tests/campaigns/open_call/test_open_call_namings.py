"""Whoever was named as a maker and has not answered: where that waits, and how it ends for one contribution and no other."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.errors import Forbidden
from campaigns.core.event_names import EventName
from campaigns.core.people import SYSTEM, Actor, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.open_call.contributions.actions import contribute, withdraw
from campaigns.open_call.credits import makers_of
from campaigns.open_call.errors import NobodyUnconfirmed
from campaigns.open_call.makers.actions import confirm_part, decline_part, end_namings, ended_at
from campaigns.open_call.makers.queries import asked_of, unanswered_of
from campaigns.open_call.models import Contribution, EndedNaming, NamedMaker
from tests import factories
from tests.called_off import call_off
from tests.factories import NOW, Partnership, entry

LATER = NOW + timedelta(hours=1)


class Call:
    """Contributions that Ana sent in: one of hers alone, two that name Ben, one that names Ben and Cy; and one like it in another
    campaign."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.ana, self.ben, self.cy = (factories.person(session, name) for name in ("Ana", "Ben", "Cy"))
        self.made, self.other = factories.opened_call(session), factories.opened_call(session)
        self.alone, self.first, self.second = (self.sent(self.made, named) for named in ((), (self.ben,), (self.ben,)))
        self.both, self.elsewhere = self.sent(self.made, (self.ben, self.cy)), self.sent(self.other, (self.ben,))

    def sent(self, made: Partnership, named: tuple[Actor, ...]) -> Contribution:
        makers = {who.person: 1 for who in (self.ana, *named)}
        return contribute(self.session, made.id, entry(self.session, self.ana, makers=makers), by=self.ana, at=NOW)

    def waiting(self) -> list[tuple[Contribution, int]]:
        return [(each.contribution, each.count) for each in unanswered_of(self.session, self.made.id, by=self.made.manager)]

    def makers(self, contribution: Contribution) -> set[tuple[str, bool]]:
        return {(each.name, each.is_confirmed) for each in makers_of(self.session, [contribution.id])[contribution.id]}

    def ended(self, contribution: Contribution) -> set[object]:
        return set(self.session.scalars(select(EndedNaming.person_id).where(EndedNaming.contribution_id == contribution.id)))


@pytest.fixture
def call(session: Session) -> Call:
    return Call(session)


def test_a_campaigns_manager_reads_how_many_have_not_answered_for_which_contribution_the_oldest_first(session: Session, call: Call) -> None:
    assert call.waiting() == [(call.first, 1), (call.second, 1), (call.both, 2)]
    confirm_part(session, call.both.id, by=call.cy, at=NOW)
    confirm_part(session, call.first.id, by=call.ben, at=NOW)
    assert call.waiting() == [(call.second, 1), (call.both, 1)]
    withdraw(session, call.second.id, by=call.ana, at=NOW)
    assert call.waiting() == [(call.both, 1)]
    with pytest.raises(Forbidden):
        unanswered_of(session, call.made.id, by=call.ana)


def test_they_come_page_by_page(session: Session, call: Call) -> None:
    pages, after = [], None
    while found := unanswered_of(session, call.made.id, by=call.made.manager, after=after, limit=2):
        pages.append([each.contribution.id for each in found])
        after = found[-1].contribution.id
    assert pages == [[call.first.id, call.second.id], [call.both.id]]


def test_somebody_is_asked_for_their_own_answers_only_and_no_more_once_the_campaign_or_the_contribution_is_gone(
    session: Session, call: Call
) -> None:
    assert [asked_of(session, by=who) for who in (call.ben, call.cy, call.ana)] == [
        [call.first, call.second, call.both, call.elsewhere], [call.both], [],
    ]  # fmt: skip
    confirm_part(session, call.first.id, by=call.ben, at=NOW)
    withdraw(session, call.second.id, by=call.ana, at=NOW)
    assert asked_of(session, by=call.ben) == [call.both, call.elsewhere]
    call.made.campaign.done_at = NOW
    session.flush()
    assert asked_of(session, by=call.ben) == [call.elsewhere]
    call_off(session, call.other.id, "The brand withdrew.", by=call.other.manager, at=NOW).settled_at = NOW
    session.flush()
    assert asked_of(session, by=call.ben) == []


def test_a_naming_that_is_declined_ends_for_that_work_and_that_person_alone(session: Session, call: Call) -> None:
    decline_part(session, call.both.id, by=call.ben, at=LATER)
    assert [call.makers(contribution) for contribution in (call.both, call.first)] == [
        {("Ana", True), ("Cy", False)},
        {("Ana", True), ("Ben", False)},
    ]
    assert [call.ended(contribution) for contribution in (call.both, call.first, call.second, call.elsewhere)] == [
        {call.ben.person},
        set(),
        set(),
        set(),
    ]
    [fact] = events.recorded(session, EventName.OPEN_CALL_NAMING_ENDED)
    about = {"contribution": str(call.both.id), "count": 1}
    assert (fact.actor_id, fact.campaign_id, fact.at, fact.facts) == (call.ben.person, call.made.id, LATER, about)
    with pytest.raises(NobodyUnconfirmed):
        decline_part(session, call.alone.id, by=call.ana, at=LATER)


def test_its_sender_takes_back_whom_they_named_and_nobody_who_has_confirmed_it(session: Session, call: Call) -> None:
    confirm_part(session, call.both.id, by=call.cy, at=NOW)
    end_namings(session, call.both.id, by=call.ana, at=LATER)
    assert (call.makers(call.both), call.ended(call.both)) == ({("Ana", True), ("Cy", True)}, {call.ben.person})
    assert call.waiting() == [(call.first, 1), (call.second, 1)]
    assert session.get(NamedMaker, (call.elsewhere.id, call.ben.person)) is not None
    with pytest.raises(NobodyUnconfirmed):
        end_namings(session, call.both.id, by=call.ana, at=LATER)


def test_who_ended_when_is_told_of_one_contribution_and_one_moment(session: Session, call: Call) -> None:
    end_namings(session, call.both.id, by=call.ana, at=LATER)
    decline_part(session, call.first.id, by=call.ben, at=LATER)
    found = [
        session.scalars(ended_at(contribution.id, at)).all()
        for contribution, at in ((call.both, LATER), (call.first, LATER), (call.first, NOW))
    ]
    assert found == [sorted([call.ben.person, call.cy.person]), [call.ben.person], []]


def test_whoever_judges_reads_no_makers_name_in_the_title_of_what_nobody_is_to_confirm_any_more(session: Session, call: Call) -> None:
    manager = call.made.manager
    grant_role(session, manager.person, Role.CURATOR, on=call.made.campaign.scope, by=SYSTEM)
    contribution = contribute(session, call.made.id, entry(session, call.ana, "Ana at sea"), by=call.ana, at=NOW)
    with pytest.raises(NobodyUnconfirmed) as refused:
        end_namings(session, contribution.id, by=actor_for(session, manager.person), at=LATER)
    assert ("at sea" in refused.value.message, "Ana" in refused.value.message) == (True, False)

"""That someone knows an address tells them nothing of whose it is."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.collaboration.lineage.families import family
from campaigns.collaboration.lineage.queries import Direction
from campaigns.core.events import Event
from campaigns.core.people import Actor, Person
from campaigns.open_call.contributions.actions import contribute
from campaigns.open_call.credits import Credit, credits_of
from campaigns.open_call.errors import NoSuchContribution
from campaigns.open_call.makers.actions import confirm_part
from campaigns.open_call.makers.queries import makers_at
from campaigns.open_call.models import Contribution
from campaigns.open_call.queries import contribution, contributions, own_contribution
from campaigns.oversight.searches import search
from notifications.open_call import contribution_received
from tests import factories
from tests.factories import NOW, Partnership, entry

NOBODY = "someone who has not confirmed yet"


class Band:
    """A contribution that takes part, whose sender named the second maker by an address and shares it with a third, named by address
    too."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.made: Partnership = factories.opened_call(session)
        self.ana, self.ben, self.cy, self.zoe = (factories.person(session, name) for name in ("Ana", "Ben Ruiz", "Cy", "Zoe"))
        self.address = session.get_one(Person, self.ben.person).email
        self.others = session.get_one(Person, self.cy.person).email
        named = makers_at(session, 2, [(self.address, 1), (self.others, 1)], by=self.ana)
        sent = factories.contributed(session, self.made, self.ana, makers=named.shares, addresses=named.addresses)
        self.contribution: Contribution = factories.screened_in(session, sent)

    def read_by(self, reader: Actor) -> Sequence[Credit]:
        """What the reader is told of the makers, which is the same wherever they look."""
        told = contribution(self.session, self.contribution.id, by=reader).credits
        [listed] = contributions(self.session, self.made.id, by=reader)
        [found] = search(self.session, self.contribution.title, by=reader).contributions
        [relative] = family(self.session, self.contribution.id, Direction.UP, by=reader).relatives
        assert (listed.credits, found.makers, relative.credits) == (told, [credit.name for credit in told], told)
        if reader is not self.zoe:
            assert own_contribution(self.session, self.contribution.id, by=reader).credits == told
        return told


@pytest.fixture
def band(session: Session) -> Band:
    return Band(session)


def known(who: Actor, name: str, shares: int, is_confirmed: bool = True) -> Credit:
    return Credit(who.person, name, shares, is_confirmed)


def unknown(name: str) -> Credit:
    return Credit(None, name, 1, False)


def test_a_maker_named_by_address_is_that_address_to_the_sender_and_nobody_to_others(band: Band) -> None:
    ana = known(band.ana, "Ana", 2)
    assert band.read_by(band.ana) == [ana, unknown(band.address), unknown(band.others)]
    assert band.read_by(band.ben) == [ana, known(band.ben, "Ben Ruiz", 1, is_confirmed=False), unknown(NOBODY)]
    assert band.read_by(band.zoe) == [ana, unknown(NOBODY), unknown(NOBODY)]


def test_a_member_who_was_named_is_known_to_the_sender_by_name_and_confirms_one_contribution_without_the_other(session: Session) -> None:
    made, ana, ben = factories.opened_call(session), factories.person(session, "Ana"), factories.person(session, "Ben Ruiz")
    ours = [
        contribute(session, made.id, entry(session, ana, title, makers={ana.person: 1, ben.person: 1}), by=ana, at=NOW) for title in "AB"
    ]
    for each in ours:
        factories.screened_in(session, each)
    confirm_part(session, ours[0].id, by=ben, at=NOW)
    told = credits_of(session, [each.id for each in ours], to=ana.person)
    assert told == {
        ours[0].id: [known(ana, "Ana", 1), known(ben, "Ben Ruiz", 1)], ours[1].id: [known(ana, "Ana", 1), unknown("Ben Ruiz")],
    }  # fmt: skip
    assert credits_of(session, [ours[1].id], to=factories.person(session).person)[ours[1].id][1] == unknown(NOBODY)


def test_who_has_confirmed_it_is_credited_to_everyone_by_the_name_they_chose(band: Band) -> None:
    confirm_part(band.session, band.contribution.id, by=band.ben, at=NOW)
    for reader in (band.ana, band.zoe):
        assert band.read_by(reader)[:2] == [known(band.ana, "Ana", 2), known(band.ben, "Ben Ruiz", 1)]


def test_a_name_finds_no_contribution_that_its_owner_has_not_confirmed(band: Band) -> None:
    def found(reader: Actor) -> list[UUID]:
        return [each.id for each in search(band.session, "Ben Ruiz", by=reader).contributions]

    assert [found(reader) for reader in (band.ana, band.zoe, band.ben)] == [[], [], [band.contribution.id]]
    confirm_part(band.session, band.contribution.id, by=band.ben, at=NOW)
    assert [found(reader) for reader in (band.ana, band.zoe, band.ben)] == [[band.contribution.id]] * 3


def test_each_makers_email_names_whom_they_may_know_and_asks_who_was_named_by_address(band: Band) -> None:
    band.session.commit()
    fact = band.session.scalars(select(Event).where(Event.name == "open_call.contribution_received")).one()
    emails = {email.to: email.params for email in contribution_received(band.session, fact)}
    assert {who: (params["shares"], params["is_asked"]) for who, params in emails.items()} == {
        band.ana.person: ([["Ana", 2], [band.address, 1], [band.others, 1]], False),
        band.ben.person: ([["Ana", 2], ["Ben Ruiz", 1], [NOBODY, 1]], True),
        band.cy.person: ([["Ana", 2], [NOBODY, 1], ["Cy", 1]], True),
    }


def test_only_a_maker_confirms_and_twice_is_once(band: Band) -> None:
    for _time in range(2):
        confirm_part(band.session, band.contribution.id, by=band.ben, at=NOW)
    with pytest.raises(NoSuchContribution):
        confirm_part(band.session, band.contribution.id, by=band.zoe, at=NOW)
    confirm_part(band.session, band.contribution.id, by=band.ana, at=NOW)
    band.session.commit()
    told = band.session.scalars(select(Event).where(Event.name == "open_call.maker_confirmed")).all()
    assert [(event.actor_id, event.facts) for event in told] == [(band.ben.person, {"contribution": str(band.contribution.id)})]


def test_whoever_judges_finds_no_name_in_a_title_confirmed_or_not(session: Session) -> None:
    made, ana, ben = factories.opened_call(session), factories.person(session, "Ana"), factories.person(session, "Ben Ruiz")
    named = makers_at(session, 1, [(session.get_one(Person, ben.person).email, 1)], by=ana)
    sent = factories.contributed(session, made, ana, "Lanterns, by Ben Ruiz", makers=named.shares, addresses=named.addresses)
    factories.screened_in(session, sent)
    judge = factories.curator(session, made)
    [shown] = contributions(session, made.id, by=judge)
    assert ("Ben" in shown.title, shown.credits) == (False, [])

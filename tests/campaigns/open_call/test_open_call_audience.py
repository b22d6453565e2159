"""Who looks at a campaign and its contributions: the wall between brands."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief.board import Sought, campaigns
from campaigns.core import membership
from campaigns.core.campaign import Campaign, find_campaign, number_told
from campaigns.core.errors import Forbidden, NotFound
from campaigns.core.people import GUEST, SYSTEM, Actor, Person, Scope, actor_for, is_artist
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.stages import Stage
from campaigns.open_call.call.actions import publish_contributions, stop_publishing_contributions
from campaigns.open_call.contributions.actions import contribute
from campaigns.open_call.errors import CallNotOpen, NoSuchContribution
from campaigns.open_call.makers.actions import confirm_part
from campaigns.open_call.models import Contribution
from campaigns.open_call.queries import contributions, find_contribution
from campaigns.oversight import searches
from tests.factories import (
    NOW,
    Partnership,
    brand,
    contributed,
    entered,
    entry,
    funded_brief,
    in_delivery,
    opened_call,
    person,
    someone,
    taking_part,
)

LATER = NOW + timedelta(days=15)


def of_another_brand(session: Session, role: Role = Role.APPROVER) -> Actor:
    sign_off_role = "legal" if role is Role.SIGNER else None
    return someone(session, role, "Zoe", on=Scope(brand_id=brand(session, "Zenith").id), sign_off_role=sign_off_role)


def sees(session: Session, contribution: Contribution, by: Actor) -> bool:
    try:
        return find_contribution(session, contribution.id, by=by) is contribution
    except (NoSuchContribution, NotFound):
        return False


def closed_call(session: Session) -> tuple[Partnership, Contribution, Actor]:
    """A campaign whose collaboration is over, with a contribution of Ana's that takes part."""
    made, ana = opened_call(session), person(session, "Ana")
    contribution = taking_part(session, made, ana)
    entered(session, made, Stage.CURATION, at=LATER)
    return made, contribution, ana


@pytest.mark.parametrize("role", [Role.APPROVER, Role.SIGNER])
def test_a_person_of_another_brand_sees_no_contribution_even_while_the_call_is_open(session: Session, role: Role) -> None:
    made = opened_call(session)
    contribution, stranger = taking_part(session, made), of_another_brand(session, role)
    assert sees(session, contribution, stranger) is False
    assert contributions(session, made.id, by=stranger) == []
    assert searches.search(session, "Lantern street", by=stranger).contributions == []


def test_for_a_person_of_another_brand_a_campaign_exists_only_while_anyone_may_read_its_call(session: Session) -> None:
    made, stranger = opened_call(session), of_another_brand(session)
    assert find_campaign(session, made.id, by=stranger) is made.campaign
    entered(session, made, Stage.CURATION, at=LATER)
    for reader in (stranger, GUEST):
        with pytest.raises(NotFound):
            find_campaign(session, made.id, by=reader)


def test_a_person_of_another_brand_finds_no_campaign_but_their_brands_own_in_any_list(session: Session) -> None:
    opened_call(session)
    assert campaigns(session, Sought(), after=None, limit=30, by=of_another_brand(session), at=NOW) == []


def test_the_contributions_of_a_closed_call_are_seen_by_who_took_part_the_brand_and_the_staff(session: Session) -> None:
    made, sent, ana = closed_call(session)
    ben = person(session, "Ben")
    contributed(session, opened_call(session), ben)
    approver = someone(session, Role.APPROVER, "Noor", on=Scope(brand_id=made.brand.id))
    readers = {"maker": ana, "artist": ben, "brand": approver, "manager": made.manager, "other brand": of_another_brand(session)}
    assert {name: sees(session, sent, by) for name, by in readers.items()} == {
        "maker": True, "artist": False, "brand": True, "manager": True, "other brand": False,
    }  # fmt: skip


def test_whoever_took_part_sees_the_others_contributions_after_the_call(session: Session) -> None:
    made, ben = opened_call(session), person(session, "Ben")
    contribution, _own = taking_part(session, made), taking_part(session, made, ben, "First foot")
    entered(session, made, Stage.CURATION, at=LATER)
    assert sees(session, contribution, ben) is True


def test_whoever_is_only_named_as_a_maker_sees_that_work_and_no_other_until_they_have_said_so_themselves(session: Session) -> None:
    made, ana = opened_call(session), person(session, "Ana")
    contribution, zoe, ben = taking_part(session, made), of_another_brand(session), person(session, "Ben")
    makers = {ana.person: 1, zoe.person: 1, ben.person: 1}
    theirs = contribute(session, made.id, entry(session, ana, "First foot", makers=makers), by=ana, at=NOW)
    assert [(sees(session, theirs, by), sees(session, contribution, by), len(contributions(session, made.id, by=by)))
        for by in (zoe, ben)] == [
        (True, False, 0), (True, True, 1),
    ]  # fmt: skip
    assert searches.search(session, "Lantern street", by=zoe).contributions == []
    entered(session, made, Stage.CURATION, at=LATER)
    assert [sees(session, contribution, by) for by in (ana, zoe, ben)] == [True, False, False]
    confirm_part(session, theirs.id, by=ben, at=LATER)
    assert [sees(session, contribution, by) for by in (ana, zoe, ben)] == [True, False, True]


def test_a_campaign_that_publishes_its_contributions_shows_them_to_everyone_until_it_stops(session: Session) -> None:
    made, contribution, _ana = closed_call(session)
    ben, stranger = person(session, "Ben"), of_another_brand(session)
    publish_contributions(session, made.id, by=made.manager, at=LATER)
    assert [sees(session, contribution, by) for by in (ben, stranger)] == [True, True]
    stop_publishing_contributions(session, made.id, by=made.manager, at=LATER)
    assert [sees(session, contribution, by) for by in (ben, stranger)] == [False, False]


def test_nothing_is_published_of_a_campaign_before_its_launch(session: Session) -> None:
    made = funded_brief(session)
    with pytest.raises(CallNotOpen):
        publish_contributions(session, made.id, by=made.manager, at=LATER)
    assert made.campaign.contributions_published_at is None


def test_only_whoever_runs_the_campaign_publishes_its_contributions(session: Session) -> None:
    made, _contribution, ana = closed_call(session)
    with pytest.raises(Forbidden):
        publish_contributions(session, made.id, by=ana, at=LATER)


def test_people_of_a_brand_or_of_the_staff_are_artists_only_once_they_have_said_so(session: Session) -> None:
    made, approver = opened_call(session), of_another_brand(session)
    sent = taking_part(session, made)
    with pytest.raises(Forbidden):
        contributed(session, made, approver)
    membership.take_part_as_artist(session, by=approver, at=NOW)
    artist = actor_for(session, approver.person)
    assert (sees(session, sent, artist), contributed(session, made, artist).uploaded_by) == (True, approver.person)


def test_an_artist_who_is_given_a_role_stays_an_artist(session: Session) -> None:
    ana = person(session, "Ana")
    contributed(session, opened_call(session), ana)
    grant_role(session, ana.person, Role.MANAGER, by=SYSTEM)
    assert actor_for(session, ana.person).takes_part is True


def test_the_list_of_artists_and_each_persons_own_grants_agree(session: Session) -> None:
    delivery = in_delivery(session)
    of_another_brand(session)
    listed = set(session.scalars(select(Person.id).where(is_artist())))
    assert listed == {each for each in session.scalars(select(Person.id)) if actor_for(session, each).takes_part}
    assert [delivery.editor.person in listed, delivery.approver.person in listed] == [True, False]


def test_a_campaigns_number_which_counts_all_brands_campaigns_is_told_to_staff_only(session: Session) -> None:
    made = opened_call(session)
    approver = someone(session, Role.APPROVER, "Noor", on=Scope(brand_id=made.brand.id))
    number = session.get_one(Campaign, made.id).number
    assert [number_told(made.campaign, by=by) for by in (made.manager, made.finance, approver, GUEST)] == [number, number, None, None]
    assert searches.search(session, f"#{number}", by=approver).campaigns == []
    assert [found.id for found in searches.search(session, f"#{number}", by=made.manager).campaigns] == [made.id]


def test_a_move_of_the_clock_alone_does_not_close_what_the_flow_has_not_closed(session: Session) -> None:
    """The wall follows the stage that the deliverables are in, and so the same rows as everything else."""
    made = opened_call(session)
    contribution, ben = taking_part(session, made), person(session, "Ben")
    assert sees(session, contribution, ben) is True
    lifecycle.move_on(session, made.id, at=LATER)
    assert sees(session, contribution, ben) is True

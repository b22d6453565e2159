"""Whoever is only named as a maker of a contribution is shown that work, and nothing that is for those who made it or took part."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.collaboration.lineage.families import family, sources
from campaigns.collaboration.lineage.neighborhoods import relations, whole_map
from campaigns.collaboration.lineage.queries import Direction
from campaigns.collaboration.models import SourceKind
from campaigns.collaboration.remixes.queries import citable, contributions_named
from campaigns.core.errors import UnknownContribution
from campaigns.core.people import Actor, Scope
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.curation.selections.actions import publish
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.makers.actions import confirm_part, decline_part
from campaigns.open_call.models import Contribution
from campaigns.open_call.queries import own_contribution, own_contributions
from campaigns.open_call.screening.actions import screen
from tests.campaigns.payout.sharing import named_too
from tests.factories import (
    NOW,
    Partnership,
    brand,
    contributed,
    curator,
    delivered_from,
    entered,
    opened_call,
    person,
    ready,
    remixed,
    someone,
    taking_part,
)
from tests.notifications.test_middle_emails import emails

LATER = NOW + timedelta(days=21)


@dataclass
class Line:
    """Ana's work, Ben's that contains it, and Cai's that contains Ben's; as a maker of Ben's Nico was named, too."""

    made: Partnership
    ana: Actor
    ben: Actor
    nico: Actor
    first: Contribution
    contribution: Contribution
    last: Contribution


@pytest.fixture
def line(session: Session) -> Line:
    made, (ana, ben, cai, nico) = opened_call(session), (person(session, name) for name in ("Ana", "Ben", "Cai", "Nico"))
    first = taking_part(session, made, ana, "Doors")
    contribution = remixed(session, made, ben, (first, SourceKind.CONTAINS), title="Street")
    last = remixed(session, made, cai, (contribution, SourceKind.CONTAINS), title="Parade")
    named_too(session, contribution.id, nico)
    return Line(made, ana, ben, nico, first, contribution, last)


def kin(session: Session, line: Line, by: Actor) -> list[set[object]]:
    """The contributions that each way to the lineage of Ben's work leads to."""
    found, contribution_id = relations(session, line.contribution, by=by), line.contribution.id
    return [
        {relative.id for relative in found.around.relatives},
        {each.relative.id for each in (*found.made_from, *found.made_into)},
        set(found.renditions),
        {relative.id for relative in whole_map(session, contribution_id, by=by).relatives},
        {relative.id for direction in Direction for relative in family(session, contribution_id, direction, by=by).relatives},
        {source.source_id for source in sources(session, contribution_id, by=by)},
    ]


def test_the_lineage_of_the_contribution_is_shown_to_them_while_anyone_may_see_it_and_after_that_once_they_have_confirmed(
    session: Session, line: Line
) -> None:
    all_, alone = {line.first.id, line.contribution.id, line.last.id}, {line.contribution.id}
    whole = [all_, all_ - alone, all_, all_, all_, {line.first.id}]
    assert kin(session, line, line.nico) == whole
    entered(session, line.made, Stage.CURATION, at=LATER)
    assert kin(session, line, line.nico) == [alone, set(), alone, alone, alone, set()]
    confirm_part(session, line.contribution.id, by=line.nico, at=LATER)
    assert kin(session, line, line.nico) == whole


def test_the_titles_of_the_other_contributions_are_told_to_nobody_whom_they_are_not_shown_to(session: Session, line: Line) -> None:
    entered(session, line.made, Stage.CURATION, at=LATER)
    assert citable(session, line.made.id, "", by=line.nico) == []
    for name in ("Doors", str(line.first.id)):
        with pytest.raises(UnknownContribution):
            contributions_named(session, line.made.id, [name], field="other", by=line.nico)
    confirm_part(session, line.contribution.id, by=line.nico, at=LATER)
    assert [each.title for each in citable(session, line.made.id, "", by=line.nico)] == ["Parade", "Street", "Doors"]
    assert contributions_named(session, line.made.id, ["Doors"], field="other", by=line.nico) == [line.first.id]


def test_why_a_contribution_was_chosen_or_not_is_written_to_them_once_they_have_confirmed(session: Session, line: Line) -> None:
    deliverable = entered(session, line.made, Stage.CURATION, at=LATER)[0]
    publish(
        session, deliverable.id, deliverable.visit, {line.contribution.id: "The voice."}, {}, "Not now.", by=line.made.manager, at=LATER
    )
    told = [
        {to for to, *_rest in emails(session, notification, "curation.selection_published")}
        for notification in ("selected", "not_selected")
    ]
    assert (told[0], line.nico.person in told[1]) == ({line.ben.person}, False)
    confirm_part(session, line.contribution.id, by=line.nico, at=LATER)
    now = {to for to, *_rest in emails(session, "selected", "curation.selection_published")}
    assert now == {line.ben.person, line.nico.person}


def test_why_a_contribution_was_declined_is_read_and_written_to_them_once_they_have_confirmed(session: Session) -> None:
    made, ana, nico = opened_call(session), person(session, "Ana"), person(session, "Nico")
    sent = ready(session, contributed(session, made, ana))
    named_too(session, sent.id, nico)
    screen(session, sent.id, False, "It shows a logo.", by=curator(session, made), at=NOW)

    def read() -> list[tuple[str | None, str | None, bool]]:
        told = {to for to, *_rest in emails(session, "screened", "open_call.screened")}
        return [
            (own_contribution(session, sent.id, by=who).reason, own_contributions(session, by=who)[0].reason, who.person in told)
            for who in (ana, nico)
        ]

    assert read() == [("It shows a logo.",) * 2 + (True,), (None, None, False)]
    confirm_part(session, sent.id, by=nico, at=NOW)
    assert read() == [("It shows a logo.",) * 2 + (True,)] * 2


def test_that_something_in_the_contribution_stops_it_is_written_to_them_once_they_have_confirmed(session: Session, line: Line) -> None:
    delivered_from(session, line.made, [line.last])
    withdraw(session, line.first.id, by=line.ana, at=LATER)

    def told() -> set[object]:
        return {to for to, *_rest in emails(session, "version_stopped", "open_call.contribution_withdrawn")}

    assert (line.ben.person in told(), line.nico.person in told()) == (True, False)
    confirm_part(session, line.contribution.id, by=line.nico, at=LATER)
    assert {line.ben.person, line.nico.person} <= told()


def test_whoever_has_said_that_they_had_no_part_gets_no_email_about_the_campaign(session: Session, line: Line) -> None:
    decline_part(session, line.contribution.id, by=line.nico, at=NOW)
    lifecycle.pause(session, line.made.id, "The brand thinks again.", by=line.made.manager, at=NOW)
    told = {to for to, *_rest in emails(session, "paused", "campaign.paused")}
    assert (line.ben.person in told, line.nico.person in told) == (True, False)


@pytest.mark.parametrize("answer", [confirm_part, decline_part])
def test_whoever_was_named_answers_also_when_the_campaign_is_there_for_them_no_more(
    session: Session, line: Line, answer: Callable[..., Contribution]
) -> None:
    zoe = someone(session, Role.APPROVER, "Zoe", on=Scope(brand_id=brand(session, "Zenith").id))
    named_too(session, line.contribution.id, zoe)
    entered(session, line.made, Stage.CURATION, at=LATER)
    assert answer(session, line.contribution.id, by=zoe, at=LATER) is line.contribution

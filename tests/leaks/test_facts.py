"""The record of facts, which is never changed: what of people's words and names it keeps for good."""

import pytest
from sqlalchemy import func, select

from campaigns.core.events import Event
from tests.leaks.walk import Walk
from tests.leaks.world import PAY, World
from workers.transactions import unit_of_work

pytestmark = pytest.mark.xdist_group("leaks")
# How many facts of a timeline one may ask for at once.
MOST = 200
PEOPLE = ("Ana", "Ben", "Cara", "Cleo", "Edda", "Femi", "Fin", "Flo", "Mara", "Mona", "Noor", "Oda", "Signer")


def test_the_record_keeps_who_did_it_why_and_of_which_campaign_and_nothing_else_that_people_write(in_world: World) -> None:
    with unit_of_work() as session:
        facts = session.scalars(select(Event)).all()
    kept = {part: in_world.pen.found("".join(str(getattr(fact, part)) for fact in facts)) for part in ("actor_name", "reason", "facts")}
    assert {part: {mark.where for mark in marks} for part, marks in kept.items()} == {
        "actor_name": {f"person.name of {name}" for name in PEOPLE},
        "reason": {
            "assessment.due_because",
            "campaign.pause_reason",
            "cancellation.reason",
            "review_decision.note",
            "event.reason",
            "payout_hold.reason",
            "payout_run.reason",
        },
        "facts": {"campaign.title"},
    }


def test_whatever_is_done_its_facts_name_nobody_and_no_address(in_world: World, walked: Walk) -> None:
    assert len({fact.partition(":")[0] for fact in walked.facts}) > 30
    assert {mark.where for mark in in_world.pen.found("".join(walked.facts))} == set()
    assert {fact for fact in walked.facts if "@" in fact} == set()


def test_the_walk_reads_a_timeline_to_its_end(in_world: World) -> None:
    with unit_of_work() as session:
        of_campaign = select(func.count()).select_from(Event).where(Event.campaign_id == in_world.companies[PAY].id)
        assert session.scalars(of_campaign).one() < MOST

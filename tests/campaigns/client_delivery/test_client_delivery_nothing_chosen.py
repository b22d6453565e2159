"""A deliverable for which nothing is chosen waits for its manager, not for a version that nobody can make."""

import pytest
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.client_delivery.models import Verdict
from campaigns.client_delivery.rules import blockers
from campaigns.core.stages import Stage
from campaigns.curation.selections.actions import publish
from campaigns.curation.selections.queries import chosen_contributions
from campaigns.open_call.contributions.actions import withdraw
from tests import carrying, everyone
from tests.everyone import Cast

NOTHING_CHOSEN = ("nothing_chosen", "manager", "send_back")


def waits(session: Session, all_: Cast) -> list[tuple[str, str, str | None]]:
    found = blockers(session, all_.deliverables(session), at=all_.at)
    return [(wait.code, wait.waits_for, wait.action) for each in found.values() for wait in each]


@pytest.mark.parametrize("has_version", [False, True])
def test_once_the_chosen_contribution_is_taken_down_the_manager_says_how_it_goes_on(session: Session, has_version: bool) -> None:
    all_, deliverable = carrying.under_way(session, Stage.CLIENT_DELIVERY)
    if has_version:
        for _version in ("is made", "is presented"):
            everyone.do(session, all_, deliverable, all_.waits(session)[deliverable.id][0])
        everyone.answer(session, all_, deliverable, Verdict.CHANGES)
    assert [action for _code, _who, action in waits(session, all_)] == ["make_version"]
    (contribution,) = chosen_contributions(session, deliverable.id)
    withdraw(session, contribution, by=all_.artist, at=all_.at)
    assert waits(session, all_) == [NOTHING_CHOSEN]


def test_what_a_later_visit_chooses_is_made_into_a_version(session: Session) -> None:
    all_, deliverable = carrying.under_way(session)
    publish(session, deliverable.id, deliverable.visit, {}, {}, "None of them.", by=all_.manager, at=all_.at)
    lifecycle.move_on(session, all_.made.id, at=all_.at)
    assert waits(session, all_) == [NOTHING_CHOSEN]
    lifecycle.send_back(session, deliverable.id, Stage.CURATION, deliverable.visit, "Look again.", by=all_.manager, at=all_.at)
    carrying.bring_to(session, all_, Stage.CLIENT_DELIVERY)
    assert [code for code, _who, _action in waits(session, all_)] == ["no_version"]

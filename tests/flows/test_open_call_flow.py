"""Contributions are made ready by the campaign's flow, fenced and once."""

from types import ModuleType

import pytest

from campaigns.core.campaign import deliverables_of
from campaigns.core.files import storage
from campaigns.open_call import renditions
from campaigns.open_call.models import Contribution, ContributionState
from campaigns.open_call.queries import renditions_of
from flows import client_delivery, curation, payout
from flows.open_call import make_ready, work
from flows.pulse import Carried, LeaseLost
from tests import factories
from tests.flows.alone import alone
from workers.transactions import unit_of_work

pytestmark = pytest.mark.usefixtures("own_prefect")


def test_the_flow_makes_every_contribution_ready_and_has_nothing_to_do_the_next_time(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work() as session:
        made = factories.opened_call(session)
        sent = [factories.contributed(session, made, title=f"Lantern {n}") for n in range(5)]
        deliverable = deliverables_of(session, made.id)[0]
    carry = alone(work, made.id, deliverable)
    carry()
    assert [_standing(each) for each in sent] == [(ContributionState.READY, ["text"])] * 5
    monkeypatch.setattr(make_ready, "submit", None)
    carry()


@pytest.mark.parametrize("stage", [curation, client_delivery, payout])
def test_a_contribution_that_came_before_the_last_word_on_the_material_is_made_ready_later(fresh_database: str, stage: ModuleType) -> None:
    with unit_of_work() as session:
        made = factories.opened_call(session)
        sent = factories.contributed(session, made)
        deliverable = deliverables_of(session, made.id)[0]
    alone(stage.work, made.id, deliverable)()
    assert _standing(sent) == (ContributionState.READY, ["text"])


def test_a_contribution_is_made_ready_by_the_run_that_carries_the_campaign_and_by_no_older_one(fresh_database: str) -> None:
    with unit_of_work() as session:
        made = factories.opened_call(session)
        made.campaign.generation = 2
        sent = factories.contributed(session, made)
    with pytest.raises(LeaseLost):
        make_ready.fn(Carried(made.id, 1), sent.id)
    assert _standing(sent) == (ContributionState.RECEIVED, [])
    for _again in range(2):
        make_ready.fn(Carried(made.id, 2), sent.id)
    assert _standing(sent) == (ContributionState.READY, ["text"])


def test_a_contribution_whose_file_is_lost_is_shown_to_those_who_screen_as_such(fresh_database: str) -> None:
    with unit_of_work() as session:
        made = factories.opened_call(session)
        sent = factories.contributed(session, made)
        original = renditions.original_of(session, sent.id)
    storage().path(original.sha256).unlink()
    make_ready.fn(Carried(made.id, 0), sent.id)
    with unit_of_work() as session:
        found = session.get_one(Contribution, sent.id)
        assert (found.state, found.state_reason) == (ContributionState.UNSHOWABLE, "This file no longer exists.")


def _standing(sent: Contribution) -> tuple[ContributionState, list[str]]:
    with unit_of_work() as session:
        roles = [shown.role for shown in renditions_of(session, [sent.id])[sent.id]]
        return session.get_one(Contribution, sent.id).state, roles

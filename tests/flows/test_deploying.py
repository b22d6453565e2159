"""What a new start leaves of what operators chose on Prefect's page."""

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.schedules import SCHEDULE_TYPES, CronSchedule

from flows.supervise.deploy import keep_schedules, shown_schedules

pytestmark = pytest.mark.usefixtures("own_prefect")


def test_a_schedule_that_was_changed_and_paused_on_prefects_page_stays_so_when_it_is_deployed_again() -> None:
    chosen: SCHEDULE_TYPES = CronSchedule(cron="30 9 * * *", timezone="UTC")
    written: SCHEDULE_TYPES = CronSchedule(cron="0 6 * * *", timezone="UTC")
    with get_client(sync_client=True) as client:
        deployed = client.create_deployment(flow_id=client.create_flow_from_name("reconcile"), name="kept")
        client.create_deployment_schedules(deployed, [(chosen, False)])
        shown = shown_schedules(client)
        for each in client.read_deployment_schedules(deployed):
            client.delete_deployment_schedule(deployed, each.id)
        client.create_deployment_schedules(deployed, [(written, True)])
        for _time in range(2):
            keep_schedules(client, shown)
            assert [(each.schedule, each.active) for each in client.read_deployment_schedules(deployed)] == [(chosen, False)]

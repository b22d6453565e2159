"""A stage's work in a flow that does nothing else."""

from collections.abc import Callable
from uuid import UUID

from prefect import flow

from campaigns.core.campaign import Deliverable
from flows.pulse import Carried


def alone(contribution: Callable[[Carried, Deliverable], object], campaign_id: UUID, deliverable: Deliverable) -> Callable[[], None]:
    """A flow that does this contribution for the deliverable each time it is called."""

    @flow(name="carry")
    def carry() -> None:
        contribution(Carried(campaign_id, 0), deliverable)

    return carry

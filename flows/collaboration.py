"""What runs by itself in collaboration."""

from campaigns.core.campaign import Deliverable
from flows import open_call
from flows.pulse import Carried


def work(carried: Carried, deliverable: Deliverable) -> None:
    """Remixes are made ready as every contribution is."""
    open_call.work(carried, deliverable)

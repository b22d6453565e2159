"""What runs by itself in brief."""

from campaigns.core.campaign import Deliverable
from flows.pulse import Carried


def work(carried: Carried, deliverable: Deliverable) -> None:
    """Nothing: everything here waits for people."""

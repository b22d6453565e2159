"""What runs by itself in curation."""

from campaigns.core.campaign import Deliverable
from flows import open_call
from flows.pulse import Carried


def work(carried: Carried, deliverable: Deliverable) -> None:
    """Contributions that came in before the last word on the material are still made ready; all else waits for people."""
    open_call.work(carried, deliverable)

"""What runs by itself in collaboration."""

from campaigns.core.campaign import Track
from flows import open_call
from flows.pulse import Carried


def work(carried: Carried, track: Track) -> None:
    """Remixes are made ready as every work is."""
    open_call.work(carried, track)

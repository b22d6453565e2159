"""What runs by itself in brief."""

from campaigns.core.campaign import Track
from flows.pulse import Carried


def work(carried: Carried, track: Track) -> None:
    """Nothing: everything here waits for people."""

"""Where a form leads that gave somebody a role, and what it says: one that touches money does not count yet."""

from campaigns.core.appointing.models import Appointment, State
from campaigns.core.people import RoleGrant
from campaigns.core.words import _


def given(made: RoleGrant | Appointment, place: str, email: str) -> tuple[str, str]:
    """The page to go to and its sentence."""
    if isinstance(made, Appointment) and made.state is State.WAITING:
        return f"/appointments/{made.id}", _("{email} gets the role once another person confirms it.", email=email)
    if isinstance(made, Appointment) and made.state is State.COOLING:
        return f"/appointments/{made.id}", _("{email} gets the role after a waiting period. See when it becomes active.", email=email)
    return place, _("{email} now has the role.", email=email)

"""The world in which leaks are looked for: the places to ask about, who is in them, and what was planted."""

from dataclasses import dataclass, field

from campaigns.core.people import Actor
from tests.leaks.people import OF_THE_NEXT, Company, Staff
from tests.leaks.planted import Pen

# Whose the markers are of a contribution that nobody but those who screen may know of, of a version that the brand was not shown yet,
# and of those who have roles in two campaigns.
WAITING, UNSHOWN, BETWEEN = "waiting", "unshown", "between"
BRIEF, READY, CALL, JOIN, DESK = "brief", "ready", "call", "join", "desk"
ROOM, MADE, POINTS, WINDOW, PAY, DONE, HALT, OVER = "room", "made", "points", "window", "pay", "done", "halt", "over"
AGAIN, GONE, FINAL, FEES = "again", "gone", "final", "fees"
TITLES = {
    BRIEF: "A song for the first snow", READY: "Letters to the sea", CALL: "Doors that stay open", JOIN: "Songs for slow trains",
    DESK: "Voices of the block", ROOM: "The table is set", WINDOW: "What we plant", PAY: "Holiday traditions", DONE: "Bread of the world",
    HALT: "Bells over water", OVER: "One that was called off", AGAIN: "A second try", GONE: "What was taken back",
    FINAL: "The last word", FEES: "Work for nothing",
}  # fmt: skip
# Two places are another deliverable of a campaign's, which its leader does not lead.
IN_CAMPAIGN_OF = {MADE: ROOM, POINTS: WINDOW}
PLACES = (BRIEF, READY, CALL, JOIN, DESK, ROOM, MADE, POINTS, WINDOW, PAY, DONE, HALT, OVER, AGAIN, GONE, FINAL, FEES)
NEXT_TO = dict.fromkeys(PLACES, PAY) | {PAY: DESK}


def home(place: str) -> str:
    """The place that the markers of this place's campaign are named for."""
    return IN_CAMPAIGN_OF.get(place, place)


def named_in(place: str) -> str:
    """Whose the markers are of the contribution in this place that somebody is only named as a maker of."""
    return f"{place}, named in"


@dataclass
class World:
    """The campaigns by what stage they are in, the staff, and what was planted."""

    pen: Pen = field(default_factory=Pen)
    companies: dict[str, Company] = field(default_factory=dict)
    staff: Staff = field(default_factory=Staff)

    def who(self, role: str, place: str) -> Actor:
        """Who has this role for the campaign in `place`."""
        if role in OF_THE_NEXT:
            return self.companies[NEXT_TO[place]].who(OF_THE_NEXT[role])
        return self.staff.who(role) or self.companies[place].who(role)

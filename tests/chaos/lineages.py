"""What is made of what in an assignment: the contributions of its call, those that are built on them, and what is chosen, with its
points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from campaigns.brief.licenses import NEWEST_LICENCE
from campaigns.core.people import Actor

CONTAINS, INFLUENCED_BY = "contains", "influenced_by"
# The two artists of an assignment.
ZEB, OTTILIE = 0, 1
STREET, CORNER, FILE, DUET = "Lantern street", "Lantern corner", "File 0", "Duet"
ANSWER, REPLY, ECHO, COPY = "Answer", "Reply", "Echo", "Copy"


@dataclass(frozen=True, slots=True)
class Planned:
    """A text that one of the two artists sends in: their shares where both made it, and the kind of each contribution that it is built
    on."""

    title: str
    by: int
    shares: tuple[int, int] | None = None
    cites: Mapping[str, str] = field(default_factory=dict)
    is_wrapper: bool = False

    def body(self, artists: Sequence[Actor]) -> dict[str, object]:
        """What is sent of it; its words are like those of no other text."""
        shares = zip(artists, self.shares, strict=True) if self.shares else ()
        return {
            "title": self.title, "text": f"Every December we walk: {uuid4()}.", "licence_version": NEWEST_LICENCE,
            "makers": {str(artist.person): share for artist, share in shares}, "is_wrapper": self.is_wrapper,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mix:
    """The texts of an assignment, older ones first, and the points of each contribution that is chosen, by its title."""

    texts: tuple[Planned, ...] = ()
    points: Mapping[str, int] = field(default_factory=dict)

    @property
    def call(self) -> tuple[Planned, ...]:
        """What is sent to the call."""
        return tuple(text for text in self.texts if not text.cites)

    @property
    def remixes(self) -> tuple[Planned, ...]:
        """What is built on others once those take part."""
        return tuple(text for text in self.texts if text.cites)


STREETS = (Planned(STREET, ZEB), Planned(CORNER, OTTILIE))
# In each of them credit goes over an edge of either kind, two deep: the first also has contributions by two, so that one assignment shows
# all.
MIXES = (
    Mix(
        (
            *STREETS,
            Planned(DUET, ZEB, shares=(3, 1)),
            Planned(ANSWER, OTTILIE, cites={STREET: CONTAINS, DUET: INFLUENCED_BY}),
            Planned(REPLY, ZEB, cites={ANSWER: INFLUENCED_BY, CORNER: CONTAINS}),
        ),
        {REPLY: 7, DUET: 2},
    ),
    # The newer of two contributions by one artist contains the older, which leads to the other artist's.
    Mix(
        (
            *STREETS,
            Planned(ANSWER, OTTILIE, cites={FILE: INFLUENCED_BY}),
            Planned(REPLY, OTTILIE, cites={ANSWER: CONTAINS}),
        ),
        {REPLY: 5, STREET: 3},
    ),
    # What both have made was influenced by a copy, which adds nothing of its own.
    Mix(
        (
            *STREETS,
            Planned(COPY, OTTILIE, cites={STREET: CONTAINS}, is_wrapper=True),
            Planned(REPLY, ZEB, shares=(2, 5), cites={COPY: INFLUENCED_BY, CORNER: CONTAINS}),
        ),
        {REPLY: 4, FILE: 9},
    ),
    # Three deep.
    Mix(
        (
            *STREETS,
            Planned(DUET, OTTILIE, shares=(2, 5), cites={STREET: CONTAINS}),
            Planned(REPLY, ZEB, cites={DUET: INFLUENCED_BY}),
            Planned(ECHO, OTTILIE, cites={REPLY: CONTAINS, FILE: CONTAINS}),
        ),
        {ECHO: 3, DUET: 8},
    ),
)


def mix_of(number: int) -> Mix:
    """Each assignment has the one of its turn."""
    return MIXES[number % len(MIXES)]

"""How much of what people said over HTTP was answered and how much was given up, by its kind; of each kind something is to be answered."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.chaos.acts import Sending
from tests.chaos.assignment import Assignment
from tests.chaos.counting import Harms
from tests.chaos.word import Word

# All that a trial of many assignments and kills says.
KINDS = (
    "signature", "invoice", "upload", "contribution", "maker's confirmation", "question", "answer", "screening", "remix",
    "source's confirmation",
    "completion", "review", "selection", "version", "version maker's confirmation", "approval", "return", "assessment", "comment",
    "disposition", "sign-in link",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Count:
    """How many things of a kind were said, how many of them answered, and how many given up because they were refused too often.

    The others were overtaken: before an answer came, nothing waited for them any more.
    """

    said: int = 0
    answered: int = 0
    given_up: int = 0

    @classmethod
    def of(cls, words: Iterable[Word | Sending]) -> "Count":
        those = list(words)
        return cls(len(those), sum(word.is_answered for word in those), sum(word.is_spent and not word.is_answered for word in those))

    @property
    def overtaken(self) -> int:
        return self.said - self.answered - self.given_up


def counts(assignments: Iterable[Assignment]) -> dict[str, Count]:
    """All that was said, by its kind."""
    words = defaultdict[str, list[Word | Sending]](list)
    for assignment in assignments:
        for kind, said in assignment.words.items():
            words[kind] += said
    return {kind: Count.of(said) for kind, said in sorted(words.items()) if said}


def unanswered(found: Mapping[str, Count], wanted: Iterable[str]) -> Harms:
    """Each kind of which nothing was answered, of those that were said and those that are wanted: what is looked at of it says nothing."""
    for kind in sorted({*found, *wanted}):
        count = found.get(kind, Count())
        if not count.answered:
            yield f"no {kind} was answered, of {count.said} that were said"

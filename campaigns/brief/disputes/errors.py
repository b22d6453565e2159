"""What is refused about disputes."""

from campaigns.core.errors import Invalid, NotFound, Refusal


class NoSuchDispute(NotFound):
    """There is no such dispute, or not for this reader."""


class AnsweredAlready(Refusal):
    """Evidence was handed in, or the dispute accepted, and neither can be taken back."""


class DisputeOver(Refusal):
    """The bank has decided, or takes no answer any more."""


class NothingToHandIn(Invalid):
    """Evidence without a word or a file in it."""


class NotEvidence(Invalid):
    """A file that a bank cannot open."""


class EvidenceTooLarge(Invalid):
    """The files have more bytes together than the bank takes."""


class TooManyPages(Invalid):
    """The files have more pages together than the bank reads."""


class NoSuchFile(NotFound):
    """The evidence has no file there."""


class NothingToBear(Refusal):
    """Nothing of this dispute is owed to us any more."""

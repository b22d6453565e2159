"""What is refused about disputes."""

from campaigns.core.errors import Invalid, NotFound, Refusal


class NoSuchDispute(NotFound):
    """There is no such dispute, or you may not see it."""


class AnsweredAlready(Refusal):
    """Evidence was submitted or the dispute was accepted, and neither can be undone."""


class DisputeOver(Refusal):
    """The bank has decided or no longer accepts an answer."""


class NothingToHandIn(Invalid):
    """The evidence has neither text nor files."""


class NotEvidence(Invalid):
    """The bank cannot open this file."""


class EvidenceTooLarge(Invalid):
    """The files together are larger than the bank accepts."""


class TooManyPages(Invalid):
    """The files together have more pages than the bank accepts."""


class NoSuchFile(NotFound):
    """The evidence has no such file."""


class NothingToBear(Refusal):
    """Nothing is owed to us for this dispute."""

"""What the collaboration refuses."""

from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal


class RemixingClosed(Refusal):
    """No deliverable of the campaign is open for remixes any more."""


class NothingCited(Invalid):
    """A remix must have at least one source."""


class PairCitedTwice(Refusal):
    """A contribution can cite another only once, with one kind."""


class NewerSource(Invalid):
    """A source must be older than the contribution."""


class ClaimsClosed(Refusal):
    """The campaign has ended, so claims can no longer change."""


class SourceElsewhere(Invalid):
    """The source is not a contribution in this campaign."""


class SourceNotTakingPart(Refusal):
    """A contribution that is not accepted, or was withdrawn, cannot be a source."""


class NotInvolved(Forbidden):
    """Only makers of the two contributions and curators may do this."""


class NotTheOtherSide(Forbidden):
    """A claim is answered by the other side, not by the side that made it."""


class OwnInterest(Forbidden):
    """A curator cannot decide about their own work."""


class JudgesBlind(Forbidden):
    """Curators of a campaign do not see who made a contribution or how often it was used."""


class AlreadyDecided(Refusal):
    """The claim has already been confirmed or declined; only a curator can change that."""


class NoSuchSource(NotFound):
    """There is no such source, or you may not see it."""


class WeightOutOfRange(Invalid):
    """Weights must be whole numbers from 1 to 1,000,000."""


class NotInCollaboration(Refusal):
    """The deliverable is not in collaboration."""


class CollaborationClosed(Refusal):
    """The collaboration of this visit has closed."""

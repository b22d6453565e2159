"""What the collaboration refuses."""

from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal


class RemixingClosed(Refusal):
    """No deliverable of the campaign is in its open call or in collaboration any more."""


class NothingCited(Invalid):
    """A remix without a source."""


class PairCitedTwice(Refusal):
    """One work is a source of another once, under one kind."""


class NewerSource(Invalid):
    """A source that is not older than the work: edges would close a cycle."""


class ClaimsClosed(Refusal):
    """The campaign has ended: what counts in it is settled."""


class SourceElsewhere(Invalid):
    """A source that is not a work of this campaign."""


class SourceNotTakingPart(Refusal):
    """A work that has not been screened in, or was taken down, cannot be built on."""


class NotInvolved(Forbidden):
    """Neither a maker of one of the two works nor a curator."""


class NotTheOtherSide(Forbidden):
    """Whoever claims an influence does not confirm it as well."""


class OwnInterest(Forbidden):
    """A curator does not decide about a work that they have made."""


class JudgesBlind(Forbidden):
    """Those who curate a campaign do not see who made what in it, nor how often a work was used."""


class AlreadyDecided(Refusal):
    """The claim has been confirmed or declined; only a curator decides it anew."""


class NoSuchSource(NotFound):
    """There is no such edge, or not for this reader."""


class WeightOutOfRange(Invalid):
    """Weights are whole numbers from 1 to 1,000,000."""


class ReasonMissing(Invalid):
    """A decision that its reader must understand needs a reason."""


class NotInCollaboration(Refusal):
    """The deliverable is not in collaboration."""


class CollaborationClosed(Refusal):
    """This visit's collaboration has closed."""


class NotALaterClose(Invalid):
    """A collaboration is only ever extended."""


class UnknownWork(Invalid):
    """A work that is cited by a name which means none, or several."""

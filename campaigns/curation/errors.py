"""What the curation refuses."""

from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal


class NotInCuration(Refusal):
    """The deliverable is not in curation."""


class RubricInUse(Refusal):
    """Works have been reviewed by this rubric."""


class InvalidRubric(Invalid):
    """A rubric without criteria, or with two of the same name."""


class NotACurator(Invalid):
    """Someone who does not curate this campaign."""


class TooFewCurators(Invalid):
    """Fewer curators than each work is to be reviewed by."""


class NothingToReview(Refusal):
    """No work takes part in the campaign."""


class NoSuchReview(NotFound):
    """There is no such review, or it is another curator's."""


class WorkTakenDown(Refusal):
    """The work that was to be judged does not take part any more."""


class ConflictOfInterest(Forbidden):
    """Nobody reviews a work that they made, of one line with theirs, or that they said they cannot judge."""


class AlreadyPublished(Refusal):
    """This visit's selection has been published and stands."""


class ScoreMissing(Invalid):
    """A review answers every criterion of the rubric, and no other."""


class ScoreOutOfRange(Invalid):
    """Scores go from 1 to 5."""


class NotReviewed(Refusal):
    """There is no judgement to take back."""


class ReasonMissing(Invalid):
    """A judgement that its reader must understand needs a reason."""


class WorkNotTakingPart(Invalid):
    """A work that cannot be chosen: of another campaign, screened out or taken down."""


class NotItsMaker(Forbidden):
    """The reason for an outcome is for the work's makers."""


class SeesNoNames(Forbidden):
    """Whoever still judges works of this campaign blind does not read whose they are."""

"""What the curation refuses."""

from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal


class NotInCuration(Refusal):
    """The deliverable is not in curation."""


class RubricInUse(Refusal):
    """Contributions have already been reviewed with these criteria."""


class InvalidRubric(Invalid):
    """The rubric has no criteria, an incomplete one, or two with the same name."""


class NotACurator(Invalid):
    """One of these people is not a curator of this campaign."""


class TooFewCurators(Invalid):
    """There are fewer curators than reviews per contribution."""


class NothingToReview(Refusal):
    """The campaign has no accepted contributions."""


class NoSuchReview(NotFound):
    """There is no such review, or it is assigned to another curator."""


class ContributionTakenDown(Refusal):
    """The contribution has been withdrawn or is no longer accepted."""


class ConflictOfInterest(Forbidden):
    """Curators cannot review contributions that they made, contributions with a shared lineage, or contributions for which they declared a
    conflict."""


class AlreadyPublished(Refusal):
    """The selection of this visit has been published and is final."""


class ScoreMissing(Invalid):
    """A review has to score every criterion and no others."""


class ScoreOutOfRange(Invalid):
    """Scores go from 1 to 5."""


class NotReviewed(Refusal):
    """There is no review to withdraw."""


class ContributionNotTakingPart(Invalid):
    """The contribution cannot be chosen: it belongs to another campaign, was declined, or was withdrawn."""


class NotItsMaker(Forbidden):
    """Only the contribution's makers can read the reason for its outcome."""


class SeesNoNames(Forbidden):
    """Curators who still review contributions of this campaign blind cannot see who made them."""

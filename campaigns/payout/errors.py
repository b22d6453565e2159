"""What the payout refuses, from the assessment to the run."""

from typing import Self

from campaigns.core.campaign import Campaign
from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal
from campaigns.core.words import _


class NoSuchProposal(NotFound):
    """The payout, proposal or comment does not exist, or you cannot see it."""


class NotInPayout(Refusal):
    """The deliverable is not in the payout stage."""


class PointsFixed(Refusal):
    """A kill fee counts every contribution equally, so there are no points to assign."""


class NothingApproved(Refusal):
    """No version of the deliverable has been approved, so there is nothing to split."""


class AlreadyFinal(Refusal):
    """The proposal is final and can no longer change."""


class NotAComponent(Invalid):
    """The contribution is not in the approved version."""


class ComponentMissing(Invalid):
    """A component has no points."""


class PointsOutOfRange(Invalid):
    """Points must be whole numbers of at least 1."""


class NotAssessed(Refusal):
    """The points must be assigned before a proposal can be calculated."""


class NothingChanged(Refusal):
    """Nothing has changed since the newest proposal was calculated."""


class ProposalSuperseded(Refusal):
    """There is a newer version of the proposal."""


class ProposalClosed(Refusal):
    """The campaign was canceled while the proposal was open, so it can no longer be commented on or finalized."""

    @classmethod
    def with_(cls, campaign: Campaign) -> Self:
        """The refusal, which says when it was closed and what there is instead."""
        sentence = _(
            "The campaign was canceled on {day:%d %B %Y}, so this proposal is closed and pays nothing. If the brief "
            "grants a kill fee, it has its own proposal.",
            day=campaign.cancelled_at,
        )
        return cls(sentence)


class NotAContributor(Forbidden):
    """Only contributors to the campaign can comment."""


class WindowClosed(Refusal):
    """The comment period has ended."""


class NoSuchLine(Invalid):
    """The person has no share in the proposal."""


class CommentIncomplete(Invalid):
    """A comment must say what is wrong and give evidence."""


class OwnComment(Forbidden):
    """You cannot answer your own comment."""


class AlreadyAnswered(Refusal):
    """The comment has already been answered."""


class WindowOpen(Refusal):
    """The comment period has not ended."""


class CommentsUnanswered(Refusal):
    """A comment is unanswered."""


class NobodyToPay(Refusal):
    """Everyone in the lineage is staff, so nobody can be paid."""


class GainsFromIt(Forbidden):
    """People who gain from a proposal cannot finalize it."""


class OwnProposal(Forbidden):
    """The person who assigned the points cannot also finalize the proposal."""


class BeingComputed(Refusal):
    """A new version is being calculated."""


class InputsChanged(Refusal):
    """Lineage, weights or points have changed since the proposal was calculated."""


class PaymentBeingSent(Refusal):
    """A payment to someone in this campaign is being sent."""


class CreditsOutdated(Refusal):
    """The package's credits do not match the people whom the proposal pays, or omit contributions withdrawn since."""


class CreditsUnconfirmed(Refusal):
    """Someone whom the proposal pays has not confirmed their credit."""


class NoSuchRun(NotFound):
    """No payout run has this ID."""


class NoSuchLimits(NotFound):
    """These limits do not exist."""


class NothingPayable(Refusal):
    """No balance can be paid, so no run was prepared."""


class NotCaughtUp(Refusal):
    """A backup was restored, and what was paid since is not known yet."""


class NotQuoted(Refusal):
    """Only a run waiting for approval can be approved or discarded."""


class NotReleased(Refusal):
    """Only a run that is being sent can be paused."""


class PayeeMayNotRelease(Forbidden):
    """People paid by a run cannot approve it."""


class LimitOutOfRange(Invalid):
    """A limit cannot be negative."""


class AlreadyHeld(Refusal):
    """The person's payments are already on hold."""


class NoCountryChange(Refusal):
    """The person has no country change to review."""


class OwnCountry(Forbidden):
    """You cannot review your own country change."""


class NoWayThere(Refusal):
    """People in the person's new country cannot be paid."""


class NobodyThere(Invalid):
    """No account uses this address."""


class NotHeld(Refusal):
    """The person's payments are not on hold."""


class NothingToTry(Refusal):
    """No payment is waiting to be retried."""


class HeldByColleague(Refusal):
    """A colleague placed this hold, so it must be lifted separately."""


class UnknownRoute(Invalid):
    """No payout route has this name."""


class Superseded(Refusal):
    """A newer flow run is sending this run, or it must not be sent now."""

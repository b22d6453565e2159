"""What the payout refuses, up to the proposal being final."""

from typing import Self

from campaigns.core.campaign import Campaign
from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal
from campaigns.core.words import _


class NoSuchProposal(NotFound):
    """There is no such payout, proposal or comment, or not for this reader."""


class NotInPayout(Refusal):
    """The deliverable is not in payout."""


class PointsFixed(Refusal):
    """A kill fee counts every work once; nobody assesses it."""


class NothingApproved(Refusal):
    """No version of the deliverable has been approved that could be shared out."""


class AlreadyFinal(Refusal):
    """The proposal is final; nothing about it changes any more."""


class NotAComponent(Invalid):
    """Points for a work that is not in the approved cut."""


class UnknownWork(Invalid):
    """A work that does not take part in the campaign."""


class ComponentMissing(Invalid):
    """A component without points."""


class PointsOutOfRange(Invalid):
    """Points are whole numbers from 1 up."""


class ReasonMissing(Invalid):
    """A judgement that its reader must understand needs a reason."""


class NotAssessed(Refusal):
    """There is nothing to compute before the points are assessed."""


class NothingChanged(Refusal):
    """The newest proposal was computed from just what is known now."""


class ProposalSuperseded(Refusal):
    """There is a newer version."""


class ProposalClosed(Refusal):
    """The campaign was cancelled while the proposal was open: it takes neither comments nor anyone's approval any more."""

    @classmethod
    def with_(cls, campaign: Campaign) -> Self:
        """The refusal, which says when it was closed and what there is instead."""
        sentence = _(
            "The campaign was cancelled on {day:%d %B %Y}, so this proposal is closed and pays nothing. "
            "If the brief grants a kill fee, that has a proposal of its own.",
            day=campaign.cancelled_at,
        )
        return cls(sentence)


class NotAContributor(Forbidden):
    """Comments are the contributors'."""


class WindowClosed(Refusal):
    """The time for comments is over."""


class NoSuchLine(Invalid):
    """The proposal has no line for this person."""


class CommentIncomplete(Invalid):
    """A comment says what is wrong, and how one can see it."""


class OwnComment(Forbidden):
    """Nobody answers their own comment."""


class AlreadyAnswered(Refusal):
    """The comment has been answered, in public."""


class WindowOpen(Refusal):
    """The time for comments is not over."""


class CommentsUnanswered(Refusal):
    """A comment waits for its answer."""


class NobodyToPay(Refusal):
    """Everyone in the lineage is staff, so there is no line."""


class GainsFromIt(Forbidden):
    """Whoever gains from a proposal has no say in its being final."""


class OwnProposal(Forbidden):
    """Whoever assessed the points does not make the proposal final too."""


class BeingComputed(Refusal):
    """A new version is on its way."""


class InputsChanged(Refusal):
    """Lineage, weights or points are not those that the proposal was computed from."""


class PaymentBeingSent(Refusal):
    """A payment to someone of this campaign is on its way just now."""


class CreditsOutdated(Refusal):
    """The package names others than the proposal pays, or does not say what was taken down since."""


class CreditsUnconfirmed(Refusal):
    """Somebody whom the proposal pays has not confirmed their credit."""

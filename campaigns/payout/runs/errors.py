"""What payout runs refuse."""

from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal


class NoSuchRun(NotFound):
    """No payout run has this id."""


class NoSuchLimits(NotFound):
    """Nobody proposed these limits."""


class NothingPayable(Refusal):
    """No balance is payable, so there is no run."""


class NotCaughtUp(Refusal):
    """A restored backup does not know yet what was paid since it was taken."""


class NotQuoted(Refusal):
    """Only a run that waits for its release can be approved or discarded."""


class NotReleased(Refusal):
    """Only a run that is being sent can be paused."""


class ReasonMissing(Invalid):
    """Whoever looks at the run or the hold later needs a reason."""


class NotPaused(Refusal):
    """Only a paused run can be resumed."""


class PayeeMayNotRelease(Forbidden):
    """Whom a run pays has no say in its release."""


class SecondPersonNeeded(Forbidden):
    """The second word must be another person's."""


class LimitOutOfRange(Invalid):
    """A limit below zero."""


class AlreadyHeld(Refusal):
    """The person's payments are held already."""


class NoCountryChange(Refusal):
    """No change of the person's country waits for finance."""


class OwnCountry(Forbidden):
    """Nobody opens the way to themselves."""


class NoWayThere(Refusal):
    """Nobody can be paid in the country that the person now says."""


class NobodyThere(Invalid):
    """Nobody is known by this address."""


class NotHeld(Refusal):
    """The person's payments are not held."""


class NothingToTry(Refusal):
    """No payment waits for someone's word that it may be tried again."""


class HeldByColleague(Refusal):
    """A hold that a person placed is lifted by a person who looked into it."""


class UnknownRoute(Invalid):
    """No way of paying has this name."""


class Superseded(Refusal):
    """The run is sent in a younger generation, or is not to be sent now."""

"""What payout runs refuse."""

from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal


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

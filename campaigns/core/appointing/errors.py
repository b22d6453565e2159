"""What is refused about roles that touch money."""

from campaigns.core.errors import Forbidden, NotFound, Refusal


class NoSuchAppointment(NotFound):
    """None that this reader may see."""


class NotTwoPeople(Forbidden):
    """The two of one act must be independent: neither gave the other their role."""


class OwnRole(Forbidden):
    """Nobody gives a role that touches money to themself."""


class NobodyToConfirm(Refusal):
    """There is no second person who could confirm this role."""


class NotOpen(Refusal):
    """The role was stopped, or counts already."""


class LastOperator(Refusal):
    """The house is never without an operator, who alone could appoint another."""

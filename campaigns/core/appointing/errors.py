"""What is refused about roles that touch money."""

from campaigns.core.errors import Forbidden, NotFound, Refusal


class NoSuchAppointment(NotFound):
    """There is no such appointment that this reader can see."""


class SecondPersonNeeded(Forbidden):
    """This takes two independent people: not the same person twice, and neither gave the other their role."""


class OwnRole(Forbidden):
    """Nobody can give themselves a role that involves money."""


class NobodyToConfirm(Refusal):
    """There is no second person who could confirm this role."""


class NotOpen(Refusal):
    """The role was stopped or is already in force."""


class LastOperator(Refusal):
    """The last operator cannot be removed, because only an operator can appoint another."""

"""What the ledger refuses."""

from campaigns.core.errors import Invalid, NotFound, Refusal


class Overdraft(Refusal):
    """The posting would overdraw an account that may not be overdrawn."""


class EmptyJournal(Invalid):
    """The journal has no entries."""


class AlreadyReversed(Refusal):
    """A journal can be reversed only once."""


class NoSuchJournal(NotFound):
    """No journal has this ID."""


class NoSuchAccount(NotFound):
    """No account has this ID."""

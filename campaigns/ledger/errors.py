"""What the ledger refuses."""

from campaigns.core.errors import Invalid, NotFound, Refusal


class Overdraft(Refusal):
    """An account that may not be overdrawn would be."""


class EmptyJournal(Invalid):
    """A journal without an entry."""


class AlreadyReversed(Refusal):
    """A journal is undone once."""


class NoSuchJournal(NotFound):
    """No journal has this id."""


class NoSuchAccount(NotFound):
    """No account has this id."""

"""What keeps an installation from starting, each a sentence that says what to do."""


class CannotStart(RuntimeError):
    """The installation cannot start as it is set up; the message is one sentence for the person who started it."""

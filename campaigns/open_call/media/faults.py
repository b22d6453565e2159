"""What can be wrong with a file: each a sentence that names the file and the rule."""

from campaigns.core.errors import Invalid


class UnknownFormat(Invalid):
    """This file format is not accepted."""


class NotWhatItSays(Invalid):
    """The file's content does not match its name or declared type."""


class Damaged(Invalid):
    """The file is incomplete or damaged: not all of it can be decoded."""


class Bomb(Invalid):
    """The file is too large once decoded."""


class Endless(Invalid):
    """The film or sound is longer than allowed."""


class Unsafe(Invalid):
    """The file contains code that could run in a reader's browser."""


class NothingInIt(Invalid):
    """The file has no content of its kind."""


class TooHard(Invalid):
    """Decoding the file took more time or memory than allowed."""

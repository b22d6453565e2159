"""What can be wrong with a file: each a sentence that names the file and the rule."""

from campaigns.core.errors import Invalid


class UnknownFormat(Invalid):
    """We do not take such files."""


class NotWhatItSays(Invalid):
    """Its bytes are of another format than its name or declared type."""


class Damaged(Invalid):
    """It is cut short or broken: not all of it can be decoded."""


class Bomb(Invalid):
    """It is far larger, once decoded, than its bytes suggest."""


class Endless(Invalid):
    """It says that it lasts longer than any film or sound that we take."""


class Unsafe(Invalid):
    """It carries what could run in a reader's browser."""


class NothingInIt(Invalid):
    """It has none of what its kind is made of."""


class TooHard(Invalid):
    """Decoding it took more time or memory than any work needs."""

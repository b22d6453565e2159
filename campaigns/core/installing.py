"""What is done at a provider so that an installation works with it, and what is found there that would keep it from working."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class InstallationStep:
    """One thing to do at a provider, or that was done; `settings` are what to put where, each shown this once.

    `is_persons` where no program may do it: someone does, in the provider's dashboard.
    """

    sentence: str
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_persons: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What is not as it must be, as a sentence that says what to do; `code` names the check."""

    code: str
    sentence: str

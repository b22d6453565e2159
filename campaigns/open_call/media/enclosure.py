"""What is in force around the programs that open strangers' files, in words for whoever operates the installation."""

from dataclasses import dataclass

from campaigns.core.files import NoRoom
from campaigns.core.words import _
from campaigns.open_call.media.walls import InForce, in_force


@dataclass(frozen=True, slots=True)
class Enclosure:
    """What holds, and what does not and how that is mended; `warning` is None where everything holds."""

    sentence: str
    warning: str | None


def enclosure() -> Enclosure:
    """What was found to hold on this machine, by a program that tried to get out."""
    try:
        found = in_force()
    except NoRoom as full:
        return Enclosure(_("The isolation of the programs that open contributors’ files could not be tested."), full.message)
    by = {"bubblewrap": _("bubblewrap"), "landlock": _("Landlock and seccomp"), "limits": _("memory and time limits only")}
    sentence = _("Programs that open contributors’ files are isolated by {way}.", way=by[found.walls.way])
    if found.is_whole:
        held = _("They run as Callboard’s user without its rights or network access; they read one file and write to one folder.")
        if found.is_another_user:
            held = _("They run as another user without network access; they read one file and write to one folder.")
        return Enclosure(f"{sentence} {held}", None)
    mend = _("Install bubblewrap, or use a Linux kernel with Landlock, and restart.")
    return Enclosure(sentence, " ".join([*_missing(found), mend]))


def _missing(found: InForce) -> list[str]:
    return [
        sentence
        for holds, sentence in (
            (found.is_enclosed, _("They can reach files of this installation.")),
            (found.is_offline, _("They can reach the network.")),
            (not found.is_root, _("They run as root.")),
        )
        if not holds
    ]

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
        return Enclosure(_("It could not be tried what stands around the programs that open contributors’ files."), full.message)
    by = {"bubblewrap": _("bubblewrap"), "landlock": _("Landlock and seccomp"), "limits": _("limits of memory and time alone")}
    sentence = _("Media programs open contributors’ files behind {way}.", way=by[found.walls.way])
    if found.is_whole:
        held = _("They run as the same user as Callboard but without its rights, without network, with one file in and one folder out.")
        if found.is_another_user:
            held = _("They run as another user, without network, with one file in and one folder out.")
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

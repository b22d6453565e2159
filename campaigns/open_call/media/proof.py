"""Proof that a file is what it says: its bytes are looked at, then all of them are decoded."""

from pathlib import Path

from campaigns.core.errors import Invalid
from campaigns.core.words import _
from campaigns.open_call.media import confined
from campaigns.open_call.media.faults import Bomb, Damaged, Endless, NothingInIt, Unsafe
from campaigns.open_call.media.formats import Format, format_of


def prove(path: Path, name: str, declared: str | None) -> Format:
    """The format of the file at `path`, all of which has been decoded; `name` is what its owner calls it.

    Raises one of `faults`, a sentence that names the file and what is wrong with it.
    """
    format_ = format_of(path, name, declared)
    try:
        asked = ("campaigns.open_call.media.decode", format_.kind, format_.decoder, str(path))
        found = confined.python(*asked, name=name, reads=path)["fault"]
    except confined.Failed:
        found = "damaged"
    if found is not None:
        raise fault(found, name)
    return format_


def fault(found: str, name: str) -> Invalid:
    """The refusal for what the decoder found."""
    found, _space, place = found.partition(" ")
    at, _space, what = place.partition(" ")
    refusal, sentence = {
        "damaged": (
            Damaged,
            _("“{file}” is cut short or damaged: not all of it can be opened. Export it again and send all of it.", file=name),
        ),
        "bomb": (Bomb, _("“{file}” is too large once opened: a picture has at most 100 megapixels, a text one megabyte.", file=name)),
        "endless": (Endless, _("“{file}” says that it lasts longer than a day. Send a shorter one, or export it again.", file=name)),
        "unsafe": (
            Unsafe,
            _("“{file}” contains HTML that could run in a browser: “{what}” at byte {at}. Take it out.", file=name, what=what, at=at),
        ),
        "empty": (
            NothingInIt,
            _("“{file}” has nothing in it to read, see or hear. Send the whole file, under the ending that fits.", file=name),
        ),
    }[found]
    return refusal(sentence, field="file")

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
            _("“{file}” is incomplete or damaged. Export it again and upload the whole file.", file=name),
        ),
        "bomb": (Bomb, _("“{file}” is too large once opened: pictures can have up to 100 megapixels, texts one megabyte.", file=name)),
        "endless": (Endless, _("“{file}” claims to be longer than a day. Upload a shorter file, or export it again.", file=name)),
        "unsafe": (
            Unsafe,
            _("“{file}” contains HTML that could run in a browser: “{what}” at byte {at}. Remove it.", file=name, what=what, at=at),
        ),
        "empty": (
            NothingInIt,
            _("“{file}” contains nothing to read, see or hear. Upload the whole file with the right file extension.", file=name),
        ),
    }[found]
    return refusal(sentence, field="file")

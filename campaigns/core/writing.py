"""What people write: characters that no text needs, and that hide something or turn round what stands beside them."""

import re
import unicodedata

from campaigns.core.words import END_OF_ISOLATE, _

OVERRIDES = "\u202d\u202e"
OPEN_RUNS, END_OF_RUN = "\u202a\u202b", "\u202c"
OPEN_ISOLATES = "\u2066\u2067\u2068"
# Tab, line feed and carriage return are the only control characters that belong in a text; half a surrogate pair is no character.
UNWRITABLE = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufff9-\ufffb{OVERRIDES}]")
TURNING = re.compile(f"[{OPEN_RUNS}{END_OF_RUN}{OPEN_ISOLATES}{END_OF_ISOLATE}]")
TOWER = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{9}")
# Letters and signs by their class that show nothing at all.
BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
CONTEXT = 20


def fault(text: str) -> str | None:
    """Why `text` cannot be taken, as a sentence, or None."""
    if found := UNWRITABLE.search(text):
        return _("There is an invisible character ({code}){place}: remove it.", code=_code(found[0]), place=_place(text, found))
    if found := _left_open(text):
        return _(
            "An invisible character ({code}){place} reverses the text after it: remove it, or close it.",
            code=_code(found[0]),
            place=_place(text, found),
        )
    if found := TOWER.search(text):
        return _("One letter has more than eight accents{place}: remove some.", place=_place(text, found))
    if text.strip() and not any(unicodedata.category(letter)[0] in "LMNPS" and letter not in BLANKS for letter in text):
        return _("This text is invisible: write something, or leave it empty.")
    return None


def as_name(written: str) -> str:
    """What a file is called, in one line and without a folder, a control character or anything that turns the text round."""
    bare = UNWRITABLE.sub("", TURNING.sub("", " ".join(written.split())))
    return re.split(r"[/\\]", bare)[-1].strip()


def _left_open(text: str) -> re.Match[str] | None:
    """The first character that opens something which its line does not end, or ends what was not opened."""
    for line in _lines(text):
        opened: list[re.Match[str]] = []
        for found in TURNING.finditer(text, *line):
            if found[0] in OPEN_RUNS + OPEN_ISOLATES:
                opened.append(found)
            elif not opened or (opened.pop()[0] in OPEN_ISOLATES) != (found[0] == END_OF_ISOLATE):
                return found
        if opened:
            return opened[0]
    return None


def _lines(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in re.finditer("[^\n\r\u2029]+", text)] if TURNING.search(text) else []


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def _place(text: str, found: re.Match[str]) -> str:
    before = TURNING.sub("", UNWRITABLE.sub("", text[: found.start()].rpartition("\n")[2][-CONTEXT:]))
    return " " + _("after “{words}”", words=before) if before else " " + _("at the beginning")

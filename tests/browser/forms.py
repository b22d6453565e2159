"""The forms of a page, read from its text as a browser would send them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from html.parser import HTMLParser

Pairs = list[tuple[str, str]]
Typed = Mapping[str, str | Sequence[str]]
ASKED_BY_SCRIPT = "data-question"


@dataclass
class Form:
    """One form: where it is sent, what it holds before anyone types, its buttons, and where its script asks before it is sent."""

    action: str
    question: str | None
    held: Pairs = field(default_factory=list)
    empty: set[str] = field(default_factory=set)
    buttons: Pairs = field(default_factory=list)

    def holds(self, value: str) -> bool:
        """Whether the value is among what the form holds; every form holds nothing."""
        return not value or value in dict(self.held).values()

    def filled(self, typed: Typed, button: str) -> dict[str, list[str]]:
        """What is sent once `typed` is typed; a name may stand for several fields (`score-*`), `button` is the value of the one pressed."""
        pressed = [pair for pair in self.buttons if pair[1] == button and pair[0]]
        sent: dict[str, list[str]] = {}
        for name, value in [*self.held, *pressed]:
            sent.setdefault(name, []).append(value)
        names = sent.keys() | self.empty
        for pattern, words in typed.items():
            for name in [each for each in names if fnmatch(each, pattern)] or [pattern]:
                sent[name] = [words] if isinstance(words, str) else list(words)
        return sent


class _Reading(HTMLParser):
    """Gathers the forms while a page goes by."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.found = path, list[Form]()
        self._form: Form | None = None
        self._select: str | None = None
        self._options: Pairs = []
        self._area: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(has.get("action") or self.path, has.get(ASKED_BY_SCRIPT))
        elif self._form is not None:
            self._read(self._form, tag, has)

    def _read(self, form: Form, tag: str, has: Mapping[str, str]) -> None:
        name, value = has.get("name", ""), has.get("value", "")
        if tag == "button" and has.get("type", "submit") == "submit":
            form.buttons.append((name, value))
        elif tag == "textarea":
            self._area = (name, "")
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option":
            self._options.append(("selected" if "selected" in has else "", value))
        elif tag == "input" and name:
            self._read_input(form, name, value, has)

    def _read_input(self, form: Form, name: str, value: str, has: Mapping[str, str]) -> None:
        kind = has.get("type", "text")
        if "disabled" in has or kind == "file":
            return
        if kind not in ("radio", "checkbox") or "checked" in has:
            form.held.append((name, value))
        else:
            form.empty.add(name)

    def handle_data(self, data: str) -> None:
        if self._area:
            self._area = (self._area[0], self._area[1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form is not None:
            self.found.append(self._form)
            self._form = None
        elif self._form is not None and tag == "textarea" and self._area:
            self._form.held.append((self._area[0], self._area[1].removeprefix("\n")))
            self._area = None
        elif self._form is not None and tag == "select" and self._select and self._options:
            chosen = next((value for mark, value in self._options if mark), self._options[0][1])
            self._form.held.append((self._select, chosen))
            self._select = None


def forms_of(page: str, path: str) -> list[Form]:
    """The forms of the page at `path`, in their order."""
    reading = _Reading(path)
    reading.feed(page)
    return reading.found


def forms_for(route: str, page: str, path: str) -> Iterator[Form]:
    """Those forms of the page that are sent to this route."""
    pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(route)))
    for form in forms_of(page, path):
        if pattern.fullmatch(form.action):
            yield form
        elif form.question and pattern.fullmatch(form.question):
            yield Form(form.question, None)

"""How the demo tells its story: a live display at a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

STAGES = ("brief", "open_call", "collaboration", "curation", "client_delivery", "payout", "done")
TAPE = ("grey70", "yellow", "dark_cyan", "medium_purple", "hot_pink3", "green3", "green")
LATEST = 14


@dataclass
class Display:
    """What is told so far, and where each deliverable stands; at a terminal it redraws itself."""

    console: Console
    live: Live | None = None
    began: float = field(default_factory=time.monotonic)
    told: list[tuple[float, str]] = field(default_factory=list)
    stands: dict[str, str] = field(default_factory=dict)

    def tell(self, sentence: str) -> None:
        """One sentence of the story."""
        moment = time.monotonic() - self.began
        self.told.append((moment, sentence))
        if self.live is None:
            self.console.print(f"{moment:6.1f} s  {sentence}", highlight=False, markup=False, soft_wrap=True)
        self._redraw()

    def chapter(self, title: str) -> None:
        """A stage begins."""
        self.tell(f"— {title} —")

    def show(self, stands: dict[str, str]) -> None:
        """Where each deliverable stands now."""
        self.stands = stands
        self._redraw()

    def _redraw(self) -> None:
        if self.live is not None:
            self.live.update(Group(self._tape(), Text(), *(self._line(m, s) for m, s in self.told[-LATEST:])))

    def _tape(self) -> Table:
        table = Table(box=None, padding=(0, 1))
        table.add_column("")
        for stage, colour in zip(STAGES, TAPE, strict=True):
            table.add_column(Text(stage.replace("_", " "), style=colour))
        for title, stage in self.stands.items():
            cells = [Text("█" * 8 if stage == column else "·", style=colour) for column, colour in zip(STAGES, TAPE, strict=True)]
            table.add_row(title, *cells)
        return table

    def _line(self, moment: float, sentence: str) -> Text:
        return Text(f"{moment:6.1f} s  ", style="grey50").append(sentence, style="bold" if sentence.startswith("—") else "")


@contextmanager
def display(*, plain: bool) -> Iterator[Display]:
    """The display for this run: live at a terminal, plain lines elsewhere or when asked for."""
    console = Console()
    if plain or not console.is_terminal:
        yield Display(console)
        return
    with Live(console=console, refresh_per_second=8) as live:
        yield Display(console, live)

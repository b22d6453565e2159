"""What every chapter knows: who acts, which campaign it is, and what has been made so far."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from demo.cast import Cast
from demo.client import Json, wait_for
from demo.display import Display

ENDINGS = {
    ".md": "text/markdown", ".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".wav": "audio/wav",
    ".flac": "audio/flac", ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".mp4": "video/mp4",
}  # fmt: skip


@dataclass
class Partnership:
    """The assignment as the demo has carried it so far; contributions, deliverables and versions by the keys of the catalogue."""

    cast: Cast
    display: Display
    files: Path
    campaign: str = ""
    brand: str = ""
    deliverables: dict[str, str] = field(default_factory=dict)
    contributions: dict[str, str] = field(default_factory=dict)

    def tell(self, sentence: str) -> None:
        self.display.tell(sentence)

    @property
    def path(self) -> str:
        return f"/campaigns/{self.campaign}"

    def state(self) -> Json:
        """The campaign as its manager sees it."""
        state: Json = self.cast.manager.get(self.path)
        self.display.show({d["title"]: d["stage"] for d in state["deliverables"]})
        return state

    def deliverable(self, title: str) -> Json:
        """One deliverable as its manager sees it."""
        found: Json = next(d for d in self.state()["deliverables"] if d["title"] == title)
        return found

    def wait_until_in(self, stage: str, *titles: str) -> None:
        """Wait until these deliverables (all, without titles) are in `stage`: the flow moves them, nobody else."""
        wanted = titles or tuple(self.deliverables)

        def there() -> bool:
            stands = {d["title"]: d["stage"] for d in self.state()["deliverables"]}
            return all(stands[title] == stage for title in wanted)

        wait_for(f"{', '.join(wanted)} to reach {stage}", there)
        self.tell(f"Moved to {stage.replace('_', ' ')}: {', '.join(wanted)}.")

    def now(self) -> datetime:
        """What time it is in the sandbox."""
        return datetime.fromisoformat(self.cast.operator.get("/clock")["business_now"])

    def let_pass_until(self, date: str) -> None:
        """Let time pass until just after a date of the brief."""
        planned = datetime.fromisoformat(self.cast.manager.get(f"{self.path}/brief")[date])
        self.let_pass(planned - self.now() + timedelta(minutes=1))

    def let_pass(self, span: timedelta) -> None:
        """Let time pass: the operator moves the sandbox's clock."""
        self.cast.operator.post("/clock", days=span / timedelta(days=1))
        self.tell(f"{round(span / timedelta(days=1))} days pass.")

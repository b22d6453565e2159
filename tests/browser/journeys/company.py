"""Everyone who carries the assignment."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.browser.journeys.hands import Hands
from tests.installation import Installation

NAMES = {
    "operator": "Odile Okonkwo", "manager": "Mara Lindqvist", "finance": "Femi Adeyemi", "controller": "Greta Haas",
    "accountant": "Ingrid Dahl",
    "marketing": "Paul Ramires", "legal": "Yuki Tanabe", "approver": "Denise Calloway", "curator": "Chidi Bello", "editor": "Edda Storm",
    "ines": "Inés Roldán", "tomasz": "Tomasz Wieczorek", "selam": "Selam Tesfaye",
}  # fmt: skip


@dataclass
class Company:
    """Everyone by their part; `folder` is where their files lie, `has_failed` that a part of the story did not come to its end."""

    operator: Hands
    manager: Hands
    finance: Hands
    controller: Hands
    accountant: Hands
    marketing: Hands
    legal: Hands
    approver: Hands
    curator: Hands
    editor: Hands
    ines: Hands
    tomasz: Hands
    selam: Hands
    folder: Path
    has_failed: bool = field(default=False, init=False)

    @property
    def people(self) -> list[Hands]:
        return [getattr(self, part) for part in NAMES]

    @property
    def complaints(self) -> list[str]:
        """What anyone's browser objected to."""
        return [said for hands in self.people for said in hands.complaints]

    def appoint_at_the_machine(self, stack: Installation) -> None:
        """Make the first operator and the first of finance on the command line, as on any new installation."""
        for hands, role in ((self.operator, "operator"), (self.finance, "finance")):
            command = [sys.executable, "-m", "cli.main", "person", "grant", hands.email, role, "--name", hands.name]
            subprocess.run(command, env=os.environ | stack.environment, check=True, capture_output=True)


def address(part: str) -> str:
    """The address of whoever plays this part."""
    return f"{part}@night.example"

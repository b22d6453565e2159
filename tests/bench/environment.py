"""The peers' own environment, in bench/peers: what they need never reaches ours."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.figure import BENCH

PEERS = Path(__file__).parent / "peers"
WANTED = PEERS / "requirements.txt"


def ask_peer(name: str, *arguments: str) -> Any:
    """What the peer's script prints, as JSON."""
    command = [str(_python()), str(PEERS / f"{name}.py"), *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def _python() -> Path:
    """The environment's Python, made anew when what is wanted has changed."""
    home = BENCH / "peers" / ".venv"
    python, made_of = home / "bin" / "python", home / "requirements.txt"
    if not made_of.exists() or made_of.read_text() != WANTED.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(WANTED)], check=True)
        made_of.write_text(WANTED.read_text())
    return python

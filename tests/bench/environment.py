"""The peers' own environments, in bench/peers, one for each list of packages: what a peer needs never reaches ours, nor another peer."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.figure import BENCH

PEERS = Path(__file__).parent / "peers"
PINNED = PEERS / "packages"


def ask_peer(name: str, *arguments: str, of: str = "ledger") -> Any:
    """What the peer's script prints in its last line, as JSON; `of` names the packages that it needs."""
    command = [str(python(of)), str(PEERS / f"{name}.py"), *arguments]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(said.splitlines()[-1])


def python(of: str) -> Path:
    """The Python of an environment, made anew when what is wanted has changed."""
    home, wanted = BENCH / "peers" / of / ".venv", PINNED / f"{of}.txt"
    found, made_of = home / "bin" / "python", home / "made_of.txt"
    if not made_of.exists() or made_of.read_text() != wanted.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([found, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(wanted)], check=True)
        made_of.write_text(wanted.read_text())
    return found


def node_packages(of: str) -> Path:
    """The folder with a peer's packages for Node, fetched anew when what is wanted has changed."""
    home, wanted = BENCH / "peers" / of, PINNED / f"{of}.json"
    home.mkdir(parents=True, exist_ok=True)
    named, made_of = home / "package.json", home / "made_of.json"
    if not made_of.exists() or made_of.read_text() != wanted.read_text():
        named.write_text(wanted.read_text())
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
        subprocess.run(["npm", "install", *quiet], cwd=home, check=True)
        made_of.write_text(wanted.read_text())
    return home

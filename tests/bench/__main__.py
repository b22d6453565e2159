"""Every figure beside its peer or limit: `python -m tests.bench [name …]` prints a table and keeps them in bench/figures.json.

`--write` writes the tables of docs/figures.md from what is kept, `--small` only tries whether each can be taken, and keeps nothing.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import report
from tests.bench.figure import Figure
from tests.bench.figures import NAMES
from tests.bench.provenance import machine

ROOT = Path(__file__).parents[2]
SMALL = 0.05


def taken(name: str, scale: float) -> Figure | None:
    """The figure, measured in a process of its own; None when that failed, and it has said why."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "figure.json"
        command = [sys.executable, "-m", "tests.bench.one", name, str(scale), str(file)]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            return None
        return Figure(**json.loads(file.read_text()))


def main() -> int:
    """Take what is asked for, or all; how many could not be taken."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    asked.add_argument("--small", action="store_true", help="a twentieth of everything")
    asked.add_argument("--write", action="store_true", help="write docs/figures.md, and measure nothing")
    given = asked.parse_args()
    if unknown := set(given.names) - set(NAMES):
        asked.error(f"there is no figure {', '.join(sorted(unknown))}")
    if given.write:
        report.write_page()
        return 0
    return _take_all(given.names or NAMES, SMALL if given.small else 1.0)


def _take_all(names: tuple[str, ...], scale: float) -> int:
    print(machine(), flush=True)
    failed = []
    for name in names:
        figure = taken(name, scale)
        print(report.line(figure) if figure else f"{name} could not be taken.", flush=True)
        if figure is None:
            failed.append(name)
        elif scale == 1:
            report.keep(name, figure)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())

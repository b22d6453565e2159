"""Every mutant of what guards money, roles and the door, against the tests: `python -m tests.mutation [part of a module's name …]`.

Prints what nobody noticed; 0 when each survivor has its reason in survivors.toml. `--report` tries nothing and writes docs/mutation.md.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.mutation import report
from tests.mutation.copying import copied
from tests.mutation.targets import TARGETS


def main() -> int:
    """Try what is asked for, or all; how many modules have a survivor without a reason, or could not be tried."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("names", nargs="*", metavar="name", help="as campaigns/core/access.py, or a part of it")
    asked.add_argument("--report", action="store_true", help="write docs/mutation.md from what was found the last time")
    given = asked.parse_args()
    if given.report:
        report.write_page()
        return 0
    chosen = [module for module in TARGETS if not given.names or any(name in module for name in given.names)]
    return sum(not _tried(module) for module in chosen)


def _tried(module: str) -> bool:
    """Whether the module was tried, and everything was noticed that should have been."""
    file = report.file_of(module)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with copied() as folder:
        done = _run(module, file, folder)
    found = report.fates(module)
    print(report.line(module, found), flush=True)
    _print(report.unexplained(found))
    if done:
        print(f"    {module} could not be tried to the end.", flush=True)
    return not done and not report.unexplained(found)


def _run(module: str, file: Path, folder: Path) -> int:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "tests.mutation.warm", module, str(file)]
    return subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=False).returncode


def _print(survivors: Sequence[report.Fate]) -> None:
    for each in survivors:
        print(f"    line {each.line}, {each.within or 'constants'}: {each.change} ({each.fate})", flush=True)


if __name__ == "__main__":
    sys.exit(main())

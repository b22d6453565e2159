"""Every mutant of what guards money, roles and the door, against the tests: `python -m tests.mutation [part of a module's name …]`.

Prints what nobody noticed; 0 when each survivor has its reason in survivors.toml. `--again` tries only what
survived the last time, `--report` nothing: it writes docs/mutation.md.
"""

import argparse
import json
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
    asked.add_argument("--again", action="store_true", help="only what survived the last time")
    asked.add_argument("--report", action="store_true", help="write docs/mutation.md from what was found the last time")
    given = asked.parse_args()
    if given.report:
        report.write_page()
        return 0
    chosen = [module for module in TARGETS if not given.names or any(name in module for name in given.names)]
    return sum(not _tried(module, again=given.again) for module in chosen)


def _tried(module: str, *, again: bool) -> bool:
    """Whether the module was tried, and everything was noticed that should have been."""
    file, before = report.file_of(module), report.fates(module) if again else []
    if again and all(fate.is_noticed for fate in before):
        return True
    with copied() as folder:
        (folder / "survivors").write_text(json.dumps([fate.key for fate in before if not fate.is_noticed]))
        done = _run(module, folder)
        found = report.fates_in(folder / "fates")
    kept = [*(fate for fate in before if fate.is_noticed), *found]
    report.keep(file, kept)
    print(report.line(module, kept), flush=True)
    _print(report.unexplained(kept))
    if done:
        print(f"    {module} could not be tried to the end.", flush=True)
    return not done and not report.unexplained(kept)


def _run(module: str, folder: Path) -> int:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "tests.mutation.warm", module, "fates", "survivors"]
    return subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=False).returncode


def _print(survivors: Sequence[report.Fate]) -> None:
    for each in survivors:
        print(f"    line {each.line}, {each.within or 'constants'}: {each.change} ({each.fate})", flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""The project as it stands, copied into bench as a fresh clone would be."""

import shutil
import subprocess
from pathlib import Path

from tests.bench.figure import BENCH

ROOT = Path(__file__).parents[2]
CLONE = BENCH / ".callboard" / "clone"


def cloned_anew() -> Path:
    """Only what git knows of, or would: no environment, nothing built."""
    shutil.rmtree(CLONE, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            (CLONE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, CLONE / name)
    return CLONE


def make(*what: str, **environment: str) -> None:
    """`make` in the clone, its words kept in bench/make.log."""
    with (BENCH / "make.log").open("w") as log:
        subprocess.run(["make", *what], cwd=CLONE, check=True, stdout=log, stderr=subprocess.STDOUT, env=environment or None)

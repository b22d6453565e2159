"""A copy of the checkout in which things may be broken."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEMORY = Path("/dev/shm")


@contextmanager
def copied() -> Iterator[Path]:
    """A folder with every file that is the project's own, and what was fetched for the pages; gone at the end."""
    listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    with tempfile.TemporaryDirectory(prefix="callboard-mutants-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        for name in listed.stdout.decode().split("\0"):
            if name and (ROOT / name).is_file():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, Path(folder) / name)
        fetched = ROOT / "api/static/node_modules"
        if fetched.exists():
            (Path(folder) / "api/static/node_modules").symlink_to(fetched)
        yield Path(folder)

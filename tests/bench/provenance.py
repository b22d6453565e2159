"""Where a figure comes from: the moment, the commit and the machine that it was taken on."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from flows.supervise.postgres import reachable_programs, system_user

ROOT = Path(__file__).parents[2]
# What the bench itself writes makes no other code of it.
WRITTEN = (":!bench", ":!docs/figures.md")


def provenance() -> dict[str, str]:
    """What stands with a figure that is taken now."""
    return {"at": datetime.now(UTC).isoformat(timespec="minutes"), "commit": commit(), "machine": machine()}


def commit() -> str:
    """The commit of the code, and whether it has been changed since; nothing where there is no repository."""
    found = _git("rev-parse", "--short=9", "HEAD")
    return f"{found} and changes" if found and _git("status", "--porcelain", "--", ".", *WRITTEN) else found


def machine() -> str:
    """The machine and what runs on it, in a few words."""
    facts = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    models = [value.strip() for name, value in facts.items() if name.strip() == "model name"]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    hardware = f"{(models or [platform.machine()])[0]}, {os.cpu_count()} cores, {memory:.0f} GB"
    return f"{hardware}, {_system()}, Python {platform.python_version()}, {postgres()}"


def postgres() -> str:
    """The PostgreSQL that an installation of this machine starts."""
    said = subprocess.run([reachable_programs(system_user()) / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    return f"PostgreSQL {said.split()[2]}"


def _system() -> str:
    try:
        told = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        told = platform.system()
    return f"{told}, kernel {platform.release().partition('-')[0]}"


def _git(*words: str) -> str:
    found = subprocess.run(["git", *words], cwd=ROOT, check=False, capture_output=True, text=True)
    return "" if found.returncode else found.stdout.strip()

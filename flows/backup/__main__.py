"""`python -m flows.backup`: what `callboard backup` and `callboard restore` start."""

import argparse
import signal
import sys
from pathlib import Path

from pydantic import ValidationError

from campaigns.core.settings import senseless, settings
from campaigns.core.words import _
from flows.backup import restoring, taking
from flows.supervise.errors import CannotStart

BROKEN, CANNOT_START, INTERRUPTED = 1, 2, 130


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments ask for; returns the exit code: 1 when something was broken before, 2 when nothing was done."""
    asked = parser().parse_args(arguments)
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, signal.default_int_handler)
    try:
        return take(asked.folder) if asked.deed == "take" else restore(asked.folder)
    except ValidationError as wrong:
        print(senseless(wrong), file=sys.stderr)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
    except KeyboardInterrupt:
        return INTERRUPTED
    return CANNOT_START


def parser() -> argparse.ArgumentParser:
    """The arguments: `take FOLDER` or `restore BACKUP`."""
    parser = argparse.ArgumentParser(prog="python -m flows.backup")
    parser.add_argument("deed", choices=("take", "restore"))
    parser.add_argument("folder", type=Path)
    return parser


def take(folder: Path) -> int:
    """Take a backup and say where it is; 1 when the storage itself had lost some of its files."""
    where, manifest = taking.take(settings(), folder.absolute(), say)
    say(taking.told(where, manifest))
    if manifest.lost:
        print(taking.told_of_the_lost(manifest), file=sys.stderr)
    return BROKEN if manifest.lost else 0


def restore(backup: Path) -> int:
    """Restore a backup and say what it proved; 1 when it was broken when it was taken."""
    manifest, found = restoring.restore(settings(), backup.absolute(), say)
    for fault in found:
        say(_("broken  {name}: {rule} Violated by: {culprits}", name=fault.name, rule=fault.sentence, culprits=", ".join(fault.culprits)))
    if manifest.lost:
        print(taking.told_of_the_lost(manifest), file=sys.stderr)
    say(_("Restored. Start it with `callboard up`: nothing is sent before Stripe has reported what happened since."))
    return BROKEN if found or manifest.lost else 0


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

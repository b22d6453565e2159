"""One figure in a process of its own, so that nothing is left over from the one before: `python -m tests.bench.one NAME SCALE FILE`."""

import json
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import cast

from tests.bench.figures import Measures


def main() -> None:
    """Measure it and write it into the file."""
    name, scale, file = sys.argv[1:]
    found = cast("Measures", import_module(f"tests.bench.figures.{name}")).measure(float(scale))
    Path(file).write_text(json.dumps(asdict(found)))


if __name__ == "__main__":
    main()

"""`python -m demo.works FOLDER` writes the contributions into the folder and the versions into its folder `versions`."""

import sys
from itertools import chain
from pathlib import Path

from demo.works.make import versions_made, works_made


def main(folder: Path) -> None:
    """Make everything, one line for each file."""
    for key, file in chain(works_made(folder), versions_made(folder / "versions")):
        print(f"{key:32} {file.stat().st_size / 1000:8.0f} kB  {file}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m demo.works FOLDER")
    main(Path(sys.argv[1]))

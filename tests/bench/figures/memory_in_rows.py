"""What a process grows by over ten times as many rows: a deed over all of them works in portions, or leaves them where they are."""

import json
import subprocess
import sys

from tests.bench.figure import Figure

DEEDS = {"quote": "creating a run", "finish": "claim and finish", "emails": "building emails"}
FEW, MANY = 6_000, 60_000
FLAT_MEGABYTES = 16.0
WHY = "Who is to be told of a proposal, and what each of them gets, is held while the emails are written: some 300 bytes a person."


def measure(scale: float) -> Figure:
    grown = {name: (_grown(name, int(FEW * scale)), _grown(name, int(MANY * scale))) for name in DEEDS}
    most = max(many - few for few, many in grown.values())
    said = [f"{DEEDS[name]} {few:.0f} → {many:.0f} MB" for name, (few, many) in grown.items()]
    return Figure(
        f"Memory that a process grows by over {int(FEW * scale):,} and {int(MANY * scale):,} rows",
        ", ".join(said),
        "the split keeps its lineage in memory, and is not among them",
        f"flat: {FLAT_MEGABYTES:.0f} MB apart at most",
        most <= FLAT_MEGABYTES,
        {f"{name}_{size}": value for name, pair in grown.items() for size, value in zip(("few", "many"), pair, strict=True)},
        WHY,
    )


def _grown(name: str, rows: int) -> float:
    command = [sys.executable, "-m", "tests.bench.growth", name, str(rows)]
    return float(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))

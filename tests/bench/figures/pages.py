"""Every page and list before 100,000 works and people, asked by one client: `python -m tests.bench.pages` shows each of them."""

import json
import subprocess
import sys

from tests.bench.figure import BENCH, Figure, percentile
from tests.bench.pages import LIMITS, TIMES


def measure(scale: float) -> Figure:
    times = max(5, int(TIMES * scale))
    subprocess.run([sys.executable, "-m", "tests.bench.pages", "--times", str(times)], check=True)
    pages = json.loads((BENCH / "pages.json").read_text())["pages"]
    slow = [page["page"] for page in pages if page["p50"] > LIMITS["p50"] or page["p99"] > LIMITS["p99"]]
    slowest = max(pages, key=lambda page: page["p50"])
    statements = [page["statements"] for page in pages]
    return Figure(
        f"{len(pages)} pages and lists before 100,000 works and people, 1 client",
        f"{len(pages) - len(slow)} within both limits",
        f"slowest p50 {slowest['p50']:.0f} ms; {percentile(statements, 50):.0f} queries in the middle, {max(statements):.0f} at most",
        f"p50 ≤ {LIMITS['p50']:.0f} ms, p99 ≤ {LIMITS['p99']:.0f} ms",
        not slow,
        {"pages": len(pages), "slow": len(slow), "slowest_p50": slowest["p50"]},
    )

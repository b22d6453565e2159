"""Every route that only reads before 100,000 works and people, asked by one client: `python -m tests.bench.pages` shows each of them."""

import json
import subprocess
import sys

from tests.bench import pages, pretalx
from tests.bench.figure import BENCH, Figure, percentile
from tests.bench.pages import LIMITS, TIMES
from tests.bench.reads import unmeasured

OK = 200


def measure(scale: float) -> Figure:
    times = max(5, int(TIMES * scale))
    theirs = pretalx.page_milliseconds(times)
    subprocess.run([sys.executable, "-m", "tests.bench.pages", "--times", str(times)], check=True)
    read = [pages.Figure(**page) for page in json.loads((BENCH / "pages.json").read_text())["pages"]]
    found = [page for page in read if page.status == OK]
    slow, slowest = [page for page in found if page.is_slow], pages.worst(found)
    kinds = pages.by_kind(found)
    routes, statements = {page.page.partition("?")[0] for page in found}, [page.statements for page in found]
    said = "; ".join(f"{kind} p50 {middle:.0f}, p95 {most:.0f} ms" for kind, (middle, most) in kinds.items())
    return Figure(
        f"Every route that only reads ({len(routes)}; left out: {len(unmeasured())}), by each role that may, "
        f"before 100,000 works and people, 1 client",
        f"{len(found) - len(slow)} of {len(found)} within both limits; {said}",
        f"{len(read) - len(found)} more lead elsewhere or are empty, and are not counted; "
        f"slowest: {', '.join(f'{page.page} {page.p50:.0f} ms' for page in slowest[:3])}; "
        f"{percentile(statements, 50):.0f} queries in the middle, {max(statements):.0f} at most; "
        f"pretalx's own sample event: {', '.join(f'{page} {took:.0f} ms' for page, took in theirs.items())}",
        f"p50 ≤ {LIMITS['p50']:.0f} ms, p99 ≤ {LIMITS['p99']:.0f} ms",
        not slow,
        {"read": len(found), "slow": len(slow)}
        | {f"pretalx {page}": took for page, took in theirs.items()}
        | {f"{kind}_{name}": value for kind, pair in kinds.items() for name, value in zip(("p50", "p95"), pair, strict=True)}
        | {f"slowest {place}: {page.page} as {page.who}": page.p50 for place, page in enumerate(slowest, 1)},
    )

"""Every route that only reads before 100,000 contributions and people, asked by one client: `python -m tests.bench.pages` shows each of
them."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tests.bench import pages, pretalx
from tests.bench.figure import BENCH, Figure, percentile
from tests.bench.pages import LIMITS, TIMES
from tests.bench.reads import unmeasured

OK = 200
WHY = (
    "Most of the time goes into building queries, reading rows into objects and filling templates, in one process on one core, and the "
    "largest of each kind is read: a deliverable of 20,000 contributions, a run of 60,000 payments, of which every reason is looked up "
    "again. An "
    "export has no limit, for it sends everything; what takes long is read for five seconds, and its p99 is then the slowest of few."
)


def measure(scale: float) -> Figure:
    times = max(5, int(TIMES * scale))
    theirs = pretalx.page_milliseconds(times)
    subprocess.run([sys.executable, "-m", "tests.bench.pages", "--times", str(times)], check=True)
    return shown([pages.Figure(**page) for page in json.loads((BENCH / "pages.json").read_text())["pages"]], theirs)


def shown(read: Sequence[pages.Figure], theirs: Mapping[str, float]) -> Figure:
    """What was read, as one figure beside the peer's pages."""
    found = [page for page in read if page.status == OK]
    limited = [page for page in found if page.kind != "file"]
    slow, slowest = [page for page in limited if page.is_slow], pages.worst(limited)
    largest = pages.worst([page for page in found if page.kind == "file"])[0]
    kinds = pages.by_kind(found)
    routes, statements = {page.page.partition("?")[0] for page in found}, [page.statements for page in found]
    said = "; ".join(f"{kind} p50 {middle:.0f}, p95 {most:.0f} ms" for kind, (middle, most) in kinds.items())
    return Figure(
        f"Every route that only reads ({len(routes)}; left out: {len(unmeasured())}), by each role that may, "
        f"before 100,000 contributions and people, 1 client",
        f"{len(limited) - len(slow)} of {len(limited)} pages and API reads within both limits; {said}",
        f"{len(read) - len(found)} more lead elsewhere or are empty, and are not counted; "
        f"slowest: {', '.join(f'{page.page} {page.p50:.0f} ms' for page in slowest[:3])}; "
        f"slowest export: {largest.page} {largest.p50:.0f} ms for {largest.kilobytes / 1024:.1f} MB as sent; "
        f"{percentile(statements, 50):.0f} queries in the middle, {max(statements):.0f} at most; "
        f"pretalx's own sample event: {', '.join(f'{page} {took:.0f} ms' for page, took in theirs.items())}",
        f"p50 ≤ {LIMITS['p50']:.0f} ms, p99 ≤ {LIMITS['p99']:.0f} ms",
        not slow,
        {"read": len(found), "limited": len(limited), "slow": len(slow)}
        | {f"pretalx {page}": took for page, took in theirs.items()}
        | {f"{kind}_{name}": value for kind, pair in kinds.items() for name, value in zip(("p50", "p95"), pair, strict=True)}
        | {f"slowest {place}: {page.page} as {page.who}": page.p50 for place, page in enumerate(slowest, 1)},
        WHY,
    )

"""Where the boxes and lines of a graph go, from left to right: worked out by graphviz, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

WIDTH, HEIGHT = 208, 56
MARGIN = 10
GAP = 40
INCH = 72
GRAPHVIZ = Path(sys.executable).with_name("graphviz-pure")
SECONDS = 5
REMEMBERED = 512
BOX = f'shape=box fixedsize=true label="" width={WIDTH / INCH:.3f} height={HEIGHT / INCH:.3f}'
Point: TypeAlias = tuple[float, float]
Edge: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """The upper left corner of each box, the path of each line to its very tip, and the size of the whole, in pixels."""

    corners: Sequence[Point]
    paths: Mapping[Edge, str]
    width: float
    height: float


@lru_cache(REMEMBERED)
def layout(boxes: int, edges: tuple[Edge, ...]) -> Layout | None:
    """A graph of so many boxes, numbered from 0; None where it cannot be laid out."""
    written = [
        f"graph[rankdir=LR nodesep=0.2 ranksep={GAP / INCH:.3f}] node[{BOX}] edge[tailport=e headport=w]",
        *map(str, range(boxes)),
        *(f"{a}->{b}" for a, b in edges),
    ]
    try:
        answer = subprocess.run(
            [GRAPHVIZ, "-Tjson0"], input=f"digraph{{{';'.join(written)}}}".encode(), capture_output=True, timeout=SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return _read(json.loads(answer.stdout))


def _read(drawn: Mapping[str, Any]) -> Layout:
    """Graphviz counts from the bottom up, pages from the top down."""
    _left, _bottom, width, height = map(float, drawn["bb"].split(","))
    nodes: Sequence[Mapping[str, Any]] = drawn["objects"]
    places = {int(node["name"]): _point(node["pos"], height) for node in nodes}
    corners = [(round(x - WIDTH / 2, 1), round(y - HEIGHT / 2, 1)) for _number, (x, y) in sorted(places.items())]
    named = [int(node["name"]) for node in nodes]
    paths = {}
    for edge in drawn.get("edges", []):
        tail, head = named[edge["tail"]], named[edge["head"]]
        paths[tail, head] = _step(places[tail], places[head]) or _way_round(edge["pos"], height)
    return Layout(corners, paths, width + 2 * MARGIN, height + 2 * MARGIN)


def _point(written: str, height: float) -> Point:
    x, y = map(float, written.split(","))
    return round(x + MARGIN, 1), round(height - y + MARGIN, 1)


def _step(tail: Point, head: Point) -> str | None:
    """The line from one column to the next, where nothing can stand in its way; None for a longer one."""
    start, tip = tail[0] + WIDTH / 2, head[0] - WIDTH / 2
    if tip - start > GAP + 1:
        return None
    middle = round((start + tip) / 2, 1)
    return f"M{start:g},{tail[1]:g} C{middle:g},{tail[1]:g} {middle:g},{head[1]:g} {tip:g},{head[1]:g}"


def _way_round(written: str, height: float) -> str:
    """A line past other boxes, as graphviz found it: `e,x,y` is the tip, then come the start and three points for each curve."""
    tip, start, *curves = [_point(word.removeprefix("e,"), height) for word in written.split()]
    bends = " ".join(f"{x:g},{y:g}" for x, y in curves)
    return f"M{start[0]:g},{start[1]:g} C{bends} L{tip[0]:g},{tip[1]:g}"

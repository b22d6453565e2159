"""Where the boxes and lines of a lineage go."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from api.collaboration import layout as laying
from api.collaboration.layout import GAP, HEIGHT, MARGIN, WIDTH, layout


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    layout.cache_clear()
    yield
    layout.cache_clear()


def test_older_contributions_stand_to_the_left_of_what_came_of_them() -> None:
    laid = layout(3, ((0, 1), (1, 2)))
    assert laid is not None
    assert [x for x, _y in laid.corners] == pytest.approx([MARGIN, MARGIN + WIDTH + GAP, MARGIN + 2 * (WIDTH + GAP)], abs=1)
    assert (laid.width, laid.height) == pytest.approx((3 * WIDTH + 2 * GAP + 2 * MARGIN, HEIGHT + 2 * MARGIN), abs=1)


def test_boxes_do_not_touch_and_lie_within_the_picture() -> None:
    laid = layout(12, tuple((n, 11) for n in range(11)))
    assert laid is not None
    rows = sorted(y for x, y in laid.corners if x < WIDTH)
    assert len(rows) == 11
    assert all(below - above > HEIGHT for above, below in pairwise(rows))
    assert all(0 <= x <= laid.width - WIDTH and 0 <= y <= laid.height - HEIGHT for x, y in laid.corners)


def test_each_line_runs_from_the_end_of_one_box_to_the_start_of_the_other() -> None:
    edges = ((0, 1), (1, 2), (0, 2))
    laid = layout(3, edges)
    assert laid is not None
    assert set(laid.paths) == set(edges)
    for (tail, head), path in laid.paths.items():
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
        assert numbers[0] == pytest.approx(laid.corners[tail][0] + WIDTH, abs=2)
        assert numbers[-2] == pytest.approx(laid.corners[head][0], abs=2)


def test_without_the_program_there_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laying, "GRAPHVIZ", Path("/nowhere/graphviz-pure"))
    assert layout(2, ((0, 1),)) is None


def test_a_program_that_hangs_or_fails_gives_no_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "graphviz-pure"
    monkeypatch.setattr(laying, "GRAPHVIZ", program)
    monkeypatch.setattr(laying, "SECONDS", 0.2)
    for boxes, script in ((2, "exec sleep 5"), (3, "exit 3")):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        assert layout(boxes, ((0, 1),)) is None

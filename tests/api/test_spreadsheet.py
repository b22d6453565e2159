"""A list as CSV: every cell quoted, and nothing that people wrote is a formula in a spreadsheet."""

import csv
import io

import pytest

from api.spreadsheet import BLOCK, as_lines, cell, in_blocks


@pytest.mark.parametrize(
    "written",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "\u3000=1",
        "\xa0-1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM",
        "﹦1",
        "﹣1",
        "\n=1",
        "\n\n +1",
    ],
)
def test_what_begins_like_a_formula_is_text(written: str) -> None:
    assert cell(written).lstrip("\n\r")[0] == "'"


def test_so_is_each_line_of_a_text_of_several() -> None:
    assert cell("Lanterns\n=1+1\n fine\r@x\u2028＝y") == "Lanterns\n'=1+1\n fine\r'@x\u2028'＝y"


def test_what_people_mean_as_a_text_stays_as_it_is() -> None:
    assert [cell(text) for text in ("Lantern street", "a=b", "2-3", "", "ana@example.org\nBen")] == [
        "Lantern street", "a=b", "2-3", "", "ana@example.org\nBen",
    ]  # fmt: skip


def test_every_cell_is_quoted_and_a_row_stays_one_row() -> None:
    row = ['say "yes"', "a,b", "first\nsecond", 7, None]
    [written] = as_lines([row])
    assert written == '"say ""yes""","a,b","first\nsecond","7",""\r\n'
    assert list(csv.reader(io.StringIO(written))) == [['say "yes"', "a,b", "first\nsecond", "7", ""]]


def test_many_rows_go_out_in_blocks_each_row_once_and_in_order() -> None:
    rows = [[str(number), "x" * 90] for number in range(1000)]
    sent = list(in_blocks(as_lines([["number", "text"]], rows)))
    assert list(csv.reader(io.StringIO("".join(sent)))) == [["number", "text"], *rows]
    assert [BLOCK <= len(block) < BLOCK + 110 for block in sent] == [True] * 3 + [False]


def test_a_text_of_many_lines_is_written_in_no_time() -> None:
    assert cell("\n \n" * 100_000 + "=1").endswith("'=1")

"""What people may write: every script there is, and nothing that hides or turns round what stands beside it."""

import pytest

from campaigns.core.words import _
from campaigns.core.writing import as_name, fault

CUT_SHORT = "There is an invisible character ({}) after “Lantern”: remove it."
TURNS = "An invisible character ({}){} reverses the text after it: remove it, or close it."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "Lanterns, café, Łódź, 彝族, नमस्ते",
        "מעל הגג, שלוש פעמים",
        "دوستان\u200cما\u200f!",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 two lines\r\n\tand a tab",
        "a title \u2067בתוך\u2069 that ends what it begins",
        "\u202b\u2066nested\u2069\u202c",
        "T\u0302\u0303e",
        "<script>alert(1)</script>",
        "W" * 10_000,
    ],
)
def test_words_in_any_script_are_taken(text: str) -> None:
    assert fault(text) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Lantern\u202egnp.exe", CUT_SHORT.format("U+202E")),
        ("Lantern\u202etxet\u202c", CUT_SHORT.format("U+202E")),
        ("Lantern\x00", CUT_SHORT.format("U+0000")),
        ("Lantern\x1b[31m", CUT_SHORT.format("U+001B")),
        ("Lantern\ud800", CUT_SHORT.format("U+D800")),
        ("\u2067 never ended", TURNS.format("U+2067", " at the beginning")),
        ("ended \u2069 without a beginning", TURNS.format("U+2069", " after “ended ”")),
        ("begun \u202b here\nand ended \u202c there", TURNS.format("U+202B", " after “begun ”")),
        ("\u2067crossed\u202c", TURNS.format("U+202C", " after “crossed”")),
        ("e" + "\u0301" * 9, "One letter has more than eight accents after “e”: remove some."),
        ("\u200b\u200d\ufeff", "This text is invisible: write something, or leave it empty."),
        ("\u3164", "This text is invisible: write something, or leave it empty."),
    ],
)
def test_what_hides_or_turns_round_its_neighbours_is_refused_with_its_place(text: str, sentence: str) -> None:
    assert fault(text) == sentence


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\fakepath\\lantern.png", "lantern.png"),
        ("lan\ntern\u202egnp.exe", "lan terngnp.exe"),
        ("\u2067\x00", ""),
        ('"><script>.png', '"><script>.png'),
    ],
)
def test_a_files_name_is_one_line_that_says_nothing_else(written: str, name: str) -> None:
    assert as_name(written) == name


def test_a_name_written_from_the_right_turns_nothing_round_in_a_sentence() -> None:
    assert (_("“{title}” is empty.", title="מעל"), _("“{title}” is empty.", title="Above")) == (
        "“\u2068מעל\u2069” is empty.",
        "“Above” is empty.",
    )

"""A sentence with its parameters: text, unless one of them is HTML of ours."""

from markupsafe import Markup

from campaigns.core.words import _, n_

DAY = Markup('<time datetime="2026-12-02">Dec 2</time>')


def test_a_sentence_with_a_date_in_html_is_html_and_all_else_in_it_is_escaped() -> None:
    said = _("“{title}” <was> withdrawn on {day}.", title="<b>Lantern</b>", day=DAY)
    assert (type(said), str(said)) == (Markup, f"“&lt;b&gt;Lantern&lt;/b&gt;” &lt;was&gt; withdrawn on {DAY}.")
    counted = n_("{count} answer by {day}.", "{count} answers by {day}.", 2, day=DAY)
    assert (type(counted), str(counted)) == (Markup, f"2 answers by {DAY}.")


def test_any_other_sentence_is_text() -> None:
    said = _("“{title}” was withdrawn.", title="<b>Lantern</b>")
    assert (type(said), said) == (str, "“<b>Lantern</b>” was withdrawn.")

"""The demo's material: its catalogue's facts, and every file decoded whole."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import av
import pytest
import pyvips

from demo.works.artists import ARTIST, ARTISTS
from demo.works.catalogue import CONTRIBUTION, CONTRIBUTIONS
from demo.works.contribution import DemoContribution
from demo.works.make import TEXTS
from demo.works.versions import SISTRUM, VERSIONS, credited

ROOT = Path(__file__).parents[3]


pytestmark = pytest.mark.xdist_group("demo contributions")  # which are made once


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with every contribution and version, made as a person makes it."""
    made = tmp_path_factory.mktemp("works")
    subprocess.run([sys.executable, "-m", "demo.works", str(made)], cwd=ROOT, check=True, capture_output=True)
    return made


def decoded(file: Path) -> dict[str, float]:
    """Seconds of picture and sound in a file, each frame decoded."""
    seconds = {"film": 0.0, "sound": 0.0}
    with av.open(str(file)) as container:
        for frame in container.decode():
            if isinstance(frame, av.VideoFrame):
                seconds["film"] += 1 / 24
            else:
                seconds["sound"] += frame.samples / frame.sample_rate
    return seconds


def test_the_call_is_answered_with_at_least_thirty_contributions_of_every_kind() -> None:
    kinds = Counter(contribution.kind for contribution in CONTRIBUTIONS)
    assert dict(kinds) == {"story": 8, "poem": 7, "picture": 15, "sound": 8, "film": 2}


def test_every_contribution_has_a_key_a_title_and_a_file_of_its_own() -> None:
    assert [len({getattr(contribution, name) for contribution in CONTRIBUTIONS}) for name in ("key", "title", "file", "statement")] == [
        len(CONTRIBUTIONS)
    ] * 4


def test_twenty_artists_of_several_countries_each_made_something() -> None:
    makers = {maker for contribution in CONTRIBUTIONS for maker in contribution.makers}
    assert len(ARTISTS) == 20
    assert makers == set(ARTIST)
    assert len({artist.country for artist in ARTISTS}) == 19


def test_two_artists_cannot_be_paid_and_each_has_a_reason_of_their_own() -> None:
    unpayable = {artist.country: artist.unpayable for artist in ARTISTS if artist.unpayable}
    assert unpayable == {
        "NP": "There is no payout route to Nepal yet.",
        "PE": "Onboarding was begun and never completed: the identity document is missing.",
    }


def test_a_source_always_stands_before_the_contribution_that_cites_it() -> None:
    older: set[str] = set()
    for contribution in CONTRIBUTIONS:
        assert {source for source, _ in contribution.sources} <= older, contribution.key
        older.add(contribution.key)


def test_the_lineage_has_both_kinds_of_edges_and_four_generations_counted_right() -> None:
    counted = {
        contribution.key: 1 + max((CONTRIBUTION[source].generation for source, _ in contribution.sources), default=0)
        for contribution in CONTRIBUTIONS
    }
    assert {contribution.key: contribution.generation for contribution in CONTRIBUTIONS} == counted
    assert set(counted.values()) == {1, 2, 3, 4}
    assert {kind for contribution in CONTRIBUTIONS for _, kind in contribution.sources} == {"contains", "influenced_by"}


def test_no_contribution_cites_a_source_twice() -> None:
    assert [contribution.key for contribution in CONTRIBUTIONS if len(dict(contribution.sources)) < len(contribution.sources)] == []


def test_texts_are_distinct_and_stories_run_to_three_hundred_words() -> None:
    texts = {
        contribution.key: (TEXTS / f"{contribution.key}.md").read_text(encoding="utf-8")
        for contribution in CONTRIBUTIONS
        if contribution.kind in ("story", "poem")
    }
    assert len(set(texts.values())) == 15
    assert {path.stem for path in TEXTS.iterdir()} == set(texts)
    assert [key for key, text in texts.items() if CONTRIBUTION[key].kind == "story" and not 150 <= len(text.split()) <= 350] == []


def test_no_text_or_statement_names_an_artist_whom_a_blind_review_must_not_know() -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in TEXTS.iterdir()}
    shown = {contribution.key: f"{contribution.statement} {texts.get(contribution.key, '')}".split() for contribution in CONTRIBUTIONS}
    assert [key for key, words in shown.items() for artist in ARTISTS if artist.name.split()[0] in words] == []


def test_a_poem_made_from_a_line_carries_that_line() -> None:
    pairs = (
        ("what-the-powder-said", "before-the-milk-story", "It is meant to be walked on."),
        ("the-helper", "forty-four", "The helper does the work and is not counted."),
        ("who-knocked", "first-foot", "I could hear them hoping"),
        ("answering-the-door", "who-knocked", "made a sound"),
    )
    for contribution, source, words in pairs:
        assert [words in (TEXTS / f"{key}.md").read_text(encoding="utf-8") for key in (contribution, source)] == [True, True], contribution


def test_every_version_is_made_of_contributions_by_artists_and_declares_licensed_material_only() -> None:
    assert {maker for planned in VERSIONS for maker in planned.makers} <= set(ARTIST)
    assert {component for planned in VERSIONS for component in planned.components} <= set(CONTRIBUTION)
    assert [material.name for planned in VERSIONS for material in planned.outside if not (material.licence and material.reference)] == []


def test_who_is_overlooked_is_in_no_component_and_above_none() -> None:
    upstream, waiting = set(), {component for planned in VERSIONS for component in planned.components}
    while waiting:
        key = waiting.pop()
        upstream.add(key)
        waiting |= {source for source, _ in CONTRIBUTION[key].sources} - upstream
    assert SISTRUM.by not in {maker for key in upstream for maker in CONTRIBUTION[key].makers}
    assert (SISTRUM.contribution in upstream, CONTRIBUTION[SISTRUM.source].makers) == (True, {SISTRUM.by: 1})


def test_the_credits_name_the_editors_first_and_nobody_twice() -> None:
    names = credited(VERSIONS[0])
    assert names[:2] == ["Tomasz Wieczorek", "Amara Nwosu"]
    assert len(names) == len(set(names)) == 10


def test_every_picture_decodes_whole_and_shows_its_planted_traces(folder: Path) -> None:
    for contribution in (contribution for contribution in CONTRIBUTIONS if contribution.kind == "picture"):
        image = pyvips.Image.new_from_file(str(folder / contribution.file), fail_on="error")
        assert (image.width, image.height, image.avg() > 0) == (1200, 900, True)
        assert [words for name, words in contribution.planted.items() if words not in image.get(name)] == []


def test_every_sound_decodes_whole_and_carries_its_planted_tags(folder: Path) -> None:
    for contribution in (contribution for contribution in CONTRIBUTIONS if contribution.kind == "sound"):
        assert 12 < decoded(folder / contribution.file)["sound"] < 21, contribution.key
        assert tagged(folder / contribution.file, contribution) == contribution.planted


def test_every_film_decodes_whole_with_picture_and_sound_of_one_length(folder: Path) -> None:
    for contribution in (contribution for contribution in CONTRIBUTIONS if contribution.kind == "film"):
        lengths = decoded(folder / contribution.file)
        assert abs(lengths["film"] - lengths["sound"]) < 0.2, contribution.key
        assert tagged(folder / contribution.file, contribution) == contribution.planted


def tagged(file: Path, contribution: DemoContribution) -> dict[str, str]:
    """What a file says in the fields in which something was planted."""
    with av.open(str(file)) as container:
        said = {name.lower(): words for name, words in container.metadata.items()}
    return {name: said.get(name, "") for name in contribution.planted}


def test_every_version_decodes_whole_and_the_second_film_differs_from_the_first(folder: Path) -> None:
    files = {planned.key: folder / "versions" / planned.file for planned in VERSIONS}
    films = [decoded(files[key]) for key in ("table-1", "table-2")]
    assert [round(length["film"]) for length in films] == [19, 19]
    assert files["table-1"].read_bytes() != files["table-2"].read_bytes()
    assert 25 < decoded(files["night-1"])["sound"] < 40
    posters = [pyvips.Image.new_from_file(str(files[key]), fail_on="error") for key in ("come-in-1", "come-in-2")]
    assert [(poster.width, poster.height) for poster in posters] == [(1240, 1754)] * 2
    assert posters[0].avg() != posters[1].avg()

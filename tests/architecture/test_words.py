"""Every sentence goes through gettext: Babel finds it, and in a made-up language, in which all are marked, none is without its mark."""

import ast
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import write_mo
from sqlalchemy import text
from sqlalchemy.orm import Session
from typer.main import get_command
from typer.testing import CliRunner

from campaigns.brief.licenses import NEWEST_LICENCE, licence
from campaigns.core import words
from campaigns.core.people import Person
from campaigns.core.permissions import Role
from campaigns.core.settings import settings
from campaigns.core.words import reading_in
from campaigns.curation.rubrics.actions import DEFAULTS, keep_rubric, rubric
from campaigns.installation.checks import CHAINED, INVARIANTS
from campaigns.open_call.media.enclosure import Enclosure
from cli.explaining import explained
from cli.main import app
from flows import payout_run
from notifications.notification import Notification
from notifications.preview import READER, TITLE, sample_of
from notifications.registry import NOTIFICATIONS
from tests import factories
from tests.api.call_stage import Stage, browser, stage
from tests.api.caller import token_of
from workers.transactions import unit_of_work

__all__ = ["stage"]
ROOT = Path(__file__).parents[2]
PACKAGES = ("campaigns", "flows", "api", "notifications", "workers", "cli", "sandbox", "demo")
MADE_UP = "eo"  # Esperanto's dates and numbers; its words are the English ones, each sentence in marks
Message = str | tuple[str, ...]


@pytest.fixture(scope="module")
def messages() -> set[Message]:
    """What `make words` extracts."""
    keywords = DEFAULT_KEYWORDS | parse_keywords(re.findall(r"--keyword=(\S+)", (ROOT / "Makefile").read_text()))
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel gives it no types
    return {message for _name, _line, message, _comments, _context in extract_from_dir(ROOT, methods, options, keywords)}


@pytest.fixture(scope="module")
def locales(messages: set[Message], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the catalogue of the made-up language."""
    catalogue, folder = Catalog(locale=MADE_UP), tmp_path_factory.mktemp("locales")
    for message in messages:
        catalogue.add(message, marked(message) if isinstance(message, str) else tuple(map(marked, message)))
    path = folder / MADE_UP / "LC_MESSAGES" / "callboard.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalogue)
    return folder


@pytest.fixture
def _made_up(locales: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Callboard speaks the made-up language too."""

    def forget() -> None:
        words.catalogue.cache_clear()
        words.languages.cache_clear()

    with monkeypatch.context() as patch:
        patch.setattr(words, "LOCALES", locales)
        forget()
        yield
    forget()


in_the_made_up_language = pytest.mark.usefixtures("_made_up")


def marked(sentence: str) -> str:
    return f"⟦{sentence}⟧"


def unmarked(shown: str) -> str:
    """What is not part of any marked sentence."""
    outside = re.sub(r"⟦[^⟦⟧]*⟧", " ", shown)
    return unmarked(outside) if outside != shown else " ".join(shown.split())


def words_of(page: str) -> str:
    """What stands on the page, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def written() -> Iterator[Message]:
    """Every sentence that stands in a call of `_`, `n_` or `said_later`."""
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "n_", "said_later"}:
                first, second = (argument.value if isinstance(argument, ast.Constant) else None for argument in (*node.args, node)[:2])
                if isinstance(first, str):
                    yield (first, second) if isinstance(second, str) else first
    for path in (ROOT / "api" / "templates").rglob("*.html"):
        yield from re.findall(r'\bn_\(\s*"([^"]+)",\s*"([^"]+)"', path.read_text())
        yield from re.findall(r'\b_\(\s*"([^"]+)"', path.read_text())


def test_babel_finds_every_sentence_the_plurals_among_them(messages: set[Message]) -> None:
    asked_for = set(written())
    assert asked_for - messages == set()
    assert {isinstance(sentence, tuple) for sentence in asked_for} == {True, False}


def test_babel_finds_what_is_said_later_than_it_is_written(messages: set[Message]) -> None:
    rules = {CHAINED[1], *(each.sentence for each in INVARIANTS)}
    questions = {said for each in DEFAULTS for said in (each.name, each.question)}
    commands = {each.help for each in explained(get_command(app))}
    assert (rules | questions | commands) - messages == set()


@in_the_made_up_language
def test_the_page_of_a_call_says_nothing_of_its_own_without_its_mark(stage: Stage) -> None:
    page = stage.guest.get(stage.path(), headers={"Accept-Language": MADE_UP}).text
    said = unmarked(unescape(re.sub(r"(?s)<(option|code|time)\b.*?</\1>|<[^>]+>", " ", page)))
    assert " ".join(re.sub(r"\S*\d\S*|US\$", " ", said).split()) == " ".join((
        "Holiday traditions · Callboard · Callboard Zappos Holiday traditions",
        "Stories, pictures, songs and films about a tradition of yours.",
        "Families everywhere keep a holiday in their own way. We want to hear how.",
        "Holiday film × to seconds Holiday card PNG, dpi one side Holiday song WAV, kHz minutes",
        "Tell it in your own words No brand names",
        *licence(NEWEST_LICENCE).sentences,
    ))  # fmt: skip


@in_the_made_up_language
def test_a_refusal_is_told_in_the_language_that_was_asked_for(stage: Stage) -> None:
    answer = stage.guest.get("/api/v1/nowhere", headers={"Accept-Language": MADE_UP, "Accept": "application/json"})
    assert answer.json()["detail"] == "⟦There is nothing at this address; the documentation is at /docs.⟧"


@in_the_made_up_language
@pytest.mark.parametrize("email", list(NOTIFICATIONS.values()), ids=list(NOTIFICATIONS))
def test_an_email_says_nothing_of_its_own_without_its_mark(email: Notification) -> None:
    shown = sample_of(email, MADE_UP)
    own = re.sub(r"http\S+", "", unmarked(f"{shown.subject}\n{shown.text}"))
    assert set(re.findall(r"[^\W\d]+", own)) - set(re.findall(r"[^\W\d]+", f"{email.sample} {TITLE} {READER}")) == set()
    assert "⟦" in shown.subject


@in_the_made_up_language
def test_what_a_check_finds_broken_is_said_on_the_command_line_and_on_the_page(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.check.enclosure", lambda: Enclosure("", None))  # whatever this machine's is
    with unit_of_work() as session:
        session.execute(text("set local session_replication_role = replica"))
        [deliverable] = session.scalars(
            text("update deliverable set visit = 7 where id = (select min(id::text)::uuid from deliverable) returning id")
        )
        finance = factories.someone(session, Role.FINANCE)
        session.get_one(Person, finance.person).locale = MADE_UP
        token = token_of(session, finance)
    with reading_in(MADE_UP):
        said = CliRunner().invoke(app, ["check", "--offline"]).output
    rule = marked("Every deliverable is in the stage of its last stage visit, and its visits are numbered without a gap.")
    assert said == f"⟦broken⟧  deliverables_stand_where_they_entered: ⟦{rule} Violated by: {deliverable}⟧\n"
    shown = words_of(browser(token).get("/checks?now=true").text)
    assert f"{rule} ⟦Violated by:⟧ {deliverable} ⟦failed⟧" in shown
    assert [marked(each.sentence) in shown for each in INVARIANTS] == [True] * len(INVARIANTS)


@in_the_made_up_language
@pytest.mark.parametrize("path", [[], ["check"], ["campaign"], ["campaign", "pause"], ["pay-rule", "try"]], ids=" ".join)
def test_every_command_explains_itself_in_the_readers_language(path: list[str]) -> None:
    with reading_in(MADE_UP):
        shown = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "400", "NO_COLOR": "1"}).output
    command: Any = get_command(app)
    for name in path:
        command = command.commands[name]
    parts = [command, *command.params, *getattr(command, "commands", {}).values()]
    assert [part.help for part in parts if marked(part.help).partition("\n\n")[0] not in shown] == []


@in_the_made_up_language
def test_a_campaign_begins_with_its_questions_in_the_language_of_the_installation(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = factories.opened_call(session)
    with reading_in(MADE_UP):
        asked = [(each.name, each.question) for each in rubric(session, made.id)]
    monkeypatch.setattr(settings(), "default_locale", MADE_UP)
    kept = [(each.name, each.question) for each in keep_rubric(session, made.id)]
    assert asked == kept == [(marked(each.name), marked(each.question)) for each in DEFAULTS]


@in_the_made_up_language
def test_prefects_page_says_who_cannot_be_paid_in_the_language_of_its_reader(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(payout_run, "create_table_artifact", lambda _rows, *, key, description: told.append(f"{key}: {description}"))
    with reading_in(MADE_UP):
        payout_run.show_unpayable()
    assert told == ["unpayable: ⟦Who cannot be paid, and why⟧"]

"""Words that are SQL, HTML, formulas or commands to somebody: taken as words, and shown as they were typed wherever they come back."""

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from httpx import Response
from markupsafe import escape
from pypdf import PdfReader
from sqlalchemy import select, text

from api.spreadsheet import cell
from campaigns.core import outbox
from campaigns.core.emails import Email
from campaigns.core.outbox_kinds import OutboxKind
from tests import factories
from tests.api.call_stage import LICENCE, Stage, stage
from tests.api.caller import caller, token_of
from tests.api.test_statement_file import ADDRESS, paid
from tests.api.visiting import be, browser, cells
from tests.journeys.world import work
from workers.emails.announce import announce
from workers.transactions import unit_of_work

__all__ = ["stage"]
API = "/api/v1"
FORGED = "2026-12-01T18:00:00Z ERROR callboard: everything was paid"
# Of each kind a name or title, which is one line, and a text. Their numbers are told apart from what a template would make of them.
KINDS = {
    "SQL": ("x'; drop table person cascade; --", "' or 1=1); delete from contribution where title <> '\" -- \\"),
    "HTML": ("<script>alert('zq')</script>", "</textarea></style><img src=x onerror=alert('zq')>\n<svg onload=alert('zq')>&lt;b&gt; &amp;"),
    "a template": ("{{1337*7331}} ${1337*7331}", "{% for x in [1] %}{{1337*7331}}{% endfor %} #{1337*7331} %(id)s {0.__class__}"),
    "a formula": ("=1+1+cmd|' /C calc'!A0", "+1+1\n@SUM(1+1)\n-1+1\n=HYPERLINK(\"x\")"),
    "a header": ("Bcc: eve at evil", "Lanterns\r\nBcc: eve@evil.example\r\n\r\nContent-Type: text/html"),
    "a path": ("../../../../etc/passwd", "..\\..\\windows\\system32 %2e%2e%2f file:///etc/passwd"),
    "unseen letters": ("\u2067لانترن\u2069 👩‍👩‍👧 می‌خواهم", "\u2066lantern\u2069 zero\u200bwidth \u202bleft\u202c\n👩‍👩‍👧"),
    "no end": ("W" * 160, "long " * 799 + "end"),
    "a link": ("[light](javascript:alert)", "[light](javascript:alert(1)) ![x](data:text/html,zq) <javascript:alert(1)>"),
    "JSON and XML": ('{"title": ["\\u0000"]}', '"}], "role": "operator", {"\n<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>&b;'),
    "a line of the log": (f"{FORGED} %s %d", f"ok\n{FORGED}\r\n{FORGED}"),
    "a command": ("$(id) `id` ; id | id", "$(reboot) `reboot`\n; reboot & reboot || reboot\n!!"),
}  # fmt: skip
RUNS = ("<script>alert", "<img src=x", "<svg onload", 'javascript:alert(1)"', "9801547", "root:x:0")
each_kind = pytest.mark.parametrize("kind", KINDS)
# As JSON writes them.
UNWRITABLE = {"nothing": r"Lantern\u0000street", "half a letter": r"Lantern\ud800", "what turns all round": r"Lantern\u202e street"}


def said(answer: Response, status: int = 200) -> Response:
    assert answer.status_code == status, answer.text
    return answer


def stands(words: str, page: str) -> bool:
    """Whether the page shows these words, line by line, and runs none of them."""
    lines = [str(escape(line)) for line in re.split("[\r\n]+", words)]
    return all(line.strip() in page for line in lines) and not any(bad in page for bad in RUNS)


def written() -> Iterator[Email]:
    """The emails that are due."""
    with unit_of_work() as session:
        claimed = [one for one in outbox.claim(session, limit=100) if one.kind == OutboxKind.EVENT]
    for one in claimed:
        announce(one)
    with unit_of_work() as session:
        yield from session.scalars(select(Email)).all()


@pytest.fixture(autouse=True)
def _nothing_but_words(fresh_database: str, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever was typed, no table is gone afterwards and no line of the log is somebody else's."""
    caplog.set_level("INFO")
    yield
    with unit_of_work() as session:
        assert session.scalar(text("select count(*) from information_schema.tables where table_name in ('person', 'contribution')")) == 2
    assert not any(line.startswith(FORGED) for line in caplog.text.splitlines())


@each_kind
def test_a_contribution_is_sent_in_under_it_and_about_it(stage: Stage, kind: str) -> None:
    title, statement = KINDS[kind]
    # A contribution's own words hold no HTML that could run: that is refused by name, see `test_hostile_files.py`.
    words = "Every December we walk." if kind == "HTML" else f"# {title}\n\n{statement}"
    sent = {"title": title, "statement": statement, "text": words, "licence_version": LICENCE}
    own = said(stage.ana.post(f"{API}/campaigns/{stage.id}/contributions", json=sent), 201).json()
    kept = said(stage.ana.get(f"{API}/me/contributions/{own['id']}")).json()
    assert (kept["title"], kept["statement"]) == (title, statement)
    work(stage.id)
    assert stands(title, said(stage.ana.get(f"/me/contributions/{own['id']}")).text)
    assert stands(title, said(stage.judge.get(stage.desk())).text)
    for address, reader in (("/me/contributions.csv", stage.ana), (f"{stage.desk()}.csv", stage.judge)):
        assert cell(title) in [value for row in cells(reader.get(address)) for value in row]
    [shown] = said(stage.judge.get(f"{API}/campaigns/{stage.id}/screening")).json()["items"]
    page = said(stage.judge.get(shown["renditions"][0]["url"])).text
    assert [bad for bad in RUNS if bad in page] == []
    [email] = [email for email in written() if email.notification == "contribution_received"]
    assert (title in email.subject or title in email.text, stands(title, email.html)) == (True, True)
    assert (len(email.subject.splitlines()), [bad for bad in RUNS if bad in email.html]) == (1, [])


@each_kind
def test_a_question_is_asked_and_answered_with_it(stage: Stage, kind: str) -> None:
    words = KINDS[kind][1][:1000].rstrip()
    asked = said(stage.ana.post(f"{API}/campaigns/{stage.id}/call/questions", json={"text": words}), 201).json()
    assert asked["text"] == words
    [email] = [email for email in written() if email.notification == "question_asked"]
    assert (len(email.subject.splitlines()), stands(words, email.html)) == (1, True)
    answered = said(stage.manager.put(f"{API}/questions/{asked['id']}/answer", json={"answer": words})).json()
    assert answered["answer"] == words
    assert stands(words, said(stage.guest.get(stage.path())).text)


@each_kind
def test_somebody_is_called_by_it_on_page_and_paper(fresh_database: str, kind: str) -> None:
    name = KINDS[kind][0][:120]
    who = paid("Ana")
    with unit_of_work() as session:
        ana = caller(token_of(session, who))
    profile = {"name": name, "country": "US", "locale": "en", "time_zone": "UTC"}
    assert said(ana.put(f"{API}/me", json=profile)).json()["name"] == name == said(ana.get(f"{API}/me")).json()["name"]
    with browser() as client:
        assert stands(name, said(be(client, who).get("/me")).text)
        paper = PdfReader(BytesIO(said(client.get(ADDRESS)).content))
    assert paper.metadata is not None
    # Whose name no typeface of ours can set is called by their address on paper.
    assert (paper.metadata.title or "").endswith("@example.org" if kind == "unseen letters" else name)


@each_kind
def test_a_brief_is_written_with_it(fresh_database: str, kind: str) -> None:
    with unit_of_work() as session:
        made = factories.filled_brief(session)
        mara = caller(token_of(session, made.manager))
    story = KINDS[kind][1]
    assert said(mara.patch(f"{API}/campaigns/{made.id}/brief", json={"story": story})).json()["story"] == story
    with browser() as client:
        assert stands(story, said(be(client, made.manager).get(f"/campaigns/{made.id}/brief")).text)


@pytest.mark.parametrize("kind", UNWRITABLE)
def test_what_no_text_can_hold_is_refused_by_name(stage: Stage, kind: str) -> None:
    raw = '{"text": "' + UNWRITABLE[kind] + '"}'
    answer = stage.ana.post(f"{API}/campaigns/{stage.id}/call/questions", content=raw, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "Unwritable", "text")

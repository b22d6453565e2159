"""Every client file is ours and named by its bytes, and nothing is written into a page itself."""

import re
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from api.app import make_app
from api.assets import FILES, address

CLIENT = TestClient(make_app(), base_url="https://testserver", headers={"Accept": "text/html"})
TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
    "woff2": "font/woff2",
}


class Reading(HTMLParser):
    """What a page refers to, and what is written into it that should be in a file."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.refers: list[str] = []
        self.inline: list[str] = []
        self._within = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._within = tag
        self.refers += [given[name] or "" for name in ("src", "href", "action", "data-openapi") if name in given]
        self.inline += [name for name in given if name == "style" or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self._within in {"script", "style"} and data.strip():
            self.inline.append(data)


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize("path", ["/docs", "/sign-in", "/sign-in/secret", "/unsubscribe/token", "/nowhere"])
def test_a_page_has_no_script_or_style_written_into_it_and_takes_nothing_from_elsewhere(path: str) -> None:
    read = Reading(CLIENT.get(path).text)
    assert (read.inline, [place for place in read.refers if not re.match(r"/([^/]|$)", place)]) == ([], [])


@pytest.mark.usefixtures("fresh_database")
def test_the_documentation_asks_for_files_that_are_there() -> None:
    read = Reading(CLIENT.get("/docs").text)
    named = [place.rpartition("/")[2] for place in read.refers]
    assert named == [
        "mark.svg", "inter.woff2", "base.css", "parts.css", "swagger-ui.css", "docs.css", "swagger-ui-bundle.js", "docs.js",
        "openapi.json", "openapi.json",
    ]  # fmt: skip
    assert {CLIENT.get(place).status_code for place in read.refers} == {200}


@pytest.mark.parametrize("name", FILES)
def test_every_client_file_comes_from_us_byte_for_byte_and_may_be_kept_for_ever(name: str) -> None:
    answer = CLIENT.get(address(name))
    assert (answer.status_code, answer.headers["content-type"], answer.headers["cache-control"], answer.content) == (
        200,
        TYPES[name.rpartition(".")[2]],
        "public, max-age=31536000, immutable",
        FILES[name].read_bytes(),
    )


@pytest.mark.parametrize("name", ["package.json", "..%2fapp.py", "node_modules", "docs.html"])
def test_no_other_file_is_given_out(name: str) -> None:
    assert CLIENT.get(f"/static/any/{name}").status_code == 404


@pytest.mark.usefixtures("fresh_database")
def test_the_front_door_leads_a_guest_to_the_open_calls() -> None:
    assert CLIENT.get("/", follow_redirects=False).headers["location"] == "/calls"

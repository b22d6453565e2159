"""Pages for people: jinja2 templates, escaped, in the reader's language."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api import media, wording
from api.assets import address
from api.formats import FILTERS, written_for
from campaigns.core.stages import Stage
from campaigns.core.words import _, n_, reading_in


@lru_cache
def templates() -> Environment:
    """The templates of every page; undefined names are errors."""
    folder = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(
        loader=folder, autoescape=True, undefined=StrictUndefined, auto_reload=False, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= {"_": _, "n_": n_, "static": address, "Stage": Stage}
    environment.filters |= FILTERS | wording.FILTERS | media.FILTERS
    return environment


def render(template: str, locale: str, **values: Any) -> str:
    """The text of `template` with `values`, its sentences in `locale`."""
    with reading_in(locale), written_for(values.get("reader")):
        return templates().get_template(template).render(locale=locale, **values)


def answer(template: str, locale: str, status: int = 200, **values: Any) -> HTMLResponse:
    """The page of `template`; nobody but the browser that asked may keep it."""
    headers = {"Cache-Control": "no-store", "Vary": "HX-Request"}
    return HTMLResponse(render(template, locale, **values), status, headers)

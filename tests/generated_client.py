"""A client of the API that openapi-python-client has generated from its description, once for each test process."""

import importlib
import json
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from api.app import make_app

NAME = "callboard_client"
# Gone with the process.
FOLDER = tempfile.TemporaryDirectory(prefix="callboard-client-")
# The generator knows octets by their usual name only; that of tus is another.
SETTINGS = ConfigFile(
    post_hooks=[], package_name_override=NAME, content_type_overrides={"application/offset+octet-stream": "application/octet-stream"}
)


@lru_cache
def written() -> tuple[Path, list[str]]:
    """The folder of the generated package, and what the generator could not express."""
    home = Path(FOLDER.name)
    document = home / "openapi.json"
    document.write_text(json.dumps(make_app().openapi()))
    config = Config.from_sources(SETTINGS, MetaType.NONE, document, "utf-8", False, home / NAME)
    return home / NAME, [f"{each.header} {each.detail or ''}".strip() for each in generate(config=config)]


def module(name: str) -> ModuleType:
    """A module of the generated package, by its name within it."""
    home = str(written()[0].parent)
    if home not in sys.path:
        sys.path.append(home)
    return importlib.import_module(f"{NAME}.{name}")


@lru_cache
def operations() -> dict[tuple[str, str], tuple[ModuleType, Any]]:
    """The module of each operation and its description, by method and path."""
    return {
        (method.upper(), path): (module(f"api.{said['tags'][0].replace('-', '_')}.{said['operationId']}"), said)
        for path, methods in make_app().openapi()["paths"].items()
        for method, said in methods.items()
    }

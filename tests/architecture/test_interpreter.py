"""Python's own holes: what of it has one, in the oldest that we run on, is not used, or in no way in which a stranger reaches it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("api", "campaigns", "flows", "notifications", "workers")
# Each with the hole and the first 3.11 without it.
HOLES = {
    "tarfile": "CVE-2024-6232 (3.11.10); CVE-2024-12718, CVE-2025-4138, CVE-2025-4330, CVE-2025-4517 (3.11.13); CVE-2025-8194 (3.11.14)",
    "http.cookies": "CVE-2024-7592 (3.11.10), CVE-2026-0672 (3.11.15), CVE-2026-3644 (3.11.16), CVE-2026-16052 (none yet)",
    "html.parser": "CVE-2025-6069 (3.11.14)",
    "email": "CVE-2023-27043 (3.11.10), CVE-2024-6923 (3.11.10, the rest 3.11.15), CVE-2025-1795 (3.11.9)",
    "zipfile": "CVE-2024-0450 (3.11.8), CVE-2024-8088 (3.11.10), CVE-2025-8291 (3.11.14)",
    "xml": "CVE-2025-12084 (3.11.15), and those of the libexpat that comes with it",
    "plistlib": "CVE-2025-13837 (3.11.15)",
    "venv": "CVE-2024-9287 (3.11.11)",
}
# What is used of them all the same, and why no stranger reaches the hole.
SAFELY = {
    ("api/open_call/uploads.py", "email.utils"): "writes a date, and reads no address and no head",
    ("campaigns/client_delivery/packages/actions.py", "zipfile"): "writes archives, and opens none",
}


def imports() -> Iterator[tuple[str, str]]:
    """Each file of ours and each module that it imports."""
    for folder in OURS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in file.parts:
                for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                    names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
                    names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                    yield from ((file.relative_to(ROOT).as_posix(), name) for name in names)


def test_no_part_of_python_with_a_known_hole_is_used_where_a_stranger_reaches_it() -> None:
    met = {(file, name) for file, name in imports() if any(name == part or name.startswith(f"{part}.") for part in HOLES)}
    assert met == SAFELY.keys()


def test_archives_are_only_written() -> None:
    [[file, _name]] = [used for used in SAFELY if used[1] == "zipfile"]
    opened = [node for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8"))) if isinstance(node, ast.Call)]
    modes = [call.args[1].value for call in opened if isinstance(call.func, ast.Name) and call.func.id == "ZipFile"]  # type: ignore[attr-defined]
    assert modes == ["w"]

"""What the linters cannot say of the house's style, asked of the source itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from campaigns.core.permissions import ASKS_FOR_PROOF, GRANTS, Permission

ROOT = Path(__file__).parents[2]
PACKAGES = ("campaigns", "flows", "api", "notifications", "workers", "cli", "sandbox", "demo")
SERVER = {*PACKAGES, "sqlalchemy", "psycopg"} - {"demo"}
LONGEST_FUNCTION, LONGEST_FILE = 40, 300
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}


def sources(*packages: str) -> Iterator[tuple[str, str, ast.Module]]:
    for package in packages or PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if "node_modules" not in name and "/migrations/versions/" not in name:
                text = path.read_text()
                yield name, text, ast.parse(text)


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_no_function_is_longer_than_forty_lines_and_no_file_longer_than_three_hundred() -> None:
    long = [name for name, text, _tree in sources() if text.count("\n") + 1 > LONGEST_FILE]
    for name, _text, tree in sources():
        functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
        long += [f"{name}:{f.name}" for f in functions if (f.end_lineno or 0) - f.lineno + 1 > LONGEST_FUNCTION]
    assert long == []


def test_only_the_clock_reads_the_time() -> None:
    readers = {
        name
        for name, _text, tree in sources()
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and (call.func.value.id, call.func.attr) in CLOCKS
    }
    assert {name for name in readers if not name.startswith("demo/")} == {"campaigns/core/clock.py"}


def test_a_transaction_is_opened_and_committed_at_the_edge_only() -> None:
    committers = {
        name
        for name, _text, tree in sources()
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit" and not name.startswith("sandbox/")
    }
    assert committers == set()


def test_only_the_workers_open_a_transaction_and_nobody_else_has_connections_of_the_programs() -> None:
    """A backup reads beside them, in the snapshot that it takes; migrations and the simulators have connections of their own."""
    openers = {
        name
        for name, _text, tree in sources()
        for call in calls(tree)
        if isinstance(call.func, ast.Name)
        and call.func.id in {"Session", "sessionmaker", "create_engine"}
        and not name.startswith(("sandbox/", "campaigns/migrations/"))
    }
    assert openers == {"workers/transactions.py", "flows/backup/taking.py"}


def test_only_one_helper_of_the_tests_starts_a_loop() -> None:
    """A browser that an earlier test left open keeps its loop in the tests' thread, where no second one can be started."""
    starters = {
        name
        for name, _text, tree in sources("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) == ("asyncio", "run")
    }
    assert starters == {"tests/aside.py"}


def test_whatever_is_done_or_read_in_someones_name_is_asked_for_somewhere() -> None:
    """A function that takes an actor is an action or a query: without a caller it is one that nobody can reach."""
    everything = "\n".join(text for _name, text, _tree in sources())
    unreached = [
        f"{name}:{function.name}"
        for name, _text, tree in sources("campaigns")
        for function in tree.body
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_") and _takes_an_actor(function)
        if not re.search(rf"(?<!def )\b{function.name}\b", everything)
    ]
    assert unreached == []


def _takes_an_actor(function: ast.FunctionDef) -> bool:
    return any(argument.arg == "by" for argument in function.args.kwonlyargs)


def test_every_permission_is_granted_to_somebody() -> None:
    assert {permission for permission in Permission if not GRANTS.get(permission)} == set()


def test_only_lifecycle_writes_where_a_deliverable_stands() -> None:
    writers = {
        name
        for name, _text, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        for part in (target.elts if isinstance(target, ast.Tuple) else [target])
        if isinstance(part, ast.Attribute)
        and part.attr in {"stage", "visit"}
        and isinstance(part.value, ast.Name)
        and part.value.id == "deliverable"
    }
    assert writers == {"campaigns/lifecycle.py"}


def test_the_demo_is_a_client_that_speaks_no_sql_and_imports_no_domain() -> None:
    for name, text, tree in sources("demo"):
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert not {
            m
            for m in imported
            if m.split(".")[0] in {"campaigns", "flows", "workers", "notifications", "api", "cli", "sandbox", "sqlalchemy", "psycopg"}
        }, name
        assert not re.search(r"\b(select|insert into|update|delete from)\b .* \b(from|set|values|where)\b", text, re.IGNORECASE), name


def test_nothing_in_the_project_names_how_or_where_it_is_built() -> None:
    banned = re.compile(r"/work/|\.library|shared/(design|engine|pay|payments|web|media|domain|roadmap)\.md|pypi\.org|registry\.npmjs")
    own = str(Path(__file__).relative_to(ROOT))
    kinds = {".py", ".toml", ".md", ".yaml", ".yml", ".txt", ".html", ".json", ".lock", ".css", ".js", ""}
    files = [
        p
        for p in ROOT.rglob("*")
        if p.is_file() and p.suffix in kinds and not {".venv", ".git", "node_modules", ".callboard"} & set(p.parts)
    ]
    named = [str(p.relative_to(ROOT)) for p in files if str(p.relative_to(ROOT)) != own and banned.search(p.read_text(errors="replace"))]
    assert [name for name in named if not name.startswith((".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"))] == []


# Where a permission that asks for a proof is only looked at: to choose which is then required, to refuse in words of its own, or to show.
LOOKED_AT = {
    "campaigns/administration/cancellations.py": {"CANCEL"},
    "campaigns/core/administrators.py": {"ASK_ADMINISTRATOR"},
    "campaigns/core/appointing/actions.py": {"CONFIRM_ROLE"},
    "campaigns/core/brand_roles.py": {"APPOINT_FOR_BRAND"},
    "campaigns/core/needs.py": {"OPERATE"},
    "campaigns/payments/needs.py": {"OPERATE"},
    "campaigns/brief/needs.py": {"CONFIRM_RECEIPT"},
    "campaigns/payout/needs.py": {"RELEASE_RUN", "SET_LIMITS"},
}


def test_what_asks_for_a_proof_is_guarded_by_require_and_never_by_may() -> None:
    found: dict[str, set[str]] = {}
    for name, _text, tree in sources("campaigns"):
        for call in calls(tree):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "may" and call.args and isinstance(call.args[0], ast.Attribute):
                asked = call.args[0].attr
                if asked in Permission.__members__ and Permission[asked] in ASKS_FOR_PROOF:
                    found.setdefault(name, set()).add(asked)
    assert found == LOOKED_AT

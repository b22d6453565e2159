"""Which addresses of the providers our code calls through their SDKs, and which the cases ask: both read from the sources."""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import stripe

HOME = Path(__file__).parents[2]
CALLERS = {"stripe": ("campaigns/payments", "workers/provider"), "sendgrid": ("notifications", "workers/emails")}
VERBS = ("get", "post", "patch", "delete", "put")
ASKING = ("ask", "ok", "refused", "later")
Place = tuple[str, str]


def called(provider: str) -> dict[Place, str]:
    """Method and address of each call that our code makes, with the module that makes it."""
    read = {"stripe": _of_stripe, "sendgrid": _of_sendgrid}[provider]
    modules = sorted(module for folder in CALLERS[provider] for module in (HOME / folder).glob("*.py"))
    return {place: path.name for path in modules for node in ast.walk(ast.parse(path.read_text())) for place in read(node)}


def asked() -> set[Place]:
    """Method and address of whatever is asked in a case, or by what a line does for it."""
    return {place for path in sorted(Path(__file__).parent.glob("*.py")) for place in _asked_in(ast.parse(path.read_text()))}


def not_asked(provider: str) -> dict[Place, str]:
    """The calls of our code that no case puts to the provider, with the module that makes each."""
    known = asked()
    return {place: module for place, module in called(provider).items() if not any(_is_one_of(each, place) for each in known)}


def _is_one_of(asked_for: Place, place: Place) -> bool:
    parts = [each.split("/") for each in (asked_for[1], place[1])]
    is_alike = len(parts[0]) == len(parts[1]) and all(other in (one, "{}") for one, other in zip(*parts, strict=True))
    return asked_for[0] == place[0] and is_alike


def _of_stripe(node: ast.AST) -> Iterator[Place]:
    """What the SDK sends for `….v1.<resource>.<verb>(…)`, read from the SDK itself."""
    names = _chain(node.func) if isinstance(node, ast.Call) else []
    if "v1" in names:
        service: object = stripe.StripeClient("sk_test_none").v1
        for name in names[names.index("v1") + 1 :]:
            service = getattr(service, name)
        (found,) = re.findall(r'"(get|post|delete)",\s*"(/v1/[^"]+)"', inspect.getsource(service))  # type: ignore[arg-type]
        yield found[0].upper(), _template(found[1])


def _of_sendgrid(node: ast.AST) -> Iterator[Place]:
    """What the SDK sends for `client.<part>._(<part>).<verb>(…)`: its path is spelled by the names."""
    names = _chain(node.func) if isinstance(node, ast.Call) else []
    if len(names) > 2 and names[0] in ("client", "_client") and names[-1] in VERBS:
        yield names[-1].upper(), "/v3/" + "/".join(names[1:-1])


def _chain(node: ast.AST) -> list[str]:
    """The names of `a.b._(x).c`, a part that is given as an argument as {}; none of what is not such a chain."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute) and (before := _chain(node.value)):
        return [*before, node.attr] if before != ["self"] else [node.attr]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        names = _chain(node.func)
        return {"_": [*names[:-1], "{}"], "_client": names}.get(node.func.attr, []) if names else []
    return []


def _asked_in(module: ast.Module) -> Iterator[Place]:
    known = _assigned(module.body, {})
    for function in (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)):
        near = _assigned(list(ast.walk(function)), known)
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKING and len(node.args) > 1:
                method, path = (_text(each, near) for each in node.args[:2])
                yield method, _template(path.partition("?")[0])


def _assigned(nodes: list[ast.stmt] | list[ast.AST], known: Mapping[str, str]) -> Mapping[str, str]:
    """What the names stand for that are given a text here, whole or in pairs."""
    found = dict(known)
    for node in nodes:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            both = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            pairs = zip(target.elts, value.elts, strict=False) if both else [(target, value)]  # type: ignore[attr-defined]
            found |= {name.id: _text(given, found) for name, given in pairs if isinstance(name, ast.Name)}
    return found


def _text(node: ast.AST, known: Mapping[str, str]) -> str:
    """A text as far as it is written out; {} for the rest."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.Name):
        return known.get(node.id, "{}")
    if isinstance(node, ast.BinOp):
        return _text(node.left, known) + _text(node.right, known)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(each, known) for each in node.values)
    return _text(node.value, known) if isinstance(node, ast.FormattedValue) else "{}"


def _template(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)

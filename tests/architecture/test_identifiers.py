"""What things are called in the code: a class name stands once, and a word that the glossary gave up names nothing any more."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from tests.architecture.test_house_style import sources

# Each with what the glossary says instead; a further rename adds its word here.
GIVEN_UP = {
    "track": "deliverable",
    "hat": "sign-off role",
    "keeper": "handler",
    "promise": "outbox message, enqueue",
    "house": "staff, SYSTEM",
    "cut": "version",
    "stand in": "simulator",
    "nudge": "reminder, wake",
    "letter": "email",
    "notice": "notification",
    "pick": "selected contribution",
}
# The same words where they mean something else.
OTHERWISE = {
    "demo/works/instruments.py": {"track"},  # of a recording
    "demo/works/motifs.py": {"cut", "_cut_bird", "_cut_flower", "_cut_pot"},  # in paper
    "demo/works/scenes/streets.py": {"cut_with_a_chisel"},  # letters in stone
    "sandbox/sendgrid/message.py": {"TRACKING_SETTINGS", "tracking"},  # of opens and clicks, as SendGrid calls it
    "campaigns/core/anchor_files.py": {"CUT"},  # a file that lost its end
    "campaigns/brief/models.py": {"promised_at"},  # money, to a brand
    "notifications/brief.py": {"refund_promised"},  # the same
    "campaigns/installation/restored.py": {"promised"},  # what a backup says that Stripe was to do
    "campaigns/core/names.py": {"letter", "LETTERS"},  # of the alphabet
    "campaigns/core/writing.py": {"letter"},
    "api/payout/statement_file.py": {"NO_LETTER"},
    "api/typefaces.py": {"letters"},
    "demo/works/lettering.py": {"letter", "lettering"},
}


def public_classes(tree: ast.AST) -> Iterator[str]:
    return (node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and not node.name.startswith("_"))


def defined_twice(trees: Iterable[ast.AST]) -> set[str]:
    return {name for name, count in Counter(name for tree in trees for name in public_classes(tree)).items() if count > 1}


def defined(path: str, tree: ast.AST) -> Iterator[str]:
    """Every name that the module gives to something, its own and its folders' among them."""
    yield from path.removesuffix(".py").split("/")
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.alias(asname=str(name)):
                yield name
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name


def words_in(name: str) -> str:
    """The words of a name in snake or camel case, with a space around each."""
    return f" {' '.join(re.findall(r'[A-Z]+(?![a-z])|[A-Z]?[a-z]+', name)).lower()} "


def forms(word: str) -> str:
    """A pattern of one, of several, and of what is or was done."""
    stem = word.removesuffix("e")
    return rf" {word}s? | {stem}{stem[-1]}?(?:ed|ing) "


def given_up(path: str, tree: ast.AST) -> set[str]:
    """The names in the module that hold one of the words."""
    pattern = re.compile("|".join(map(forms, GIVEN_UP)))
    return {name for name in defined(path, tree) if pattern.search(words_in(name))}


def found(modules: Iterable[tuple[str, ast.AST]]) -> Mapping[str, set[str]]:
    return {path: names for path, tree in modules if (names := given_up(path, tree))}


def test_a_class_name_stands_once() -> None:
    assert defined_twice(tree for _path, _text, tree in sources()) == set()


def test_no_name_holds_a_word_that_was_given_up() -> None:
    assert found((path, tree) for path, _text, tree in sources()) == OTHERWISE


def test_a_class_that_is_defined_twice_would_be_found() -> None:
    trees = map(ast.parse, ("class Line: ...", "class _Line: ...", "def f():\n    class Line: ...", "class _Own: ...", "class _Own: ..."))
    assert defined_twice(trees) == {"Line"}


def test_a_word_that_was_given_up_would_be_found_in_whatever_has_a_name() -> None:
    planted = """if True:
        import promises as promised
        class OldCut:
            hats: list[str]
            def nudging(self, track_id, *, cutoff, hate, cutting_room=None):
                self.house_role = [keeper for keeper in {}]
                try: ...
                except ValueError as standIn: ...
                return lambda stand_ins: cut
        async def keepersOf(warehouse, housekeeping, tracked): ...
    """
    assert found([("campaigns/promise.py", ast.parse(planted)), ("flows/fine.py", ast.parse("send(cut=1, hat=promise)"))]) == {
        "campaigns/promise.py": {
            "promise", "promised", "OldCut", "hats", "nudging", "track_id", "cutting_room", "house_role", "keeper", "standIn", "stand_ins",
            "keepersOf", "tracked",
        }
    }  # fmt: skip

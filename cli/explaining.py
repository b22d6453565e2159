"""What `--help` says, in the reader's language."""

from collections.abc import Iterator
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from campaigns.core.words import _

Explained = TyperGroup | TyperCommand | TyperArgument | TyperOption


class Commands(TyperGroup):
    """All commands, each explained to whoever reads it in their language."""

    def main(self, *args: Any, **named: Any) -> Any:
        for each in explained(self):
            each.help = _(str(each.help))
        return super().main(*args, **named)


def explained(command: Any) -> Iterator[Explained]:
    """The command, its options and the commands within it, as far as they explain themselves."""
    within = [*command.params, command]
    yield from (each for each in within if isinstance(each, Explained) and each.help)
    for each in getattr(command, "commands", {}).values():
        yield from explained(each)

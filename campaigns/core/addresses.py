"""When two addresses look like one: they differ only by a tag, by dots or by case."""

from sqlalchemy import ColumnElement, func


def bare(address: object) -> ColumnElement[str]:
    """The address in small letters, without what is behind a plus, without dots before the at sign."""
    small = func.lower(address)
    name = func.replace(func.split_part(func.split_part(small, "@", 1), "+", 1), ".", "")
    return func.concat(name, "@", func.split_part(small, "@", 2))

"""The engines of the tests: one of a kind, whichever database the settings point to."""

from typing import Any

from sqlalchemy import URL, Dialect, Engine, create_engine, event, make_url

from campaigns.core.settings import settings

_made: dict[str, Engine] = {}


def engine_of_its_kind(url: URL | str, **options: Any) -> Engine:
    """The engine with these options, which connects to where the settings point; what was compiled for one database serves the next."""
    if (kind := str(options)) not in _made:
        _made[kind] = create_engine(url, **options)
        event.listen(_made[kind], "do_connect", _where_the_settings_point)
    _made[kind].dispose()
    return _made[kind]


def _where_the_settings_point(dialect: Dialect, _record: object, arguments: list[Any], named: dict[str, Any]) -> None:
    arguments[:], now = dialect.create_connect_args(make_url(settings().sqlalchemy_url))
    named.clear()
    named.update(now)

"""Whether the database that the settings name can be used, and if not, one sentence that says why and what to do."""

import os
from ipaddress import ip_address
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from campaigns.core.words import _
from flows.supervise.errors import CannotStart

OLDEST = 16


def check(url: str, setting: str) -> None:
    """Raise CannotStart unless `url` opens a PostgreSQL that is new enough; `setting` is what the sentence tells to correct."""
    address = _parsed(url, setting)
    require_said_how(address, setting)
    named = {"setting": setting, "address": _shown(address)}
    try:
        with psycopg.connect(_libpq(address), connect_timeout=5) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as refused:
        sentence = _("{setting}: {address} cannot be opened: {reason}. Correct {setting}.", reason=_reason(refused), **named)
        raise CannotStart(sentence) from refused
    if version < OLDEST:
        sentence = _(
            "{setting}: {address} is PostgreSQL {version}; Callboard needs {oldest} or newer.", version=version, oldest=OLDEST, **named
        )
        raise CannotStart(sentence)


def require_said_how(address: URL, setting: str) -> None:
    """Raise CannotStart for another machine without a word on encryption: libpq would then do without it where the server does."""
    is_said = "PGSSLMODE" in os.environ or not {"sslmode", "ssl"}.isdisjoint(address.query)
    if not is_said and not all(map(_is_here, _hosts(address))):
        raise CannotStart(
            _(
                "{setting} names another machine without saying whether to encrypt: add ?sslmode=verify-full, and set PGSSLROOTCERT to "
                "the file of the authority that signed its certificate; or ?sslmode=disable where nobody else is on the network.",
                setting=setting,
            )
        )


def _hosts(address: URL) -> list[str]:
    named = address.query.get("host", address.host or "")
    return [host for part in ((named,) if isinstance(named, str) else named) for host in part.split(",")]


def _is_here(host: str) -> bool:
    """Whether this machine is meant: by nothing, by a socket's folder, or by an address of its own."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def add_if_missing(url: str, setting: str) -> None:
    """Make the database of `url`, on the server that it names, when it is missing, with the extension that Prefect needs."""
    address = _parsed(url, setting)
    require_said_how(address, setting)
    try:
        if not _exists(address):
            with psycopg.connect(_libpq(address.set(database="postgres")), autocommit=True, connect_timeout=5) as connection:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(address.database or "prefect")))
        with psycopg.connect(_libpq(address), autocommit=True) as connection:
            connection.execute("create extension if not exists pg_trgm")
    except psycopg.Error as refused:
        sentence = _(
            "Prefect's database {address} cannot be set up: {reason}. "
            "Create it with the extension pg_trgm, or set {setting} to another.",
            address=_shown(address), reason=_reason(refused), setting=setting,
        )  # fmt: skip
        raise CannotStart(sentence) from refused


def _exists(address: URL) -> bool:
    try:
        psycopg.connect(_libpq(address), connect_timeout=5).close()
    except psycopg.OperationalError as refused:
        if "does not exist" not in str(refused):
            raise
        return False
    return True


def _parsed(url: str, setting: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as unreadable:
        form = "postgresql://user:password@host:port/database"
        raise CannotStart(_("{setting} is not an address of the form {form}.", setting=setting, form=form)) from unreadable
    if (other := address.get_backend_name()) != "postgresql":
        raise CannotStart(_("{setting} names {other}; Callboard works only with PostgreSQL.", setting=setting, other=other))
    return address


def _libpq(address: URL) -> str:
    query = {"sslmode" if name == "ssl" else name: value for name, value in address.query.items()}
    return address.set(drivername="postgresql", query=query).render_as_string(hide_password=False)


def _shown(address: URL) -> str:
    """The address with its password struck out and without options."""
    return urlsplit(address.set(drivername="postgresql").render_as_string())._replace(query="").geturl()


def _reason(refused: psycopg.Error) -> str:
    message = str(refused)
    known = [reason for sign, reason in _reasons().items() if sign in message]
    return known[0] if known else (message.strip().splitlines() or [_("no reason given")])[-1].removesuffix(".")


def _reasons() -> dict[str, str]:
    """What PostgreSQL's client says, and what we say in its place."""
    return {
        "password authentication failed": _("the user name or password is wrong"),
        "no password supplied": _("a password is needed"),
        "does not exist": _("there is no such database or user"),
        "Connection refused": _("nothing listens there"),
        "No such file or directory": _("nothing listens there"),
        "failed to resolve host": _("there is no such host"),
        "Name or service not known": _("there is no such host"),
        "timeout expired": _("it did not answer within 5 seconds"),
        "pg_hba.conf": _("the server does not let this user in from here"),
    }

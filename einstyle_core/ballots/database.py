"""Which database holds the votes, and how SQLite and PostgreSQL are told to keep what they confirmed."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from einstyle_core.ballots.model import VoteStoreError

VARIABLE = "EINSTYLE_VOTES_URL"
_BUSY_SECONDS = 5
_CONNECT_SECONDS = 3
_WRITES = "einstyle_writes"


def configured_url() -> str:
    """``EINSTYLE_VOTES_URL``, or a SQLite file in the user's data folder, which survives restarts and new versions."""
    if configured := os.environ.get(VARIABLE):
        return configured
    folder = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "einstyle"
    return f"sqlite:///{folder / 'votes.sqlite3'}"


def parse(address: str) -> URL:
    """A database's URL as SQLAlchemy wants it; ``postgres://``, as many hosts write it, means psycopg too.

    Raises:
        VoteStoreError: not a URL of SQLite or PostgreSQL. The sentence does not repeat it: it may hold a password.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:  # the latter for a port that is no number
        raise _unusable() from error
    backend = "postgresql" if url.get_backend_name() == "postgres" else url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise _unusable()
    return url


def engine_options(url: URL) -> dict[str, Any]:
    """Keyword arguments for ``create_engine``: wait a little, never for ever."""
    if url.get_backend_name() == "sqlite":
        # A pool of one writer per thread is enough, and a reader never waits in WAL mode.
        return {"connect_args": {"timeout": _BUSY_SECONDS}, "pool_size": 8, "max_overflow": 56, "pool_timeout": 5}
    return {
        # Without the ping the first click after a restart of the server would fail.
        "pool_pre_ping": True,
        "pool_size": 8,
        "max_overflow": 8,
        "pool_timeout": 5,
        "connect_args": {"connect_timeout": _CONNECT_SECONDS},
    }


def make_engine(address: str) -> Engine:
    """An engine for a store outside of the app: tests, scripts."""
    url = parse(address)
    return create_engine(url, **engine_options(url))


def furnish(engine: Engine) -> None:
    """What each new connection and transaction of ours needs; before the engine's first connection."""
    if engine.dialect.name != "sqlite":
        return
    if engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)

    for name, listener in (("connect", _on_connect), ("begin", _on_begin)):
        if not event.contains(engine, name, listener):
            event.listen(engine, name, listener)


def for_writing(engine: Engine) -> Engine:
    """The same engine and pool, whose transactions write."""
    return engine.execution_options(**{_WRITES: True})


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is below
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # in WAL mode only FULL keeps a confirmed vote when the power goes
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # a deleted picture is overwritten, not only forgotten
    cursor.close()


def _on_begin(connection: Connection) -> None:
    # A transaction that will write says so at once: one that reads first and writes later can only fail when another
    # one wrote in between, whatever the timeout.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _unusable() -> VoteStoreError:
    return VoteStoreError(
        f"{VARIABLE} is not an address of SQLite or PostgreSQL, like postgresql://user:password@host/name or "
        "sqlite:////folder/votes.sqlite3."
    )

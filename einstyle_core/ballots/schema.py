"""The tables of a ballot, and how a database that an older version made becomes one of this version."""

import datetime
from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    insert,
    select,
    text,
    update,
)

from einstyle_core.ballots.model import VoteStoreError

_LOCK = 0x45696E  # of ours among a PostgreSQL server's advisory locks


class Moment(TypeDecorator[datetime.datetime]):
    """A time in UTC, aware on both sides; SQLite would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        """To the database."""
        return value if value is None else value.astimezone(datetime.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime.datetime | None:
        """From the database."""
        if value is None:
            return None
        aware = value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value.astimezone(datetime.UTC)
        return aware if isinstance(aware, datetime.datetime) else None


metadata = MetaData()

versions = Table("schema_version", metadata, Column("version", Integer, nullable=False))

ballots = Table(
    "ballots",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("title", Text, nullable=False),
    Column("planned_share", Float, nullable=False),
    Column("owner_hash", String(64), nullable=False, unique=True),
    Column("results_hash", String(64), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("closed_at", Moment),
)

pairs = Table(
    "pairs",
    metadata,
    Column("ballot_id", String(32), ForeignKey(ballots.c.id, ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("is_aa", Boolean, nullable=False),
)

options = Table(
    "options",
    metadata,
    Column("ballot_id", String(32), primary_key=True),
    Column("pair", Integer, primary_key=True),
    Column("letter", String(1), CheckConstraint("letter IN ('a', 'b')"), primary_key=True),
    Column("caption", Text, nullable=False),
    Column("colours", JSON, nullable=False),
    Column("media_type", String(32), nullable=False),
    Column("picture", LargeBinary, nullable=False),
    ForeignKeyConstraint(["ballot_id", "pair"], [pairs.c.ballot_id, pairs.c.number], ondelete="CASCADE"),
)

# One row a voter and pair, made when the pair is first dealt to the voter: the side is drawn once, the key lets no
# second vote exist.
votes = Table(
    "votes",
    metadata,
    Column("ballot_id", String(32), primary_key=True),
    Column("pair", Integer, primary_key=True),
    Column("voter", String(64), primary_key=True),
    Column("first", String(1), CheckConstraint("first IN ('a', 'b')"), nullable=False),
    Column("dealt_at", Moment, nullable=False),
    Column("choice", String(4), CheckConstraint("choice IN ('a', 'b', 'none', 'skip')")),
    Column("answered_at", Moment),
    ForeignKeyConstraint(["ballot_id", "pair"], [pairs.c.ballot_id, pairs.c.number], ondelete="CASCADE"),
    Index("votes_of_a_voter", "ballot_id", "voter"),
)


def _first_tables(connection: Connection) -> None:
    metadata.create_all(connection)


MIGRATIONS: list[Callable[[Connection], None]] = [_first_tables]
"""What makes version ``n + 1`` of version ``n``. A released step never changes; a new version appends one."""


def migrate(connection: Connection) -> None:
    """Bring the database to this version, inside the caller's transaction; two processes do it one after the other.

    Raises:
        VoteStoreError: a newer version of the app made it.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    versions.create(connection, checkfirst=True)
    found = connection.scalar(select(versions.c.version))
    if found is None:
        connection.execute(insert(versions).values(version=0))
    known = found or 0
    if known > len(MIGRATIONS):
        raise VoteStoreError(
            f"The database of votes is of version {known}, and this app knows version {len(MIGRATIONS)}. Start the "
            "newer app, or give this one another database with EINSTYLE_VOTES_URL."
        )
    for step in MIGRATIONS[known:]:
        step(connection)
    if known < len(MIGRATIONS):
        connection.execute(update(versions).values(version=len(MIGRATIONS)))

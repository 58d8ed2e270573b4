"""Where ballots and votes are kept: one class, on any SQLAlchemy engine of SQLite or PostgreSQL."""

import base64
import datetime
import hashlib
import re
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, case, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from einstyle_core.ballots import database, schema
from einstyle_core.ballots.model import (
    MAX_CAPTION,
    MAX_PAIRS,
    MAX_TITLE,
    Answer,
    Ballot,
    Choice,
    ClosedBallotError,
    Keys,
    NoBallotError,
    Option,
    Pair,
    PairEntry,
    Said,
    VoteStoreError,
)
from einstyle_core.ballots.pictures import Picture, prepare
from einstyle_core.ballots.results import Results, Tally, conclude
from einstyle_core.errors import BallotError
from einstyle_core.exports import visible

_TOKEN_BYTES = 16
_TOKEN = re.compile(r"[\w-]{22}", re.ASCII)


@dataclass(frozen=True)
class VoteRow:
    """One line of the export.

    Attributes:
        pair: its number.
        voter: the same for all votes of a voter in this ballot; says nothing of who that is.
        answer: what is stored.
        dealt_at: when the sides were drawn, in UTC.
    """

    pair: int
    voter: str
    answer: Answer
    dealt_at: datetime.datetime


class BallotStore:
    """Ballots and votes in a database. Any number of threads and processes may use the same one.

    Every method is one short transaction. What a method has returned is stored: it survives the death of the process
    and of the server.

    Every method raises VoteStoreError where the database cannot be reached, and NoBallotError where its id or token is
    of no ballot.
    """

    def __init__(self, engine: Engine) -> None:
        """Bring the database to this version.

        Args:
            engine: fresh, of :func:`database.make_engine` or made with :func:`database.engine_options`.

        Raises:
            VoteStoreError: it cannot be reached, or a newer version of the app made it.
        """
        self._engine = engine
        self._writer = database.for_writing(engine)
        self._is_sqlite = engine.dialect.name == "sqlite"
        # SQLite lets one write at a time and lets the others poll, the unlucky for seconds; a lock wakes the next.
        self._turn = threading.Lock() if self._is_sqlite else nullcontext()
        with _told():
            database.furnish(engine)
            with self._writing() as connection:
                schema.migrate(connection)

    def create(self, title: str, pairs: Sequence[Pair], *, planned_share: float = 0.7, with_aa: bool = False) -> Keys:
        """Start a ballot and return its keys, which exist nowhere else.

        Args:
            title: what the voters are asked; at most :data:`MAX_TITLE` characters count.
            pairs: one to :data:`MAX_PAIRS`.
            planned_share: the weakest preference worth finding, see :func:`statistics.votes_needed`.
            with_aa: add a pair of the first picture and itself.

        Raises:
            BallotError: no pair, or too many.
            ImageError: a picture that cannot be read.
        """
        if not 1 <= len(pairs) <= MAX_PAIRS:
            raise BallotError(f"A ballot has 1 to {MAX_PAIRS} pairs, not {len(pairs)}.")
        owner = secrets.token_urlsafe(_TOKEN_BYTES)
        keys = Keys(secrets.token_urlsafe(_TOKEN_BYTES), owner, results_token(owner))
        pair_rows, option_rows = _rows(keys.ballot_id, pairs, with_aa)
        ballot_row = {
            "id": keys.ballot_id,
            "title": _one_line(title, MAX_TITLE),
            "planned_share": planned_share,
            "owner_hash": _hash(owner),
            "results_hash": _hash(keys.results),
            "created_at": _now(),
        }
        with self._writing() as connection:
            connection.execute(insert(schema.ballots), ballot_row)
            connection.execute(insert(schema.pairs), pair_rows)
            connection.execute(insert(schema.options), option_rows)
        return keys

    def ballot(self, ballot_id: str) -> Ballot:
        """The ballot that voters see."""
        if not _TOKEN.fullmatch(ballot_id):  # somebody's typing; PostgreSQL would take a NUL in it for an error
            raise NoBallotError
        return self._ballot(schema.ballots.c.id == ballot_id)

    def ballot_of_owner(self, owner: str) -> Ballot:
        """The ballot that this owner's token opens."""
        return self._ballot(schema.ballots.c.owner_hash == _hash(owner))

    def ballot_of_results(self, results: str) -> Ballot:
        """The ballot whose results this token opens."""
        return self._ballot(schema.ballots.c.results_hash == _hash(results))

    def pictures(self, ballot_id: str, pair: int) -> tuple[Picture, Picture]:
        """The pictures of A and of B."""
        table = schema.options
        query = (
            select(table.c.picture, table.c.media_type)
            .where(table.c.ballot_id == ballot_id, table.c.pair == pair)
            .order_by(table.c.letter)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        if len(rows) != 2:
            raise NoBallotError
        a, b = (Picture(bytes(row.picture), row.media_type) for row in rows)
        return a, b

    def deal(self, ballot_id: str, voter: str) -> list[Answer]:
        """The pairs in the order in which this voter meets them, with what the voter has answered so far.

        The first call draws the sides by lot; every later one, in whatever tab, finds them as they were.
        """
        table = schema.votes
        mine = select(table).where(table.c.ballot_id == ballot_id, table.c.voter == voter)
        with self._reading() as connection:
            numbers = self._pair_numbers(connection, ballot_id)
            rows = connection.execute(mine).all()
        if len(rows) < len(numbers):
            now = _now()
            fresh = [
                {"ballot_id": ballot_id, "pair": number, "voter": voter, "first": secrets.choice("ab"), "dealt_at": now}
                for number in numbers
            ]
            dialect = sqlite if self._is_sqlite else postgresql
            with self._writing() as connection:
                # The ballot may have been deleted since the numbers were read.
                self._pair_numbers(connection, ballot_id)
                connection.execute(dialect.insert(table).on_conflict_do_nothing(), fresh)
                rows = connection.execute(mine).all()
        return sorted((_answer(row) for row in rows), key=lambda answer: _hash(f"{voter} {answer.pair}"))

    def vote(self, ballot_id: str, voter: str, pair: int, said: Said) -> Answer:
        """Store what a voter says of a pair, in place of what the voter said before; returns what is stored now.

        Raises:
            ClosedBallotError: nothing was stored.
            NoBallotError: no such ballot or pair, or the pair was never dealt to this voter.
        """
        table = schema.votes
        other = case((table.c.first == Choice.A, Choice.B), else_=Choice.A)
        choice: Any = {Said.FIRST: table.c.first, Said.SECOND: other}.get(said, said.value)
        return self._answer(ballot_id, voter, table.c.pair == pair, choice=choice, answered_at=_now())

    def take_back(self, ballot_id: str, voter: str) -> Answer:
        """Undo the voter's latest answer; returns the pair as it is then, unanswered.

        Raises:
            ClosedBallotError: nothing was changed.
            NoBallotError: no such ballot, or no answer to take back.
        """
        table = schema.votes
        latest = (
            select(table.c.pair)
            .where(table.c.ballot_id == ballot_id, table.c.voter == voter, table.c.choice.is_not(None))
            .order_by(table.c.answered_at.desc())
            .limit(1)
            .scalar_subquery()
        )
        return self._answer(ballot_id, voter, table.c.pair == latest, choice=None, answered_at=None)

    def results(self, ballot: Ballot) -> Results:
        """All votes, counted in the database."""
        table = schema.votes
        here = (table.c.ballot_id == ballot.id) & table.c.choice.is_not(None)
        counts = (
            select(table.c.pair, table.c.choice, table.c.first, func.count().label("count"))
            .where(here)
            .group_by(table.c.pair, table.c.choice, table.c.first)
        )
        with self._reading() as connection:
            rows = connection.execute(counts).all()
            voters = connection.scalar(select(func.count(table.c.voter.distinct())).where(here)) or 0
        by_pair: dict[int, dict[tuple[Choice, Choice], int]] = {}
        for row in rows:
            by_pair.setdefault(row.pair, {})[Choice(row.choice), Choice(row.first)] = row[3]
        return conclude(ballot, [Tally(pair, each) for pair, each in by_pair.items()], voters)

    def export(self, ballot_id: str) -> list[VoteRow]:
        """Every stored answer, in the order in which they came."""
        table = schema.votes
        query = (
            select(table)
            .where(table.c.ballot_id == ballot_id, table.c.choice.is_not(None))
            .order_by(table.c.answered_at, table.c.pair, table.c.voter)
        )
        with self._reading() as connection:
            return [VoteRow(row.pair, row.voter, _answer(row), row.dealt_at) for row in connection.execute(query)]

    def close(self, owner: str) -> None:
        """Take no more votes; whoever votes at the same moment is stored before, or refused."""
        self._change(owner, closed_at=_now())

    def reopen(self, owner: str) -> None:
        """Take votes again."""
        self._change(owner, closed_at=None)

    def delete(self, owner: str) -> None:
        """Remove the ballot with its pictures and votes, for good."""
        with self._writing() as connection:
            gone = connection.execute(delete(schema.ballots).where(schema.ballots.c.owner_hash == _hash(owner)))
            if not gone.rowcount:
                raise NoBallotError
        if self._is_sqlite:
            with _told(), self._engine.connect() as connection:  # the log still holds the pictures
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def _ballot(self, condition: Any) -> Ballot:
        table, pairs, options = schema.ballots, schema.pairs, schema.options
        described = select(options.c.pair, options.c.letter, options.c.caption, options.c.colours)
        with self._reading() as connection:
            row = connection.execute(select(table).where(condition)).one_or_none()
            if row is None:
                raise NoBallotError
            pair_rows = connection.execute(
                select(pairs).where(pairs.c.ballot_id == row.id).order_by(pairs.c.number)
            ).all()
            texts = {
                (each.pair, each.letter): each
                for each in connection.execute(described.where(options.c.ballot_id == row.id))
            }
        entries = []
        for pair in pair_rows:
            a, b = texts[pair.number, "a"], texts[pair.number, "b"]
            colours = tuple(a.colours), tuple(b.colours)
            entries.append(PairEntry(pair.number, pair.name, (a.caption, b.caption), colours, pair.is_aa))
        return Ballot(row.id, row.title, row.planned_share, row.created_at, row.closed_at, tuple(entries))

    def _pair_numbers(self, connection: Connection, ballot_id: str) -> Sequence[int]:
        table = schema.pairs
        numbers = connection.scalars(select(table.c.number).where(table.c.ballot_id == ballot_id)).all()
        if not numbers:
            raise NoBallotError
        return numbers

    def _answer(self, ballot_id: str, voter: str, condition: Any, **values: Any) -> Answer:
        table, ballots = schema.votes, schema.ballots
        # On PostgreSQL the shared lock lets votes pass each other and makes closing wait for those under way.
        state = select(ballots.c.closed_at).where(ballots.c.id == ballot_id).with_for_update(read=True)
        change = (
            update(table)
            .where(table.c.ballot_id == ballot_id, table.c.voter == voter, condition)
            .values(**values)
            .returning(table)
        )
        with self._writing() as connection:
            found = connection.execute(state).one_or_none()
            if found is None:
                raise NoBallotError
            if found.closed_at is not None:
                raise ClosedBallotError
            row = connection.execute(change).one_or_none()
            if row is None:
                raise NoBallotError
            return _answer(row)

    def _change(self, owner: str, **values: Any) -> None:
        table = schema.ballots
        with self._writing() as connection:
            changed = connection.execute(update(table).where(table.c.owner_hash == _hash(owner)).values(**values))
            if not changed.rowcount:
                raise NoBallotError

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _told(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _told(), self._turn, self._writer.begin() as connection:
            yield connection


def results_token(owner: str) -> str:
    """The token that opens the results and nothing else; who owns the ballot can always give it away again."""
    digest = hashlib.sha256(f"results of {owner}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:_TOKEN_BYTES]).rstrip(b"=").decode()


def voter_key(browser: str, ballot_id: str) -> str:
    """What is stored of a voter: nobody who reads the votes can vote in that name, or follow a voter across ballots."""
    return _hash(f"{ballot_id} {browser}")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise VoteStoreError(
            "The votes cannot be reached just now, so the last step is not confirmed. Try again in a minute: a vote "
            "counts once, however often it is sent."
        ) from error
    except (SQLAlchemyError, OSError) as error:
        raise VoteStoreError(
            "The votes cannot be reached just now: too many people at once, or the database is not where "
            f"{database.VARIABLE} says. Try again in a minute; what was confirmed before is kept."
        ) from error


def _rows(
    ballot_id: str, pairs: Sequence[Pair], with_aa: bool
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    pair_rows: list[dict[str, object]] = []
    option_rows: list[dict[str, object]] = []
    same = [Pair(pairs[0].a, pairs[0].a, "A/A check")] if with_aa else []
    for number, pair in enumerate([*pairs, *same], start=1):
        name = _one_line(pair.name, MAX_CAPTION) or f"Pair {number}"
        pair_rows.append(
            {"ballot_id": ballot_id, "number": number, "name": name, "is_aa": with_aa and number > len(pairs)}
        )
        option_rows += [
            {"ballot_id": ballot_id, "pair": number, "letter": letter, **_option(option, name)}
            for letter, option in (("a", pair.a), ("b", pair.b))
        ]
    return pair_rows, option_rows


def _option(option: Option, name: str) -> dict[str, object]:
    picture = prepare(option.picture, option.caption or name)
    return {
        "caption": _one_line(option.caption, MAX_CAPTION),
        "colours": list(option.colours),
        "media_type": picture.media_type,
        "picture": picture.content,
    }


def _one_line(words: str, most: int) -> str:
    # Without control characters, which PostgreSQL refuses, and which a reader does not see.
    return visible(" ".join(words.split()))[:most]


def _answer(row: Row[Any]) -> Answer:
    return Answer(row.pair, Choice(row.first), None if row.choice is None else Choice(row.choice), row.answered_at)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)

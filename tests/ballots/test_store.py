"""What is stored, what is refused, and what is forgotten: the same on both databases."""

import datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect, text, update

from einstyle_core.ballots import database, schema
from einstyle_core.ballots.model import (
    MAX_PAIRS,
    Choice,
    ClosedBallotError,
    Keys,
    NoBallotError,
    Option,
    Pair,
    Said,
    VoteStoreError,
)
from einstyle_core.ballots.store import BallotStore, results_token, voter_key
from einstyle_core.errors import BallotError, ImageError
from tests.ballots.crowds import pairs, picture


@pytest.fixture
def keys(store: BallotStore) -> Keys:
    return store.create("Which dress?", pairs(3), planned_share=0.8, with_aa=True)


def raw(store: BallotStore, query: str) -> list[tuple[object, ...]]:
    with store._engine.begin() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_a_ballot_comes_back_as_it_was_made(store: BallotStore, keys: Keys) -> None:
    ballot = store.ballot(keys.ballot_id)
    assert (ballot.title, ballot.planned_share, ballot.is_open) == ("Which dress?", 0.8, True)
    assert abs(datetime.datetime.now(datetime.UTC) - ballot.created_at) < datetime.timedelta(minutes=1)
    assert [(entry.number, entry.name, entry.is_aa) for entry in ballot.pairs] == [
        (1, "Look 0", False),
        (2, "Look 1", False),
        (3, "Look 2", False),
        (4, "A/A check", True),
    ]
    assert ballot.pairs[0].captions == ("Red", "Teal")
    assert ballot.pairs[0].colours == (("#9a3b3b",), ())
    a, b = store.pictures(keys.ballot_id, 2)
    assert a.open().getpixel((0, 0)) == (20, 90, 235)
    assert b.open().getpixel((0, 0)) == (29, 90, 226)
    same, again = store.pictures(keys.ballot_id, 4)
    assert same == again == store.pictures(keys.ballot_id, 1)[0]


def test_each_key_opens_its_own_door(store: BallotStore, keys: Keys) -> None:
    assert store.ballot_of_owner(keys.owner) == store.ballot_of_results(keys.results) == store.ballot(keys.ballot_id)
    assert keys.results == results_token(keys.owner)
    for wrong in (keys.ballot_id, keys.results, "", "\x00", "é", keys.owner[:-1], keys.owner + "A"):
        with pytest.raises(NoBallotError):
            store.ballot_of_owner(wrong)
    for wrong in (keys.ballot_id, keys.owner, ""):
        with pytest.raises(NoBallotError):
            store.ballot_of_results(wrong)
    for wrong in (keys.owner, keys.results, "", "\x00" * 22, "x" * 22, "é" * 22, "1 OR 1=1", keys.ballot_id[:-1]):
        with pytest.raises(NoBallotError):
            store.ballot(wrong)


def test_no_secret_is_in_the_database(store: BallotStore, keys: Keys) -> None:
    everything = repr([raw(store, f"SELECT * FROM {table.name}") for table in schema.metadata.sorted_tables])
    assert keys.ballot_id in everything
    assert keys.owner not in everything
    assert keys.results not in everything


def test_sides_are_drawn_once_and_the_vote_follows_them(store: BallotStore, keys: Keys) -> None:
    dealt = store.deal(keys.ballot_id, "v")
    assert {answer.pair for answer in dealt} == {1, 2, 3, 4}
    assert store.deal(keys.ballot_id, "v") == dealt
    for answer in dealt:
        other = Choice.B if answer.first is Choice.A else Choice.A
        for said, choice in zip(Said, (answer.first, other, Choice.NONE, Choice.SKIP), strict=True):
            stored = store.vote(keys.ballot_id, "v", answer.pair, said)
            assert (stored.pair, stored.first, stored.choice, stored.said) == (answer.pair, answer.first, choice, said)
            assert stored in store.deal(keys.ballot_id, "v")


def test_sides_and_order_differ_between_voters(store: BallotStore, keys: Keys) -> None:
    dealt = [store.deal(keys.ballot_id, f"v{number}") for number in range(60)]
    firsts = [answer.first for answers in dealt for answer in answers]
    assert 60 < firsts.count(Choice.A) < 180  # of 240; a fair coin leaves this range once in 10^14
    assert len({tuple(answer.pair for answer in answers) for answers in dealt}) > 10


def test_one_vote_a_voter_and_pair_the_last_one(store: BallotStore, keys: Keys) -> None:
    (answer, *_) = store.deal(keys.ballot_id, "v")
    for said in (Said.FIRST, Said.FIRST, Said.SECOND, Said.NONE):
        store.vote(keys.ballot_id, "v", answer.pair, said)
    assert [(row.pair, row.answer.choice) for row in store.export(keys.ballot_id)] == [(answer.pair, Choice.NONE)]


def test_a_vote_on_what_was_never_dealt_is_refused(store: BallotStore, keys: Keys) -> None:
    other = store.create("Other", pairs(1))
    store.deal(keys.ballot_id, "v")
    for ballot, voter, pair in [(keys.ballot_id, "w", 1), (keys.ballot_id, "v", 5), (other.ballot_id, "v", 1)]:
        with pytest.raises(NoBallotError):
            store.vote(ballot, voter, pair, Said.FIRST)
    with pytest.raises(NoBallotError):
        store.deal("x" * 22, "v")
    assert store.export(keys.ballot_id) == store.export(other.ballot_id) == []


def test_undo_takes_back_the_latest_answer(store: BallotStore, keys: Keys) -> None:
    with pytest.raises(NoBallotError):
        store.take_back(keys.ballot_id, "v")
    dealt = store.deal(keys.ballot_id, "v")
    for answer in dealt:
        store.vote(keys.ballot_id, "v", answer.pair, Said.SKIP)
    store.vote(keys.ballot_id, "v", dealt[0].pair, Said.FIRST)
    for expected in (dealt[0], dealt[3], dealt[2]):
        taken = store.take_back(keys.ballot_id, "v")
        assert (taken.pair, taken.first, taken.choice, taken.answered_at) == (expected.pair, expected.first, None, None)
    assert [row.pair for row in store.export(keys.ballot_id)] == [dealt[1].pair]


def test_closed_takes_no_votes_and_reopened_does(store: BallotStore, keys: Keys) -> None:
    store.deal(keys.ballot_id, "v")
    store.vote(keys.ballot_id, "v", 1, Said.FIRST)
    store.close(keys.owner)
    assert not store.ballot(keys.ballot_id).is_open
    with pytest.raises(ClosedBallotError):
        store.vote(keys.ballot_id, "v", 1, Said.SECOND)
    with pytest.raises(ClosedBallotError):
        store.take_back(keys.ballot_id, "v")
    assert store.deal(keys.ballot_id, "v")[0] is not None
    store.reopen(keys.owner)
    assert store.vote(keys.ballot_id, "v", 2, Said.NONE).choice is Choice.NONE
    assert len(store.export(keys.ballot_id)) == 2


@pytest.mark.parametrize("act", ["close", "reopen", "delete"])
def test_only_the_owner_acts(store: BallotStore, keys: Keys, act: str) -> None:
    for wrong in (keys.ballot_id, keys.results, ""):
        with pytest.raises(NoBallotError):
            getattr(store, act)(wrong)
    assert store.ballot(keys.ballot_id).is_open


def test_delete_leaves_nothing_and_touches_no_other(store: BallotStore, keys: Keys) -> None:
    other = store.create("Other", pairs(1))
    for ballot in (keys.ballot_id, other.ballot_id):
        store.deal(ballot, "v")
        store.vote(ballot, "v", 1, Said.FIRST)
    store.delete(keys.owner)
    for call in (
        lambda: store.ballot(keys.ballot_id),
        lambda: store.pictures(keys.ballot_id, 1),
        lambda: store.deal(keys.ballot_id, "v"),
        lambda: store.vote(keys.ballot_id, "v", 1, Said.FIRST),
        lambda: store.delete(keys.owner),
    ):
        with pytest.raises(NoBallotError):
            call()
    counts = {
        table: raw(store, f"SELECT count(*) FROM {table}")[0][0] for table in ("ballots", "pairs", "options", "votes")
    }
    assert counts == {"ballots": 1, "pairs": 1, "options": 2, "votes": 1}


def test_deleted_pictures_are_gone_from_the_file(tmp_path: Path) -> None:
    engine = database.make_engine(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    store = BallotStore(engine)
    keys = store.create("x", [Pair(Option(picture(7, 200)), Option(picture(8, 200)))])
    mark = store.pictures(keys.ballot_id, 1)[0].content[-60:]
    written = lambda: b"".join(path.read_bytes() for path in tmp_path.iterdir())  # noqa: E731
    assert mark in written()
    store.delete(keys.owner)
    assert mark not in written()
    engine.dispose()


def test_bad_ballots_are_refused_whole(store: BallotStore) -> None:
    for count in (0, MAX_PAIRS + 1):
        with pytest.raises(BallotError, match=f"1 to {MAX_PAIRS} pairs, not {count}"):
            store.create("x", pairs(1) * count)
    with pytest.raises(ImageError, match=r"^Teal is a text file"):
        store.create("x", [Pair(Option(picture()), Option(b"no picture at all", "Teal"))])
    assert raw(store, "SELECT count(*) FROM ballots") == [(0,)]


def test_words_are_kept_on_one_line_and_short(store: BallotStore) -> None:
    keys = store.create(
        "a\x00b\n <b>c</b>" + "x" * 500, [Pair(Option(picture(), "\u202ered\x07"), Option(picture()), " ")]
    )
    ballot = store.ballot(keys.ballot_id)
    assert ballot.title == ("ab <b>c</b>" + "x" * 500)[:120]
    assert ballot.pairs[0].captions == ("red", "")
    assert ballot.pairs[0].name == "Pair 1"


def test_results_count_every_choice(store: BallotStore, keys: Keys) -> None:
    plan = {"v": (Said.FIRST, Said.SECOND), "w": (Said.NONE, Said.FIRST), "x": (Said.SKIP, Said.SKIP)}
    seen: list[tuple[Choice, Choice]] = []
    for voter, said in plan.items():
        store.deal(keys.ballot_id, voter)
        answers = [store.vote(keys.ballot_id, voter, pair, each) for pair, each in zip((1, 2), said, strict=True)]
        seen.append((answers[0].choice or Choice.SKIP, answers[1].choice or Choice.SKIP))
    store.deal(keys.ballot_id, "looks and leaves")
    results = store.results(store.ballot(keys.ballot_id))
    assert results.voters == 3
    for index, result in enumerate(results.pairs[:2]):
        assert [result.tally.of(choice) for choice in Choice] == [
            [each[index] for each in seen].count(c) for c in Choice
        ]
    assert (results.first.count, results.first.n) == (2, 3)
    assert results.pairs[2].tally.decided == 0


def test_a_voter_key_tells_neither_browser_nor_other_ballots() -> None:
    key = voter_key("browser-id", "ballot-1")
    assert key == voter_key("browser-id", "ballot-1")
    assert key != voter_key("browser-id", "ballot-2")
    assert "browser-id" not in key


def test_the_schema_is_made_once_and_kept(url: str) -> None:
    for _ in range(2):
        engine = database.make_engine(url)
        store = BallotStore(engine)
        if not raw(store, "SELECT id FROM ballots"):
            store.create("x", pairs(1))
        engine.dispose()
    assert raw(store, "SELECT count(*) FROM ballots") == [(1,)]
    assert raw(store, "SELECT version FROM schema_version") == [(len(schema.MIGRATIONS),)]
    engine.dispose()


def test_an_older_database_is_migrated_with_its_ballots(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = database.make_engine(url)
    keys = BallotStore(engine).create("x", pairs(1))
    step = lambda connection: connection.execute(text("ALTER TABLE ballots ADD COLUMN note TEXT"))  # noqa: E731
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, step])
    store = BallotStore(engine)
    assert "note" in {column["name"] for column in inspect(engine).get_columns("ballots")}
    assert store.ballot(keys.ballot_id).title == "x"
    engine.dispose()


def test_a_failed_migration_changes_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = database.make_engine(url)
    keys = BallotStore(engine).create("x", pairs(1))

    def half(connection: object) -> None:
        connection.execute(text("ALTER TABLE ballots ADD COLUMN note TEXT"))  # type: ignore[attr-defined]
        connection.execute(text("no SQL at all"))  # type: ignore[attr-defined]

    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, half])
        with pytest.raises(VoteStoreError):
            BallotStore(engine)
    assert "note" not in {column["name"] for column in inspect(engine).get_columns("ballots")}
    assert BallotStore(engine).ballot(keys.ballot_id).title == "x"
    engine.dispose()


def test_a_newer_database_is_left_alone(store: BallotStore) -> None:
    with store._engine.begin() as connection:
        connection.execute(update(schema.versions).values(version=99))
    with pytest.raises(VoteStoreError, match="version 99"):
        BallotStore(store._engine)


@pytest.mark.parametrize(
    "url", ["postgresql://nobody@/none?host=/nowhere", "sqlite:////proc/nowhere/votes.sqlite3"], ids=["pg", "sqlite"]
)
def test_a_database_that_is_not_there_is_a_sentence(url: str) -> None:
    with pytest.raises(VoteStoreError, match="cannot be reached"):
        BallotStore(database.make_engine(url))


@pytest.mark.parametrize(
    "address", ["", "votes.sqlite3", "mysql://root:secret@host/x", "postgresql://u:secret@host:port/x"]
)
def test_a_wrong_address_is_a_sentence_without_the_password(address: str) -> None:
    with pytest.raises(VoteStoreError, match="not an address") as caught:
        database.parse(address)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+psycopg"])
def test_every_way_to_write_postgresql_means_psycopg(scheme: str) -> None:
    url = database.parse(f"{scheme}://me:pass@host:5433/votes?sslmode=require")
    assert url.render_as_string(hide_password=False) == "postgresql+psycopg://me:pass@host:5433/votes?sslmode=require"


def test_sqlite_confirms_only_what_is_on_the_disk(tmp_path: Path) -> None:
    store = BallotStore(database.make_engine(f"sqlite:///{tmp_path / 'folder' / 'votes.sqlite3'}"))
    pragmas = {name: raw(store, f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert raw(store, "PRAGMA busy_timeout") == [(5000,)]
    store._engine.dispose()

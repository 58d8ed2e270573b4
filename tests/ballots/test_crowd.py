"""Fifty people at once, in threads and in processes: no vote lost, none doubled, none refused."""

import multiprocessing
from collections import Counter

import pytest

from einstyle_core.ballots.model import Choice, ClosedBallotError, Said
from einstyle_core.ballots.store import BallotStore
from tests.ballots.crowds import at_once, pairs, vote_all, voters_of_a_process

VOTERS = 50
PAIRS = 2  # with the A/A pair 3


def assert_each_counted_once(store: BallotStore, ballot: str) -> None:
    rows = store.export(ballot)
    assert Counter((row.voter, row.pair) for row in rows) == Counter(
        (f"voter-{number}", pair) for number in range(VOTERS) for pair in (1, 2, 3)
    )
    # See vote_all: the pair's number says what the last answer was.
    expected = {1: lambda a: a.choice is not a.first, 2: lambda a: a.choice is Choice.NONE}
    assert all(expected.get(row.pair, lambda a: a.choice is Choice.SKIP)(row.answer) for row in rows)


def test_fifty_threads_lose_and_double_nothing(store: BallotStore) -> None:
    ballot = store.create("Crowd", pairs(PAIRS), with_aa=True).ballot_id
    at_once([lambda name=f"voter-{n}": vote_all(store, ballot, name) for n in range(VOTERS)])  # type: ignore[misc]
    assert_each_counted_once(store, ballot)


def test_processes_share_a_database(store: BallotStore, url: str) -> None:
    """As with several copies of the app behind one address."""
    ballot = store.create("Crowd", pairs(PAIRS), with_aa=True).ballot_id
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.ballots.crowds"])
    names = [f"voter-{number}" for number in range(VOTERS)]
    processes = [context.Process(target=voters_of_a_process, args=(url, ballot, names[part::3])) for part in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert_each_counted_once(store, ballot)


def test_two_tabs_of_one_voter_are_one_voter(store: BallotStore) -> None:
    ballot = store.create("Tabs", pairs(2)).ballot_id
    dealt: list[list[object]] = []
    at_once([lambda: dealt.append(list(store.deal(ballot, "v")))] * 8)
    assert all(each == dealt[0] for each in dealt)
    at_once([lambda said=said: store.vote(ballot, "v", 1, said) for said in [Said.FIRST, Said.SECOND] * 4])  # type: ignore[misc]
    assert len(store.export(ballot)) == 1


def test_what_is_confirmed_while_the_owner_closes_is_counted(store: BallotStore) -> None:
    keys = store.create("Closing", pairs(1))
    confirmed: list[str] = []

    def vote(voter: str) -> None:
        store.deal(keys.ballot_id, voter)
        try:
            store.vote(keys.ballot_id, voter, 1, Said.FIRST)
        except ClosedBallotError:
            return
        confirmed.append(voter)

    at_once([lambda name=f"v{n}": vote(name) for n in range(20)] + [lambda: store.close(keys.owner)])  # type: ignore[misc]
    closed_at = store.ballot(keys.ballot_id).closed_at
    assert closed_at is not None
    assert sorted(row.voter for row in store.export(keys.ballot_id)) == sorted(confirmed)
    with pytest.raises(ClosedBallotError):
        store.vote(keys.ballot_id, "v0", 1, Said.FIRST)

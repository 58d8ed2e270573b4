"""Processes that die in the middle of a vote: what was confirmed is there."""

import multiprocessing
import random
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from einstyle_core.ballots import database
from einstyle_core.ballots.model import Said, VoteStoreError
from einstyle_core.ballots.store import BallotStore
from tests import postgres
from tests.ballots.crowds import pairs, vote_until_killed

DEATHS = 4


def start(url: str, ballot: str, log: Path) -> BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.ballots.crowds"])
    process = context.Process(target=vote_until_killed, args=(url, ballot, str(log)))
    process.start()
    return process


def confirmed(log: Path) -> set[tuple[str, int, str]]:
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    whole = (line.split() for line in lines if line.endswith("\n"))
    return {(voter, int(pair), choice) for voter, pair, choice in whole}


def stored(store: BallotStore, ballot: str) -> set[tuple[str, int, str]]:
    return {(row.voter, row.pair, str(row.answer.choice)) for row in store.export(ballot)}


def wait_for_votes(log: Path, process: BaseProcess, more_than: int) -> None:
    while len(confirmed(log)) <= more_than:
        process.join(0.01)
        assert process.is_alive()


def test_a_killed_app_loses_no_confirmed_vote(store: BallotStore, url: str, tmp_path: Path) -> None:
    ballot = store.create("x", pairs(2)).ballot_id
    log, moments = tmp_path / "log", random.Random(0)
    for _ in range(DEATHS):
        process = start(url, ballot, log)
        wait_for_votes(log, process, len(confirmed(log)) + moments.randrange(30))
        process.kill()
        process.join()
        assert confirmed(log) <= stored(store, ballot)
    assert len(confirmed(log)) > DEATHS


def test_a_killed_postgresql_server_loses_no_confirmed_vote(tmp_path: Path) -> None:
    if postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with postgres.running() as server:
        url = server.fresh_url()
        store = BallotStore(database.make_engine(url))
        keys = store.create("x", pairs(2))
        log = tmp_path / "log"
        process = start(url, keys.ballot_id, log)
        wait_for_votes(log, process, 40)
        server.kill()
        process.join()
        assert process.exitcode == 1  # a sentence for the voter, not a silent success
        with pytest.raises(VoteStoreError, match="not confirmed"):
            store.vote(keys.ballot_id, "voter-0", 1, Said.FIRST)
        server.start()
        assert confirmed(log) <= stored(store, keys.ballot_id)  # and the same store goes on
        store.vote(keys.ballot_id, "voter-0", 1, Said.SECOND)
        store._engine.dispose()

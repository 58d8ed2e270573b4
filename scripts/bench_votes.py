"""How long voters wait when all of them vote at once, against any database of votes."""

import argparse
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable

from PIL import Image

from einstyle_core import images
from einstyle_core.ballots import database
from einstyle_core.ballots.model import Option, Pair, Said
from einstyle_core.ballots.store import BallotStore
from scripts.common import run

ROUNDS = 3


def main(argv: list[str] | None = None) -> None:
    """Make a ballot, let everybody in at the same moment, delete it again; print what each call took."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench_votes", description=__doc__)
    parser.add_argument("--voters", type=int, default=50, help="people at once (default: 50)")
    parser.add_argument("--pairs", type=int, default=4, help="pairs that each answers (default: 4)")
    parser.add_argument("--url", default=None, help=f"the database (default: {database.VARIABLE})")
    parser.add_argument("--json", action="store_true", help="one object, for machines")
    arguments = parser.parse_args(argv)

    url = database.parse(arguments.url or database.configured_url())
    store = BallotStore(database.make_engine(url.render_as_string(hide_password=False)))
    picture = images.png_bytes(Image.new("RGB", (64, 64)))
    keys = store.create("Benchmark", [Pair(Option(picture), Option(picture))] * arguments.pairs)
    waits: dict[str, list[float]] = {"open": [], "vote": []}
    try:
        for number in range(ROUNDS):
            _crowd(store, keys.ballot_id, arguments.voters, f"round {number}", waits)
            print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
        stored = len(store.export(keys.ballot_id))
    finally:
        store.delete(keys.owner)
    figures: dict[str, object] = {
        "database": url.get_backend_name(),
        "voters": arguments.voters,
        "votes": ROUNDS * arguments.voters * arguments.pairs,
        "stored": stored,
    }
    for what, seconds in waits.items():
        figures[f"{what}_ms_p50"] = round(1000 * statistics.median(seconds), 1)
        figures[f"{what}_ms_p99"] = round(1000 * statistics.quantiles(seconds, n=100)[98], 1)
        figures[f"{what}_ms_max"] = round(1000 * max(seconds), 1)
    print(json.dumps(figures) if arguments.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


def _crowd(store: BallotStore, ballot: str, voters: int, label: str, waits: dict[str, list[float]]) -> None:
    barrier = threading.Barrier(voters)

    def timed(what: str, call: Callable[[], object]) -> None:
        started = time.perf_counter()
        call()
        waits[what].append(time.perf_counter() - started)

    def vote(voter: str) -> None:
        barrier.wait()
        timed("open", lambda: store.deal(ballot, voter))
        for answer in store.deal(ballot, voter):
            timed("vote", lambda pair=answer.pair: store.vote(ballot, voter, pair, Said.FIRST))  # type: ignore[misc]

    threads = [threading.Thread(target=vote, args=(f"{label}, voter {number}",)) for number in range(voters)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    run(main)

"""People who vote, as functions that another process can run."""

import threading
import time
from collections.abc import Callable, Sequence

from PIL import Image

from einstyle_core import images
from einstyle_core.ballots import database
from einstyle_core.ballots.model import Option, Pair, Said
from einstyle_core.ballots.store import BallotStore

SAID = (Said.FIRST, Said.SECOND, Said.NONE, Said.SKIP)


def picture(tone: int = 0, side: int = 24) -> bytes:
    return images.png_bytes(Image.new("RGB", (side, side * 4 // 3), (tone, 90, 255 - tone)))


def pairs(count: int) -> list[Pair]:
    return [
        Pair(Option(picture(20 * n), "Red", ("#9a3b3b",)), Option(picture(20 * n + 9), "Teal"), f"Look {n}")
        for n in range(count)
    ]


def at_once(workers: Sequence[Callable[[], None]]) -> None:
    """Run all of them in threads that start together; the first exception of any is raised."""
    barrier = threading.Barrier(len(workers))
    errors: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            barrier.wait()
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def vote_all(store: BallotStore, ballot: str, voter: str, waits: list[float] | None = None) -> None:
    """Answer every pair twice, as one does who thinks again; the last answer follows from the pair's number."""
    started = time.perf_counter()
    for answer in store.deal(ballot, voter):
        for said in (Said.NONE, SAID[answer.pair % 4]):
            if waits is not None:
                waits.append(time.perf_counter() - started)
            started = time.perf_counter()
            store.vote(ballot, voter, answer.pair, said)
    if waits is not None:
        waits.append(time.perf_counter() - started)


def voters_of_a_process(url: str, ballot: str, names: Sequence[str]) -> None:
    store = BallotStore(database.make_engine(url))
    at_once([lambda name=name: vote_all(store, ballot, name) for name in names])  # type: ignore[misc]


def vote_until_killed(url: str, ballot: str, log: str) -> None:
    """Vote in one name after another, and write each confirmed one to the end of a file."""
    store = BallotStore(database.make_engine(url))
    with open(log, "a", buffering=1) as confirmed:  # noqa: PTH123
        number = 0
        while True:
            voter = f"voter-{number}"
            for answer in store.deal(ballot, voter):
                stored = store.vote(ballot, voter, answer.pair, SAID[number % 4])
                confirmed.write(f"{voter} {stored.pair} {stored.choice}\n")
            number += 1

"""A run killed at random moments beside one that never was."""

import multiprocessing
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

DEATHS = 5


def whole_and_killed(run: Callable[[Path], None], folder: Path) -> tuple[Path, Path]:
    """Run ``run`` twice, once in peace and once killed again and again; returns both folders, complete.

    Args:
        run: a module's function, resumable; it does its work in the folder that it is given.
        folder: an empty one, for both.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([run.__module__])

    def start(name: str) -> multiprocessing.process.BaseProcess:
        (folder / name).mkdir(exist_ok=True)
        process = context.Process(target=run, args=(folder / name,))
        process.start()
        return process

    start("whole").join()  # pays for the imports, so that the next measures the run alone
    started = time.monotonic()
    start("timed").join()
    longest = (time.monotonic() - started) / 4

    moments, deaths = random.Random(0), 0
    while deaths < DEATHS:
        process = start("killed")
        process.join(moments.uniform(0, longest))
        if process.is_alive():
            deaths += 1
        else:  # it was done before it could die: once more from the start, with a shorter life
            shutil.rmtree(folder / "killed")
            longest, deaths = longest / 2, 0
        process.kill()
        process.join()
    last = start("killed")
    last.join()
    assert last.exitcode == 0
    return folder / "whole", folder / "killed"

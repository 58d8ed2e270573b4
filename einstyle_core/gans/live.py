"""Train a GAN for a few hundred steps while people watch: one at a time, in a process of its own, at low priority.

A process rather than a thread: it shares no interpreter lock with the server, the system gives it only what nobody else
wants, it can be stopped in the middle of a step, and when it ends its memory is free again. :class:`Stage` lets one run
at a time and keeps the others in their order; a run that nobody asks about for a while is given up.

``python -m einstyle_core.gans.live`` is that process: it writes a line of JSON for each report to standard output, and
ends when its standard input does, that is, with the one that started it.
"""

import argparse
import base64
import contextlib
import dataclasses
import io
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from einstyle_core import checkpoints, data
from einstyle_core.classifiers import predict
from einstyle_core.data import NUM_CLASSES
from einstyle_core.errors import CheckpointError, EinstyleError, TrainingError
from einstyle_core.gans import GANS, RECIPES, Sampler, get
from einstyle_core.gans.base import GAN
from einstyle_core.gans.training import EpochReport, fresh, tile, train
from einstyle_core.storage import REPOSITORY

STEPS = 300
"""How long a run may be, in steps of D."""
STEPS_PER_REPORT = 10

State = Literal["waiting", "starting", "training", "done", "stopped", "failed"]
_OVER = ("done", "stopped", "failed")
_NEEDED_BYTES = 1 << 30
"""What the process takes at its peak (0.83 GB of its own), rounded up."""

logger = logging.getLogger(__name__)


class Run:
    """One run as its visitor sees it. What it has learned stays readable when it is over.

    Attributes:
        gan: its name in the registry.
        recipe: ``fixed`` or ``reference``.
        steps: how many steps of D it was asked for.
        seed: of weights, noise and order.
    """

    def __init__(self, gan: str, recipe: str, steps: int, seed: int) -> None:
        get(gan, recipe)
        if not STEPS_PER_REPORT <= steps <= STEPS:
            raise TrainingError(f"A live run has from {STEPS_PER_REPORT} to {STEPS} steps, not {steps}.")
        self.gan, self.recipe, self.steps, self.seed = gan, recipe, steps, seed
        self.state: State = "waiting"
        self.message = ""
        self.last_seen = time.monotonic()
        self.deadline = float("inf")
        self._reports: list[tuple[EpochReport, NDArray[np.uint8]]] = []
        self._process: subprocess.Popen[str] | None = None

    @property
    def is_over(self) -> bool:
        """Nothing more will come."""
        return self.state in _OVER

    @property
    def planned(self) -> int:
        """How many reports a whole run gives."""
        return self.steps // STEPS_PER_REPORT

    def seen(self) -> tuple[list[EpochReport], list[NDArray[np.uint8]]]:
        """The reports so far and their pictures, ``280 x 280`` each; asking keeps the run alive."""
        self.last_seen = time.monotonic()
        reports = list(self._reports)
        return [report for report, _ in reports], [frame for _, frame in reports]


class Stage:
    """Runs one :class:`Run` at a time; safe to use from any thread.

    Args:
        patience: seconds after which a run that nobody asks about is given up.
        most_waiting: how many may wait; the next one is refused.
        time_limit: seconds after which a run is stopped, however far it is.
        command: what is run, with the run's options after it.
    """

    def __init__(
        self,
        patience: float = 20.0,
        most_waiting: int = 8,
        time_limit: float = 900.0,
        command: Sequence[str] = (sys.executable, "-m", "einstyle_core.gans.live"),
    ) -> None:
        self.patience, self.most_waiting, self.time_limit, self.command = patience, most_waiting, time_limit, command
        self._lock = threading.Lock()
        self._line: list[Run] = []  # the first one has the stage
        self._keeper: threading.Thread | None = None

    def submit(self, gan: str, recipe: str = "fixed", *, steps: int = STEPS, seed: int = 0) -> Run:
        """Put a run at the end of the line; it starts by itself when its turn comes.

        Raises:
            UnknownNameError: no GAN or no recipe is called so.
            TrainingError: the line is full, or the number of steps is out of its range.
        """
        run = Run(gan, recipe, steps, seed)
        with self._lock:
            if len(self._line) > self.most_waiting:
                raise TrainingError(
                    f"{len(self._line)} runs are under way or waiting, and the line holds no more. Come back in a few "
                    "minutes."
                )
            self._line.append(run)
            if self._keeper is None or not self._keeper.is_alive():
                self._keeper = threading.Thread(target=self._keep, daemon=True, name="live-training")
                self._keeper.start()
        return run

    def ahead(self, run: Run) -> int:
        """How many are before a run: 0 when it has the stage, or is over."""
        with self._lock:
            return self._line.index(run) if run in self._line else 0

    def stop(self, run: Run) -> None:
        """End a run, wherever it is; what it has learned so far stays."""
        self._end(run, "stopped", "")

    def _keep(self) -> None:
        """Start what is next, give up what nobody asks about; ends with the last run."""
        while True:
            with self._lock:
                if not self._line:
                    self._keeper = None
                    return
                first, everyone = self._line[0], list(self._line)
            now = time.monotonic()
            for run in everyone:
                if now - run.last_seen > self.patience:
                    self._end(run, "stopped", "It was given up: nobody was watching.")
            if now > first.deadline:
                self._end(first, "stopped", f"It took longer than {self.time_limit / 60:.0f} minutes.")
            if first.state == "waiting":
                self._start(first)
            time.sleep(0.2)

    def _start(self, run: Run) -> None:
        options = ["--gan", run.gan, "--recipe", run.recipe, "--steps", str(run.steps), "--seed", str(run.seed)]
        with self._lock:
            if run.is_over:
                return
            if (free := _free_bytes()) is not None and free < _NEEDED_BYTES:
                run.state, run.message = "failed", f"Only {free / 1e9:.1f} GB of memory is free here; a run needs 1 GB."
                self._line.remove(run)
                return
            run.state = "starting"
            run.deadline = time.monotonic() + self.time_limit
            try:
                run._process = subprocess.Popen(
                    [*self.command, *options],
                    cwd=REPOSITORY,
                    env=os.environ | {"OMP_NUM_THREADS": "1"},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            except OSError as error:
                run.state, run.message = "failed", f"No process could be started ({error.strerror})."
                self._line.remove(run)
                return
        threading.Thread(target=self._read, args=(run,), daemon=True, name="live-training-reader").start()

    def _read(self, run: Run) -> None:
        """Follow the process to its end, then free the stage."""
        process = run._process
        assert process is not None
        assert process.stdout is not None
        failure = ""
        for line in process.stdout:
            try:
                message = json.loads(line)
                if "error" in message:
                    failure = str(message["error"])
                else:
                    run._reports.append((EpochReport(**message["report"]), _unpacked(message["frame"])))
            except (ValueError, KeyError, TypeError, OSError):
                continue  # a library's own words, or a line cut off by the end
            if run.state == "starting":
                run.state = "training"
        code = process.wait()
        if code == 0 and len(run._reports) >= run.planned:
            self._end(run, "done", "")
        else:
            self._end(run, "failed", failure or f"The process ended before it was done (exit status {code}).")

    def _end(self, run: Run, state: State, message: str) -> None:
        with self._lock:
            process = run._process
            if process and process.poll() is None:
                process.kill()  # there is nothing to save
                process.wait()
            if not run.is_over:
                run.state, run.message = state, message
            if run in self._line:
                self._line.remove(run)


def main(argv: list[str] | None = None) -> None:
    """The process behind a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gan", choices=GANS, required=True)
    parser.add_argument("--recipe", choices=RECIPES, default="fixed")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(19)
    torch.set_num_threads(1)
    try:
        # Weights averaged over so few steps would lag far behind, and their statistics cost more than the steps.
        gan = fresh(get(args.gan, args.recipe), args.seed, epochs=args.steps // STEPS_PER_REPORT, ema=0, decay_epochs=0)
        images, judge = data.load("train"), _judge()
        for report in train(gan, images, seed=args.seed, images_per_epoch=STEPS_PER_REPORT * gan.recipe.batch_size):
            report, frame = _observed(gan, report, judge, args.seed)
            buffer = io.BytesIO()
            frame.save(buffer, "PNG")
            _say({"report": vars(report), "frame": base64.b64encode(buffer.getvalue()).decode()})
    except EinstyleError as error:
        _say({"error": str(error)})
        sys.exit(1)


def _observed(gan: GAN, report: EpochReport, judge: nn.Module | None, seed: int) -> tuple[EpochReport, Image.Image]:
    """The report with what the judge sees in the hundred tiles, and their picture."""
    sampler = Sampler(gan).eval()
    pictures = sampler(*sampler.grids(seed)["grid"])
    sampler.train()
    if judge:
        labels = predict(judge, pictures).argmax(1)
        mix = labels.bincount(minlength=NUM_CLASSES).tolist()
        report = dataclasses.replace(report, class_mix=mix, tile_classes=labels.tolist())
    return report, tile(pictures)


def _judge() -> nn.Module | None:
    try:
        return checkpoints.load("cnn")
    except CheckpointError as error:
        logger.warning("No classes in this run: %s", error)
        return None


def _free_bytes() -> int | None:
    """Memory that this process may still take: the machine's, or its container's where that is less; None: unknown."""
    found = []
    with contextlib.suppress(OSError, ValueError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        found += [1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    with contextlib.suppress(OSError, ValueError):  # without a limit the first file says "max"
        group = Path("/sys/fs/cgroup")
        found.append(int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    return min(found, default=None)


def _unpacked(text: str) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(base64.b64decode(text)), formats=["PNG"]) as picture:
        return np.asarray(picture.convert("L"))


def _say(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)  # noqa: T201


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()

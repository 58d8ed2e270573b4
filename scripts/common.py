"""What every command line here shares: options, progress on standard error, and errors as one line."""

import argparse
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from einstyle_core import data
from einstyle_core.devices import DEVICE_CHOICES
from einstyle_core.errors import EinstyleError


def positive_int(text: str) -> int:
    """Argparse type: a whole number of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {value}")
    return value


def training_parser(description: str | None) -> argparse.ArgumentParser:
    """A parser with the options that all training commands share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--epochs", type=positive_int, help="epochs to train; the recipe's own number by default")
    parser.add_argument("--device", choices=DEVICE_CHOICES, default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="go on from the last epoch saved in runs/")
    parser.add_argument("--out", type=Path, help="folder for the finished checkpoint; checkpoints/ by default")
    return parser


def load_data(split: data.Split) -> data.ImageSet:
    """A split of Fashion-MNIST; downloaded first, with a bar on standard error, where it is absent."""
    with _download_bar() as progress:
        return data.load(split, download=True, progress=progress)


def run(main: Callable[[list[str] | None], int | None], argv: list[str] | None = None) -> None:
    """Run ``main`` and leave the process with its exit code.

    Errors written for the user become one line on standard error and exit code 1, Ctrl-C becomes 130.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        code = main(argv) or 0
        sys.stdout.flush()
    except (EinstyleError, OSError) as error:  # of a full disk or a closed door the system's sentence is the clear one
        print(f"error: {error}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        code = 130
    sys.exit(code)


@contextmanager
def _download_bar() -> Iterator[data.Progress]:
    with tqdm(unit="B", unit_scale=True, desc="Fashion-MNIST", disable=data.is_available()) as bar:

        def show(so_far: int, total: int) -> None:
            bar.total = total
            bar.update(so_far - bar.n)

        yield show

"""Say which of the ten classes each picture shows.

Takes files and folders (walked in name order); each picture goes through the same upload path as on the page: decoded
with limits, the garment found. Without --model the project's best choice for each kind of picture answers: the photo
model for photographs, the residual network for pictures in Fashion-MNIST's manner. A file that is no picture is told
and does not stop the others; the exit code is then 1.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tqdm import tqdm

from einstyle_core import images
from einstyle_core.classifiers import NETWORKS
from einstyle_core.classifiers.best import Answer, asker
from einstyle_core.classifiers.views import is_blank, view
from einstyle_core.errors import ImageError
from einstyle_core.exports import visible
from einstyle_core.garments import LARGEST_SIZE, Garment, find_garment
from scripts.common import run

BATCH = 32  # pictures in memory at a time, however many there are


def main(argv: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="picture files or folders of them")
    parser.add_argument("--model", choices=NETWORKS, help="by default the best for each kind of picture")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, in input order")
    args = parser.parse_args(argv)

    ask = asker(args.model)
    failed = False
    waiting = iter(tqdm(files(args.paths), unit="picture", disable=not sys.stderr.isatty()))
    while batch := list(islice(waiting, BATCH)):
        for row in answers(batch, ask):
            failed |= "error" in row
            report(row, as_json=args.json)
    return 1 if failed else 0


def files(paths: list[Path]) -> Iterator[Path]:
    """The files that ``paths`` name: folders are walked in name order, hidden files left out.

    Raises:
        ImageError: a folder holds none.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = [file for file in sorted(path.rglob("*")) if not file.is_dir() and not file.name.startswith(".")]
        if not found:
            raise ImageError(f"There is no file in {path}.")
        yield from found


def answers(paths: list[Path], ask: Answer) -> list[dict[str, Any]]:
    """One row a path, in order: the prediction's fields, ``empty`` where nothing is in the picture, or ``error``."""
    rows: list[dict[str, Any]] = []
    found: list[Garment] = []
    readable: list[dict[str, Any]] = []
    for path in paths:
        row: dict[str, Any] = {"path": str(path)}
        rows.append(row)
        try:
            with path.open("rb") as file:
                content = file.read(images.Limits.max_bytes + 1)  # of an endless file, just enough to refuse it
            found.append(find_garment(images.decode(content, path.name, max_side=LARGEST_SIZE)))
            readable.append(row)
        except ImageError as error:
            row["error"] = str(error)
        except OSError as error:
            row["error"] = f"{path.name} cannot be read: {error.strerror}."
    for row, garment, prediction in zip(readable, found, ask(found), strict=True):
        is_empty = not garment.quality and is_blank(view(garment))
        row |= {
            "label": prediction.label,
            "label_index": prediction.label_index,
            "confidence": prediction.confidence,
            "in_scope": prediction.in_scope and not is_empty,
            "scope_score": prediction.scope_score,
            "probabilities": list(prediction.probabilities),
            "model": prediction.model,
        }
        if is_empty:
            row["empty"] = True
    return rows


def report(row: dict[str, Any], *, as_json: bool) -> None:
    """Print one row: results on standard output, a bad file's sentence on standard error too."""
    if as_json:
        print(json.dumps(row), flush=True)
    elif "error" in row:
        print(f"{visible(row['path'])}: {row['error']}", file=sys.stderr)
    elif "empty" in row:
        print(f"{visible(row['path'])}: nothing found (the picture is of one tone all over)", flush=True)
    else:
        doubt = "" if row["in_scope"] else "  (perhaps none of the ten classes)"
        print(f"{visible(row['path'])}: {row['label']} {row['confidence']:.0%}{doubt}", flush=True)


if __name__ == "__main__":
    run(main)

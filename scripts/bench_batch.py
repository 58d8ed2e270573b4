"""Memory of the app while hundreds of photographs go through the Classify page: starts it, drives it with a browser.

A round uploads the pictures in one go, waits until they are sorted, and clears them. What counts is the server's
resident memory: before, at its highest, with the batch sorted, and after it was cleared. Constant memory shows in the
later rounds, which must add nothing, and in the growth a picture, which must not depend on the pictures' size.

Needs Playwright (requirements-dev.txt) and the system's Chromium (``CHROMIUM`` names another).
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from scripts import browser, serving
from scripts.common import positive_int, run

if TYPE_CHECKING:
    from playwright.sync_api import Page

_PATIENCE_MS = 3_600_000


def main(argv: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=positive_int, default=500, help="pictures a round")
    parser.add_argument("--rounds", type=positive_int, default=2)
    parser.add_argument("--side", type=positive_int, default=1600, help="longest side of a drawn picture in pixels")
    parser.add_argument("--bound", type=positive_int, default=250, help="MiB that a batch may add at most, at any time")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder, serving.app() as (pid, address), _watch(pid) as peak:
        pictures = draw(Path(folder), args.count, args.side)
        megabytes = sum(path.stat().st_size for path in pictures) / 2**20
        rounds = []
        with browser.page() as page:
            page.set_default_timeout(_PATIENCE_MS)
            page.goto(f"{address}/classify")
            _settle(page)
            _round(page, pictures[:20])  # what a first batch wakes is not what a batch costs
            for _ in range(args.rounds):
                peak.clear()
                before, began = serving.resident(pid), time.monotonic()
                sorted_at = _round(page, pictures, pid)
                row = {"before": before, "peak": max(peak), "sorted": sorted_at, "cleared": serving.resident(pid)}
                rounds.append(row | {"seconds": time.monotonic() - began})
                print({key: round(value) for key, value in rounds[-1].items()}, file=sys.stderr)
    start = rounds[0]["before"]
    report = {
        "pictures": args.count,
        "uploaded_mib": round(megabytes, 1),
        "peak_growth_mib": round(max(row["peak"] for row in rounds) - start, 1),
        "sorted_growth_mib": round(max(row["sorted"] for row in rounds) - start, 1),
        "last_round_growth_mib": round(rounds[-1]["sorted"] - rounds[0]["sorted"], 1),
        "seconds_a_picture": round(min(row["seconds"] for row in rounds) / args.count, 3),
    }
    print(json.dumps(report) if args.json else "\n".join(f"{key}: {value}" for key, value in report.items()))
    # While they are uploaded, Streamlit itself holds the files.
    return 0 if report["sorted_growth_mib"] <= args.bound else 1


def draw(folder: Path, count: int, side: int) -> list[Path]:
    """Photographs of a sort: a garment in one colour on a grainy ground, each another, as JPEG files."""
    generator = np.random.default_rng(0)
    grain = generator.normal(0, 12, (side, side * 3 // 4, 1))
    paths = []
    for number in range(count):
        ground = generator.integers(120, 240, 3)
        picture = Image.fromarray(np.clip(ground + grain, 0, 255).astype(np.uint8))
        colour = tuple(int(value) for value in generator.integers(0, 120, 3))
        shape = [(0.35, 0.15), (0.65, 0.15), (0.9, 0.4), (0.75, 0.5), (0.7, 0.9), (0.3, 0.9), (0.25, 0.5), (0.1, 0.4)]
        width, height = picture.size
        ImageDraw.Draw(picture).polygon([(x * width, y * height) for x, y in shape], fill=colour)
        paths.append(folder / f"picture-{number:04}.jpg")
        picture.save(paths[-1], quality=85)
    return paths


def _round(page: "Page", pictures: list[Path], pid: int | None = None) -> float:
    with page.expect_file_chooser() as chooser:
        page.get_by_test_id("stFileUploader").get_by_role("button", name="Upload", exact=True).click()
    chooser.value.set_files(pictures)
    page.get_by_role("heading", name=f"{len(pictures)} pictures, sorted").wait_for()
    _settle(page)
    used = serving.resident(pid) if pid else 0.0
    page.get_by_role("button", name="Clear all pictures").click()
    page.get_by_role("heading", name="pictures, sorted").wait_for(state="detached")
    _settle(page)
    return used


def _settle(page: "Page") -> None:
    page.get_by_text("Your pictures stay in this session").wait_for()
    page.locator("[data-test-script-state=notRunning]").wait_for()


@contextmanager
def _watch(pid: int) -> Iterator[list[float]]:
    """Resident memory five times a second, as a list that grows."""
    seen: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            try:
                seen.append(serving.resident(pid))
            except OSError:
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    run(main)

"""How long visitors wait when several use a page at once: drives a running app over its websocket, without a browser.

Each visitor opens the page and then presses a button again and again, with a pause before each; on Generate, 64 other
pictures each time. A wait goes from the question to the last message of the answer, as the client sees it: server time
and the loopback; ``shown`` ends with the largest message, which is the wall of pictures. The first visitor's first
visit is not counted: it wakes the networks.
"""

import argparse
import contextlib
import json
import random
import statistics
import threading
import time
from collections.abc import Callable

from einstyle_core.errors import EinstyleError
from scripts import serving
from scripts.common import positive_int, run
from scripts.visitor import Answer, Visitor


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=positive_int, default=10)
    parser.add_argument("--presses", type=positive_int, default=20, help="a visitor's")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds before a press, on average")
    parser.add_argument("--page", default="generate?count=64", help="with its query")
    parser.add_argument("--button", default="Other pictures", help="its label")
    parser.add_argument("--url", help="a running app's address; without, one is started, and its memory measured")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)

    with contextlib.ExitStack() as stack:
        pid, address = (None, args.url.rstrip("/")) if args.url else stack.enter_context(serving.app())
        page = f"{address}/{args.page}"
        with Visitor(page) as first:
            first.open()
            alone = [first.press(args.button) for _ in range(args.presses)]
        before = serving.resident(pid) if pid else None
        opened, pressed = crowd(page, args.button, args.users, args.presses, args.pause)
        after = serving.resident(pid) if pid else None
    figures: dict[str, object] = {"page": args.page, "users": args.users, "presses": len(pressed)}
    for name, answers in (("alone", alone[1:] or alone), ("open", opened), ("press", pressed)):
        figures |= {f"{name}_{key}": value for key, value in summary(answers).items()}
    figures["answer_kib"] = round(statistics.median(answer.size for answer in pressed) / 1024)
    if before is not None and after is not None:
        figures |= {"memory_before_mib": round(before), "memory_growth_mib": round(after - before)}
    print(json.dumps(figures) if args.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


def crowd(page: str, button: str, users: int, presses: int, pause: float) -> tuple[list[Answer], list[Answer]]:
    """Let ``users`` visitors in at the same moment; the answers to opening the page, and to the presses."""
    barrier = threading.Barrier(users)
    opened: list[Answer] = []
    pressed: list[Answer] = []
    troubles: list[Exception] = []

    def visit(number: int) -> None:
        rng = random.Random(number)
        try:
            with Visitor(page) as visitor:
                barrier.wait()
                opened.append(visitor.open())
                for _ in range(presses):
                    time.sleep(rng.uniform(0, 2 * pause))
                    pressed.append(visitor.press(button))
        except (EinstyleError, threading.BrokenBarrierError) as error:
            barrier.abort()
            troubles.append(error)

    _at_once(visit, users)
    if troubles:
        raise next((error for error in troubles if isinstance(error, EinstyleError)), troubles[0])
    return opened, pressed


def summary(answers: list[Answer]) -> dict[str, float]:
    """Waits in milliseconds: the median, the 95th percentile and the longest; ``shown``: until the pictures."""
    figures: dict[str, float] = {}
    for prefix, seconds in (("", "seconds"), ("shown_", "shown")):
        waits = sorted(1000 * float(getattr(answer, seconds)) for answer in answers)
        p95 = waits[min(len(waits) - 1, int(0.95 * len(waits)))]
        parts = {"ms_p50": statistics.median(waits), "ms_p95": p95, "ms_max": waits[-1]}
        figures |= {f"{prefix}{part}": round(value, 1) for part, value in parts.items()}
    return figures


def _at_once(visit: Callable[[int], None], users: int) -> None:
    threads = [threading.Thread(target=visit, args=(number,)) for number in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    run(main)

"""Time the Robustness page's slider in a real browser: from the input to the painted frame, and what is sent meanwhile.

Drives an app that is running and has Fashion-MNIST, with Playwright (requirements-dev.txt) and the system's Chromium
(``CHROMIUM`` names another). A step is one move of a pressed mouse. Its time goes from the event's own time stamp to
the first task after the frame that shows it: style, layout and paint are in it; the screen's refresh is not.
"""

import argparse
import json
import statistics
from typing import Any

from einstyle_core.errors import EinstyleError
from scripts import browser
from scripts.common import positive_int, run

URL = "http://127.0.0.1:8501/robustness"
PATIENCE_MS = 120_000

# Each step leaves how long its handler took and when its frame was done, both in ms since the event.
WATCH = """
(input) => {
  window.steps = [];
  const drawn = input.oninput;
  input.oninput = (event) => {
    const begun = performance.now();
    drawn(event);
    const step = { handler: performance.now() - begun };
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        step.painted = performance.now() - event.timeStamp;
        window.steps.push(step);
      };
      port2.postMessage(0);
    });
  };
}
"""


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default=URL, help=f"the running page; {URL} by default")
    parser.add_argument("--steps", type=positive_int, default=90)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    figures = measure(args.url, args.steps)
    if args.json:
        print(json.dumps(figures))
        return
    print(
        f"{figures['frames']} frames of {figures['steps']} steps, input to paint p50 {figures['paint_p50_ms']:.1f} ms, "
        f"p95 {figures['paint_p95_ms']:.1f} ms; drawing alone p50 {figures['handler_p50_ms']:.1f} ms; "
        f"{figures['messages']} messages to the server"
    )


def measure(url: str, steps: int) -> dict[str, Any]:
    """Drag once over most of the slider.

    Raises:
        EinstyleError: there is no browser, or no slider at that address.
    """
    sent: list[object] = []
    with browser.page() as page:
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
        page.goto(url, timeout=PATIENCE_MS)
        slider = page.get_by_role("slider", name="Epsilon, the size of the change")
        slider.wait_for(timeout=PATIENCE_MS)
        page.locator("[data-test-script-state=notRunning]").wait_for(timeout=PATIENCE_MS)
        page.wait_for_load_state("networkidle")
        slider.evaluate(WATCH)
        box = slider.bounding_box()
        assert box is not None
        y = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + 0.2 * box["width"], y)
        page.mouse.down()
        before = len(sent)
        for step in range(steps):
            page.mouse.move(box["x"] + (0.05 + 0.9 * step / steps) * box["width"], y)
            page.evaluate("() => new Promise(requestAnimationFrame)")
        messages = len(sent) - before
        page.evaluate("() => new Promise((done) => setTimeout(done, 100))")
        done = page.evaluate("() => window.steps")
    painted = sorted(step["painted"] for step in done)
    if not painted:
        raise EinstyleError(f"The slider at {url} did not move.")
    return {
        "steps": steps,
        "frames": len(painted),
        "paint_p50_ms": statistics.median(painted),
        "paint_p95_ms": painted[int(0.95 * (len(painted) - 1))],
        "handler_p50_ms": statistics.median(step["handler"] for step in done),
        "messages": messages,
    }


if __name__ == "__main__":
    run(main)

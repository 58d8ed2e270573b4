"""Training live: one at a time, in order, stopped at once, given up when nobody watches."""

import base64
import io
import json
import os
import sys
import time

import pytest
from PIL import Image

from einstyle_core.data import is_available
from einstyle_core.errors import TrainingError, UnknownNameError
from einstyle_core.gans import live
from einstyle_core.gans.live import Stage
from tests.training_runs import report

# What stands in for the training process: it says what it is told to say, then lives until its input ends.
PUPPET = """
import sys
lines, rest = sys.argv[1], sys.argv[2]
print("a library's own words")
print(open(lines).read(), end="", flush=True)
if rest == "wait":
    sys.stdin.read()
sys.exit(int(rest) if rest.isdigit() else 0)
"""


def message(epoch, epochs=5):
    buffer = io.BytesIO()
    Image.new("L", (280, 280), epoch).save(buffer, "PNG")
    return {"report": vars(report(epoch, epochs)), "frame": base64.b64encode(buffer.getvalue()).decode()}


@pytest.fixture
def make_stage(tmp_path):
    """A stage whose process says ``messages`` and then waits, ends, or fails with a number."""

    def make(messages, rest="wait", **options):
        lines = tmp_path / f"lines-{len(list(tmp_path.iterdir()))}"
        lines.write_text("".join(json.dumps(item) + "\n" for item in messages))
        return Stage(command=(sys.executable, "-S", "-c", PUPPET, str(lines), rest), **options)

    return make


def wait(run, condition, seconds=60.0):
    """Watch a run until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"still {run.state}: {run.message}"
        run.seen()
        time.sleep(0.02)


def is_gone(process):
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_run_tells_what_it_does_and_ends(make_stage):
    stage = make_stage([message(epoch) for epoch in range(1, 6)], "end")
    run = stage.submit("gan", steps=50)
    wait(run, lambda: run.is_over)
    reports, frames = run.seen()
    assert (run.state, run.message) == ("done", "")
    assert [done.epoch for done in reports] == [1, 2, 3, 4, 5]
    assert [int(frame[0, 0]) for frame in frames] == [1, 2, 3, 4, 5]
    assert frames[0].shape == (280, 280)


def test_one_at_a_time_and_the_others_in_their_order(make_stage):
    stage = make_stage([message(1)])
    runs = [stage.submit(name, steps=50) for name in ("gan", "wgan", "began")]
    for place, run in enumerate(runs):
        wait(run, lambda run=run: [other.seen() for other in runs] and run.state == "training")
        assert [stage.ahead(other) for other in runs[place:]] == list(range(3 - place))
        assert [other.state for other in runs[place + 1 :]] == ["waiting"] * (2 - place)
        process = run._process
        stage.stop(run)
        assert run.state == "stopped"
        assert is_gone(process)
        assert len(run.seen()[0]) == 1  # what it has learned so far stays


def test_who_leaves_the_line_frees_the_place(make_stage):
    stage = make_stage([message(1)])
    first, second, third = (stage.submit("gan", steps=50) for _ in range(3))
    wait(first, lambda: [run.seen() for run in (second, third)] and first.state == "training")
    stage.stop(second)
    assert (second.state, stage.ahead(third)) == ("stopped", 1)
    stage.stop(first)
    wait(third, lambda: third.state == "training")
    assert second._process is None
    stage.stop(third)
    stage.stop(third)  # a second click changes nothing
    assert third.state == "stopped"


def test_a_run_that_nobody_watches_is_given_up_and_the_next_begins(make_stage):
    stage = make_stage([message(1)], patience=0.5)
    left, watched = stage.submit("gan", steps=50), stage.submit("wgan", steps=50)
    wait(watched, lambda: watched.state == "training")
    assert left.state == "stopped"
    assert "nobody" in left.message
    assert is_gone(left._process)
    stage.stop(watched)


def test_a_run_that_takes_too_long_is_stopped(make_stage):
    stage = make_stage([message(1)], time_limit=0.5)
    run = stage.submit("gan", steps=50)
    wait(run, lambda: run.is_over)
    assert run.state == "stopped"
    assert "longer than" in run.message


@pytest.mark.parametrize(
    ("messages", "rest", "words"),
    [
        ([message(1), {"error": "Fashion-MNIST is not here."}], "1", "Fashion-MNIST is not here."),
        ([message(1)], "9", "exit status 9"),
        ([message(1)], "end", "before it was done"),
        ([{"report": {}, "frame": ""}, {"frame": 3}, [], 1], "end", "before it was done"),
    ],
)
def test_a_process_that_fails_is_told_and_frees_the_stage(make_stage, messages, rest, words):
    stage = make_stage(messages, rest)
    run = stage.submit("gan", steps=50)
    wait(run, lambda: run.is_over)
    assert run.state == "failed"
    assert words in run.message
    again = stage.submit("gan", steps=50)
    wait(again, lambda: again.is_over)


def test_the_line_has_an_end(make_stage):
    stage = make_stage([], most_waiting=1)
    runs = [stage.submit("gan", steps=50) for _ in range(2)]
    with pytest.raises(TrainingError, match="holds no more"):
        stage.submit("gan", steps=50)
    for run in runs:
        stage.stop(run)
    stage.stop(stage.submit("gan", steps=50))


def test_without_memory_no_process_is_started(make_stage, monkeypatch):
    monkeypatch.setattr(live, "_free_bytes", lambda: 300_000_000)
    run = make_stage([]).submit("gan", steps=50)
    wait(run, lambda: run.is_over)
    assert (run.state, run._process) == ("failed", None)
    assert "0.3 GB" in run.message


def test_the_memory_of_this_machine_is_known_where_linux_tells_it():
    free = live._free_bytes()
    assert free is None or 0 < free < 1 << 50


@pytest.mark.parametrize(("name", "steps", "error"), [("vae", 50, UnknownNameError), ("gan", 9, TrainingError)])
def test_nonsense_is_refused(name, steps, error):
    with pytest.raises(error):
        Stage().submit(name, steps=steps)


def test_no_more_steps_than_the_machine_can_bear():
    with pytest.raises(TrainingError, match="300"):
        Stage().submit("gan", steps=10**9)


@pytest.mark.data
@pytest.mark.skipif(not is_available(), reason="needs the training images")
def test_the_real_process_trains(checkpoint_folder):
    stage = Stage()
    run = stage.submit("gan", steps=10)
    wait(run, lambda: run.is_over, 300)
    ((done,), (frame,)) = run.seen()
    assert (run.state, run.message, done.class_mix) == ("done", "", None)
    assert done.losses.keys() == {"D/real", "D/fake", "G/fake"}
    assert frame.std() > 0

"""Histories and animations: what the command writes is read back, what is broken is told, what happened is found."""

import dataclasses
import json
import math
import shutil

import numpy as np
import pytest
from PIL import Image

from einstyle_core import gans
from einstyle_core.errors import CheckpointError, UnknownNameError
from einstyle_core.gans import history
from einstyle_core.gans.training import EpochReport, frame_path, tile, write_gif
from einstyle_core.images import from_uint8
from scripts import common, train_gan
from tests.gans import toys
from tests.gans.test_commands import ReadsFirstPixel

EPOCHS = 3
WHITE = 255


class SmallWGAN(toys.HingeGAN):
    """A run of seconds under a name that the registry knows."""

    name = "wgan"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What a real run of the command writes, at toy size: the folders of its files and of its state."""
    out, runs = tmp_path_factory.mktemp("checkpoints"), tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(gans.GANS, "wgan", SmallWGAN)
        patch.setattr(train_gan, "load_data", lambda split: toys.images())
        patch.setattr(train_gan, "RUNS", runs)
        patch.setattr(train_gan, "BANK_SIZE", 1)
        patch.setattr(train_gan, "_judge", lambda device: ReadsFirstPixel())
        patch.setattr(common, "print", lambda *args, **kwargs: None, raising=False)
        train_gan.main(["--gan", "wgan", "--epochs", str(EPOCHS), "--out", str(out)])
    return out / "gan", runs / "gan" / "fixed" / "wgan-seed0"


@pytest.fixture
def run(made, checkpoint_folder):
    """A copy of those files, to break; returns their folder."""
    shutil.copytree(made[0], checkpoint_folder / "gan")
    return checkpoint_folder / "gan"


def report(epoch, *, epochs=20, losses=None, trace=None, mix=None, tiles=None):
    losses = losses or {"D/real": 0.5}
    return EpochReport(epoch, epochs, 1.0, losses, trace or [losses], mix, tiles)


def damage(path, **changes):
    fields = json.loads(path.read_text())
    path.write_text(json.dumps(fields | changes))


def test_what_the_command_writes_is_read_back(run, made):
    assert history.available() == [("wgan", "fixed")]
    told = history.read("wgan")
    assert [done.epoch for done in told.epochs] == [1, 2, 3]
    assert told.terms == ["D/real", "D/fake", "G/fake"]
    assert (told.images, told.seed, told.recipe["batch_size"]) == (48, 0, 8)
    assert sum(told.epochs[-1].class_mix) == 1000
    frames = history.read_frames(told)
    assert (frames.shape, frames.dtype) == ((EPOCHS, 280, 280), np.uint8)
    for epoch, frame in enumerate(frames, start=1):
        with Image.open(frame_path(made[1], "grid", epoch)) as snapshot:
            # The animation has 64 grays, 4 apart, and Pillow takes one of the nearest.
            assert np.abs(frame.astype(int) - np.asarray(snapshot)).max() <= 8


def test_what_is_not_there_is_told_with_the_command(checkpoint_folder):
    assert history.available() == []
    with pytest.raises(CheckpointError, match=r"python -m scripts\.train_gan --gan dragan --recipe reference"):
        history.read("dragan", "reference")
    with pytest.raises(UnknownNameError, match="wgan_gp"):
        history.read("vae")
    with pytest.raises(UnknownNameError, match="reference"):
        history.read("gan", "../fixed")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_half_written_history_is_refused(run, share):
    path = run / "wgan.history.json"
    text = path.read_text()
    path.write_text(text[: int(share * len(text))])
    with pytest.raises(CheckpointError, match=r"wgan\.history\.json is damaged.*scripts\.train_gan --gan wgan$"):
        history.read("wgan")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epochs": []}, "no epochs"),
        ({"epochs": None}, "no epochs"),
        ({"gan": "gan"}, "another run"),
        ({"recipe_name": "reference"}, "another run"),
        ({"recipe": "fixed"}, "not described"),
    ],
)
def test_fields_that_make_no_sense_are_refused(run, changes, words):
    damage(run / "wgan.history.json", **changes)
    with pytest.raises(CheckpointError, match=words):
        history.read("wgan")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epoch": 4}, "epoch 3 is missing"),
        ({"losses": {"D/real": 1.0}}, "losses of epoch 3"),
        ({"losses": {"D/real": 1.0, "D/fake": "1", "G/fake": 1.0}}, "losses of epoch 3"),
        ({"losses": {"D/real": math.nan, "D/fake": 1.0, "G/fake": 1.0}}, "is damaged"),
        ({"trace": []}, "trace"),
        ({"class_mix": [1] * 9}, "classes of epoch 3"),
        ({"class_mix": [-1] * 10}, "classes of epoch 3"),
        ({"tile_classes": [10] * 100}, "no classes"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_broken_epoch_is_named(run, changes, words):
    path = run / "wgan.history.json"
    epochs = json.loads(path.read_text())["epochs"]
    epochs[2] |= changes
    damage(path, epochs=epochs)
    with pytest.raises(CheckpointError, match=words):
        history.read("wgan")


def snapshots(folder, tones):
    """Frames of one tone each, as a run keeps them."""
    (folder / "frames").mkdir()
    for epoch, tone in enumerate(tones, start=1):
        pixels = np.full((100, 28, 28), tone, np.uint8)
        pixels[epoch] = 255 - tone
        tile(from_uint8(pixels)).save(folder / "frames" / f"grid-{epoch:03d}.png")


def three_epochs(tmp_path, checkpoint_folder, tones, epochs=3):
    snapshots(tmp_path, tones)
    path = history.gif_path("gan")
    write_gif(tmp_path, "grid", len(tones), path)
    rows = tuple(report(epoch, epochs=epochs) for epoch in range(1, epochs + 1))
    return history.History("gan", "fixed", {}, 48, 0, rows), path


def test_missing_frames_leave_those_that_are_there(tmp_path, checkpoint_folder):
    told, _ = three_epochs(tmp_path, checkpoint_folder, [0, 255], epochs=5)
    frames = history.read_frames(told)
    assert frames[:, 200, 200].tolist() == [0, WHITE]


def test_frames_that_are_alike_are_counted_apart(tmp_path, checkpoint_folder):
    told, path = three_epochs(tmp_path, checkpoint_folder, [0, 0, 0])
    for epoch in (1, 2, 3):
        Image.new("L", (280, 280), 0 if epoch < 3 else 255).save(tmp_path / "frames" / f"grid-{epoch:03d}.png")
    write_gif(tmp_path, "grid", 3, path)
    with Image.open(path) as gif:
        assert gif.n_frames == 2  # Pillow joins the first two
    assert history.read_frames(told)[:, 0, 0].tolist() == [0, 0, WHITE]
    for epoch in (1, 2, 3):
        Image.new("L", (280, 280), 255 if epoch > 1 else 0).save(tmp_path / "frames" / f"grid-{epoch:03d}.png")
    write_gif(tmp_path, "grid", 3, path)
    assert history.read_frames(told)[:, 0, 0].tolist() == [0, WHITE, WHITE]


def test_a_file_that_breaks_off_gives_its_whole_frames(tmp_path, checkpoint_folder):
    told, path = three_epochs(tmp_path, checkpoint_folder, [0, 100, 200])
    whole, content = history.read_frames(told), path.read_bytes()
    path.write_bytes(content[: int(0.7 * len(content))])
    part = history.read_frames(told)
    assert 1 <= len(part) < 3
    assert np.array_equal(part, whole[: len(part)])


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"nonsense" * 100])
def test_what_is_no_animation_is_told(tmp_path, checkpoint_folder, content):
    told, path = three_epochs(tmp_path, checkpoint_folder, [0, 100, 200])
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"gan\.gif is damaged"):
        history.read_frames(told)
    path.unlink()
    with pytest.raises(CheckpointError, match=r"gan\.gif is missing.*--gan gan"):
        history.read_frames(told)


def test_another_runs_animation_is_refused(tmp_path, checkpoint_folder):
    told, path = three_epochs(tmp_path, checkpoint_folder, [0, 100, 200])
    with pytest.raises(CheckpointError, match="more frames"):
        history.read_frames(dataclasses.replace(told, epochs=told.epochs[:2]))
    Image.new("L", (28, 28)).save(path)
    with pytest.raises(CheckpointError, match="28 x 28"):
        history.read_frames(told)


def test_effective_classes_are_the_exponential_of_the_entropy():
    assert history.effective_classes([5] * 10) == pytest.approx(10)
    assert history.effective_classes([0] * 9 + [7]) == pytest.approx(1)
    # p = 1/2, 1/4, 1/4: H = 0.5 ln 2 + 0.5 ln 4 = 1.5 ln 2, and e^H = 2^1.5.
    assert history.effective_classes([2, 1, 1] + [0] * 7) == pytest.approx(2**1.5)
    with pytest.raises(ValueError, match="no picture"):
        history.effective_classes([0] * 10)


def wave(epoch):
    return 0.5 + 0.01 * (-1) ** epoch


def test_a_leaping_loss_is_a_chapter_and_a_restless_one_is_none():
    epochs = [report(e, losses={"D/real": wave(e), "G/fake": 3.0 * (e % 2)}) for e in range(1, 21)]
    assert history.find_chapters(epochs) == []
    epochs[13] = report(14, losses={"D/real": 2.5, "G/fake": 0.0})
    (chapter,) = history.find_chapters(epochs)
    assert (chapter.epoch, chapter.kind) == (14, "loss")
    assert chapter.text == "D/real leaps from 0.5 to 2.5"  # the median of five 0.49 and five 0.51


def test_a_spike_within_an_epoch_is_found_in_the_trace():
    calm = [{"D/real": 1.0 + 0.01 * (k % 2)} for k in range(5)]
    epochs = [report(e, losses={"D/real": 1.0}, trace=calm) for e in range(1, 11)]
    burst = [*calm[:2], {"D/real": -4.0}, *calm[3:]]
    epochs[6] = report(7, losses={"D/real": 0.0}, trace=burst)
    (chapter,) = history.find_chapters(epochs)
    assert chapter.epoch == 7
    assert chapter.text.endswith("to -4")
    assert "drops from 1" in chapter.text


def test_collapse_and_recovery_of_the_class_mix():
    even, poor = [100] * 10, [910] + [10] * 9
    mixes = [[1000] + [0] * 9, even, even, poor, poor, even]
    found = history.find_chapters([report(e, mix=mix) for e, mix in enumerate(mixes, start=1)])
    assert [(chapter.epoch, chapter.kind) for chapter in found] == [(2, "mix"), (4, "mix"), (6, "mix")]
    whole, collapse, recovery = (chapter.text for chapter in found)
    assert whole.startswith("all ten classes")
    # H = -.91 ln .91 - 9 (.01 ln .01) = .0858 + .4145, e^H = 1.65
    assert collapse == "the mix collapses from 10.0 to 1.6 of 10 classes; 91% are T-shirt/top"
    assert recovery == "the mix recovers to 10.0 of 10 classes"


def test_a_class_that_is_lost_for_good():
    with_bags = [100] * 10
    without = [111] * 8 + [0, 112]
    mixes = [with_bags, with_bags, without, without]
    texts = {c.epoch: c.text for c in history.find_chapters([report(e, mix=m) for e, m in enumerate(mixes, start=1)])}
    assert texts[3] == "Bag is seen no more, after up to 10%"


def test_a_tile_that_turns_for_good_is_a_chapter_and_one_that_flickers_is_none():
    def tiles(epoch):
        life = [0] * 100
        life[1] = 6 if epoch < 14 else 8
        life[2] = epoch % 2
        return life

    (chapter,) = history.find_chapters([report(e, tiles=tiles(e)) for e in range(1, 21)])
    assert chapter == history.Chapter(14, "tile", "tile (0,1) Shirt → Bag", tile=1)


def test_there_are_never_too_many_chapters():
    def tiles(epoch):
        return [0 if epoch < 3 + k % 15 else 1 for k in range(100)]

    found = history.find_chapters([report(e, tiles=tiles(e)) for e in range(1, 21)], most=4)
    assert len(found) == 4
    assert len({chapter.epoch for chapter in found}) == 4
    assert len({chapter.tile for chapter in found}) == 4

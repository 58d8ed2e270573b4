"""The command lines, as a person types them."""

import json
import resource
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from einstyle_core import checkpoints, gans
from einstyle_core.errors import CheckpointError, TrainingError
from einstyle_core.gans import history
from einstyle_core.storage import REPOSITORY
from scripts import common, sample, train_gan
from tests.gans import toys


class ReadsFirstPixel(torch.nn.Module):
    """A classifier with ten classes of brightness."""

    def forward(self, images):
        levels = torch.linspace(0.4, 0.6, 10)
        return -((images[:, 0, 0, :1] - levels) ** 2)


@pytest.fixture
def toy(monkeypatch, tmp_path, checkpoint_folder):
    """The eleventh GAN in the registry, and no dataset to wait for; returns the folder of runs."""
    monkeypatch.setitem(gans.GANS, "hinge", toys.HingeGAN)
    monkeypatch.setattr(train_gan, "load_data", lambda split: toys.images())
    monkeypatch.setattr(train_gan, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(common, "print", lambda *args, **kwargs: None, raising=False)
    return tmp_path / "runs"


def test_an_eleventh_gan_trains_and_samples(toy, checkpoint_folder, tmp_path, capsys):
    train_gan.main(["--gan", "hinge", "--epochs", "2"])
    assert capsys.readouterr().out.strip() == str(checkpoint_folder / "gan" / "hinge.safetensors")
    files = {path.name for path in (checkpoint_folder / "gan").iterdir()}
    assert files == {"hinge.safetensors", "hinge.gif", "hinge.history.json"}
    history = json.loads((checkpoint_folder / "gan" / "hinge.history.json").read_text())
    assert [epoch["epoch"] for epoch in history["epochs"]] == [1, 2]
    assert history["epochs"][0]["class_mix"] is None
    header = checkpoints.read_header("gan/hinge")
    assert (header.epochs, header.config["recipe"]["batch_size"]) == (2, 8)

    sheet, arrays = tmp_path / "x.png", tmp_path / "x.npz"
    sample.main(["--gan", "hinge", "--count", "5", "--out", str(sheet)])
    sample.main(["--gan", "hinge", "--count", "5", "--out", str(arrays)])
    with Image.open(sheet) as picture:
        assert picture.size == (3 * 28, 2 * 28)
        first = np.asarray(picture)[:28, :28]
    saved = np.load(arrays)
    assert (saved["images"].dtype, saved["images"].shape) == (np.uint8, (5, 28, 28))
    assert (saved["labels"].dtype, saved["labels"].tolist()) == (np.int64, [-1] * 5)
    assert np.array_equal(saved["images"][0], first)


def test_one_seed_across_all(toy, monkeypatch, tmp_path):
    monkeypatch.setattr(sample, "GANS", {"hinge": toys.HingeGAN})
    train_gan.main(["--gan", "hinge", "--epochs", "1"])
    sample.main(["--gan", "all", "--count", "4", "--seed", "3", "--out", str(tmp_path / "all.png")])
    with Image.open(tmp_path / "all.png") as picture:
        drawn = np.asarray(picture)[18 + 2 :, 2 : 2 + 56][:56]
    expected = checkpoints.load("gan/hinge").sample(4, seed=3)[0, 0].mul(255).round().byte().numpy()
    assert np.array_equal(drawn[::2, ::2], expected)


def test_the_sheet_leaves_out_what_has_no_weights(toy, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sample, "GANS", {"hinge": toys.HingeGAN, "gan": gans.GANS["gan"]})
    command = ["--gan", "all", "--count", "4", "--out", str(tmp_path / "all.png")]
    with pytest.raises(CheckpointError, match=r"train_gan --gan hinge"):
        sample.main(command)
    train_gan.main(["--gan", "hinge", "--epochs", "1"])
    sample.main(command)
    assert "gan is left out" in capsys.readouterr().err
    with Image.open(tmp_path / "all.png") as picture:
        assert picture.height < 100  # one row


def test_a_trained_gan_has_its_yields_and_its_bank(toy, monkeypatch, capsys):
    monkeypatch.setattr(train_gan, "_judge", lambda device: ReadsFirstPixel())
    monkeypatch.setattr(train_gan, "BANK_SIZE", 3)
    train_gan.main(["--gan", "hinge", "--epochs", "1", "--seed", "4"])
    header = checkpoints.read_header("gan/seed4/hinge")
    assert sum(header.metrics["yields"]) == pytest.approx(1)
    assert header.metrics["half_precision_change"] < 1
    made = checkpoints.load("gan/seed4/hinge")
    assert ReadsFirstPixel()(made.sample(3, label=9)).argmax(1).tolist() == [9] * 3  # from the bank: no cnn is there


def test_all_skips_what_is_complete(toy, monkeypatch, capsys):
    monkeypatch.setattr(train_gan, "GANS", {"hinge": toys.HingeGAN})
    train_gan.main(["--gan", "all", "--epochs", "1"])
    assert "hinge" in capsys.readouterr().out
    train_gan.main(["--gan", "all", "--epochs", "1"])
    assert capsys.readouterr().out == ""
    train_gan.main(["--gan", "all", "--epochs", "2"])
    assert "hinge" in capsys.readouterr().out


def test_resume_of_a_finished_run_adds_nothing(toy, capsys):
    train_gan.main(["--gan", "hinge", "--epochs", "2"])
    before = checkpoints.available()["gan/hinge"]["sha256"]
    train_gan.main(["--gan", "hinge", "--epochs", "2", "--resume"])
    assert checkpoints.available()["gan/hinge"]["sha256"] == before
    with pytest.raises(CheckpointError, match="epochs"):
        train_gan.main(["--gan", "hinge", "--epochs", "3", "--resume"])


def test_a_run_stopped_on_the_way_ends_as_one_that_never_was(toy, checkpoint_folder):
    def shipped():
        header = checkpoints.read_header("gan/hinge")
        weights = checkpoints.load("gan/hinge").state_dict()
        return header, weights, history.read("hinge")

    train_gan.main(["--gan", "hinge", "--epochs", "5", "--until", "2"])
    header, early, told = shipped()
    assert (header.epochs, header.config["recipe"]["epochs"], len(told.epochs)) == (2, 5, 2)
    assert len(history.read_frames(told)) == 2
    train_gan.main(["--gan", "hinge", "--epochs", "5", "--resume"])
    header, resumed, told = shipped()
    assert (header.epochs, len(told.epochs)) == (5, 5)
    with pytest.raises(TrainingError, match="5 epochs behind it"):
        train_gan.main(["--gan", "hinge", "--epochs", "5", "--until", "2", "--resume"])
    train_gan.main(["--gan", "hinge", "--epochs", "5"])
    _, whole, _ = shipped()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    assert any(not torch.equal(whole[name], early[name]) for name in whole)


def test_both_recipes_from_one_command(toy, monkeypatch, capsys):
    monkeypatch.setattr(train_gan, "GANS", {"hinge": toys.HingeGAN})
    monkeypatch.setitem(gans.REFERENCE, "hinge", toys.HingeGAN)
    wanted = ["--gan", "all", "--recipe", "both", "--epochs", "2", "--until", "1"]
    train_gan.main(wanted)
    assert len(capsys.readouterr().out.split()) == 2
    assert checkpoints.available().keys() == {"gan/hinge", "gan/reference/hinge"}
    train_gan.main(wanted)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("module", "arguments", "code", "words"),
    [
        ("train_gan", ["--gan", "vae"], 2, "wgan_gp"),
        ("train_gan", ["--gan", "gan", "--epochs", "0"], 2, "at least 1"),
        ("train_gan", ["--gan", "gan", "--recipe", "quick"], 2, "reference"),
        ("train_gan", ["--gan", "gan", "--device", "cuda"], 1, "no CUDA device"),
        ("sample", ["--gan", "gan", "--out", "x.jpg"], 2, ".npz"),
        ("sample", ["--gan", "all", "--out", "x.npz"], 2, ".png"),
        ("sample", ["--gan", "gan", "--label", "hat", "--out", "x.png"], 2, "8 Bag"),
        ("sample", ["--gan", "gan", "--count", "0", "--out", "x.png"], 2, "at least 1"),
        ("sample", ["--gan", "gan", "--out", "x.png"], 1, "python -m scripts.train_gan --gan gan"),
    ],
)
def test_wrong_use(module, arguments, code, words, checkpoint_folder, monkeypatch, capsys):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SystemExit) as exit_:
        common.run({"train_gan": train_gan, "sample": sample}[module].main, arguments)
    assert exit_.value.code == code
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error


def test_a_full_disk_is_told_in_one_line(tmp_path):
    """A limit on the size of files stands in for the disk: writing the state fails half-way."""
    program = (
        "import sys; from pathlib import Path; from scripts.common import run; from tests.gans import toys\n"
        "from einstyle_core.gans.training import fresh, train\n"
        "gan = fresh(toys.HingeGAN, 0)\n"
        f"run(lambda argv: list(train(gan, toys.images(), folder=Path({str(tmp_path)!r}))) and None)"
    )

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, preexec_fn=limit, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["frames"]

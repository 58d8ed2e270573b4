"""The command lines, as a person types them."""

import json

import numpy as np
import pytest
from PIL import Image

from einstyle_core import checkpoints
from einstyle_core.classifiers import get as classifier
from scripts import colorize, train_colorizer
from tests.colorizer.painters import Knows
from tests.colorizer.toys import gray


@pytest.fixture
def knows(monkeypatch):
    """The shipped colorizer, played by one that knows the rule and takes everything for a dress."""
    monkeypatch.setattr(colorize.checkpoints, "load", lambda name: Knows(3))


def garment(path, mode="RGB", size=(90, 120)):
    """A textured square on white."""
    rng = np.random.default_rng(0)
    pixels = np.full((size[1], size[0], 3), 255, np.uint8)
    pixels[20:-20, 15:-15] = rng.integers(90, 140, (size[1] - 40, size[0] - 30, 1))
    Image.fromarray(pixels).convert(mode).save(path)
    return path


def reddish(path):
    with Image.open(path) as picture:
        r, g, b = np.asarray(picture.convert("RGB")).astype(int)[40:80, 30:60].mean((0, 1))
    return r > g + 20 and r > b + 20


def test_one_png_per_input_of_the_same_name_and_size(knows, tmp_path, capsys):
    files = [garment(tmp_path / "a.jpg"), garment(tmp_path / "b.png", "L", (64, 101))]
    assert colorize.main([*map(str, files), "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / "out" / name) for name in ("a.png", "b.png")]
    for file, name in zip(files, ("a.png", "b.png"), strict=True):
        with Image.open(file) as before, Image.open(tmp_path / "out" / name) as after:
            assert (after.format, after.size) == ("PNG", before.size)
        assert reddish(tmp_path / "out" / name)  # nothing named: the class's colour


@pytest.mark.parametrize(("option", "is_red"), [(["--color", "#00f"], False), (["--palette", "paper"], True)])
def test_a_colour_or_a_palette(knows, tmp_path, option, is_red):
    file = garment(tmp_path / "a.png")
    assert colorize.main([str(file), *option, "--out", str(tmp_path / "out")]) == 0
    assert reddish(tmp_path / "out" / "a.png") == is_red


def test_gray_in_takes_the_colours_out_first(knows, tmp_path):
    file = tmp_path / "a.png"
    pixels = np.asarray(Image.open(garment(file))).copy()
    pixels[:5, :5] = (255, 0, 0)
    Image.fromarray(pixels).save(file)
    for options, corner in (([], (255, 0, 0)), (["--gray-in"], (76, 76, 76))):
        colorize.main([str(file), *options, "--color", "0a0", "--out", str(tmp_path / "out")])
        with Image.open(tmp_path / "out" / "a.png") as picture:
            assert picture.getpixel((1, 1)) == corner


def test_a_bad_file_does_not_stop_the_others(knows, tmp_path, capsys):
    (tmp_path / "bad.png").write_text("no picture")
    good = garment(tmp_path / "good.png")
    paths = [str(tmp_path / "bad.png"), str(tmp_path / "none.png"), str(good)]
    assert colorize.main([*paths, "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr()
    assert said.out.strip() == str(tmp_path / "out" / "good.png")
    assert [line.split(":")[0] for line in said.err.splitlines()] == paths[:2]
    assert "Traceback" not in said.err


def test_doubles_get_numbers_and_inputs_are_never_overwritten(knows, tmp_path, capsys):
    garment(tmp_path / "a.png")
    garment(tmp_path / "a.jpg")
    before = (tmp_path / "a.png").read_bytes()
    paths = [str(tmp_path / "a.png"), str(tmp_path / "a.jpg")]
    assert colorize.main([*paths, "--out", str(tmp_path)]) == 1
    assert "would be overwritten" in capsys.readouterr().err
    assert (tmp_path / "a.png").read_bytes() == before
    assert (tmp_path / "a (2).png").exists()


@pytest.mark.parametrize(
    "options", [["--color", "red"], ["--palette", "plaid"], ["--color", "000", "--palette", "paper"]]
)
def test_usage_errors(tmp_path, options, capsys):
    with pytest.raises(SystemExit) as stopped:
        colorize.main([str(tmp_path / "a.png"), "--out", str(tmp_path), *options])
    assert stopped.value.code == 2
    if options[1] == "red":
        assert "'red' is no colour" in capsys.readouterr().err


@pytest.mark.parametrize("recipe", ["gan", "reference"])
def test_training_writes_weights_history_and_animation(recipe, checkpoint_folder, tmp_path, monkeypatch, capsys):
    residual = classifier("residual")()
    config = {"model": residual.config}
    header = checkpoints.Header("classifier", "residual", config, "none", 0, 0)
    checkpoints.save("residual", residual.state_dict(), header)
    monkeypatch.setattr(train_colorizer, "load_data", lambda split: gray())
    monkeypatch.setattr(train_colorizer, "RUNS", tmp_path / "runs")
    options = ["--recipe", recipe, "--iterations", "3", "--device", "cpu", "--limit", "20"]
    train_colorizer.main(options)
    name = "colorizer" if recipe == "gan" else f"colorizer/{recipe}"
    path = checkpoints.path_of(name)
    assert capsys.readouterr().out.strip() == str(path)
    assert path.stat().st_size < (8 << 20) or recipe == "reference"
    assert path.with_suffix(".gif").exists()
    history = json.loads(path.with_suffix(".history.json").read_text())
    assert [report["iteration"] for report in history["reports"]] == [3]
    assert checkpoints.read_header(name).config["recipe"]["iterations"] == 3
    assert f"train_colorizer{'' if recipe == 'gan' else ' --recipe reference'}" in checkpoints.restore_command(name)
    first = path.read_bytes()
    train_colorizer.main([*options, "--resume"])
    assert path.read_bytes() == first
    checkpoints.load(name)

"""The command lines around the classifiers, as a person types them."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from einstyle_core import checkpoints, data, measurements
from einstyle_core.classifiers import CLASSIFIERS
from einstyle_core.classifiers.best import Answer
from einstyle_core.errors import CheckpointError, ImageError
from einstyle_core.storage import REPOSITORY
from scripts import classifier_run, classify, evaluate, sections, train_classifier
from tests.classifier_runs import tiny_set
from tests.photos.runs import save_photo
from tests.standins import save_classifier

ROW = {"path", "label", "label_index", "confidence", "in_scope", "scope_score", "probabilities", "model"}
SCRIPTS = sorted(path.stem for path in (REPOSITORY / "scripts").glob("*.py") if "__main__" in path.read_text())


@pytest.fixture
def networks(checkpoint_folder: Path) -> Path:
    for name in CLASSIFIERS:
        save_classifier(name, checkpoint_folder)
    save_photo(checkpoint_folder)
    return checkpoint_folder


@pytest.fixture
def wardrobe(tmp_path: Path) -> Path:
    """Three pictures, one of them in a folder, a text file that calls itself one, and an empty file."""
    folder = tmp_path / "wardrobe"
    (folder / "shoes").mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(0, 255, (3, 40, 30, 3), dtype=np.uint8)
    for name, picture in zip(("a.png", "c.bmp", "shoes/z.webp"), pixels, strict=True):
        Image.fromarray(picture).save(folder / name)
    (folder / "b.png").write_text("I am a text")
    (folder / "empty.jpg").touch()
    (folder / ".hidden").write_text("left out")
    return folder


@pytest.mark.usefixtures("networks")
def test_classify_walks_folders_in_order_and_a_bad_file_stops_nothing(
    wardrobe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = wardrobe / "missing.png"
    code = classify.main([str(wardrobe / "c.bmp"), str(wardrobe), str(missing), "--json"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = [str(Path(row["path"]).relative_to(wardrobe)) for row in rows]
    assert names == ["c.bmp", "a.png", "b.png", "c.bmp", "empty.jpg", "shoes/z.webp", "missing.png"]
    errors = {name: row["error"] for name, row in zip(names, rows, strict=True) if "error" in row}
    assert errors.keys() == {"b.png", "empty.jpg", "missing.png"}
    assert "text file" in errors["b.png"]
    assert code == 1
    good = [row for row in rows if "error" not in row]
    assert all(row.keys() == ROW for row in good)
    for row in good:
        assert row["label"] == data.CLASS_NAMES[row["label_index"]]
        assert row["confidence"] == max(row["probabilities"])
        assert sum(row["probabilities"]) == pytest.approx(1)


@pytest.mark.usefixtures("networks")
def test_classify_says_of_an_empty_picture_that_nothing_is_found(
    wardrobe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    white = wardrobe / "white.png"
    Image.new("RGB", (50, 60), "white").save(white)
    assert classify.main([str(white)]) == 0
    assert "white.png: nothing found" in capsys.readouterr().out
    assert classify.main([str(white), "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["empty"], row["in_scope"]) == (True, False)


@pytest.mark.usefixtures("networks")
def test_classify_takes_the_asked_model_and_its_best_without(
    wardrobe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for options, expected in ([], "photo"), (["--model", "dense"], "dense"), (["--model", "photo"], "photo"):
        assert classify.main([str(wardrobe / "a.png"), "--json", *options]) == 0
        assert json.loads(capsys.readouterr().out)["model"] == expected


@pytest.mark.usefixtures("networks")
def test_classify_holds_no_more_than_a_batch_of_a_large_folder(
    wardrobe: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(20):
        Image.new("RGB", (30, 40), (number, 90, 200)).save(wardrobe / f"many-{number}.png")
    held: list[int] = []
    asked = classify.answers

    def watched(paths: list[Path], ask: Answer) -> list[dict[str, object]]:
        held.append(len(paths))
        return asked(paths, ask)

    monkeypatch.setattr(classify, "BATCH", 4)
    monkeypatch.setattr(classify, "answers", watched)
    classify.main([str(wardrobe), "--json"])
    assert len(capsys.readouterr().out.splitlines()) == sum(held) == 25
    assert max(held) == 4


@pytest.mark.usefixtures("networks")
def test_classify_answers_do_not_depend_on_the_company(
    wardrobe: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers() -> list[list[float]]:
        classify.main([str(wardrobe / "a.png"), str(wardrobe / "c.bmp"), str(wardrobe / "shoes"), "--json"])
        return [json.loads(line)["probabilities"] for line in capsys.readouterr().out.splitlines()]

    together = answers()
    monkeypatch.setattr(classify, "BATCH", 1)
    np.testing.assert_allclose(answers(), together, atol=1e-6)


@pytest.mark.usefixtures("networks")
def test_classify_tells_an_empty_folder_and_keeps_names_on_their_line(
    wardrobe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ImageError, match="no file in"):
        classify.main([str(empty)])
    capsys.readouterr()
    (wardrobe / "two\nlines\x1b[31m.png").write_text("text")
    assert classify.main([str(wardrobe / "two\nlines\x1b[31m.png")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "twolines[31m.png" in line
    assert "\x1b" not in line


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_command_explains_itself(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = importlib.import_module(f"scripts.{script}")
    with pytest.raises(SystemExit) as done:
        module.main(["--help"])
    assert done.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    assert " ".join(module.__doc__.split())[:60] in said


@pytest.mark.parametrize(
    ("module", "words", "known"),
    [
        (classify, [], "PATH"),
        (classify, ["x.png", "--model", "vgg"], "photo"),
        (train_classifier, ["--model", "vgg"], "cnn"),
        (train_classifier, ["--model", "cnn", "--epochs", "0"], "at least 1"),
        (evaluate, ["shoes"], "classifiers"),
    ],
)
def test_usage_errors_exit_2_and_name_what_is_known(
    module: ModuleType, words: list[str], known: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as done:
        module.main(words)
    assert done.value.code == 2
    assert known in capsys.readouterr().err


def test_a_missing_checkpoint_exits_1_with_one_line(checkpoint_folder: Path, wardrobe: Path) -> None:
    words = [sys.executable, "-m", "scripts.classify", str(wardrobe / "a.png"), "--model", "dense"]
    done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert "dense.safetensors" in line
    assert "python -m scripts.train_classifier --model dense" in line


def test_training_saves_a_checkpoint_that_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(classifier_run, "load_data", lambda split: tiny_set())
    monkeypatch.setattr(classifier_run, "RUNS", tmp_path / "runs")
    options = ["--model", "dense", "--epochs", "2", "--seed", "3", "--device", "cpu", "--out", str(tmp_path)]
    train_classifier.main(options)
    assert capsys.readouterr().out.strip() == str(tmp_path / "dense.safetensors")
    info = checkpoints.available(tmp_path)["dense"]
    assert (info["epochs"], info["seed"], info["config"]["recipe"]["epochs"]) == (2, 3, 2)
    first = info["sha256"]
    train_classifier.main([*options, "--resume"])  # complete already: saved again, not trained again
    assert checkpoints.available(tmp_path)["dense"]["sha256"] == first
    with pytest.raises(CheckpointError, match="epochs differ"):
        train_classifier.main([*options, "--resume", "--epochs", "3"])


@pytest.mark.data
@pytest.mark.usefixtures("networks")
def test_evaluate_writes_what_the_checkpoint_does_on_the_test_images(
    monkeypatch: pytest.MonkeyPatch, test_images: data.ImageSet
) -> None:
    few = test_images.take(slice(0, 200))
    monkeypatch.setattr(sections.classifiers, "load_data", lambda split: few)
    evaluate.main(["classifiers"])
    record = measurements.read()["classifiers"]["cnn"]
    predicted = checkpoints.load("cnn")(data.to_unit(few.images)).argmax(1)
    assert record["accuracy"] == pytest.approx((predicted == few.labels).float().mean().item())
    assert record["n"] == 200
    assert record["checkpoint_sha256"] == checkpoints.available()["cnn"]["sha256"]
    assert record["command"] == "python -m scripts.evaluate classifiers"


def test_measuring_goes_on_with_the_networks_whose_weights_are_not_measured_yet(
    checkpoint_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = importlib.import_module("scripts.sections.retrieval")
    measured: list[str] = []

    def measure(name: str, *_: object) -> dict[str, float]:
        measured.append(name)
        return {"map_at_10": 0.5, "map_at_10_in_training": 0.6}

    monkeypatch.setattr(room, "measure", measure)
    monkeypatch.setattr(room, "load_data", lambda _: tiny_set())
    save_classifier("dense", checkpoint_folder)
    evaluate.main(["retrieval"])
    save_classifier("cnn", checkpoint_folder)
    evaluate.main(["retrieval", "--resume"])
    save_classifier("dense", checkpoint_folder, seed=1)
    evaluate.main(["retrieval", "--resume"])
    assert measured == ["dense", "cnn", "dense"]
    evaluate.main(["retrieval"])
    assert sorted(measured[3:]) == ["cnn", "dense"]

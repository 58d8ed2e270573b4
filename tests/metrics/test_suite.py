import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch

from einstyle_core import checkpoints, measurements
from einstyle_core.classifiers import Classifier, get, predict
from einstyle_core.classifiers.training import fresh
from einstyle_core.data import ImageSet, Split
from einstyle_core.gans import Sampler
from einstyle_core.gans import get as get_gan
from einstyle_core.gans.training import fresh as fresh_gan
from einstyle_core.metrics.suite import Yardstick, draw, draw_freely, draw_gaussian, draw_real
from scripts import evaluate, sections
from scripts.common import run


def bars(n: int, seed: int) -> ImageSet:
    """Class c is a bright bar at 2c of a random width, under noise."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 60, (n, 1, 28, 28), generator=generator).to(torch.uint8)
    labels = torch.arange(n) % 10
    for image, label, width in zip(images, labels, torch.randint(8, 28, (n,), generator=generator), strict=True):
        image[0, 2 * label, : int(width)] = 255
    return ImageSet(images, labels, "bars")


def sampler(name: str) -> Sampler:
    return Sampler(fresh_gan(get_gan(name), 0)).eval()


@pytest.fixture(scope="module")
def yardstick(untrained: Classifier) -> Yardstick:
    return Yardstick(untrained, bars(300, 0), bars(200, 1))


def numbers(figures: dict[str, Any]) -> list[float]:
    found = []
    for value in figures.values():
        if isinstance(value, dict):
            found += numbers(value)
        elif isinstance(value, int | float):
            found.append(float(value))
    return found


def test_a_conditional_gan_is_asked_for_each_class() -> None:
    drawn = draw(sampler("cgan"), 20, fresh(get("cnn"), 0))
    assert drawn.images.shape == (20, 1, 28, 28)
    assert drawn.images.dtype == torch.uint8
    assert drawn.labelled is not None
    assert drawn.labelled.labels.bincount().tolist() == [6] * 10
    assert drawn.facts["labels_from"] == "generator"
    assert len(drawn.labelled.images.flatten(1).unique(dim=0)) == 60


def test_pictures_of_an_unconditional_gan_are_sorted_by_the_classifier() -> None:
    classifier = fresh(get("cnn"), 0).eval()
    drawn = draw(sampler("wgan"), 20, classifier)
    assert drawn.labelled is not None
    assert len(drawn.labelled) == 60
    assert torch.equal(drawn.labelled.labels, predict(classifier, drawn.labelled.images).argmax(1))
    assert torch.equal(drawn.images, drawn.labelled.images[:20])
    assert torch.equal(drawn.images, draw_freely(sampler("wgan"), 20).images)
    assert drawn.facts["labels_from"] == "classifier"


def test_real_images_score_better_than_a_gaussian_and_count_as_copies(yardstick: Yardstick) -> None:
    real = yardstick.measure(draw_real(yardstick.train, 100))
    gaussian = yardstick.measure(draw_gaussian(yardstick.train, 100))
    assert real["frechet"] < gaussian["frechet"]
    assert real["kid"] < gaussian["kid"]
    assert real["coverage"] > gaussian["coverage"]
    assert real["cas"] > 0.5
    assert {space: real["copies"][space]["near_copies"] for space in ("pixels", "features")} == {
        "pixels": 1,
        "features": 1,
    }
    assert gaussian["copies"]["pixels"]["near_copies"] < 0.1
    assert "cas" not in gaussian
    assert all(map(math.isfinite, numbers(real) + numbers(gaussian)))
    assert json.loads(json.dumps(real)) == real


def test_measuring_repeats(yardstick: Yardstick) -> None:
    drawn = draw_gaussian(yardstick.train, 50, seed=3)
    assert yardstick.measure(drawn) == yardstick.measure(drawn)


def save(name: str, kind: str, model: torch.nn.Module, config: dict[str, Any], folder: Path) -> None:
    header = checkpoints.Header(kind, name.rpartition("/")[2], config, "none", epochs=0, seed=5)
    checkpoints.save(name, model.state_dict(), header, folder)


def test_the_command_measures_the_bounds_and_every_gan(
    untrained: Classifier,
    checkpoint_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def load_data(split: Split) -> ImageSet:
        return {"train": bars(120, 0), "test": bars(100, 1)}[split]

    for section in (sections.classifiers, sections.gans):
        monkeypatch.setattr(section, "load_data", load_data)
    monkeypatch.setattr(sections.gans, "IMAGES", 20)
    for kind, model in (("evaluator", untrained), ("classifier", fresh(get("cnn"), 0))):
        save(model.name, kind, model, {"model": model.config}, checkpoint_folder)
    for name, recipe in (("gan/wgan", "fixed"), ("gan/reference/cgan", "reference")):
        gan = fresh_gan(get_gan(name.rpartition("/")[2], recipe), 0)
        save(name, "gan", Sampler(gan), {"recipe_name": recipe, "recipe": gan.config()}, checkpoint_folder)

    evaluate.main(["gans"])
    printed = capsys.readouterr().out
    evaluate.main(["evaluator"])

    rows = measurements.read()["gans"]
    shipped = checkpoints.available()
    assert rows.keys() == {"calibration/train", "calibration/pca_gaussian", "gan/wgan", "gan/reference/cgan"}
    for name, row in rows.items():
        measured = shipped["evaluator" if name.startswith("calibration") else name]["sha256"]
        assert (row["n"], row["seed"], row["checkpoint_sha256"]) == (20, 5, measured)
        assert row["evaluator_sha256"] == shipped["evaluator"]["sha256"]
        assert f"{name}: Frechet {row['frechet']:.3f}" in printed
    assert rows["gan/wgan"]["labels_from"] == "classifier"
    assert rows["gan/reference/cgan"]["labels_from"] == "generator"
    assert measurements.read()["evaluator"]["evaluator"]["n"] == 100

    retrained = fresh_gan(get_gan("wgan"), 1)
    config = {"recipe_name": "fixed", "recipe": retrained.config()}
    save("gan/wgan", "gan", Sampler(retrained), config, checkpoint_folder)
    capsys.readouterr()
    evaluate.main(["gans", "--resume", "--free-only"])
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("gan/wgan: Frechet")
    again = measurements.read()["gans"]
    assert {name for name in rows if again[name] != rows[name]} == {"gan/wgan"}
    missing = {"cas", "conditional_accuracy", "labelled_n", "labels_from"}
    assert rows["gan/wgan"].keys() - again["gan/wgan"].keys() == missing
    evaluate.main(["gans", "--resume"])
    assert measurements.read()["gans"]["gan/wgan"].keys() == rows["gan/wgan"].keys()


def test_without_an_evaluator_the_command_says_how_to_train_one(
    checkpoint_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(evaluate.main, ["gans"])
    assert stopped.value.code == 1
    message = capsys.readouterr().err
    assert "python -m scripts.train_evaluator" in message
    assert "Traceback" not in message

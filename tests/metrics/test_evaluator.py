from pathlib import Path

import pytest
import torch
from torch import nn

from einstyle_core import checkpoints
from einstyle_core.classifiers import CLASSIFIERS, Classifier
from einstyle_core.classifiers.evaluation import evaluate
from einstyle_core.data import ImageSet, to_unit
from einstyle_core.errors import UnknownNameError
from einstyle_core.metrics import Evaluator, build
from einstyle_core.metrics.evaluator import SEED, read


def pixels(n: int = 6) -> torch.Tensor:
    return torch.randint(0, 256, (n, 1, 28, 28), generator=torch.Generator().manual_seed(0)).to(torch.uint8)


def test_it_is_no_classifier_that_anything_else_can_ask() -> None:
    assert Evaluator.name not in CLASSIFIERS
    assert Evaluator not in CLASSIFIERS.values()


def test_its_layers_are_those_of_no_classifier() -> None:
    def layers(model: nn.Module) -> list[str]:
        return [str(module) for module in model.modules() if isinstance(module, (nn.Conv2d, nn.Linear))]

    assert all(layers(Evaluator()) != layers(cls()) for cls in CLASSIFIERS.values())


def test_reading_gives_what_the_head_sees_and_says(untrained: Classifier) -> None:
    reading = read(untrained, pixels())
    logits = untrained(to_unit(pixels()))
    assert logits.shape == (6, 10)
    torch.testing.assert_close(untrained.head(reading.features), logits)
    assert torch.equal(reading.predicted, logits.argmax(1))


def test_reading_takes_bytes_and_unit_floats_in_any_pieces(untrained: Classifier) -> None:
    torch.testing.assert_close(read(untrained, pixels(), 4).features, read(untrained, to_unit(pixels())).features)


def test_it_comes_back_from_a_half_precision_checkpoint(untrained: Classifier, tmp_path: Path) -> None:
    header = checkpoints.Header("evaluator", "evaluator", {"model": untrained.config}, "none", epochs=0, seed=SEED)
    checkpoints.save("evaluator", untrained.state_dict(), header, tmp_path, half=True)
    loaded = checkpoints.load("evaluator", directory=tmp_path)
    assert isinstance(loaded, Evaluator)
    ours, theirs = read(untrained, pixels()).features, read(loaded, pixels()).features
    assert (ours - theirs).abs().max() < 0.01 * ours.std()


def test_another_network_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="Known: evaluator"):
        build("residual", {"model": {}})


@pytest.mark.data
def test_the_shipped_one_is_right_on_94_of_100_test_images(test_images: ImageSet) -> None:
    shipped = checkpoints.available()["evaluator"]
    assert shipped["seed"] not in {info["seed"] for info in checkpoints.available().values() if info != shipped}
    assert evaluate(checkpoints.load("evaluator"), test_images)["accuracy"] >= 0.94

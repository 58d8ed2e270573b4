import dataclasses
import math

import pytest
import torch
from torch import Tensor

from einstyle_core.config import ClassifierRecipe
from einstyle_core.data import ImageSet
from einstyle_core.metrics.labels import class_kl, class_shares, classification_accuracy_score, conditional_accuracy


def test_class_kl_by_hand() -> None:
    assert class_kl(torch.arange(10).repeat(7)) == pytest.approx(0, abs=1e-12)
    assert class_kl(torch.full((50,), 3)) == pytest.approx(math.log(10))
    # Shares 1/2, 1/4, 1/4 of three classes: 1/2 log(3/2) + 2 * 1/4 log(3/4).
    assert class_kl(torch.tensor([0, 0, 1, 2]), classes=3) == pytest.approx(
        0.5 * math.log(1.5) + 0.5 * math.log(0.75), abs=1e-12
    )
    # A class that never comes: half each of two among four.
    assert class_kl(torch.tensor([0, 1]), classes=4) == pytest.approx(math.log(2))


def test_class_shares_count_every_class() -> None:
    assert class_shares(torch.tensor([9, 9, 0, 9])).tolist() == [0.25, *[0] * 8, 0.75]


def test_conditional_accuracy_is_the_share_that_agrees() -> None:
    assert conditional_accuracy(torch.tensor([0, 1, 2, 2]), torch.tensor([0, 1, 2, 3])) == 0.75


def rows(labels: Tensor, seed: int) -> ImageSet:
    """Class c is a bright row at 2c, under a little noise."""
    noise = torch.randint(0, 40, (len(labels), 1, 28, 28), generator=torch.Generator().manual_seed(seed))
    images = noise.to(torch.uint8)
    images[torch.arange(len(labels)), 0, 2 * labels] = 255
    return ImageSet(images, labels, "rows")


def test_cas_is_high_for_faithful_fakes_and_chance_for_mislabelled_ones() -> None:
    recipe = ClassifierRecipe(epochs=3, batch_size=20, learning_rate=2e-3, flip=False, ema_decay=0.5)
    labels = torch.arange(10).repeat(30)
    fakes, reals = rows(labels, 0), rows(labels, 1)
    assert classification_accuracy_score(fakes, reals, recipe=recipe) > 0.95
    wrong = dataclasses.replace(fakes, labels=(fakes.labels + 1) % 10)
    assert classification_accuracy_score(wrong, reals, recipe=recipe) < 0.05

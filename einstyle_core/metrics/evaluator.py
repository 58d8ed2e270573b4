"""The frozen network whose features and answers the GANs are measured by.

Its architecture (a plain stack of convolutions on 2 x 2 pixel blocks, without skip connections) and its seed are
unlike those of every shipped classifier, and it never selects samples: a generator that pleases the classifier it was
filtered with gains nothing here.
"""

from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from einstyle_core.classifiers.base import Classifier, Standardise
from einstyle_core.config import ClassifierRecipe
from einstyle_core.data import NUM_CLASSES, to_unit

SEED = 1729
"""The seed that the shipped evaluator is trained with."""


class Evaluator(Classifier):
    """pixel-unshuffle 2, six conv 3x3 (64, 64, 128 s2, 128, 256 s2, 256) - BN - SiLU, global average, dense 10.

    The plain stack is VGG's (Simonyan and Zisserman 2015), with batch norm, and strides in place of pooling.
    """

    name: ClassVar = "evaluator"
    title: ClassVar = "Evaluator"
    summary: ClassVar = "measures the GANs; never classifies for anyone, never selects samples"
    recipe: ClassVar = ClassifierRecipe(
        epochs=28,
        batch_size=128,
        optimizer="sgd",
        learning_rate=0.1,
        weight_decay=5e-4,
        flip=True,
        shift=1,
        erase=0.1,
        label_smoothing=0.05,
        ema_decay=0,  # averaged weights do not fit the last weights' batch statistics: 0.3 % worse on held-out images
    )

    def __init__(self, widths: tuple[int, int, int] = (64, 128, 256)) -> None:
        super().__init__(widths=list(widths))
        first, second, third = widths
        self.body = nn.Sequential(
            Standardise(),
            nn.PixelUnshuffle(2),
            _conv(4, first),
            _conv(first, first),
            _conv(first, second, stride=2),
            _conv(second, second),
            _conv(second, third, stride=2),
            _conv(third, third),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.head = nn.Linear(third, NUM_CLASSES)

    def features(self, images: Tensor) -> Tensor:
        """The last convolution's global average: ``N x 256``."""
        return self.body(images)


class Reading(NamedTuple):
    """What the evaluator sees in some images.

    Attributes:
        features: float32, ``N x D``.
        predicted: int64, ``N``, the likeliest class.
    """

    features: Tensor
    predicted: Tensor


@torch.inference_mode()
def read(evaluator: Classifier, images: Tensor, batch_size: int = 500) -> Reading:
    """Features and classes of uint8 or [0, 1] images ``N x 1 x 28 x 28``, on the images' device."""
    features, predicted = [], []
    for part in images.split(batch_size):
        features.append(evaluator.features(to_unit(part) if part.dtype == torch.uint8 else part))
        predicted.append(evaluator.head(features[-1]).argmax(1))
    return Reading(torch.cat(features), torch.cat(predicted))


def _conv(channels_in: int, channels_out: int, stride: int = 1) -> nn.Module:
    convolution = nn.Conv2d(channels_in, channels_out, kernel_size=3, stride=stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(channels_out), nn.SiLU())

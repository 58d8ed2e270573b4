"""A residual network: the teacher that the paper's two small networks learn from, not one of the paper's own.

He et al. 2016, with torchvision's blocks, at a size that two CPU cores train in half an hour.
"""

from typing import ClassVar

from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, conv1x1

from einstyle_core.classifiers.base import Classifier, Standardise
from einstyle_core.config import ClassifierRecipe
from einstyle_core.data import NUM_CLASSES


class Residual(Classifier):
    """conv 3x3x32, conv 3x3x64 s2, three residual blocks (64, 128 s2, 256 s2), global average, dense 10."""

    name: ClassVar = "residual"
    title: ClassVar = "Residual network"
    summary: ClassVar = "the teacher of the paper's two networks"
    recipe: ClassVar = ClassifierRecipe(
        epochs=15,
        batch_size=256,
        optimizer="sgd",
        learning_rate=0.2,
        weight_decay=5e-4,
        flip=True,
        shift=2,
        erase=0.25,
        label_smoothing=0.05,
        ema_decay=0.998,
    )

    calibrated: ClassVar = False  # its students learn from its logits as training leaves them

    def __init__(self, widths: tuple[int, int, int, int] = (32, 64, 128, 256)) -> None:
        super().__init__(widths=list(widths))
        stem, *stages = widths
        self.standardise = Standardise()
        self.body = nn.Sequential(
            _conv(1, stem, stride=1),
            _conv(stem, stages[0], stride=2),
            _block(stages[0], stages[0], stride=1),
            _block(stages[0], stages[1], stride=2),
            _block(stages[1], stages[2], stride=2),
            nn.AdaptiveAvgPool2d(1),
        )
        self.head = nn.Linear(stages[2], NUM_CLASSES)

    def features(self, images: Tensor) -> Tensor:
        """The last block's global average: ``N x 256``, at least 0."""
        return self.body(self.standardise(images)).flatten(1)


def _conv(channels_in: int, channels_out: int, stride: int) -> nn.Module:
    convolution = nn.Conv2d(channels_in, channels_out, kernel_size=3, stride=stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(channels_out), nn.ReLU())


def _block(channels_in: int, channels_out: int, stride: int) -> nn.Module:
    shortcut = None
    if stride != 1 or channels_in != channels_out:
        shortcut = nn.Sequential(conv1x1(channels_in, channels_out, stride), nn.BatchNorm2d(channels_out))
    return BasicBlock(channels_in, channels_out, stride, shortcut)

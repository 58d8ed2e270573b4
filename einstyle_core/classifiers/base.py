"""What every classifier here is: a module from pixels to ten logits, with features on the way."""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from einstyle_core.config import ClassifierRecipe

# Mean and standard deviation of the 60,000 training images' pixels in [0, 1].
PIXEL_MEAN, PIXEL_STD = 0.2860, 0.3530


class Standardise(nn.Module):
    """Pixels in [0, 1] to zero mean and unit variance over the training set."""

    def forward(self, images: Tensor) -> Tensor:
        """Any shape in, the same shape out."""
        return (images - PIXEL_MEAN) / PIXEL_STD


class Classifier(nn.Module):
    """float32 ``N x 1 x 28 x 28`` in [0, 1] to logits ``N x 10``.

    A subclass states its class facts, hands its constructor's arguments to ``super().__init__`` (they are what a
    checkpoint rebuilds it from) and sets ``self.head``, the last linear layer over :meth:`features`.

    Attributes:
        name: in the registry, on the command line and in checkpoints.
        title: as a page writes it.
        summary: its shape, in a few words.
        paper_accuracy: what the paper reports for this shape, in [0, 1]; None for a network that is not the paper's.
        recipe: how it is trained.
        calibrated: its confidence is scaled to its accuracy before it ships.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    paper_accuracy: ClassVar[float | None] = None
    recipe: ClassVar[ClassifierRecipe]
    calibrated: ClassVar[bool] = True

    head: nn.Module

    def __init__(self, **config: Any) -> None:
        super().__init__()
        self.config = config

    def features(self, images: Tensor) -> Tensor:
        """What the last layer sees, one row an image: the space that retrieval measures distances in."""
        raise NotImplementedError

    def forward(self, images: Tensor) -> Tensor:
        """Logits, ``N x 10``."""
        return self.head(self.features(images))


@torch.inference_mode()
def predict(model: nn.Module, images: Tensor, batch_size: int = 1000) -> Tensor:
    """Probabilities ``N x 10`` of uint8 or [0, 1] images ``N x 1 x 28 x 28``, on the images' device."""
    if not len(images):
        return torch.zeros(0, 10, device=images.device)
    scale = 255.0 if images.dtype == torch.uint8 else 1.0
    return torch.cat([model(part.float() / scale).float().softmax(1) for part in images.split(batch_size)])

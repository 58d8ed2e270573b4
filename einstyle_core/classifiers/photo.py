"""The photo model: a network for garments as a camera sees them, in colour and at more than 28 x 28.

Where the paper's networks are shown the dataset's rendering of a garment, this one is shown a *view*: the cut-out
itself, ``4 x 96 x 96`` (red, green, blue and how far a pixel belongs to the garment). It gives ten logits, and one more
that says whether the picture shows one of the ten classes at all. It learned from photographs and from Fashion-MNIST,
so that it answers for both; how is in :mod:`einstyle_core.photos`.

Use::

    model = checkpoints.load("photo")
    garments = [find_garment(image) for image in pictures]
    predictions = classify_garments(model, garments)  # in_scope, scope_score: its own opinion, not the confidence
    rows = features(model, garments)  # for retrieval, by cosine
"""

from collections.abc import Sequence
from typing import ClassVar, cast

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, conv1x1

from einstyle_core.classifiers.base import Classifier
from einstyle_core.classifiers.prediction import Prediction
from einstyle_core.data import NUM_CLASSES
from einstyle_core.garments import Garment

__all__ = ["VIEW_SIZE", "Photo", "classify_garments", "features", "view", "views"]

VIEW_SIZE = 96
"""Height and width of a view in pixels."""

_MARGIN = 4  # pixels of a view that the garment leaves free on each of the sides that it reaches
_INSIDE = VIEW_SIZE - 2 * _MARGIN


class Photo(Classifier):
    """Views to ten logits and a scope logit; a residual network (He et al. 2016).

    Views come in at ``96 x 96`` and are looked at (:meth:`fit`) at the size that training ended with.

    As a module it keeps the promise of every classifier here: float32 ``N x 1 x 28 x 28`` in [0, 1], in the dataset's
    manner, to logits ``N x 10``. Each image is then enlarged into a view first (:meth:`enlarge`).
    """

    name: ClassVar = "photo"
    title: ClassVar = "Photo network"
    summary: ClassVar = "made for photographs: sees the cut-out in colour"

    def __init__(self, widths: Sequence[int] = (16, 40, 80, 128, 192), size: int = 80) -> None:
        super().__init__(widths=list(widths), size=size)
        self.size = size
        stem, *stages = widths
        layers: list[nn.Module] = [_stem(4, stem)]
        for before, after in zip(widths, stages, strict=False):
            layers.append(_block(before, after, stride=2))
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(stages[-1], NUM_CLASSES)
        self.scope = nn.Linear(stages[-1], 1)

    def fit(self, views: Tensor) -> Tensor:
        """uint8 views, or float ones in [0, 1], at the size that this network looks at: float32 in [0, 1]."""
        unit = views.float() / 255 if views.dtype == torch.uint8 else views
        if unit.shape[-1] == self.size:
            return unit
        return F.interpolate(unit, (self.size, self.size), mode="bilinear", antialias=True)

    def view_features(self, views: Tensor) -> Tensor:
        """The last block's global average, one row a view, at least 0; in training, of views of any size."""
        if not self.training:
            views = self.fit(views)
        colours, mask = views[:, :3], views[:, 3:]
        return self.body(torch.cat([(colours - 0.5) * 4 * mask, mask * 2 - 1], 1)).mean((2, 3))

    def judge(self, views: Tensor) -> tuple[Tensor, Tensor]:
        """Logits ``N x 10`` of the classes, and ``N`` of showing one of them at all (0: as likely as not)."""
        rows = self.view_features(views)
        return self.head(rows), self.scope(rows).squeeze(1)

    def features(self, images: Tensor) -> Tensor:
        """The same features of images ``N x 1 x 28 x 28`` in the dataset's manner."""
        return self.view_features(self.enlarge(images))

    @staticmethod
    def enlarge(images: Tensor) -> Tensor:
        """Views of images in the dataset's manner: what is not black is garment, and its tones are negated back."""
        size = (_INSIDE, _INSIDE)
        tones = F.interpolate(1 - images, size, mode="bilinear")
        mask = F.interpolate((images > 0).to(images.dtype), size, mode="bilinear")
        return F.pad(torch.cat([tones.expand(-1, 3, -1, -1), mask], 1), (_MARGIN,) * 4)


def view(garment: Garment) -> NDArray[np.uint8]:
    """What the photo model is shown of a garment: uint8, ``4 x 96 x 96``.

    The mask's bounding box fills the frame but for a small margin, its proportions kept. Red, green and blue are as
    in the photo (of a picture in the dataset's negated tones: negated back); the fourth channel is the mask.
    """
    rows, columns = np.flatnonzero(garment.mask.any(axis=1)), np.flatnonzero(garment.mask.any(axis=0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    colours = np.asarray(garment.original.convert("RGB"))[box]
    if garment.negated:
        colours = 255 - colours
    mask = np.where(garment.mask[box], 255, 0).astype(np.uint8)
    height, width = mask.shape
    scale = _INSIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    pixels = np.dstack([colours, mask])
    scaled = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    framed = np.zeros((VIEW_SIZE, VIEW_SIZE, 4), np.uint8)
    top, left = (VIEW_SIZE - size[1]) // 2, (VIEW_SIZE - size[0]) // 2
    framed[top : top + size[1], left : left + size[0]] = scaled
    return np.ascontiguousarray(framed.transpose(2, 0, 1))


def views(garments: Sequence[Garment]) -> Tensor:
    """Several garments' views, uint8 ``N x 4 x 96 x 96``."""
    if not garments:
        return torch.zeros(0, 4, VIEW_SIZE, VIEW_SIZE, dtype=torch.uint8)
    return torch.from_numpy(np.stack([view(garment) for garment in garments]))


def classify_garments(model: nn.Module, garments: Sequence[Garment], batch_size: int = 32) -> list[Prediction]:
    """The photo model's answer for each garment, in order.

    Args:
        model: ``checkpoints.load("photo")``, on any device.
        garments: what :func:`einstyle_core.garments.find_garment` found; none give no answers.
        batch_size: how many are answered at a time; the answers do not depend on it.

    Returns:
        predictions whose ``scope_score`` and ``in_scope`` are the model's own opinion of whether the picture shows one
        of the ten classes, which its confidence in one of them does not touch.
    """
    device = next(model.parameters()).device
    predictions: list[Prediction] = []
    for part in views(garments).split(batch_size):
        probabilities, scope = answer(model, part.to(device))
        predictions += [
            Prediction(Photo.name, tuple(row), scope)
            for row, scope in zip(probabilities.tolist(), scope.tolist(), strict=True)
        ]
    return predictions


@torch.inference_mode()
def answer(model: nn.Module, views: Tensor) -> tuple[Tensor, Tensor]:
    """Probabilities ``N x 10`` and scope scores ``N`` of uint8 views, mirror images averaged in."""
    network = cast(Photo, model)
    unit = network.fit(views)
    logits, scope = network.judge(torch.cat([unit, unit.flip(3)]))
    probabilities = logits.softmax(1).unflatten(0, (2, len(views))).mean(0)
    return probabilities, scope.unflatten(0, (2, len(views))).mean(0).sigmoid()


@torch.inference_mode()
def features(model: nn.Module, garments: Sequence[Garment], batch_size: int = 32) -> Tensor:
    """One row a garment, float32 ``N x features`` on the CPU, at least 0: the space in which alike items lie close.

    Rows are not of unit length; compare them by cosine. For 28 x 28 images of the dataset the same space is
    ``model.features(images)``.
    """
    network, device = cast(Photo, model), next(model.parameters()).device
    parts = views(garments).split(batch_size)
    return torch.cat([network.view_features(part.to(device)).cpu() for part in parts])


def _stem(channels_in: int, channels_out: int) -> nn.Module:
    convolution = nn.Conv2d(channels_in, channels_out, kernel_size=3, stride=2, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(channels_out), nn.ReLU())


def _block(channels_in: int, channels_out: int, stride: int) -> nn.Module:
    shortcut = nn.Sequential(conv1x1(channels_in, channels_out, stride), nn.BatchNorm2d(channels_out))
    return BasicBlock(channels_in, channels_out, stride, shortcut)

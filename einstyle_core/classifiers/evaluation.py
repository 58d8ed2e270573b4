"""How good a classifier is: accuracy, per class, confusion, calibration."""

from typing import Any

import torch
from torch import Tensor, nn

from einstyle_core.classifiers.base import predict
from einstyle_core.classifiers.calibration import reliability
from einstyle_core.data import NUM_CLASSES, ImageSet


def evaluate(model: nn.Module, images: ImageSet) -> dict[str, Any]:
    """Figures of a model on labelled images, ready for metrics.json.

    Returns:
        ``accuracy`` in [0, 1]; ``per_class``, ten accuracies; ``confusion``, 10 x 10 counts with a row a true class and
        a column a predicted one; ``calibration``, see :func:`~einstyle_core.classifiers.calibration.reliability`.
    """
    probabilities = predict(model, images.images)
    counts = confusion(probabilities.argmax(1), images.labels)
    right = counts.diagonal().double()
    return {
        "accuracy": (right.sum() / counts.sum()).item(),
        "per_class": (right / counts.sum(1)).tolist(),
        "confusion": counts.tolist(),
        "calibration": reliability(probabilities, images.labels),
    }


def confusion(predicted: Tensor, labels: Tensor, classes: int = NUM_CLASSES) -> Tensor:
    """Counts, ``classes x classes``: rows are true classes, columns predicted ones."""
    return torch.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)

"""How good a classifier is: accuracy, per class, confusion, calibration."""

from typing import Any

import torch
from torch import Tensor, nn

from einstyle_core.classifiers.base import predict
from einstyle_core.data import NUM_CLASSES, ImageSet

RELIABILITY_BINS = 15


def evaluate(model: nn.Module, images: ImageSet) -> dict[str, Any]:
    """Figures of a model on labelled images, ready for metrics.json.

    Returns:
        ``accuracy`` in [0, 1]; ``per_class``, ten accuracies; ``confusion``, 10 x 10 counts with a row a true class and
        a column a predicted one; ``calibration``, see :func:`calibration`.
    """
    probabilities = predict(model, images.images)
    counts = confusion(probabilities.argmax(1), images.labels)
    per_class = counts.diagonal() / counts.sum(1)
    return {
        "accuracy": (counts.diagonal().sum() / counts.sum()).item(),
        "per_class": [round(value, 6) for value in per_class.tolist()],
        "confusion": counts.tolist(),
        "calibration": calibration(probabilities, images.labels),
    }


def confusion(predicted: Tensor, labels: Tensor, classes: int = NUM_CLASSES) -> Tensor:
    """Counts, ``classes x classes``: rows are true classes, columns predicted ones."""
    return torch.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)


def calibration(probabilities: Tensor, labels: Tensor, bins: int = RELIABILITY_BINS) -> dict[str, Any]:
    """Expected calibration error and the reliability diagram behind it (Guo et al. 2017).

    Args:
        probabilities: ``N x classes``, rows sum to 1.
        labels: ``N``.
        bins: intervals of equal width, (low, high].

    Returns:
        ``ece`` in [0, 1], ``mean_confidence``, and ``reliability``: for each non-empty interval of confidence its
        ``low``, ``high``, ``count``, mean ``confidence`` and ``accuracy``.
    """
    confidence, predicted = probabilities.double().max(1)
    correct = (predicted == labels).double()
    index = (confidence * bins).ceil().long().sub(1).clamp(0, bins - 1)
    count = torch.bincount(index, minlength=bins)
    mean_confidence = torch.bincount(index, confidence, bins) / count
    accuracy = torch.bincount(index, correct, bins) / count
    filled = count > 0
    ece = ((accuracy - mean_confidence).abs() * count)[filled].sum() / len(labels)
    reliability = [
        {
            "low": round(i / bins, 4),
            "high": round((i + 1) / bins, 4),
            "count": int(count[i]),
            "confidence": round(mean_confidence[i].item(), 6),
            "accuracy": round(accuracy[i].item(), 6),
        }
        for i in filled.nonzero().flatten().tolist()
    ]
    return {
        "ece": round(ece.item(), 6),
        "mean_confidence": round(confidence.mean().item(), 6),
        "reliability": reliability,
    }

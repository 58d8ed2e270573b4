"""Probabilities that mean what they say: temperature scaling (Guo et al. 2017) and how far they are off."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from einstyle_core.classifiers.base import Classifier
from einstyle_core.data import ImageSet, to_unit

RELIABILITY_BINS = 15


@torch.no_grad()
def calibrate(model: Classifier, held_out: ImageSet) -> float:
    """Scale the model's head in place so that its confidence on held-out images matches its accuracy.

    Dividing all logits by one number changes no answer. It is folded into the last layer, so the shape stays.

    Args:
        model: in eval mode.
        held_out: images that it has not learned from.

    Returns:
        the temperature: above 1 the model was too sure of itself.
    """
    logits = torch.cat([model(to_unit(pixels)) for pixels, _ in held_out.batches(1000)])
    temperature = fit_temperature(logits, held_out.labels)
    for parameter in model.head.parameters():
        parameter.div_(temperature)
    return temperature


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """The T > 0 for which softmax(logits / T) has the least cross entropy with ``labels``; logits ``N x classes``."""
    log_t = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_t], max_iter=100, line_search_fn="strong_wolfe")
    scores, targets = logits.detach().double().cpu(), labels.cpu()

    def loss() -> float:
        optimizer.zero_grad()
        with torch.enable_grad():
            cross_entropy = F.cross_entropy(scores / log_t.exp(), targets)
        cross_entropy.backward()
        return cross_entropy.item()

    optimizer.step(loss)
    return log_t.exp().item()


def reliability(probabilities: Tensor, labels: Tensor, bins: int = RELIABILITY_BINS) -> dict[str, Any]:
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
    diagram = [
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
        "reliability": diagram,
    }

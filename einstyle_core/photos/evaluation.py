"""How good the photo model is: accuracy, confusion, calibration, and telling what is none of the ten."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import mannwhitneyu
from torch import Tensor, nn

from einstyle_core.classifiers.calibration import fit_temperature, reliability
from einstyle_core.classifiers.photo import Photo, answer
from einstyle_core.classifiers.prediction import SCOPE_THRESHOLD
from einstyle_core.data import NUM_CLASSES
from einstyle_core.photos.collection import LABELS
from einstyle_core.photos.dataset import ViewSet


def auroc(inside: Tensor, outside: Tensor) -> float:
    """The probability that something inside scores higher than something outside; ties count half.

    The area under the ROC curve, as the Mann-Whitney statistic (Hanley and McNeil 1982).
    """
    statistic = mannwhitneyu(np.asarray(inside), np.asarray(outside)).statistic
    return float(statistic / (len(inside) * len(outside)))


def answers(model: nn.Module, views: Tensor, batch_size: int = 64) -> tuple[Tensor, Tensor]:
    """Probabilities ``N x 10`` and scope scores ``N`` of uint8 views, as an upload gets them; on the CPU."""
    device = next(model.parameters()).device
    parts = [answer(model, part.to(device)) for part in views.split(batch_size)]
    probabilities, scope = zip(*parts, strict=True)
    return torch.cat(probabilities).cpu(), torch.cat(scope).cpu()


def right(probabilities: Tensor, allowed: Tensor) -> Tensor:
    """Whether the likeliest class is one of those that are right, bool ``N``."""
    return allowed.gather(1, probabilities.argmax(1, keepdim=True)).squeeze(1)


def judge(model: nn.Module, held_out: ViewSet) -> dict[str, float]:
    """Accuracy inside the ten, and AUROC of the scope; both in [0, 1]."""
    model.eval()
    probabilities, scope = answers(model, held_out.views)
    inside = held_out.inside
    accuracy = right(probabilities, held_out.allowed)[inside].float().mean().item()
    return {"accuracy": accuracy, "auroc": auroc(scope[inside], scope[~inside])}


def evaluate(
    model: nn.Module, photographs: ViewSet, labels: Sequence[str], strangers: dict[str, ViewSet]
) -> dict[str, Any]:
    """Figures of the photo model on photographs that it never saw, ready for metrics.json.

    Args:
        model: in eval mode.
        photographs: inside the ten and outside.
        labels: of each photograph, a key of :data:`einstyle_core.photos.collection.LABELS`.
        strangers: drawn pictures by kind.

    Returns:
        ``accuracy`` over the photographs inside the ten, in [0, 1], with ``n_inside`` and ``n_outside``; ``per_label``;
        ``confusion``, for each label ten counts, a column a predicted class; ``calibration``; ``auroc`` of the scope
        score against the garments outside the ten and against each kind of stranger; ``accepted``, which share passes
        as one of the ten, for those inside and each kind outside.
    """
    probabilities, scope = answers(model, photographs.views)
    inside, correct = photographs.inside, right(probabilities, photographs.allowed)
    predicted = probabilities.argmax(1)
    rows = {label: torch.tensor([own == label for own in labels]) for label in LABELS}
    # Where several classes are right, the predicted one stands for them if it is among them.
    stand_in = torch.where(correct, predicted, photographs.allowed.int().argmax(1))
    outside = {label: scope[rows[label]] for label, classes in LABELS.items() if not classes}
    drawn = {kind: answers(model, views.views)[1] for kind, views in strangers.items()}
    others = {"other garments": scope[~inside], **outside, **drawn}
    return {
        "accuracy": correct[inside].double().mean().item(),
        "n_inside": int(inside.sum()),
        "n_outside": {name: len(scores) for name, scores in others.items()},
        "per_label": {
            label: correct[rows[label]].double().mean().item() for label, classes in LABELS.items() if classes
        },
        "confusion": {
            label: torch.bincount(predicted[rows[label]], minlength=NUM_CLASSES).tolist() for label in LABELS
        },
        "calibration": reliability(probabilities[inside], stand_in[inside]),
        "auroc": {name: auroc(scope[inside], scores) for name, scores in others.items()},
        "accepted": {
            name: (scores >= SCOPE_THRESHOLD).double().mean().item()
            for name, scores in {"inside": scope[inside], **others}.items()
        },
    }


@torch.no_grad()
def calibrate(model: Photo, held_out: ViewSet) -> dict[str, float]:
    """Scale the model's two heads in place, so that confidence and scope score mean what they say on held-out views.

    The classes' logits are divided by one number (temperature scaling, Guo et al. 2017). The scope's logit is scaled
    and shifted (Platt 1999), with as much weight on what is outside the ten as on what is inside.

    Args:
        model: in eval mode.
        held_out: views that it has not learned from, of both kinds.

    Returns:
        ``temperature``, ``scope_scale`` and ``scope_shift``.
    """
    logits, scope = (
        torch.cat(part) for part in zip(*(model.judge(views) for views in held_out.views.split(64)), strict=True)
    )
    inside = held_out.inside
    correct = right(logits, held_out.allowed)
    stand_in = torch.where(correct, logits.argmax(1), held_out.allowed.int().argmax(1))
    temperature = fit_temperature(logits[inside], stand_in[inside])
    scale, shift = _platt(scope, inside)
    for parameter in model.head.parameters():
        parameter.div_(temperature)
    model.scope.weight.mul_(scale)
    model.scope.bias.mul_(scale).add_(shift)
    return {"temperature": temperature, "scope_scale": scale, "scope_shift": shift}


def _platt(scores: Tensor, inside: Tensor) -> tuple[float, float]:
    """(a, b) such that sigmoid(a score + b) has the least balanced cross entropy with ``inside``."""
    parameters = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)
    x, y = scores.double(), inside.double()
    weight = torch.where(inside, 0.5 / inside.sum(), 0.5 / (~inside).sum()).double()
    optimizer = torch.optim.LBFGS([parameters], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> float:
        optimizer.zero_grad()
        with torch.enable_grad():
            z = parameters[0] * x + parameters[1]
            value = F.binary_cross_entropy_with_logits(z, y, weight, reduction="sum") + 1e-4 * parameters[0] ** 2
        value.backward()
        return value.item()

    optimizer.step(loss)
    return parameters[0].item(), parameters[1].item()

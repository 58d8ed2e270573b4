"""One training loop for every classifier, on CUDA and on the CPU, as an iterator of epoch reports.

All randomness of an epoch follows from (seed, epoch), so a run that was killed and resumed ends with the same weights
as one that never was, on the same device.
"""

import dataclasses
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from einstyle_core import checkpoints
from einstyle_core.classifiers.adversarial import fast_attack, robust_accuracy
from einstyle_core.classifiers.augment import augment
from einstyle_core.classifiers.base import Classifier, predict
from einstyle_core.config import ClassifierRecipe
from einstyle_core.data import ImageSet, to_unit
from einstyle_core.devices import has_fast_bfloat16
from einstyle_core.errors import TrainingError

_Tensors = tuple[Tensor, ...] | list[Tensor]


@dataclass(frozen=True)
class EpochReport:
    """One epoch done.

    Attributes:
        epoch: counted from 1.
        epochs: how many the run will have.
        loss: mean training loss of the epoch, on augmented images.
        validation_accuracy: of the averaged weights, in [0, 1]; None without a validation set.
        seconds: the epoch's duration.
        weights: the averaged weights so far: what a checkpoint ships.
        robust_accuracy: of the averaged weights on training images under PGD, in [0, 1]; None without an adversarial
            recipe. Where it falls while the loss does too, the network has learned the one-step attack instead of
            withstanding it.
    """

    epoch: int
    epochs: int
    loss: float
    validation_accuracy: float | None
    seconds: float
    weights: dict[str, Tensor] = field(repr=False)
    robust_accuracy: float | None = None

    def __str__(self) -> str:
        judged = "" if self.validation_accuracy is None else f", validation {self.validation_accuracy:.2%}"
        robust = "" if self.robust_accuracy is None else f", under PGD {self.robust_accuracy:.2%}"
        return f"epoch {self.epoch}/{self.epochs}: loss {self.loss:.4f}{judged}{robust}"


def train(
    model: Classifier,
    data: ImageSet,
    recipe: ClassifierRecipe,
    *,
    validation: ImageSet | None = None,
    seed: int = 0,
    device: torch.device | str = "cpu",
    state_path: Path | None = None,
    resume: bool = False,
) -> Iterator[EpochReport]:
    """Train ``model`` in place and yield a report an epoch.

    Args:
        model: freshly built; :func:`fresh` seeds its weights.
        data: the training images.
        recipe: how.
        validation: judged after each epoch, never learned from.
        seed: with the recipe and the device it determines the result.
        device: where to train.
        state_path: the run's state is saved here after every epoch.
        resume: go on from ``state_path`` where it exists; the last epoch it holds is reported again first.

    Raises:
        CheckpointError: the state is damaged or another run's, or a checkpoint that the recipe names is.
        TrainingError: the loss is no longer finite; the last good epoch's state stays on disk.
    """
    device = torch.device(device)
    data = data.to(device)
    if recipe.start:
        model.load_state_dict(checkpoints.load(recipe.start).state_dict())
    model.to(device).to(memory_format=torch.channels_last)
    averaged = AveragedModel(model, multi_avg_fn=_warm_average(recipe.ema_decay))
    optimizer = _optimizer(model, recipe)
    steps_per_epoch = math.ceil(len(data) / recipe.batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.learning_rate, total_steps=recipe.epochs * steps_per_epoch, pct_start=0.2, div_factor=10
    )
    taught = soft_labels(checkpoints.load(recipe.teacher, device), data.images) if recipe.teacher else None

    config = {
        "model": model.name,
        **model.config,
        **dataclasses.asdict(recipe),
        "seed": seed,
        "images": len(data),
        "data": data.digest,
    }
    parts: dict[str, Any] = {"model": model, "averaged": averaged, "optimizer": optimizer, "schedule": schedule}
    report = None
    if resume and state_path and (state := checkpoints.load_run(state_path, config)):
        for name, part in parts.items():
            part.load_state_dict(state[name])
        report = EpochReport(**state["report"], weights=_copy_weights(averaged.module))
        yield report

    for epoch in range(report.epoch + 1 if report else 1, recipe.epochs + 1):
        started = time.perf_counter()
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            torch.manual_seed(_epoch_seed(seed, epoch))  # dropout draws from the global generator
            generator = torch.Generator(device).manual_seed(_epoch_seed(seed, epoch))
            strength = min(1.0, epoch / recipe.adversarial.warm_up) if recipe.adversarial else 0.0
            loss = _train_epoch(model, averaged, data, taught, recipe, optimizer, schedule, generator, strength)
        if not math.isfinite(loss):
            raise TrainingError(
                f"The loss of {model.name} is no longer a number in epoch {epoch}. The state after epoch {epoch - 1} "
                "is kept; lower the learning rate."
            )
        accuracy = _accuracy(averaged.module, validation.to(device)) if validation else None
        robust = robust_accuracy(averaged.module, data, recipe.adversarial) if recipe.adversarial else None
        seconds = time.perf_counter() - started
        report = EpochReport(epoch, recipe.epochs, loss, accuracy, seconds, _copy_weights(averaged.module), robust)
        if state_path:
            figures = {name: value for name, value in vars(report).items() if name != "weights"}
            state = {name: part.state_dict() for name, part in parts.items()}
            checkpoints.save_run(state_path, {"config": config, "report": figures, **state})
        yield report


def fresh(model_class: type[Classifier], seed: int) -> Classifier:
    """A model with the initial weights that ``seed`` gives, whatever was drawn before."""
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        return model_class()


@torch.no_grad()
def soft_labels(teacher: nn.Module, images: Tensor, batch_size: int = 1000) -> Tensor:
    """A teacher's logits ``N x 10`` for uint8 images, each the mean of the image's and its mirror image's.

    Asked once: what the student's augmentation moves by a pixel is taught as the image itself.
    """
    device = images.device
    answers = []
    with torch.autocast(device.type, torch.bfloat16, enabled=has_fast_bfloat16(device)):
        for part in images.split(batch_size):
            unit = to_unit(part)
            answers.append((teacher(unit).float() + teacher(unit.flip(3)).float()) / 2)
    return torch.cat(answers)


def distillation_loss(logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """T^2 KL(teacher || student) of softened answers, the mean over the batch (Hinton et al. 2015)."""
    student = (logits / temperature).log_softmax(1)
    target = (teacher_logits / temperature).log_softmax(1)
    return F.kl_div(student, target, reduction="batchmean", log_target=True) * temperature**2


def _train_epoch(
    model: Classifier,
    averaged: AveragedModel,
    data: ImageSet,
    taught: Tensor | None,
    recipe: ClassifierRecipe,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    generator: torch.Generator,
    strength: float,
) -> float:
    model.train()
    device = data.images.device
    total = torch.zeros((), device=device)
    for chosen in data.shuffled(recipe.batch_size, generator):
        labels = data.labels[chosen]
        images = augment(to_unit(data.images[chosen]), recipe, generator).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16, enabled=has_fast_bfloat16(device)):
            if recipe.adversarial:
                images = fast_attack(model, images, labels, recipe.adversarial, strength, generator)
            logits = model(images).float()
        loss = F.cross_entropy(logits, labels, label_smoothing=recipe.label_smoothing)
        if taught is not None:
            soft = distillation_loss(logits, taught[chosen], recipe.temperature)
            loss = torch.lerp(loss, soft, recipe.teacher_weight)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        averaged.update_parameters(model)
        total += loss.detach() * len(labels)
    return (total / len(data)).item()


def _copy_weights(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def _accuracy(model: nn.Module, images: ImageSet) -> float:
    model.eval()
    return (predict(model, images.images).argmax(1) == images.labels).float().mean().item()


def _optimizer(model: nn.Module, recipe: ClassifierRecipe) -> torch.optim.Optimizer:
    groups = [
        {"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in model.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(groups, recipe.learning_rate, momentum=0.9, nesterov=True, fused=True)
    return torch.optim.AdamW(groups, recipe.learning_rate, fused=True)


def _warm_average(decay: float) -> Callable[[_Tensors, _Tensors, Tensor | int], None]:
    """An exponential moving average whose decay grows to ``decay``, so that short runs average sensibly too."""

    def update(averaged: _Tensors, current: _Tensors, count: Tensor | int) -> None:
        step = float(count)
        torch._foreach_lerp_(averaged, current, 1 - min(decay, (1 + step) / (10 + step)))

    return update


def _epoch_seed(seed: int, epoch: int) -> int:
    return seed * 10_007 + epoch

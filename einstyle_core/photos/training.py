"""Training the photo model: one readable loop, resumable to the bit, as an iterator of epoch reports.

A batch mixes photographs, images of Fashion-MNIST and drawn strangers. Each term of the loss is a function of outputs:
the classes learn from what is inside the ten, the scope from everything. All randomness of an epoch follows from
(seed, epoch).
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
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from einstyle_core import checkpoints
from einstyle_core.classifiers.photo import Photo
from einstyle_core.classifiers.views import enlarge
from einstyle_core.data import NUM_CLASSES, ImageSet, to_unit
from einstyle_core.devices import has_fast_bfloat16
from einstyle_core.errors import TrainingError
from einstyle_core.photos.augment import augment
from einstyle_core.photos.dataset import ViewSet
from einstyle_core.photos.evaluation import judge

_SQUARE = 8  # pixels a side


@dataclass(frozen=True)
class PhotoRecipe:
    """How the photo model is trained.

    Attributes:
        stages: (epochs, size) each: passes over the photographs, seen at so many pixels of height and width. Small ones
            are learned from many times faster (progressive resizing, Howard et al. 2018).
        photographs: of a batch.
        fashion: images of Fashion-MNIST in a batch.
        strangers: drawn pictures in a batch.
        hard_pixels: the share of the dataset's images whose pixels are squares with hard edges when they are large, as
            in many an upload; the others are enlarged smoothly.
        learning_rate: AdamW's highest, of the body, which knows something already.
        head_learning_rate: the highest of what is new.
        cycles: epochs each: in every one the learning rate rises, and falls to nothing along a cosine (warm restarts,
            Loshchilov and Hutter 2017).
        warm_up: the share of a cycle in which the learning rate rises.
        weight_decay: decoupled; biases are spared.
        label_smoothing: probability mass spread over all classes.
        scope_weight: of the scope's term in the loss.
        ema_decay: decay of the weights' moving average, which is what ships.
    """

    stages: tuple[tuple[int, int], ...] = ((6, 96), (18, 128))
    photographs: int = 32
    fashion: int = 28
    strangers: int = 4
    hard_pixels: float = 0.0
    learning_rate: float = 3e-4
    head_learning_rate: float = 1e-3
    cycles: tuple[int, ...] = (24,)
    warm_up: float = 0.1
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    scope_weight: float = 0.5
    ema_decay: float = 0.998

    @property
    def epochs(self) -> int:
        """Of all stages."""
        return sum(epochs for epochs, _ in self.stages)

    def size_in(self, epoch: int) -> int:
        """The views' size in an epoch, counted from 1."""
        for epochs, size in self.stages:
            if epoch <= epochs:
                return size
            epoch -= epochs
        raise ValueError("There is no such epoch.")


VARIANT = "lite2"
"""Of the members' bodies, one of :data:`einstyle_core.classifiers.lite.VARIANTS`."""

MEMBERS = 2
"""How many are trained apart, each from a seed of its own."""

COURSE: tuple[PhotoRecipe, ...] = (
    PhotoRecipe(),
    PhotoRecipe(stages=((3, 192),), cycles=(3,), learning_rate=1e-4, head_learning_rate=3e-4, hard_pixels=0.5),
)
"""How each member is trained: from ImageNet's weights through these recipes, each beginning with the averaged weights
of the one before.

The last is short and at the full size, in which details of a few pixels tell: a network gains where its last epochs see
things in the size in which it will be shown them (Touvron et al. 2019).
"""


@dataclass(frozen=True)
class PhotoReport:
    """One epoch done.

    Attributes:
        epoch: counted from 1.
        epochs: how many the run will have.
        loss: mean training loss of the epoch, on augmented views.
        figures: of the averaged weights on held-out views, see :func:`einstyle_core.photos.evaluation.judge`; empty
            without.
        seconds: the epoch's duration.
        weights: the averaged weights so far: what a checkpoint ships.
    """

    epoch: int
    epochs: int
    loss: float
    figures: dict[str, float]
    seconds: float
    weights: dict[str, Tensor] = field(repr=False)

    def __str__(self) -> str:
        judged = "".join(f", {name} {value:.2%}" for name, value in self.figures.items())
        return f"epoch {self.epoch}/{self.epochs}: loss {self.loss:.4f}{judged}"


@dataclass(frozen=True)
class Lessons:
    """What there is to learn from.

    Attributes:
        photographs: with those of garments outside the ten.
        fashion: images of the dataset.
        strangers: no garments.
        digest: of all of it.
    """

    photographs: ViewSet
    fashion: ImageSet
    strangers: ViewSet
    digest: str


def class_loss(logits: Tensor, allowed: Tensor, smoothing: float) -> Tensor:
    """Cross entropy where several classes may be right, the mean over the rows in which one is.

    -log of the probability of all allowed classes together, mixed with the mean of -log p over all classes by
    ``smoothing`` (Szegedy et al. 2016).

    Args:
        logits: ``N x 10``.
        allowed: bool, ``N x 10``.
        smoothing: in [0, 1).
    """
    inside = allowed.any(1)
    log_p = logits[inside].log_softmax(1)
    right = log_p.masked_fill(~allowed[inside], -math.inf).logsumexp(1)
    return -((1 - smoothing) * right + smoothing * log_p.mean(1)).mean()


def rate(epoch: float, recipe: PhotoRecipe) -> float:
    """The learning rate as a share of its highest, so many epochs (fractions too) after the start."""
    for length in recipe.cycles:
        if epoch < length:
            warm_up = recipe.warm_up * length
            if epoch < warm_up:
                return 0.1 + 0.9 * epoch / warm_up
            return 0.5 + 0.5 * math.cos(math.pi * (epoch - warm_up) / (length - warm_up))
        epoch -= length
    return 0.0


def train(
    model: Photo,
    lessons: Lessons,
    recipe: PhotoRecipe,
    *,
    validation: ViewSet | None = None,
    seed: int = 0,
    device: torch.device | str = "cpu",
    state_path: Path | None = None,
    resume: bool = False,
) -> Iterator[PhotoReport]:
    """Train ``model`` in place and yield a report an epoch.

    Args:
        model: freshly built.
        lessons: what it learns from.
        recipe: how.
        validation: judged after each epoch, never learned from.
        seed: with the recipe, the lessons and the device it determines the result.
        device: where to train.
        state_path: the run's state is saved here after every epoch.
        resume: go on from ``state_path`` where it exists; the last epoch it holds is reported again first.

    Raises:
        CheckpointError: the state is damaged or another run's.
        TrainingError: the loss is no longer finite; the last good epoch's state stays on disk.
    """
    device = torch.device(device)
    model.to(device).to(memory_format=torch.channels_last)
    averaged = AveragedModel(model, avg_fn=_warm_average(recipe.ema_decay), use_buffers=True)
    optimizer = _optimizer(model, recipe)
    steps = math.ceil(len(lessons.photographs) / recipe.photographs)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step / steps, recipe))
    config = {**model.config, **dataclasses.asdict(recipe), "seed": seed, "data": lessons.digest}
    parts: dict[str, Any] = {"model": model, "averaged": averaged, "optimizer": optimizer, "schedule": schedule}
    report = None
    if resume and state_path and (state := checkpoints.load_run(state_path, config)):
        for name, part in parts.items():
            part.load_state_dict(state[name])
        report = PhotoReport(**state["report"], weights=_copied(averaged.module))
        yield report

    for epoch in range(report.epoch + 1 if report else 1, recipe.epochs + 1):
        started = time.perf_counter()
        epoch_seed = seed * 10_007 + epoch
        generator = torch.Generator().manual_seed(epoch_seed)
        model.train()
        total = torch.zeros((), device=device)
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            torch.manual_seed(epoch_seed)  # dropout draws from the global generator
            for views, allowed in batches(lessons, recipe, recipe.size_in(epoch), generator):
                loss = _loss(model, views.to(device), allowed.to(device), recipe)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
                schedule.step()
                averaged.update_parameters(model)
                total += loss.detach()
        if not math.isfinite(mean := (total / steps).item()):
            raise TrainingError(
                f"The loss of {model.name} is no longer a number in epoch {epoch}. The state after epoch {epoch - 1} "
                "is kept; lower the learning rate."
            )
        figures = judge(averaged.module, validation) if validation else {}
        report = PhotoReport(
            epoch, recipe.epochs, mean, figures, time.perf_counter() - started, _copied(averaged.module)
        )
        if state_path:
            kept = {name: value for name, value in vars(report).items() if name != "weights"}
            state = {name: part.state_dict() for name, part in parts.items()}
            checkpoints.save_run(state_path, {"config": config, "report": kept, **state})
        yield report


def batches(
    lessons: Lessons, recipe: PhotoRecipe, size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """An epoch: all photographs in a fresh order, each batch filled up with other lessons; (views, allowed)."""
    order = torch.randperm(len(lessons.photographs), generator=generator)
    for chosen in order.split(recipe.photographs):
        fashion = torch.randint(len(lessons.fashion), (recipe.fashion,), generator=generator)
        strangers = torch.randint(len(lessons.strangers), (recipe.strangers,), generator=generator)
        views = torch.cat(
            [
                lessons.photographs.views[chosen].float() / 255,
                _enlarged(lessons.fashion.images[fashion], lessons.photographs.views.shape[-1], recipe, generator),
                lessons.strangers.views[strangers].float() / 255,
            ]
        )
        allowed = torch.cat(
            [
                lessons.photographs.allowed[chosen],
                F.one_hot(lessons.fashion.labels[fashion], NUM_CLASSES).bool(),
                lessons.strangers.allowed[strangers],
            ]
        )
        yield augment(views, size, generator), allowed


def _enlarged(images: Tensor, size: int, recipe: PhotoRecipe, generator: torch.Generator) -> Tensor:
    """Views ``N x 4 x size x size`` of the dataset's images, some with hard edges between their pixels."""
    small = to_unit(images)
    views = enlarge(small, size)
    if recipe.hard_pixels:
        hard = torch.rand(len(small), 1, 1, 1, generator=generator) < recipe.hard_pixels
        views = torch.where(hard, enlarge(F.interpolate(small, scale_factor=_SQUARE, mode="nearest"), size), views)
    return views


def _loss(model: Photo, views: Tensor, allowed: Tensor, recipe: PhotoRecipe) -> Tensor:
    with torch.autocast(views.device.type, torch.bfloat16, enabled=has_fast_bfloat16(views.device)):
        logits, scope = model.judge(views)
    inside = F.binary_cross_entropy_with_logits(scope.float(), allowed.any(1).float())
    return class_loss(logits.float(), allowed, recipe.label_smoothing) + recipe.scope_weight * inside


def _copied(model: torch.nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def _optimizer(model: Photo, recipe: PhotoRecipe) -> torch.optim.Optimizer:
    body = [p for member in model.members for p in member.body.parameters()]
    known = {id(p) for p in body}
    new = [p for p in model.parameters() if id(p) not in known]
    groups = [
        {"params": [p for p in part if (p.ndim > 1) == decays], "lr": rate, "weight_decay": decay}
        for part, rate in ((body, recipe.learning_rate), (new, recipe.head_learning_rate))
        for decays, decay in ((True, recipe.weight_decay), (False, 0.0))
    ]
    return torch.optim.AdamW(groups, fused=True)


def _warm_average(decay: float) -> Callable[[Tensor, Tensor, Tensor | int], Tensor]:
    """An exponential moving average whose decay grows to ``decay``, so that short runs average sensibly too.

    Statistics of batch normalisation are averaged alike; whole numbers are copied.
    """

    def update(averaged: Tensor, current: Tensor, count: Tensor | int) -> Tensor:
        if not averaged.is_floating_point():
            return current
        step = float(count)
        return torch.lerp(averaged, current, 1 - min(decay, (1 + step) / (10 + step)))

    return update

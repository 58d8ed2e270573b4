"""One trainer for the colorizer and for what it is compared with, as an iterator of reports.

The gray images live on the device, their colours are made there for each batch, and losses stay there until a report
is due. All randomness between two reports follows from (seed, report), so on the same device a run that was killed and
resumed ends with the weights of one that never was.
"""

import copy
import dataclasses
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from einstyle_core import checkpoints, images
from einstyle_core.colorizer.colour import lab_to_srgb, limited, srgb_to_lab
from einstyle_core.colorizer.dataset import ColourBatch, ColourSet, guessed, told
from einstyle_core.colorizer.networks import Discriminator, Generator, PaperDiscriminator, PaperGenerator
from einstyle_core.colorizer.palettes import PALETTES
from einstyle_core.data import NUM_CLASSES
from einstyle_core.devices import has_fast_bfloat16
from einstyle_core.errors import TrainingError, named
from einstyle_core.gans.base import bce, one_hot, seeded
from einstyle_core.storage import atomic_write

REPORT_EVERY = 250
"""Iterations between two reports."""

_SHOWN = ("coast", "jewel")  # palettes of the snapshots' told rows
_CHROMA = 100.0


@dataclass(frozen=True)
class Recipe:
    """How a colorizer is trained. The defaults are the paper's numbers where it gives any.

    Attributes:
        iterations: steps of D and G.
        batch_size: images a step.
        learning_rate: of both (Adam).
        betas: Adam's.
        l1: weight of the mean distance to the target's chroma, in units of 100; 0 leaves it out.
        adversarial: whether a discriminator has a say.
        formulation: ``chroma``, ours; ``paper``, from gray to RGB.
        width: of our networks.
        ema: decay of the moving average of G's weights, which is what ships; 0 ships the last weights.
    """

    iterations: int = 20_000
    batch_size: int = 64
    learning_rate: float = 1e-4
    betas: tuple[float, float] = (0.5, 0.999)
    l1: float = 100.0
    adversarial: bool = True
    formulation: str = "chroma"
    width: int = 8
    ema: float = 0.999


RECIPES: dict[str, Recipe] = {
    "gan": Recipe(),
    "l1": Recipe(adversarial=False),
    "reference": Recipe(l1=0.0, formulation="paper", ema=0.0),
}
"""Ours; ours without the discriminator; and the paper's, a DCGAN without noise from the gray image to RGB."""


def get(name: str) -> Recipe:
    """The recipe registered under ``name``.

    Raises:
        UnknownNameError: there is none; the message lists the known ones.
    """
    return named("recipe", RECIPES, name)


class Painting(nn.Module):
    """A generator, a discriminator, and what they see of a batch."""

    G: nn.Module
    D: nn.Module

    def paint(self, batch: ColourBatch) -> Tensor:
        """What G makes of the batch's gray garments."""
        raise NotImplementedError

    def target(self, batch: ColourBatch) -> Tensor:
        """The same of the colour set."""
        raise NotImplementedError

    def judge(self, batch: ColourBatch, picture: Tensor) -> Tensor:
        """D's logits ``N x 1``."""
        raise NotImplementedError

    def shown(self, batch: ColourBatch) -> Tensor:
        """What G makes, as sRGB ``N x 3 x 28 x 28`` in [0, 1]."""
        raise NotImplementedError


class ChromaPainting(Painting):
    """G predicts chroma; D sees (gray, colour, condition)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.G, self.D = Generator(width), Discriminator(width)

    def paint(self, batch: ColourBatch) -> Tensor:
        """Chroma ``N x 2 x 28 x 28``."""
        return self.G(batch.lightness, batch.mask, batch.condition)

    def target(self, batch: ColourBatch) -> Tensor:
        """Chroma ``N x 2 x 28 x 28``."""
        return batch.chroma

    def judge(self, batch: ColourBatch, picture: Tensor) -> Tensor:
        """D(gray, chroma, condition)."""
        return self.D(batch.lightness, picture, batch.condition)

    def shown(self, batch: ColourBatch) -> Tensor:
        """G's chroma under the batch's lightness."""
        return to_srgb(batch.lightness, self.paint(batch))


class PaperPainting(Painting):
    """G goes from gray to RGB, D sees RGB; nobody is told a colour."""

    def __init__(self) -> None:
        super().__init__()
        self.G, self.D = PaperGenerator(), PaperDiscriminator()

    def paint(self, batch: ColourBatch) -> Tensor:
        """sRGB ``N x 3 x 28 x 28`` in [-1, 1]."""
        return self.G(batch.lightness)

    def target(self, batch: ColourBatch) -> Tensor:
        """sRGB ``N x 3 x 28 x 28`` in [-1, 1]."""
        return to_srgb(batch.lightness, batch.chroma) * 2 - 1

    def judge(self, batch: ColourBatch, picture: Tensor) -> Tensor:
        """D(RGB)."""
        return self.D(picture)

    def shown(self, batch: ColourBatch) -> Tensor:
        """G's picture."""
        return (self.paint(batch) + 1) / 2


def to_srgb(lightness: Tensor, chroma: Tensor) -> Tensor:
    """L* ``N x 1 x H x W`` and chroma ``N x 2 x H x W`` to sRGB ``N x 3 x H x W`` in [0, 1]; lightness is kept."""
    fitted = limited(lightness[:, 0], chroma.permute(0, 2, 3, 1))
    return lab_to_srgb(torch.cat([lightness.permute(0, 2, 3, 1), fitted], -1)).permute(0, 3, 1, 2)


def distance(painted: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """The mean absolute difference over the garment's pixels and channels, in units of 100."""
    return (painted - target).abs().mul(mask).sum() / (mask.sum() * painted.shape[1]).clamp(min=1) / _CHROMA


@dataclass(frozen=True)
class Report:
    """Some iterations done.

    Attributes:
        iteration: how many so far.
        iterations: how many the run will have.
        seconds: how long the last ones took, snapshot included.
        losses: the mean of every term since the last report.
    """

    iteration: int
    iterations: int
    seconds: float
    losses: dict[str, float]

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:.3f}" for name, value in self.losses.items())


class Run:
    """A run's networks and optimizers.

    Attributes:
        painting: what is trained.
        average: the averaged generator; None where the recipe averages nothing.
    """

    def __init__(self, recipe: Recipe, seed: int, device: torch.device | str = "cpu") -> None:
        self.recipe, self.device = recipe, torch.device(device)
        with torch.random.fork_rng([]):
            torch.manual_seed(seed)
            painting = PaperPainting() if recipe.formulation == "paper" else ChromaPainting(recipe.width)
        self.painting: Painting = painting.to(self.device).train()
        self.average = copy.deepcopy(painting.G).requires_grad_(False) if recipe.ema else None
        self.optimizers = {part: self._adam(getattr(painting, part)) for part in ("G", "D")}
        self.steps = 0

    @property
    def generator(self) -> nn.Module:
        """The network to ship."""
        return self.average or self.painting.G

    def step(self, batch: ColourBatch) -> dict[str, Tensor]:
        """One iteration: D, where it has a say, then G; returns the losses, on the device."""
        painting, recipe = self.painting, self.recipe
        losses: dict[str, Tensor] = {}
        with self._autocast():
            target = painting.target(batch)
            fake = painting.paint(batch)
        if recipe.adversarial:
            with self._autocast():
                losses["D/real"] = bce(painting.judge(batch, target), 1.0)
                losses["D/fake"] = bce(painting.judge(batch, fake.detach()), 0.0)
            self._descend("D", losses["D/real"] + losses["D/fake"])
            painting.D.requires_grad_(False)  # nobody needs its gradient here
            with self._autocast():
                losses["G/fake"] = bce(painting.judge(batch, fake), 1.0)
            painting.D.requires_grad_(True)
        if recipe.l1:
            losses["G/L1"] = recipe.l1 * distance(fake, target, batch.mask)
        self._descend("G", torch.stack([loss for name, loss in losses.items() if name[0] == "G"]).sum())
        self.steps += 1
        self._update_average()
        return {name: loss.detach() for name, loss in losses.items()}

    def state(self) -> dict[str, Any]:
        """Everything that the next iteration depends on."""
        return {
            "painting": self.painting.state_dict(),
            "average": self.average.state_dict() if self.average else {},
            "optimizers": {part: optimizer.state_dict() for part, optimizer in self.optimizers.items()},
            "steps": self.steps,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a :meth:`state`."""
        self.painting.load_state_dict(state["painting"])
        if self.average:
            self.average.load_state_dict(state["average"])
        for part, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][part])
        self.steps = state["steps"]

    def _descend(self, part: str, loss: Tensor) -> None:
        self.optimizers[part].zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[part].step()

    @torch.no_grad()
    def _update_average(self) -> None:
        """Weights and batch statistics, faster in the first steps so that little of the start remains."""
        if not self.average:
            return
        weight = 1 - min(self.recipe.ema, (1 + self.steps) / (10 + self.steps))
        for average, now in zip(self.average.state_dict().values(), self.painting.G.state_dict().values(), strict=True):
            if average.is_floating_point():
                average.lerp_(now, weight)
            else:
                average.copy_(now)

    def _adam(self, network: nn.Module) -> torch.optim.Adam:
        return torch.optim.Adam(network.parameters(), self.recipe.learning_rate, betas=self.recipe.betas, fused=True)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=has_fast_bfloat16(self.device))


def train(
    run: Run,
    data: ColourSet,
    *,
    seed: int = 0,
    folder: Path | None = None,
    resume: bool = False,
    save_every: float = 0.0,
    report_every: int = REPORT_EVERY,
) -> Iterator[Report]:
    """Train ``run`` in place by its recipe and yield a report now and then; ``run.generator`` is the result.

    A resumed run first yields the reports that it has behind it.

    Args:
        run: fresh, of the same seed.
        data: the training images' colour set, on the run's device.
        seed: with the recipe, the data and the device it determines the result.
        folder: for ``state.pt`` and ``frames/``; None writes nothing.
        resume: go on from the state in ``folder`` where there is one.
        save_every: seconds that must pass between two states; the last is always saved.
        report_every: iterations between two reports.

    Raises:
        CheckpointError: the state is damaged or another run's.
        TrainingError: a loss is no longer finite (the last state saved stays on disk), or there are too few images.
    """
    recipe = run.recipe
    batch_size = min(recipe.batch_size, len(data))
    if batch_size < 2:
        raise TrainingError(f"{len(data)} images are too few to train on: a batch needs two.")
    config = {**dataclasses.asdict(recipe), "betas": list(recipe.betas), "seed": seed, "report_every": report_every}
    config |= {"images": len(data), "data": data.data.digest}
    reports: list[Report] = []
    state_path = folder / "state.pt" if folder else None
    if resume and state_path and (state := checkpoints.load_run(state_path, config)):
        run.restore(state["run"])
        reports = [Report(**report) for report in state["reports"]]
    yield from reports

    rng = torch.Generator(run.device)
    batches = _Batches(data, batch_size, seed, run.device)
    last_save = time.monotonic()
    while run.steps < recipe.iterations:
        started = time.perf_counter()
        rng.manual_seed(seeded("colours", seed, len(reports)).initial_seed())
        rows = []
        for _ in range(min(report_every, recipe.iterations - run.steps)):
            losses = run.step(data.draw(batches[run.steps], rng))
            rows.append(torch.stack(list(losses.values())))
        means = dict(zip(losses, torch.stack(rows).mean(0).tolist(), strict=True))
        if not all(np.isfinite(list(means.values()))):
            raise TrainingError(
                f"A loss is no longer a number before iteration {run.steps}. The last state saved is kept; lower the "
                "learning rate and start again."
            )
        if folder:
            snapshot(run, data, frame_path(folder, run.steps))
        reports.append(Report(run.steps, recipe.iterations, time.perf_counter() - started, means))
        is_last = run.steps == recipe.iterations
        if state_path and (is_last or time.monotonic() - last_save >= save_every):
            state = {"config": config, "run": run.state(), "reports": [dataclasses.asdict(done) for done in reports]}
            checkpoints.save_run(state_path, state)
            last_save = time.monotonic()
        yield reports[-1]


class _Batches:
    """The images of each iteration: every one once in a fresh order, over and over."""

    def __init__(self, data: ColourSet, batch_size: int, seed: int, device: torch.device) -> None:
        self.images, self.size, self.seed, self.device = len(data), batch_size, seed, device
        self.epoch = -1

    def __getitem__(self, iteration: int) -> Tensor:
        epoch, place = divmod(iteration, self.images // self.size)
        if epoch != self.epoch:
            rng = seeded("order", self.seed, epoch, device=self.device)
            self.epoch, self.order = epoch, torch.randperm(self.images, generator=rng, device=self.device)
        return self.order[place * self.size : (place + 1) * self.size]


def frame_path(folder: Path, iteration: int) -> Path:
    """Where a run keeps the snapshot of an iteration."""
    return folder / "frames" / f"{iteration:06d}.png"


@torch.no_grad()
def snapshot(run: Run, data: ColourSet, path: Path) -> None:
    """Paint one garment of each class: gray, the class's colour, and two palettes told, a row each."""
    labels = data.data.labels
    shown = [index for label in range(NUM_CLASSES) for index in (labels == label).nonzero()[:1, 0].tolist()]
    chosen = torch.tensor(shown, device=labels.device)
    tables = [torch.tensor(PALETTES[name].colours, device=labels.device) for name in _SHOWN]
    conditions = [guessed(one_hot(labels[chosen]))]
    conditions += [told(srgb_to_lab(table[labels[chosen]].float() / 255)) for table in tables]
    painting = copy.copy(run.painting)
    painting._modules = {**run.painting._modules, "G": copy.deepcopy(run.generator).eval()}
    gray = data.data.images[chosen].float().div(255).expand(-1, 3, -1, -1)
    rows = [gray]
    for condition in conditions:
        batch = data.with_colours(chosen, data.colours[labels[chosen]], condition)
        rows.append(painting.shown(batch))
    sheet = images.grid(images.to_uint8(torch.cat(rows)), len(chosen), padding=0)
    with atomic_write(path) as temporary:
        temporary.write_bytes(images.png_bytes(sheet))

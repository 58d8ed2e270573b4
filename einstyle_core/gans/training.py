"""One trainer for every GAN, as an iterator of epoch reports.

The data lives on the device as uint8 and losses stay there until the epoch ends. All randomness of an epoch follows
from (seed, epoch), so on the same device a run that was killed and resumed ends with the weights of one that never was.
On CUDA the whole iteration becomes one graph. Under ``torchrun`` every process takes its share of each batch row and
gradients are averaged, as DistributedDataParallel does; what leads to a file is the first process's business.
"""

import contextlib
import ctypes
import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from PIL import Image
from torch import Tensor, nn

from einstyle_core import checkpoints
from einstyle_core.classifiers import predict
from einstyle_core.data import NUM_CLASSES, ImageSet
from einstyle_core.devices import has_fast_bfloat16
from einstyle_core.errors import TrainingError
from einstyle_core.gans.base import GAN, Losses, seeded
from einstyle_core.gans.bodies import Generator
from einstyle_core.gans.sampling import Sampler
from einstyle_core.storage import atomic_write

TRACE_EVERY = 100
_MIX_SIZE = 1000
_STATISTICS_BATCHES, _STATISTICS_SIZE = 20, 128


@dataclass(frozen=True)
class EpochReport:
    """One epoch done.

    Attributes:
        epoch: counted from 1.
        epochs: how many the run will have.
        seconds: the epoch's duration, snapshots included.
        losses: the epoch's mean of every term (``D/real``, ``G/fake``, ...) and every measure (``k``, ``M``).
        trace: the same, as means over each hundred iterations.
        class_mix: how often a classifier sees each class in a fixed sample of 1,000; None without one.
        tile_classes: the class it sees in each of the 100 tiles of the grid, row by row; None without one.
    """

    epoch: int
    epochs: int
    seconds: float
    losses: dict[str, float]
    trace: list[dict[str, float]]
    class_mix: list[int] | None
    tile_classes: list[int] | None

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:.3f}" for name, value in self.losses.items())


def train(
    gan: GAN,
    data: ImageSet,
    *,
    seed: int = 0,
    device: torch.device | str = "cpu",
    folder: Path | None = None,
    resume: bool = False,
    judge: nn.Module | None = None,
    save_every: float = 0.0,
    images_per_epoch: int | None = None,
    until: int | None = None,
) -> Iterator[EpochReport]:
    """Train ``gan`` in place by its own recipe and yield a report an epoch; ``gan.generator`` is the result.

    A resumed run first yields the reports of the epochs that it has behind it.

    Args:
        gan: freshly built; :func:`fresh` seeds its weights.
        data: the training images.
        seed: with the recipe, the data and the device it determines the result.
        device: where to train.
        folder: for ``state.pt`` and ``frames/``; None writes nothing.
        resume: go on from the state in ``folder`` where there is one.
        judge: a classifier that tells what the generator makes; it has no part in training.
        save_every: seconds that must pass between two states; the last epoch's is always saved.
        images_per_epoch: end an epoch, and report, after so many images, drawn anew from all for each; None: after all.
        until: stop after this epoch of the recipe's, as if killed then; None: after its last.

    Raises:
        CheckpointError: the state is damaged or another run's.
        TrainingError: the run in ``folder`` is past ``until``; or a loss is no longer finite: then the last state
            saved before stays on disk.
    """
    device = torch.device(device)
    recipe, rank, world = gan.recipe, _rank(), _world()
    data = data.to(device)
    gan.to(device).to(memory_format=torch.channels_last).train()
    batch_size = min(recipe.batch_size, len(data) // world)
    if batch_size < 2:
        raise TrainingError(f"{len(data)} images are too few for {world} processes: a batch needs two.")
    rng = torch.Generator(device)
    step = Step(gan, data, rng)
    run: Callable[[Tensor], Tensor] = Replay(step, rng) if device.type == "cuda" else step

    config = {
        "gan": gan.name,
        "class": type(gan).__qualname__,
        "module": type(gan).__module__,
        **gan.config(),
        "seed": seed,
        "world": world,
        "images": len(data),
        "data": data.digest,
    }
    if images_per_epoch:
        config["images_per_epoch"] = images_per_epoch
    reports: list[EpochReport] = []
    state_path = folder / "state.pt" if folder else None
    if resume and state_path and (state := checkpoints.load_run(state_path, config)):
        gan.load_state_dict(state["gan"])
        for optimizer, saved in zip(step.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        reports = [EpochReport(**report) for report in state["reports"]]
    until = min(until or recipe.epochs, recipe.epochs)
    if len(reports) > until:
        raise TrainingError(f"This run of {gan.title} has {len(reports)} epochs behind it: it cannot stop at {until}.")
    yield from reports

    last_save = time.monotonic()
    for epoch in range(len(reports) + 1, until + 1):
        started = time.perf_counter()
        step.set_rate(linear_decay(epoch, recipe.epochs, recipe.decay_epochs) * gan.rate())
        rng.manual_seed(seeded("steps", seed, epoch, rank).initial_seed())
        order = torch.randperm(len(data), generator=seeded("order", seed, epoch, device=device), device=device)
        count = min(len(data), images_per_epoch or len(data))
        steps = count // (batch_size * world)  # what is left over takes its turn in another epoch's order
        batches = order[: steps * world * batch_size].view(steps, world, batch_size)[:, rank]

        rows = []
        for chosen in batches.split(recipe.n_critic):
            if len(chosen) == recipe.n_critic:
                rows.append(run(chosen).clone())
            else:
                step.critic(chosen)
        log = _finite(torch.stack(rows) if rows else torch.empty(0), step.names, gan, epoch)
        means, last = (dict(zip(step.names, row.tolist(), strict=True)) for row in (log.mean(0), log[-1]))
        gan.after_epoch(means, last)
        _share_buffers(gan)
        if gan.average:
            recompute_statistics(gan.average, gan, seeded("statistics", seed, device=device))

        trace = [dict(zip(step.names, part.mean(0).tolist(), strict=True)) for part in log.split(TRACE_EVERY)]
        mix, tiles = None, None
        if rank == 0:
            mix, tiles = _snapshot(gan, seed, epoch, folder, judge)
        report = EpochReport(epoch, recipe.epochs, time.perf_counter() - started, means, trace, mix, tiles)
        reports.append(report)
        if state_path and rank == 0 and (epoch == until or time.monotonic() - last_save >= save_every):
            state = {
                "config": config,
                "gan": gan.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in step.optimizers],
                "reports": [dataclasses.asdict(done) for done in reports],
            }
            checkpoints.save_run(state_path, state)
            last_save = time.monotonic()
        yield report


def fresh(gan_class: type[GAN], seed: int, **changes: Any) -> GAN:
    """A GAN with the initial weights that ``seed`` gives, whatever was drawn before; ``changes`` to its recipe."""
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        return gan_class(dataclasses.replace(gan_class.recipe, **changes))


class Step:
    """One iteration: ``n_critic`` steps of D and one of G, from the indices of the images to a row of losses."""

    def __init__(self, gan: GAN, data: ImageSet, rng: torch.Generator) -> None:
        self.gan, self.data, self.rng = gan, data, rng
        self.device = data.images.device
        recipe = gan.recipe
        self.names: list[str] = []
        self.d_optimizer = self._adam(gan.D.parameters(), recipe.lr_d)
        self.g_optimizer = self._adam(gan.g_parameters(), recipe.lr_g)
        self.joint_optimizer = self._adam([*gan.G.parameters(), *gan.D.parameters()], recipe.lr_d)
        self.optimizers = [self.d_optimizer, self.g_optimizer, self.joint_optimizer]
        self.bfloat16 = has_fast_bfloat16(self.device)

    def __call__(self, chosen: Tensor) -> Tensor:
        """Indices ``n_critic x batch`` to losses and measures in the order of ``names``; nothing leaves the device."""
        gan = self.gan
        d, batch = self.critic(chosen)
        if gan.recipe.fresh_noise:
            batch = gan.draw(batch.x, batch.y, self.rng)
        gan.D.requires_grad_(False)  # nobody needs its gradient here, and it is a third of the work
        g = self._descend(self.g_optimizer, gan.g_losses, batch)
        gan.D.requires_grad_(True)
        joint = self._descend(self.joint_optimizer, gan.joint_losses, batch)
        with torch.no_grad():
            gan.after_g_step(d, g)
            gan.update_average()
        steps = {"D": d, "G": g, "GD": joint}
        named = {f"{step}/{term}": loss for step, losses in steps.items() for term, loss in losses.items()}
        named |= gan.measures()
        self.names = list(named)
        return torch.stack([value.detach().float() for value in named.values()])

    def critic(self, chosen: Tensor) -> tuple[Losses, Any]:
        """The D steps; returns the last one's losses and batch."""
        for indices in chosen:
            x = self.data.images[indices].float() * (2 / 255) - 1
            batch = self.gan.draw(x, self.data.labels[indices], self.rng)
            losses = self._descend(self.d_optimizer, self.gan.d_losses, batch)
            self.gan.after_d_step()
        return losses, batch

    def set_rate(self, factor: float) -> None:
        """Set all learning rates to a share of the recipe's."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                rate = group["base_lr"] * factor
                if self.device.type != "cuda":
                    group["lr"] = rate
                elif isinstance(group["lr"], Tensor) and group["lr"].device == self.device:
                    group["lr"].fill_(rate)  # the graph reads this very tensor
                else:
                    group["lr"] = torch.tensor(rate, device=self.device)

    def _descend(self, optimizer: torch.optim.Optimizer, objective: Callable[[Any], Losses], batch: Any) -> Losses:
        # A graph must not hold casts that were made, and cached, outside of it.
        cached = self.device.type != "cuda"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16, cache_enabled=cached):
            losses = objective(batch)
        if not losses:
            return losses
        optimizer.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()
        _average_gradients(optimizer)
        optimizer.step()
        return {term: loss.detach() for term, loss in losses.items()}

    def _adam(self, parameters: Iterable[nn.Parameter], rate: float) -> torch.optim.Adam:
        group = {"params": list(parameters), "base_lr": rate}
        return torch.optim.Adam(
            [group], rate, betas=self.gan.recipe.betas, fused=True, capturable=self.device.type == "cuda"
        )


class Replay:
    """A step on CUDA: run as it is until everything is allocated, then captured as one graph and replayed."""

    warm_up = 3

    def __init__(self, step: Step, rng: torch.Generator) -> None:
        self.step, self.rng = step, rng
        self.side = torch.cuda.Stream(step.device)
        self.graph: torch.cuda.CUDAGraph | None = None
        self.runs = 0

    def __call__(self, chosen: Tensor) -> Tensor:
        """As :class:`Step`; the row is overwritten by the next call."""
        if self.runs < self.warm_up:
            self.runs += 1
            current = torch.cuda.current_stream(self.step.device)
            self.side.wait_stream(current)
            with torch.cuda.stream(self.side):
                row = self.step(chosen)
            current.wait_stream(self.side)
            return row
        if self.graph is None:
            self.graph = torch.cuda.CUDAGraph()
            self.graph.register_generator_state(self.rng)
            self.chosen = chosen.clone()
            for optimizer in self.step.optimizers:
                optimizer.zero_grad(set_to_none=True)  # so that the graph's gradients live in its own memory
            # What other threads of the process ask of the device meanwhile is no business of this capture.
            with torch.cuda.graph(self.graph, capture_error_mode="thread_local"):
                self.row = self.step(self.chosen)
        self.chosen.copy_(chosen)
        self.graph.replay()
        return self.row


@torch.no_grad()
def recompute_statistics(G: Generator, gan: GAN, rng: torch.Generator) -> None:
    """Measure the batch statistics that belong to averaged weights: those averaged along the way are stale."""
    norms = [module for module in G.modules() if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over all batches
    G.train()
    with autocast(rng.device):
        for _ in range(_STATISTICS_BATCHES):
            z = gan.latent.z(_STATISTICS_SIZE, rng)
            G(z, gan.latent.c(gan.latent.labels(len(z), rng), rng))


def autocast(device: torch.device) -> contextlib.AbstractContextManager[Any]:
    """bfloat16 where the device is made for it."""
    return torch.autocast(device.type, torch.bfloat16, enabled=has_fast_bfloat16(device))


def tile(images: Tensor, columns: int = 10) -> Image.Image:
    """Images in [0, 1], row by row, as one gray picture without gaps."""
    n, _, height, width = images.shape
    rows = images.view(n // columns, columns, height, width).transpose(1, 2).reshape(-1, columns * width)
    return Image.fromarray(rows.mul(255).round().byte().cpu().numpy())


def frame_path(folder: Path, grid: str, epoch: int) -> Path:
    """Where a run keeps the snapshot of a grid."""
    return folder / "frames" / f"{grid}-{epoch:03d}.png"


def write_gif(folder: Path, grid: str, epochs: int, path: Path, milliseconds: int = 200, grays: int = 64) -> None:
    """Join a run's frames to an animation; its last frame stays for two seconds."""
    palette = [round(level * 255 / (grays - 1)) for level in range(grays) for _ in range(3)]
    nearest = [round(tone * (grays - 1) / 255) for tone in range(256)]
    frames = []
    for epoch in range(1, epochs + 1):
        with Image.open(frame_path(folder, grid, epoch)) as frame:
            indexed = Image.frombytes("P", frame.size, frame.convert("L").point(nearest).tobytes())
        indexed.putpalette(palette)
        frames.append(indexed)
    with atomic_write(path) as temporary:
        frames[0].save(
            temporary,
            "GIF",
            save_all=True,
            append_images=frames[1:],
            duration=[milliseconds] * (epochs - 1) + [2000],
            loop=0,
        )


def keep_freed_memory() -> None:
    """Have glibc keep what is freed: giving 25 MB gradients back and faulting them in anew is a tenth of a CPU step."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        m_trim_threshold, m_mmap_threshold, most = -1, -3, 1 << 25  # glibc takes no mmap threshold above 32 MiB
        libc.mallopt(m_mmap_threshold, most)
        libc.mallopt(m_trim_threshold, 2**31 - 1)


def _snapshot(
    gan: GAN, seed: int, epoch: int, folder: Path | None, judge: nn.Module | None
) -> tuple[list[int] | None, list[int] | None]:
    device = gan.updates.device
    sampler = Sampler(gan).to(device).eval()
    with autocast(device):
        grids = {name: sampler(z, c) for name, (z, c) in sampler.grids(seed).items()}
        fixed_sample = sampler(*sampler.draw(_MIX_SIZE, seed)) if judge else None
    sampler.train()
    if folder:
        for name, images in grids.items():
            with atomic_write(frame_path(folder, name, epoch)) as temporary:
                tile(images).save(temporary, "PNG", optimize=True)
    if judge is None or fixed_sample is None:
        return None, None
    mix = predict(judge, fixed_sample).argmax(1).bincount(minlength=NUM_CLASSES)
    return mix.tolist(), predict(judge, grids["grid"]).argmax(1).tolist()


def linear_decay(epoch: int, epochs: int, decay_epochs: int) -> float:
    """The share of the learning rate that an epoch, counted from 1, gets."""
    falling = min(decay_epochs, int(0.4 * epochs))
    return min(1.0, (epochs + 1 - epoch) / (falling + 1))


def _finite(log: Tensor, names: list[str], gan: GAN, epoch: int) -> Tensor:
    log = log.cpu()
    if not len(log):
        raise TrainingError(f"{gan.title} needs {gan.recipe.n_critic} batches for a G step: there are too few images.")
    bad = (~log.isfinite()).nonzero()
    if len(bad):
        row, column = bad[0].tolist()
        raise TrainingError(
            f"{gan.title}: {names[column]} is no longer a number at iteration {row + 1} of epoch {epoch}. The last "
            "epoch saved is kept; lower the learning rates or raise the penalty, and start again."
        )
    return log


def _rank() -> int:
    return dist.get_rank() if dist.is_initialized() else 0


def _world() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def _average_gradients(optimizer: torch.optim.Optimizer) -> None:
    if not dist.is_initialized():
        return
    gradients = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for gradient, averaged in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(averaged.view_as(gradient))


def _share_buffers(gan: GAN) -> None:
    """k and batch statistics follow each process's own samples; the first one's are everybody's from here."""
    if dist.is_initialized():
        for buffer in gan.buffers():
            dist.broadcast(buffer, 0)

"""Measure our training step against the same GAN's done as the reference collection does it.

Both take the reference recipe, so they compute the same losses on batches of the same size, in turns, in one process.
The collection's way: a DataLoader that resizes, converts and normalises PIL images one by one; float32; PyTorch's own
convolutions; D on reals and on fakes in two passes; gradients through G in the D step and into D in the G step; the
default Adam; two losses read back each step. Ours is the step that ``scripts.train_gan`` runs.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from einstyle_core.data import ImageSet
from einstyle_core.devices import DEVICE_CHOICES, resolve_device
from einstyle_core.gans import GANS, get
from einstyle_core.gans.base import GAN, Batch, Losses, seeded
from einstyle_core.gans.lowering import Conv, Deconv
from einstyle_core.gans.training import Replay, Step, fresh, keep_freed_memory
from scripts.common import load_data, positive_int, run


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gan", choices=GANS, required=True)
    parser.add_argument("--device", choices=DEVICE_CHOICES, default="auto")
    parser.add_argument("--rounds", type=positive_int, default=9, help="turns that each side gets")
    parser.add_argument("--batches", type=positive_int, default=10, help="batches a turn; a multiple of five is fair")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)

    device = resolve_device(args.device)
    keep_freed_memory()
    images = load_data("train")
    sides = {"ours": _ours(args.gan, images, device), "reference": _reference(args.gan, images, device)}
    for step in sides.values():
        _seconds(step, 5 * 5, device)  # past the warm-up, and on CUDA past the capture
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(args.rounds):
        for side, step in sides.items():
            seconds[side].append(_seconds(step, args.batches, device) / args.batches)

    ratios = sorted(slow / fast for slow, fast in zip(seconds["reference"], seconds["ours"], strict=True))
    figures = {
        "gan": args.gan,
        "device": str(device),
        "threads": torch.get_num_threads(),
        "ours_ms": 1000 * statistics.median(seconds["ours"]),
        "reference_ms": 1000 * statistics.median(seconds["reference"]),
        "ratio": statistics.median(ratios),
        "ratio_lowest": ratios[0],
        "ratio_highest": ratios[-1],
        "rounds": args.rounds,
    }
    if args.json:
        print(json.dumps(figures))
    else:
        print(
            "{gan} on {device}, {threads} threads: ours {ours_ms:.2f} ms a batch, reference {reference_ms:.2f} ms; "
            "{ratio:.2f} times as fast ({ratio_lowest:.2f} to {ratio_highest:.2f} in {rounds} rounds)".format(**figures)
        )


def _seconds(step: Callable[[], None], batches: int, device: torch.device) -> float:
    """How long ``batches`` batches take; a step that groups several is called as often as it takes."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    started = time.perf_counter()
    for _ in range(batches):
        step()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - started


def _ours(name: str, images: ImageSet, device: torch.device) -> Callable[[], None]:
    gan = fresh(get(name, "reference"), 0).to(device).to(memory_format=torch.channels_last).train()
    rng = torch.Generator(device)
    step = Step(gan, images.to(device), rng)
    step.set_rate(1.0)
    replayed: Callable[[Tensor], Tensor] = Replay(step, rng) if device.type == "cuda" else step
    order = torch.randperm(len(images), generator=seeded("order", device=device), device=device)
    n_critic, batch_size = gan.recipe.n_critic, gan.recipe.batch_size
    groups = _forever(
        order[: len(order) // (n_critic * batch_size) * n_critic * batch_size].view(-1, n_critic, batch_size)
    )
    waiting = 0

    def batch() -> None:
        nonlocal waiting
        waiting += 1
        if waiting == n_critic:
            replayed(next(groups))
            waiting = 0

    return batch


def _forever(rows: Tensor) -> Iterator[Tensor]:
    while True:
        yield from rows


class _PILImages(Dataset[tuple[Tensor, int]]):
    """As torchvision serves Fashion-MNIST: an image at a time, by way of PIL."""

    def __init__(self, images: ImageSet) -> None:
        self.images = images
        self.transform = transforms.Compose(
            [transforms.Resize((28, 28)), transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))]
        )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.images.images[index, 0].numpy())), int(self.images.labels[index])


def _reference(name: str, images: ImageSet, device: torch.device) -> Callable[[], None]:
    gan = fresh(get(name, "reference"), 0).to(device).train()
    for module in gan.modules():
        if isinstance(module, Conv | Deconv):
            module.lowered = False
    _undo_savings(gan)
    betas, rates = gan.recipe.betas, (gan.recipe.lr_d, gan.recipe.lr_g)
    d_optimizer = torch.optim.Adam(gan.D.parameters(), rates[0], betas=betas)
    g_optimizer = torch.optim.Adam(gan.g_parameters(), rates[1], betas=betas)
    joint_optimizer = torch.optim.Adam([*gan.G.parameters(), *gan.D.parameters()], rates[0], betas=betas)
    loader = DataLoader(_PILImages(images), batch_size=gan.recipe.batch_size, shuffle=True, drop_last=True)
    rng = torch.Generator(device)
    history: list[float] = []

    def descend(optimizer: torch.optim.Optimizer, losses: Losses) -> None:
        if losses:
            optimizer.zero_grad()
            total = torch.stack(list(losses.values())).sum()
            history.append(total.item())
            total.backward()
            optimizer.step()

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            yield from loader

    def steps() -> Iterator[None]:
        for count, (x, y) in enumerate(batches(), 1):
            batch = gan.draw(x.to(device), y.to(device), rng)
            losses = gan.d_losses(batch)
            descend(d_optimizer, losses)
            gan.after_d_step()
            if count % gan.recipe.n_critic == 0:
                g_losses = gan.g_losses(batch)
                descend(g_optimizer, g_losses)
                descend(joint_optimizer, gan.joint_losses(batch))
                with torch.no_grad():
                    gan.after_g_step(losses, g_losses)
            yield

    running = steps()
    return lambda: next(running)


def _undo_savings(gan: GAN) -> None:
    """Fakes with a graph behind them, and a pass of D for each batch."""

    def fakes(batch: Batch) -> Tensor:
        return gan.G(batch.z, batch.c)

    def apart(*batches: Tensor) -> tuple[Tensor, ...]:
        return tuple(gan.D(each) for each in batches)

    gan.fakes = fakes  # type: ignore[method-assign]
    gan.D.apart = apart  # type: ignore[method-assign]


if __name__ == "__main__":
    run(main)

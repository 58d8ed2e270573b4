"""Train the colorizer, or what it is compared with, and save it with its history and its animation.

The state of a run lies in runs/colorizer/RECIPE-seedSEED and --resume goes on from it.
"""

import argparse
import dataclasses
import json
from pathlib import Path

import numpy as np
from PIL import Image
from torch import nn
from tqdm import tqdm

from einstyle_core import checkpoints, images
from einstyle_core.colorizer import RECIPES, Recipe, checkpoint_name
from einstyle_core.colorizer.dataset import ColourSet
from einstyle_core.colorizer.networks import READER, Colorizer, PaperColorizer
from einstyle_core.colorizer.training import Report, Run, frame_path, train
from einstyle_core.data import ImageSet
from einstyle_core.devices import DEVICE_CHOICES, resolve_device
from einstyle_core.gans.training import keep_freed_memory
from einstyle_core.storage import RUNS, atomic_write, checkpoint_dir
from scripts.common import load_data, positive_int, run

FRAMES = 40
"""The most frames of an animation."""


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", choices=RECIPES, default="gan")
    parser.add_argument("--iterations", type=positive_int, help="20000, the paper's number, by default")
    parser.add_argument("--device", choices=DEVICE_CHOICES, default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="go on from the last state saved in runs/")
    parser.add_argument("--out", type=Path, help="folder for the finished checkpoint; checkpoints/ by default")
    parser.add_argument("--limit", type=positive_int, help="train on the first N images only, for a trial")
    args = parser.parse_args(argv)

    device = resolve_device(args.device)
    keep_freed_memory()
    reader = checkpoints.load(READER)  # where it is missing, better told now than after the training
    data = load_data("train")
    if args.limit:
        data = data.take(slice(args.limit))
    recipe = RECIPES[args.recipe]
    if args.iterations:
        recipe = dataclasses.replace(recipe, iterations=args.iterations)
    folder = RUNS / "colorizer" / f"{args.recipe}-seed{args.seed}"
    training = Run(recipe, args.seed, device)
    reports: list[Report] = []
    with tqdm(total=recipe.iterations, desc=args.recipe) as bar:
        colours = ColourSet(data.to(device))
        for report in train(training, colours, seed=args.seed, folder=folder, resume=args.resume, save_every=15):
            reports.append(report)
            bar.set_postfix_str(str(report), refresh=False)
            bar.update(report.iteration - bar.n)

    print(save(training, args.recipe, data, reports, args.seed, reader, folder, args.out))


def save(
    training: Run,
    recipe_name: str,
    data: ImageSet,
    reports: list[Report],
    seed: int,
    reader: nn.Module,
    folder: Path,
    out: Path | None,
) -> Path:
    """Write the checkpoint, its history and its animation; returns the checkpoint's path."""
    recipe, name = training.recipe, checkpoint_name(recipe_name)
    path = checkpoints.path_of(name, out or checkpoint_dir())
    config = {"recipe": json.loads(json.dumps(dataclasses.asdict(recipe))), "images": len(data)}
    header = checkpoints.Header(
        kind="colorizer",
        name=name.rpartition("/")[2],
        config=config,
        dataset_digest=data.digest,
        epochs=recipe.iterations * recipe.batch_size // len(data),
        seed=seed,
        metrics={"losses": reports[-1].losses},
    )
    # Beside the weights, and before them: whoever finds the weights finds all of it.
    write_gif(folder, reports, path.with_suffix(".gif"))
    history = {**config, "seed": seed, "reports": [dataclasses.asdict(report) for report in reports]}
    with atomic_write(path.with_suffix(".history.json")) as temporary:
        temporary.write_text(json.dumps(history) + "\n", encoding="utf-8")
    return checkpoints.save(name, shipped(recipe, training.generator, reader).state_dict(), header, out, half=True)


def shipped(recipe: Recipe, generator: nn.Module, reader: nn.Module) -> nn.Module:
    """The colorizer around a trained generator."""
    if recipe.formulation == "paper":
        paper = PaperColorizer()
        paper.G.load_state_dict(generator.state_dict())
        return paper
    ours = Colorizer(recipe.width)
    ours.G.load_state_dict(generator.state_dict())
    ours.reader.load_state_dict(reader.state_dict())
    return ours


def write_gif(folder: Path, reports: list[Report], path: Path) -> None:
    """Join the run's snapshots to an animation, crisp at twice their size."""
    step = -(-len(reports) // FRAMES)
    chosen = [report.iteration for report in reports][::-step][::-1]
    frames = []
    for iteration in chosen:
        with Image.open(frame_path(folder, iteration)) as frame:
            frames.append(np.asarray(frame.convert("RGB")).repeat(2, axis=0).repeat(2, axis=1))
    with atomic_write(path) as temporary:
        temporary.write_bytes(images.write_gif(np.stack(frames), duration_ms=150))


if __name__ == "__main__":
    run(main)

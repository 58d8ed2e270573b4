"""Train one of the ten GANs, or all, and save the generator with its history and its animation.

The state of a run lies in runs/gan/RECIPE/NAME-seedSEED and --resume goes on from it. Under torchrun a single GAN is
trained by all processes together; of several (``--gan all``, ``--recipe both``) each process trains its share.
"""

import dataclasses
import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from tqdm import tqdm

from einstyle_core import checkpoints
from einstyle_core.devices import resolve_device
from einstyle_core.errors import CheckpointError, EinstyleError
from einstyle_core.gans import GANS, RECIPES, Sampler, checkpoint_name, get
from einstyle_core.gans.base import GAN
from einstyle_core.gans.sampling import fill_bank, halve, match_codes
from einstyle_core.gans.training import EpochReport, fresh, keep_freed_memory, train, write_gif
from einstyle_core.storage import RUNS, atomic_write, checkpoint_dir
from scripts.common import load_data, positive_int, run, training_parser

BANK_SIZE = 256
"""Seeds kept for each class of a GAN that takes none."""

logger = logging.getLogger(__name__)


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = training_parser(__doc__)
    parser.add_argument("--gan", choices=[*GANS, "all"], required=True)
    parser.add_argument("--recipe", choices=[*RECIPES, "both"], default="fixed")
    parser.add_argument(
        "--until", type=positive_int, metavar="N", help="stop after epoch N and save what is there; --resume goes on"
    )
    parser.add_argument("--limit", type=positive_int, help="train on the first N images only, for a trial")
    args = parser.parse_args(argv)

    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    device = resolve_device(args.device)
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
        torch.cuda.set_device(device)
    keep_freed_memory()
    images = load_data("train")
    if args.limit:
        images = images.take(slice(args.limit))
    out: Path = args.out or checkpoint_dir()
    judge = _judge(device)
    names = list(GANS) if args.gan == "all" else [args.gan]
    recipes = list(RECIPES) if args.recipe == "both" else [args.recipe]
    runs = [(name, recipe) for recipe in recipes for name in names]
    several = args.gan == "all" or args.recipe == "both"
    together = world > 1 and not several
    if together:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")

    for name, recipe in runs if together else runs[rank::world]:
        gan = fresh(get(name, recipe), args.seed, **({"epochs": args.epochs} if args.epochs else {}))
        header = checkpoints.Header(
            kind="gan",
            name=name,
            config={"recipe_name": recipe, "recipe": gan.config(), "images": len(images)},
            dataset_digest=images.digest,
            epochs=min(gan.recipe.epochs, args.until or gan.recipe.epochs),
            seed=args.seed,
        )
        if several and _is_complete(header, out):
            logger.info("%s (%s) is complete in %s", name, recipe, out)
            continue
        folder = RUNS / "gan" / recipe / f"{name}-seed{args.seed}"
        epochs = train(
            gan,
            images,
            seed=args.seed,
            device=device,
            folder=folder,
            resume=args.resume,
            judge=judge,
            save_every=15,
            until=header.epochs,
        )
        reports = _followed(epochs, f"{name} ({recipe})", header.epochs)
        if rank == 0 or not together:
            print(_save(gan, header, reports, folder, out, judge))
    if together:
        dist.destroy_process_group()


def _followed(epochs: Iterable[EpochReport], title: str, count: int) -> list[EpochReport]:
    """All reports, told on standard error as they come."""
    reports = []
    with tqdm(total=count, unit="epoch", desc=title) as bar:
        for report in epochs:
            reports.append(report)
            bar.set_postfix_str(str(report), refresh=False)
            bar.update()
    return reports


def _save(
    gan: GAN, header: checkpoints.Header, reports: list[EpochReport], folder: Path, out: Path, judge: nn.Module | None
) -> Path:
    sampler = Sampler(gan).eval().to(gan.updates.device)
    config: dict[str, Any] = dict(header.config)
    metrics: dict[str, Any] = {"class_mix": reports[-1].class_mix, "half_precision_change": halve(sampler)}
    if judge and sampler.codes is None:
        if sampler.latent.classes:
            sampler.codes, metrics["code_agreement"] = match_codes(sampler, judge)
            config["codes"] = sampler.codes
        else:
            metrics["yields"] = _fill_bank(sampler, judge)
            config["bank_size"] = sampler.bank.shape[1]
    header = dataclasses.replace(header, config=config, metrics=metrics)
    name = checkpoint_name(header.name, header.config["recipe_name"], header.seed)
    # Beside the weights, and before them: whoever finds the weights finds all of it.
    path = checkpoints.path_of(name, out)
    for grid in sampler.grids(header.seed):
        suffix = ".gif" if grid == "grid" else f".{grid}.gif"
        write_gif(folder, grid, header.epochs, path.with_suffix(suffix))
    history = {"gan": header.name, **header.config, "seed": header.seed, "epochs": [vars(report) for report in reports]}
    with atomic_write(path.with_suffix(".history.json")) as temporary:
        temporary.write_text(json.dumps(history) + "\n", encoding="utf-8")
    return checkpoints.save(name, sampler.state_dict(), header, out, half=True)


def _fill_bank(sampler: Sampler, judge: nn.Module) -> list[float] | None:
    try:
        sampler.bank, yields = fill_bank(sampler, judge, BANK_SIZE)
    except EinstyleError as error:
        logger.warning("No bank of seeds by class: %s", error)
        return None
    return yields


def _is_complete(header: checkpoints.Header, out: Path) -> bool:
    try:
        found = checkpoints.read_header(checkpoint_name(header.name, header.config["recipe_name"], header.seed), out)
    except CheckpointError:
        return False
    same_config = header.config.items() <= found.config.items()
    this, wanted = [(each.seed, each.dataset_digest, each.epochs) for each in (found, header)]
    return same_config and this == wanted


def _judge(device: torch.device) -> nn.Module | None:
    try:
        return checkpoints.load("cnn", device)
    except CheckpointError as error:
        logger.warning("No class mix in the history and no class map for codes: %s", error)
        return None


if __name__ == "__main__":
    run(main)

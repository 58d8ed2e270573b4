"""Draw garments from a trained GAN into a picture or an array.

A .png is a sheet of all of them; a .npz holds ``images`` (uint8, N x 28 x 28) and ``labels`` (int64, the class that was
asked for, -1 where none). ``--gan all`` draws a sheet with a row for each GAN that has weights, from one seed.
"""

import argparse
import math
import sys
from pathlib import Path
from typing import cast

import numpy as np
import torch

from einstyle_core import checkpoints
from einstyle_core.data import class_index
from einstyle_core.errors import UnknownNameError
from einstyle_core.gans import GANS, RECIPES, Sampler, checkpoint_name
from einstyle_core.gans.sheets import contact_sheet
from einstyle_core.gans.training import tile
from einstyle_core.images import png_bytes, to_uint8
from einstyle_core.storage import atomic_write
from scripts.common import positive_int, run


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gan", choices=[*GANS, "all"], required=True)
    parser.add_argument("--recipe", choices=RECIPES, default="fixed")
    parser.add_argument("--label", type=_label, help="a class, as 0-9 or by name; any class by default")
    parser.add_argument("--count", type=positive_int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=_out, required=True, metavar="FILE.png|FILE.npz")
    args = parser.parse_args(argv)
    if args.gan == "all":
        if args.out.suffix.lower() != ".png":
            parser.error("--gan all draws a sheet: --out must end in .png")
        _compare(args)
        return

    sampler = cast(Sampler, checkpoints.load(checkpoint_name(args.gan, args.recipe)))
    images = sampler.sample(args.count, label=args.label, seed=args.seed)
    with atomic_write(args.out) as temporary, temporary.open("wb") as file:
        if args.out.suffix.lower() == ".npz":
            labels = np.full(args.count, -1 if args.label is None else args.label, dtype=np.int64)
            np.savez_compressed(file, images=images.squeeze(1).mul(255).round().byte().numpy(), labels=labels)
        else:
            columns = math.ceil(math.sqrt(args.count))
            blank = torch.zeros(-args.count % columns, *images.shape[1:])
            tile(torch.cat([images, blank]), columns).save(file, "PNG")
    print(args.out)


def _compare(args: argparse.Namespace) -> None:
    there = checkpoints.available()
    trained = {name: cls for name, cls in GANS.items() if checkpoint_name(name, args.recipe) in there}
    for name in (name for name in GANS if trained and name not in trained):
        print(f"{name} is left out: it has no sound weights.", file=sys.stderr)
    rows = {}
    for name, cls in (trained or GANS).items():  # where none is there, the first says how to make it
        sampler = cast(Sampler, checkpoints.load(checkpoint_name(name, args.recipe)))
        rows[cls.title] = to_uint8(sampler.sample(args.count, label=args.label, seed=args.seed))
    with atomic_write(args.out) as temporary:
        temporary.write_bytes(png_bytes(contact_sheet(rows)))
    print(args.out)


def _label(text: str) -> int:
    try:
        return class_index(text)
    except UnknownNameError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _out(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".png", ".npz"):
        raise argparse.ArgumentTypeError(f"{text} must end in .png or .npz")
    return path


if __name__ == "__main__":
    run(main)

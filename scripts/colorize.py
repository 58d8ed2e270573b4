"""Colour the garment in each picture and write it as a PNG of the same name and size.

With neither palette nor colour, a garment gets the colour of its class, as the model sees it. Folders are walked in
name order. A file that is no picture is told and does not stop the others; the exit code is then 1.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from PIL import Image
from tqdm import tqdm

from einstyle_core import checkpoints, images
from einstyle_core.colorizer import Colorizer
from einstyle_core.colorizer.palettes import PALETTES, RGB, ColourError, class_colour, parse_hex
from einstyle_core.colorizer.render import colorize, inferred_class, prepare
from einstyle_core.errors import ImageError
from einstyle_core.exports import unique_names, visible
from einstyle_core.storage import atomic_write
from scripts.classify import files
from scripts.common import run


def main(argv: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="picture files or folders of them")
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument("--palette", choices=PALETTES, help="a set of colours; each garment gets its class's")
    wanted.add_argument("--color", type=_colour, metavar="#RRGGBB", help="one colour for all")
    parser.add_argument("--gray-in", action="store_true", help="take the input for gray, whatever its mode")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder for the PNG files")
    args = parser.parse_args(argv)

    model = cast(Colorizer, checkpoints.load("colorizer"))
    args.out.mkdir(parents=True, exist_ok=True)
    failed = False
    for source, target in tqdm(list(_targets(files(args.paths), args.out)), disable=not sys.stderr.isatty()):
        try:
            picture = _coloured(model, source, args.palette, args.color, gray=args.gray_in)
            _refuse_overwriting(source, target)
            with atomic_write(target) as temporary:
                temporary.write_bytes(images.png_bytes(picture))
        except (ImageError, OSError) as error:
            failed = True
            reason = error if isinstance(error, ImageError) else f"{error.strerror}."
            print(f"{visible(str(source))}: {reason}", file=sys.stderr)
        else:
            print(target, flush=True)
    return 1 if failed else 0


def _coloured(model: Colorizer, path: Path, palette: str | None, colour: RGB | None, *, gray: bool) -> Image.Image:
    with path.open("rb") as file:
        content = file.read(images.Limits.max_bytes + 1)  # of an endless file, just enough to refuse it
    canvas = prepare(images.decode(content, path.name), gray=gray)
    if palette:
        colour = class_colour(inferred_class(model, canvas.item), palette)
    return canvas.picture(colorize(model, canvas.photo, canvas.mask, colour))


def _targets(paths: Iterator[Path], folder: Path) -> Iterator[tuple[Path, Path]]:
    sources = list(paths)
    names = unique_names(f"{path.stem}.png" for path in sources)
    return zip(sources, (folder / name for name in names), strict=True)


def _refuse_overwriting(source: Path, target: Path) -> None:
    if target.exists() and target.samefile(source):
        raise ImageError(f"{visible(source.name)} would be overwritten by its own result: choose another --out.")


def _colour(text: str) -> RGB:
    try:
        return parse_hex(text)
    except ColourError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    run(main)

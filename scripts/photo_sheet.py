"""Render unseen photographs with their cut-outs and the photo model's answers as one picture, for looking at."""

import argparse
import random
from pathlib import Path

from PIL import Image, ImageDraw

from einstyle_core import checkpoints, images
from einstyle_core.classifiers.photo import classify_garments
from einstyle_core.classifiers.prediction import Prediction
from einstyle_core.garments import Garment, find_garment
from einstyle_core.photos import collection
from scripts.common import positive_int, run

COLUMNS = 5
CELL = 260, 190  # pixels of a photograph beside its cut-out, with two lines of text below
GROUND, RIGHT, WRONG = (255, 0, 255), (0, 110, 40), (190, 0, 0)


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=positive_int, default=40)
    parser.add_argument("--seed", type=int, default=0, help="another seed, other photographs")
    parser.add_argument("--part", choices=collection.PARTS, default="test")
    parser.add_argument("--wrong", action="store_true", help="only photographs that are answered wrongly")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    args = parser.parse_args(argv)

    model = checkpoints.load("photo")
    photographs = collection.load(args.part)
    random.Random(args.seed).shuffle(photographs)
    cells: list[Image.Image] = []
    for photograph in photographs:
        if len(cells) == args.count:
            break
        garment = find_garment(images.decode(photograph.path.read_bytes(), photograph.path.name))
        (prediction,) = classify_garments(model, [garment])
        if not (args.wrong and is_right(photograph, prediction)):
            cells.append(_cell(photograph, garment, prediction))
    sheet(cells).save(args.out, "PNG")
    print(args.out)


def is_right(photograph: collection.Photograph, prediction: Prediction) -> bool:
    """Whether the class is right, or for a garment outside the ten whether it was told as such."""
    if not photograph.targets:
        return not prediction.in_scope
    return prediction.label_index in photograph.targets


def sheet(cells: list[Image.Image]) -> Image.Image:
    """The cells in rows."""
    rows = max(1, -(-len(cells) // COLUMNS))
    whole = Image.new("RGB", (COLUMNS * CELL[0], rows * CELL[1]), "white")
    for place, cell in enumerate(cells):
        whole.paste(cell, (place % COLUMNS * CELL[0], place // COLUMNS * CELL[1]))
    return whole


def _cell(photograph: collection.Photograph, garment: Garment, prediction: Prediction) -> Image.Image:
    cell = Image.new("RGB", CELL, "white")
    cutout = Image.new("RGBA", garment.cutout.size, GROUND)
    cutout.alpha_composite(garment.cutout)
    for place, picture in enumerate((garment.original.convert("RGB"), cutout.convert("RGB"))):
        picture.thumbnail((CELL[0] // 2 - 4, CELL[1] - 30))
        cell.paste(picture, (place * CELL[0] // 2, 0))
    scope = "" if prediction.in_scope else "none of the ten? "
    said = f"{scope}{prediction.label} {prediction.confidence:.0%}, scope {prediction.scope_score:.2f}"
    pen = ImageDraw.Draw(cell)
    pen.text((2, CELL[1] - 28), f"{photograph.label}, cut {garment.quality:.2f}", fill="black")
    pen.text((2, CELL[1] - 15), said, fill=RIGHT if is_right(photograph, prediction) else WRONG)
    return cell


if __name__ == "__main__":
    run(main)

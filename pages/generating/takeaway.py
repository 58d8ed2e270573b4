"""What a visitor takes home: pictures, sheets, animations, and the recipe that makes them again."""

import io
import json
import zipfile

import numpy as np
from numpy.typing import NDArray

from einstyle_core import images
from einstyle_core.data import CLASS_NAMES
from einstyle_core.exports import safe_name
from pages.generating.recipe import Recipe

_SCALE = 8
_WALK_MS = 120


def stem(recipe: Recipe) -> str:
    """A file name that says what is inside."""
    label = "any" if recipe.label is None else CLASS_NAMES[recipe.label]
    return safe_name(f"{recipe.gan}-{label.lower().replace('/', '-')}-seed{recipe.seed}")


def sheet_png(pixels: NDArray[np.uint8]) -> bytes:
    """All pictures as one, crisp."""
    return images.png_bytes(images.grid(pixels, columns=int(np.ceil(np.sqrt(len(pixels)))), padding=1, scale=4))


def zip_bytes(pixels: NDArray[np.uint8], recipe: Recipe, sha256: str) -> bytes:
    """A PNG a picture in its 28x28 pixels, the sheet, and a manifest with the recipe."""
    names = [f"{stem(recipe)}-{index:03d}.png" for index in range(len(pixels))]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:  # PNGs do not get smaller
        for name, picture in zip(names, pixels, strict=True):
            archive.writestr(name, images.png_bytes(picture))
        archive.writestr("sheet.png", sheet_png(pixels))
        manifest = recipe.to_manifest(sha256) | {"files": names}
        archive.writestr("manifest.json", json.dumps(manifest, indent=1) + "\n")
    return buffer.getvalue()


def walk_gif(frames: NDArray[np.uint8]) -> bytes:
    """A walk there and back, enlarged, for ever."""
    there_and_back = np.concatenate([frames, frames[-2:0:-1]])
    large = there_and_back.repeat(_SCALE, axis=1).repeat(_SCALE, axis=2)
    return images.write_gif(large, _WALK_MS)

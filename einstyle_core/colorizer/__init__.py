"""Colour for gray garments: palettes, the colour set, the networks, their training and what is drawn with them."""

from typing import Any

from torch import nn

from einstyle_core.colorizer.networks import Colorizer, PaperColorizer
from einstyle_core.colorizer.palettes import PALETTES, Palette, parse_hex, to_hex
from einstyle_core.colorizer.training import RECIPES, Recipe, get

__all__ = [
    "PALETTES",
    "RECIPES",
    "Colorizer",
    "Palette",
    "PaperColorizer",
    "Recipe",
    "build",
    "checkpoint_name",
    "get",
    "parse_hex",
    "to_hex",
]


def checkpoint_name(recipe: str = "gan") -> str:
    """What a trained colorizer is saved as: ``colorizer``, and those for comparison in a folder of that name."""
    return "colorizer" if recipe == "gan" else f"colorizer/{recipe}"


def build(name: str, config: dict[str, Any]) -> nn.Module:
    """An untrained colorizer from what a checkpoint's header holds; used by :mod:`einstyle_core.checkpoints`.

    Raises:
        UnknownNameError: the header names a recipe that there is not.
    """
    recipe = get("gan" if name == "colorizer" else name)
    return PaperColorizer() if recipe.formulation == "paper" else Colorizer(config["recipe"]["width"])

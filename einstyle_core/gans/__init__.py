"""Ten GANs: a registry, one file a paper, one training loop.

Every GAN has two recipes: ``fixed``, what the papers say, done well; and ``reference``, what the collection that the
E_in-style paper used does.
"""

from collections.abc import Iterable
from typing import Any, Literal, get_args

from einstyle_core.errors import UnknownNameError, named
from einstyle_core.gans import reference
from einstyle_core.gans.acgan import ACGAN
from einstyle_core.gans.base import GAN, Recipe
from einstyle_core.gans.began import BEGAN
from einstyle_core.gans.cgan import CGAN
from einstyle_core.gans.dragan import DRAGAN
from einstyle_core.gans.ebgan import EBGAN
from einstyle_core.gans.infogan import InfoGAN
from einstyle_core.gans.lsgan import LSGAN
from einstyle_core.gans.sampling import Sampler
from einstyle_core.gans.vanilla import VanillaGAN
from einstyle_core.gans.wgan import WGAN
from einstyle_core.gans.wgan_gp import WGANGP

__all__ = ["GAN", "GANS", "RECIPES", "REFERENCE", "Recipe", "RecipeName", "Sampler", "build", "checkpoint_name", "get"]

RecipeName = Literal["fixed", "reference"]
RECIPES: tuple[RecipeName, ...] = get_args(RecipeName)


def registry(classes: Iterable[type[GAN]]) -> dict[str, type[GAN]]:
    """Classes by their name.

    Raises:
        ValueError: two have the same.
    """
    known: dict[str, type[GAN]] = {}
    for cls in classes:
        if cls.name in known:
            raise ValueError(f"{known[cls.name].__qualname__} and {cls.__qualname__} are both named {cls.name!r}.")
        known[cls.name] = cls
    return known


GANS = registry((VanillaGAN, CGAN, InfoGAN, EBGAN, ACGAN, LSGAN, WGAN, BEGAN, WGANGP, DRAGAN))
REFERENCE = registry(
    (
        reference.VanillaGAN,
        reference.CGAN,
        reference.InfoGAN,
        reference.EBGAN,
        reference.ACGAN,
        reference.LSGAN,
        reference.WGAN,
        reference.BEGAN,
        reference.WGANGP,
        reference.DRAGAN,
    )
)


def get(name: str, recipe: str = "fixed") -> type[GAN]:
    """The GAN registered under ``name``, in one of its recipes.

    Raises:
        UnknownNameError: there is none; the message lists the known ones.
    """
    if recipe not in RECIPES:
        raise UnknownNameError("recipe", recipe, RECIPES)
    known = GANS if recipe == "fixed" else REFERENCE
    return named("GAN", known, name)


def checkpoint_name(name: str, recipe: str = "fixed", seed: int = 0) -> str:
    """What a trained GAN is saved as: ``gan/wgan``, and what is trained for comparison in folders below ``gan``."""
    folders = [*([recipe] if recipe != "fixed" else []), *([f"seed{seed}"] if seed else [])]
    return "/".join(["gan", *folders, name])


def build(name: str, config: dict[str, Any]) -> Sampler:
    """An untrained sampler from what a checkpoint's header holds; used by :mod:`einstyle_core.checkpoints`."""
    cls = get(name, config["recipe_name"])
    gan = cls(type(cls.recipe)(**config["recipe"]))
    return Sampler(gan, codes=config.get("codes"), bank_size=config.get("bank_size", 0))

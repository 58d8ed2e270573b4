"""What makes a set of generated pictures again: the part of the URL that says which GAN, class, seed and how many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from einstyle_core.data import CLASS_NAMES, class_index
from einstyle_core.errors import UnknownNameError
from einstyle_core.exports import visible

COUNTS = (16, 36, 64, 100)
MOST_SEED = 2**31 - 1
ANY = "any"
_PARAMETERS = frozenset(("gan", "class", "count", "seed", "style"))
_SHORT = 12  # characters of a checkpoint's SHA-256 in the URL


@dataclass(frozen=True)
class Recipe:
    """Which pictures.

    Attributes:
        gan: its name.
        label: the class asked for; None for any.
        count: how many pictures, one of :data:`COUNTS`.
        seed: of the noise.
        style: the two continuous codes in [-1, 1], for all pictures alike; None for random ones.
    """

    gan: str
    label: int | None = None
    count: int = 64
    seed: int = 1
    style: tuple[float, float] | None = None

    def to_query(self, sha256: str) -> dict[str, str]:
        """The recipe as URL parameters, with the checkpoint that it was made with."""
        query = {
            "gan": self.gan,
            "class": ANY if self.label is None else CLASS_NAMES[self.label],
            "count": str(self.count),
            "seed": str(self.seed),
            "weights": sha256[:_SHORT],
        }
        return query | ({"style": "{:.2f},{:.2f}".format(*self.style)} if self.style else {})

    def to_manifest(self, sha256: str) -> dict[str, Any]:
        """The recipe as it goes into a ZIP."""
        return {
            "gan": self.gan,
            "class": None if self.label is None else CLASS_NAMES[self.label],
            "count": self.count,
            "seed": self.seed,
            "style": self.style,
            "checkpoint_sha256": sha256,
        }


def from_query(query: Mapping[str, str], known: Sequence[str], default: str) -> tuple[Recipe, list[str]]:
    """Read a recipe from URL parameters.

    Args:
        query: the parameters; those that are absent or empty get a default.
        known: the GANs there are.
        default: the one to show where the URL names none.

    Returns:
        the recipe, and a sentence for each part of the URL that could not be followed.
    """
    recipe, complaints = Recipe(default), []
    query = {key: value for key, value in query.items() if value}
    if (name := query.get("gan", default).lower()) in known:
        recipe = replace(recipe, gan=name)
    else:
        complaints.append(f"There is no GAN called {visible(name[:40])} here, so another one is shown.")
    try:
        if (label := query.get("class", ANY)) != ANY:
            recipe = replace(recipe, label=class_index(label))
    except UnknownNameError:
        complaints.append(f"{visible(label[:40])} is none of the ten classes, so all are shown.")
    count = _number(query.get("count", str(recipe.count)))
    if count in COUNTS:
        recipe = replace(recipe, count=count)
    else:
        complaints.append(
            f"The count can be {', '.join(map(str, COUNTS[:-1]))} or {COUNTS[-1]}; {recipe.count} are shown."
        )
    seed = _number(query.get("seed", str(recipe.seed)))
    if seed is not None and seed <= MOST_SEED:
        recipe = replace(recipe, seed=seed)
    else:
        complaints.append(f"A seed is a whole number from 0 to {MOST_SEED}; {recipe.seed} is taken.")
    if style := query.get("style"):
        if (codes := _style(style)) is not None:
            recipe = replace(recipe, style=codes)
        else:
            complaints.append("The style in the URL is not two numbers from -1 to 1, so it varies at random.")
    return recipe, complaints


def is_asked(query: Mapping[str, str]) -> bool:
    """Whether URL parameters say anything about the pictures."""
    return not _PARAMETERS.isdisjoint(query)


def other_weights(query: Mapping[str, str], sha256: str) -> bool:
    """Whether the URL was made with another checkpoint than the one on this machine."""
    return query.get("weights", sha256[:_SHORT]) != sha256[:_SHORT]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _style(text: str) -> tuple[float, float] | None:
    try:
        first, second = (float(part) for part in text[:40].split(","))
    except ValueError:
        return None
    # To as many digits as the URL has them, or a link would give other pixels than those it is copied from.
    return (round(first, 2), round(second, 2)) if abs(first) <= 1 and abs(second) <= 1 else None

"""How good generated images are, measured in the features of a network of our own.

The figures compare recipes and GANs with one another. They are not comparable with published ones, which use
Inception's features.
"""

from typing import Any

from einstyle_core.errors import UnknownNameError
from einstyle_core.metrics.evaluator import Evaluator

__all__ = ["Evaluator", "build"]


def build(name: str, config: dict[str, Any]) -> Evaluator:
    """An untrained evaluator from what a checkpoint's header holds; used by :mod:`einstyle_core.checkpoints`.

    Raises:
        UnknownNameError: the header names another network.
    """
    if name != Evaluator.name:
        raise UnknownNameError("evaluator", name, [Evaluator.name])
    return Evaluator(**config["model"])

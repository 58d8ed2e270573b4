"""The classifiers: a registry, one file a network, one training loop."""

from typing import Any

from einstyle_core.classifiers.base import Classifier, predict
from einstyle_core.classifiers.conv import Conv, RobustConv
from einstyle_core.classifiers.dense import Dense, RobustDense
from einstyle_core.classifiers.photo import Photo
from einstyle_core.classifiers.residual import Residual
from einstyle_core.errors import named

__all__ = ["CLASSIFIERS", "NETWORKS", "Classifier", "build", "get", "predict"]

CLASSIFIERS: dict[str, type[Classifier]] = {cls.name: cls for cls in (Dense, Conv, RobustDense, RobustConv, Residual)}
"""Those that see 28 x 28 and nothing else, all trained by the same loop."""

NETWORKS: dict[str, type[Classifier]] = {**CLASSIFIERS, Photo.name: Photo}
"""Every network that answers with one of the ten classes."""


def get(name: str) -> type[Classifier]:
    """The classifier registered under ``name``.

    Raises:
        UnknownNameError: there is none; the message lists the known ones.
    """
    return named("classifier", NETWORKS, name)


def build(name: str, config: dict[str, Any]) -> Classifier:
    """An untrained classifier from what a checkpoint's header holds; used by :mod:`einstyle_core.checkpoints`."""
    return get(name)(**config["model"])

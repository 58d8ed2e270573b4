"""The classifiers: a registry, one file a network, one training loop."""

from typing import Any

from einstyle_core.classifiers.base import Classifier, predict
from einstyle_core.classifiers.conv import Conv
from einstyle_core.classifiers.dense import Dense
from einstyle_core.classifiers.residual import Residual
from einstyle_core.errors import UnknownNameError

__all__ = ["CLASSIFIERS", "Classifier", "build", "get", "predict"]

CLASSIFIERS: dict[str, type[Classifier]] = {cls.name: cls for cls in (Dense, Conv, Residual)}


def get(name: str) -> type[Classifier]:
    """The classifier registered under ``name``.

    Raises:
        UnknownNameError: there is none; the message lists the known ones.
    """
    try:
        return CLASSIFIERS[name]
    except KeyError:
        raise UnknownNameError("classifier", name, CLASSIFIERS) from None


def build(name: str, config: dict[str, Any]) -> Classifier:
    """An untrained classifier from what a checkpoint's header holds; used by :mod:`einstyle_core.checkpoints`."""
    return get(name)(**config["model"])

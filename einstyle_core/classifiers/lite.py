"""EfficientNet-Lite: the bodies that the photo model can stand on.

Inverted residual blocks (Sandler et al. 2018) in the proportions that Tan and Le (2019) found, in the variant without
squeeze-and-excitation and with ReLU6. torchvision has no such variant; modules and their order are those of the
reference implementation, so that its ImageNet weights fit (:mod:`einstyle_core.photos.pretrained`).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["VARIANTS", "EfficientNetLite"]

VARIANTS: dict[str, tuple[float, float]] = {"lite0": (1.0, 1.0), "lite2": (1.1, 1.2)}
"""The published sizes: channels and blocks, each as a share of the smallest one's."""

_STEM, _TOP = 32, 1280
# Blocks, kernel, stride of the first, expansion, channels.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


class EfficientNetLite(nn.Module):
    """Float32 ``N x channels x H x W`` to the global average of the last features: ``N x out_features``, in [0, 6].

    Args:
        channels: of the pictures.
        variant: one of :data:`VARIANTS`.
        width: every layer's channels as a share of the published ones, for small copies.
    """

    def __init__(self, channels: int = 3, variant: str = "lite0", width: float = 1.0) -> None:
        super().__init__()
        self.variant = variant
        wider, deeper = VARIANTS[variant]

        def scaled(published: int) -> int:
            return max(1, round(width * published))

        before = scaled(_STEM)
        layers: list[nn.Module] = [_Convolution(channels, before, 3, 2), _normal(before), nn.ReLU6()]
        for stage, (blocks, kernel, stride, expansion, smallest) in enumerate(_STAGES):
            is_inner = 0 < stage < len(_STAGES) - 1  # the outer ones have no more blocks, stem and top no more channels
            for place in range(math.ceil(deeper * blocks) if is_inner else blocks):
                after = scaled(_published(wider * smallest))
                layers.append(_Block(before, after, kernel, stride if place == 0 else 1, expansion))
                before = after
        self.out_features = scaled(_TOP)
        layers += [_Convolution(before, self.out_features, 1), _normal(self.out_features), nn.ReLU6()]
        self.layers = nn.Sequential(*layers)

    def forward(self, pictures: Tensor) -> Tensor:
        """See the class."""
        features: Tensor = self.layers(pictures.contiguous(memory_format=torch.channels_last))
        return features.mean((2, 3))


class _Block(nn.Module):
    """Widen, look around in each channel by itself, narrow; the input is added where shapes allow."""

    def __init__(self, before: int, after: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        self.is_residual = stride == 1 and before == after
        inner = before * expansion
        widen = [_Convolution(before, inner, 1), _normal(inner), nn.ReLU6()] if expansion > 1 else []
        self.layers = nn.Sequential(
            *widen,
            _Convolution(inner, inner, kernel, stride, depthwise=True),
            _normal(inner),
            nn.ReLU6(),
            _Convolution(inner, after, 1),
            _normal(after),
        )

    def forward(self, x: Tensor) -> Tensor:
        changed: Tensor = self.layers(x)
        return x + changed if self.is_residual else changed


class _Convolution(nn.Conv2d):
    """A convolution without bias, padded as TensorFlow's "same": where the sum is odd, one more below and right."""

    def __init__(self, before: int, after: int, kernel: int, stride: int = 1, *, depthwise: bool = False) -> None:
        groups = before if depthwise else 1
        padding = kernel // 2 if stride == 1 else 0
        super().__init__(before, after, kernel, stride, padding, groups=groups, bias=False)

    def forward(self, input: Tensor) -> Tensor:
        (kernel, _), (stride, _) = self.kernel_size, self.stride
        if stride > 1:
            down, across = (max((-(-size // stride) - 1) * stride + kernel - size, 0) for size in input.shape[2:])
            input = F.pad(input, (across // 2, across - across // 2, down // 2, down - down // 2))
        if self.groups > 1 and input.device.type == "cpu":
            # The CPU's bf16 gradients of a depthwise convolution are up to twenty times as slow as its fp32 ones.
            with torch.autocast("cpu", enabled=False):
                return super().forward(input.float())
        return super().forward(input)


def _published(channels: float) -> int:
    """The nearest multiple of eight, halves up; where that takes away more than a tenth, the next one."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest if nearest >= 0.9 * channels else nearest + 8


def _normal(channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels, eps=1e-3)

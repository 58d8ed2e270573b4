"""4x4 convolutions of stride 2 as matrix products, for the CPU.

A processor multiplies matrices in bfloat16 several times faster than it differentiates a strided convolution, most of
all one with a single channel. So a convolution is written as *unfold, then multiply* and a transposed one as
*multiply, then fold*. Unfold and fold are adjoint, each is the other's backward, and autograd differentiates the
product between them, any number of times. The numbers are those of :func:`torch.nn.functional.conv2d`; on CUDA the
modules here call it.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_KERNEL, _STRIDE, _PADDING = 4, 2, 1


class Unfold(torch.autograd.Function):
    """Images ``N x C x H x W`` to their 4x4 windows, one row a window: ``(N * H/2 * W/2) x (4 * 4 * C)``."""

    @staticmethod
    def forward(ctx: Any, images: Tensor) -> Tensor:
        """Windows in reading order; within a row: kernel row, kernel column, channel."""
        n, channels, height, width = ctx.shape = images.shape
        if channels == 1:
            return F.unfold(images, _KERNEL, padding=_PADDING, stride=_STRIDE).transpose(1, 2).reshape(-1, 16)
        padded = F.pad(images.permute(0, 2, 3, 1), (0, 0, 1, 1, 1, 1)).contiguous()
        row, image = (width + 2) * channels, (height + 2) * (width + 2) * channels
        # In channels-last memory one row of a window is one run of 4 * C numbers.
        windows = padded.as_strided(
            (n, height // 2, width // 2, _KERNEL, _KERNEL * channels), (image, 2 * row, 2 * channels, row, 1)
        )
        return windows.reshape(-1, _KERNEL * _KERNEL * channels)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        """The adjoint."""
        return Fold.apply(grad, ctx.shape)


class Fold(torch.autograd.Function):
    """The adjoint of :class:`Unfold`: windows added up where they overlap, to ``N x C x H x W``."""

    @staticmethod
    def forward(ctx: Any, windows: Tensor, shape: tuple[int, int, int, int]) -> Tensor:
        """Rows as :class:`Unfold` gives them."""
        n, channels, height, width = shape
        h, w = height // 2, width // 2
        if channels == 1:
            columns = windows.reshape(n, h * w, 16).transpose(1, 2)
            exact = columns.float() if windows.dtype == torch.bfloat16 else columns
            return F.fold(exact, (height, width), _KERNEL, padding=_PADDING, stride=_STRIDE).to(windows.dtype)
        # A 4x4 window at stride 2 is 2x2 blocks of 2x2 pixels: four shifted sums put every block in its place.
        blocks = windows.view(n, h, w, 2, 2, 2, 2, channels)
        padded = windows.new_zeros(n, h + 1, 2, w + 1, 2, channels)
        for i in (0, 1):
            for j in (0, 1):
                padded[:, i : i + h, :, j : j + w] += blocks[:, :, :, i, :, j].transpose(2, 3)
        return padded.view(n, height + 2, width + 2, channels)[:, 1:-1, 1:-1].permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        """The adjoint."""
        return Unfold.apply(grad), None


class Conv(nn.Conv2d):
    """``nn.Conv2d(inputs, outputs, 4, 2, 1)``: halves even height and width."""

    lowered = True
    """False: PyTorch's own convolution on the CPU too."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, _KERNEL, _STRIDE, _PADDING)

    def forward(self, images: Tensor) -> Tensor:
        """``N x inputs x H x W`` to ``N x outputs x H/2 x W/2``."""
        if images.device.type != "cpu" or not self.lowered:
            return super().forward(images)
        n, _, height, width = images.shape
        rows = F.linear(Unfold.apply(_autocast(images)), self.weight.permute(0, 2, 3, 1).flatten(1), self.bias)
        return rows.view(n, height // 2, width // 2, -1).permute(0, 3, 1, 2)


class Deconv(nn.ConvTranspose2d):
    """``nn.ConvTranspose2d(inputs, outputs, 4, 2, 1)``: doubles height and width."""

    lowered = True
    """False: PyTorch's own convolution on the CPU too."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, _KERNEL, _STRIDE, _PADDING)

    def forward(self, images: Tensor, output_size: list[int] | None = None) -> Tensor:
        """``N x inputs x H x W`` to ``N x outputs x 2H x 2W``."""
        if images.device.type != "cpu" or not self.lowered:
            return super().forward(images, output_size)
        assert self.bias is not None
        n, _, height, width = images.shape
        pixels = images.permute(0, 2, 3, 1).reshape(n * height * width, self.in_channels)
        windows = pixels @ self.weight.permute(0, 2, 3, 1).flatten(1)
        return Fold.apply(windows, (n, self.out_channels, 2 * height, 2 * width)) + _autocast(self.bias)[:, None, None]


def _autocast(tensor: Tensor) -> Tensor:
    """Cast before the windows multiply the memory, not after."""
    return tensor.to(torch.get_autocast_dtype("cpu")) if torch.is_autocast_enabled("cpu") else tensor

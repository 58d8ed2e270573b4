"""The networks that all ten share, so that only the objectives differ: those of infoGAN (Chen et al. 2016, table 1).

Images here are in [-1, 1], the range of G's tanh; outputs are float32 whatever autocast computes in between.
"""

from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from einstyle_core.data import IMAGE_SIZE
from einstyle_core.gans.lowering import Conv, Deconv

Norm = Literal["batch", "layer", "none"]

_QUARTER, _HALF = IMAGE_SIZE // 4, IMAGE_SIZE // 2


class Generator(nn.Module):
    """FC1024-BN-ReLU, FC128*7*7-BN-ReLU, deconv64-BN-ReLU, deconv1-tanh.

    Args:
        inputs: length of the noise and the code together.
    """

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.fc1, self.norm1 = nn.Linear(inputs, 1024), nn.BatchNorm1d(1024)
        self.fc2, self.norm2 = nn.Linear(1024, _QUARTER * _QUARTER * 128), nn.BatchNorm1d(_QUARTER * _QUARTER * 128)
        self.deconv1, self.norm3 = Deconv(128, 64), nn.BatchNorm2d(64)
        self.deconv2 = Deconv(64, 1)
        initialise(self)

    def forward(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """Noise ``N x Z`` and a code ``N x C`` to images ``N x 1 x 28 x 28`` in [-1, 1]."""
        h = z if c is None else torch.cat([z, c], 1)
        h = F.relu(self.norm1(self.fc1(h)))
        h = F.relu(self.norm2(self.fc2(h)))
        h = h.unflatten(1, (_QUARTER, _QUARTER, 128)).permute(0, 3, 1, 2)  # channels-last without a copy
        h = F.relu(self.norm3(self.deconv1(h)))
        return self.deconv2(h).float().tanh()


class AnyDiscriminator(nn.Module):
    """What every D can do, whatever it says of an image."""

    __call__: Callable[..., Tensor]

    def apart(self, *batches: Tensor) -> tuple[Tensor, ...]:
        """D of several batches of one size in a single pass, each with batch statistics of its own.

        The same as calling D on each, but every weight is multiplied, and its gradient added up, once.
        """
        return self(torch.cat(batches), len(batches)).chunk(len(batches))


class Discriminator(AnyDiscriminator):
    """conv64-LReLU, conv128-norm-LReLU, FC1024-norm-LReLU, FC.

    Args:
        outputs: numbers an image gets; one is a real/fake score, as logits or as a critic's value.
        channels: of the input; more than one where label planes come with the image.
        norm: of the two inner layers. A penalty on each sample's gradient forbids ``batch``.
    """

    def __init__(self, outputs: int = 1, channels: int = 1, norm: Norm = "batch") -> None:
        super().__init__()
        self.conv1 = Conv(channels, 64)
        self.conv2, self.norm2 = Conv(64, 128), PartNorm(norm, 128)
        self.fc1, self.norm3 = nn.Linear(_QUARTER * _QUARTER * 128, 1024), PartNorm(norm, 1024)
        self.fc2 = nn.Linear(1024, outputs)
        initialise(self)

    def features(self, x: Tensor, parts: int = 1) -> Tensor:
        """The last hidden layer, ``N x 1024``; ``x`` holds ``parts`` batches one after another."""
        h = F.leaky_relu(self.conv1(x), 0.2)
        h = F.leaky_relu(self.norm2(self.conv2(h), parts), 0.2)
        h = h.permute(0, 2, 3, 1).flatten(1)
        return F.leaky_relu(self.norm3(self.fc1(h), parts), 0.2)

    def forward(self, x: Tensor, parts: int = 1) -> Tensor:
        """Images ``N x channels x 28 x 28`` to ``N x outputs``."""
        return self.fc2(self.features(x, parts)).float()


class AutoencoderDiscriminator(AnyDiscriminator):
    """conv64-ReLU, FC32 (the code), FC64*14*14-norm-ReLU, deconv1: an image to its reconstruction.

    Args:
        norm: of the decoder's layer.
        relu: whether the decoder's layer has one.
    """

    def __init__(self, norm: Norm = "batch", relu: bool = True) -> None:
        super().__init__()
        self.relu = relu
        self.conv = Conv(1, 64)
        self.encode = nn.Linear(_HALF * _HALF * 64, 32)
        self.decode, self.norm = nn.Linear(32, _HALF * _HALF * 64), PartNorm(norm, _HALF * _HALF * 64)
        self.deconv = Deconv(64, 1)
        initialise(self)

    def code(self, x: Tensor) -> Tensor:
        """The code of images, ``N x 32``."""
        return self.encode(F.relu(self.conv(x)).permute(0, 2, 3, 1).flatten(1))

    def reconstruct(self, code: Tensor, parts: int = 1) -> Tensor:
        """A code's image, ``N x 1 x 28 x 28``."""
        h = self.norm(self.decode(code), parts)
        h = F.relu(h) if self.relu else h
        return self.deconv(h.unflatten(1, (_HALF, _HALF, 64)).permute(0, 3, 1, 2)).float()

    def forward(self, x: Tensor, parts: int = 1) -> Tensor:
        """Images to their reconstructions."""
        return self.reconstruct(self.code(x), parts)


class PartNorm(nn.Module):
    """A discriminator's normalisation, which never mixes the statistics of reals and fakes.

    Batch statistics are those of the batch at hand, in evaluation too: nobody asks D after training.
    """

    def __init__(self, norm: Norm, features: int) -> None:
        super().__init__()
        self.norm: nn.Module
        if norm == "batch":
            self.norm = _BatchNorm(features, track_running_stats=False)
        elif norm == "layer":
            self.norm = nn.GroupNorm(1, features)
        else:
            self.norm = nn.Identity()

    def forward(self, h: Tensor, parts: int = 1) -> Tensor:
        """``N x features`` or ``N x features x H x W``, normalised; the N rows are ``parts`` batches."""
        if parts == 1 or not isinstance(self.norm, _BatchNorm):
            return self.norm(h)
        return torch.cat([self.norm(part) for part in h.chunk(parts)])


class _BatchNorm(nn.BatchNorm2d):
    """Over vectors as well as over images."""

    def _check_input_dim(self, input: Tensor) -> None:
        pass


def initialise(network: nn.Module) -> None:
    """DCGAN's initial weights (Radford et al. 2016): N(0, 0.02), biases zero."""
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, 0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)

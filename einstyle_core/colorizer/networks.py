"""The colorizer's networks: a U-Net of DCGAN blocks that predicts chroma, and who judges it.

A DCGAN block (Radford et al. 2016) is a 4x4 convolution of stride 2, batch normalisation and a ReLU; momentum 0.9 in
Keras' sense is 0.1 in PyTorch's, its default.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from einstyle_core import classifiers
from einstyle_core.classifiers import predict
from einstyle_core.colorizer.colour import lab_to_srgb, srgb_to_lab
from einstyle_core.colorizer.dataset import CONDITION, guessed, told
from einstyle_core.data import IMAGE_SIZE, NUM_CLASSES
from einstyle_core.gans.base import one_hot
from einstyle_core.gans.bodies import initialise

READER = "residual"
"""The classifier whose opinion stands in for a colour that nobody named."""

KNOTS = 8
"""Lightnesses, from 0 to 100 at equal steps, for which a condition alone says what chroma belongs to them."""

_QUARTER, _HALF = IMAGE_SIZE // 4, IMAGE_SIZE // 2
_CHROMA = 100.0  # networks meet chroma and lightness in this unit


class Generator(nn.Module):
    """Lightness, mask and condition to chroma.

    Down: conv W, conv 2W; there the condition joins; conv 2W; up: deconv W and, with the first layer's output beside
    it (Ronneberger et al. 2015), deconv 3. To this is added what the condition alone says of each lightness, a curve
    with eight knots (as in the slices of Gharbi et al. 2017). Chroma is the told colour's, shortened, plus a remainder,
    which is all there is where no colour was told.

    Args:
        width: W.
    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.down1 = nn.Conv2d(2, width, 4, 2, 1)
        self.down2, self.norm2 = nn.Conv2d(width, 2 * width, 4, 2, 1), nn.BatchNorm2d(2 * width)
        self.meaning = Meaning(2 * width)
        self.middle, self.norm3 = nn.Conv2d(4 * width, 2 * width, 3, 1, 1), nn.BatchNorm2d(2 * width)
        self.up1, self.norm4 = _doubling(2 * width, width), nn.BatchNorm2d(width)
        self.up2 = _doubling(2 * width, 3)
        initialise(self)
        self.curves = Meaning(3 * KNOTS)

    def forward(self, lightness: Tensor, mask: Tensor, condition: Tensor) -> Tensor:
        """``N x 1 x 28 x 28`` twice and ``N x 13`` to a* and b*, ``N x 2 x 28 x 28``, 0 off the mask."""
        n = len(lightness)
        first = F.leaky_relu(self.down1(torch.cat([lightness / _CHROMA * mask, mask], 1)), 0.2)
        h = F.leaky_relu(self.norm2(self.down2(first)), 0.2)
        meaning = self.meaning(condition)[:, :, None, None].expand(-1, -1, _QUARTER, _QUARTER)
        h = F.relu(self.norm3(self.middle(torch.cat([h, meaning], 1))))
        h = F.relu(self.norm4(self.up1(h)))
        curves = torch.bmm(self.curves(condition).view(n, 3, KNOTS), _tents(lightness))
        share, *remainder = (self.up2(torch.cat([h, first], 1)) + curves.view(n, 3, IMAGE_SIZE, IMAGE_SIZE)).split(1, 1)
        known = condition[:, NUM_CLASSES + 1 :, None, None]
        return _CHROMA * mask * (share.float().sigmoid() * known + torch.cat(remainder, 1).float())


class Discriminator(nn.Module):
    """(Gray, colour, condition) to one logit: conv W, conv 2W beside what the condition means, dense.

    Args:
        width: W.
    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 4, 2, 1)
        self.conv2, self.norm = nn.Conv2d(2 * width, 2 * width, 4, 2, 1), nn.BatchNorm2d(2 * width)
        self.dense = nn.Linear(2 * width * _QUARTER * _QUARTER, 1)
        initialise(self)
        self.meaning = Meaning(width)

    def forward(self, lightness: Tensor, chroma: Tensor, condition: Tensor) -> Tensor:
        """L* ``N x 1 x 28 x 28``, a* and b* ``N x 2 x 28 x 28``, condition ``N x 13`` to logits ``N x 1``."""
        h = F.leaky_relu(self.conv1(torch.cat([lightness, chroma], 1) / _CHROMA), 0.2)
        meaning = self.meaning(condition)[:, :, None, None].expand(-1, -1, _HALF, _HALF)
        h = F.leaky_relu(self.norm(self.conv2(torch.cat([h, meaning], 1))), 0.2)
        return self.dense(h.flatten(1)).float()


class Meaning(nn.Sequential):
    """A condition, ``N x 13``, in as many numbers as its user likes; dense 64, dense 64, dense.

    Of 13 numbers, not of an image: DCGAN's initial weights would mute them, so these are PyTorch's.
    """

    def __init__(self, outputs: int) -> None:
        layers = (nn.Linear(CONDITION, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2))
        super().__init__(*layers, nn.Linear(64, outputs))


class Colorizer(nn.Module):
    """What ships: a generator, and the classifier that guesses the class where no colour is named.

    Args:
        width: of the generator.
    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.G = Generator(width)
        self.reader = classifiers.get(READER)()

    @torch.inference_mode()
    def chroma(self, lightness: Tensor, mask: Tensor, colour: Tensor | None = None) -> Tensor:
        """Chroma for garments in the dataset's manner.

        Args:
            lightness: L*, ``N x 1 x 28 x 28``.
            mask: 1 on the garment, ``N x 1 x 28 x 28``.
            colour: L*a*b* ``N x 3`` of the colour wanted; None: the class's, as far as it can be seen.

        Returns:
            a* and b*, float32 ``N x 2 x 28 x 28``, on the model's device.
        """
        device = next(self.parameters()).device
        lightness, mask = lightness.to(device), mask.to(device)
        if colour is None:
            # Its first choice alone: asked with doubts, the generator blends two classes' colours.
            condition = guessed(one_hot(self.classes(lightness * mask).argmax(1)))
        else:
            condition = told(colour.to(device))
        return self.G(lightness, mask, condition)

    @torch.inference_mode()
    def classes(self, lightness: Tensor) -> Tensor:
        """Class probabilities ``N x 10`` of garments in the dataset's manner, L* ``N x 1 x 28 x 28``."""
        lab = torch.cat([lightness, lightness.new_zeros(len(lightness), 2, *lightness.shape[2:])], 1)
        gray = lab_to_srgb(lab.permute(0, 2, 3, 1))[..., 1][:, None]
        return (predict(self.reader, gray) + predict(self.reader, gray.flip(3))) / 2


class PaperGenerator(nn.Module):
    """The paper's own formulation: a DCGAN without noise, from the gray image to RGB.

    Dense 128 * 7 * 7 - BN - ReLU, deconv 64 - BN - ReLU, deconv 3 - tanh; nothing keeps the lightness.
    """

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(IMAGE_SIZE * IMAGE_SIZE, 128 * _QUARTER * _QUARTER)
        self.norm1 = nn.BatchNorm1d(128 * _QUARTER * _QUARTER)
        self.up1, self.norm2 = nn.ConvTranspose2d(128, 64, 4, 2, 1), nn.BatchNorm2d(64)
        self.up2 = nn.ConvTranspose2d(64, 3, 4, 2, 1)
        initialise(self)

    def forward(self, lightness: Tensor) -> Tensor:
        """L* ``N x 1 x 28 x 28`` to sRGB ``N x 3 x 28 x 28`` in [-1, 1]."""
        h = F.relu(self.norm1(self.dense((lightness / 50 - 1).flatten(1))))
        h = h.view(-1, 128, _QUARTER, _QUARTER)
        return self.up2(F.relu(self.norm2(self.up1(h)))).float().tanh()


class PaperDiscriminator(nn.Module):
    """Conv 64, conv 128 - BN, dense: of the RGB image alone."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 4, 2, 1)
        self.conv2, self.norm = nn.Conv2d(64, 128, 4, 2, 1), nn.BatchNorm2d(128)
        self.dense = nn.Linear(128 * _QUARTER * _QUARTER, 1)
        initialise(self)

    def forward(self, rgb: Tensor) -> Tensor:
        """sRGB ``N x 3 x 28 x 28`` in [-1, 1] to logits ``N x 1``."""
        h = F.leaky_relu(self.conv1(rgb), 0.2)
        return self.dense(F.leaky_relu(self.norm(self.conv2(h)), 0.2).flatten(1)).float()


class PaperColorizer(nn.Module):
    """The paper's generator behind the colorizer's interface; it takes no colour and keeps no lightness."""

    def __init__(self) -> None:
        super().__init__()
        self.G = PaperGenerator()

    @torch.inference_mode()
    def rgb(self, lightness: Tensor) -> Tensor:
        """L* ``N x 1 x 28 x 28`` to sRGB ``N x 3 x 28 x 28`` in [0, 1]."""
        return (self.G(lightness) + 1) / 2

    @torch.inference_mode()
    def chroma(self, lightness: Tensor, mask: Tensor, colour: Tensor | None = None) -> Tensor:
        """The chroma of what it paints, whatever colour was asked for; shapes as :meth:`Colorizer.chroma`."""
        lab = srgb_to_lab(self.rgb(lightness).permute(0, 2, 3, 1))
        return lab[..., 1:].permute(0, 3, 1, 2) * mask


def _doubling(inputs: int, outputs: int) -> nn.Module:
    """A transposed convolution of stride 2 in its sub-pixel form (Shi et al. 2016), much faster on a CPU."""
    return nn.Sequential(nn.Conv2d(inputs, 4 * outputs, 3, 1, 1), nn.PixelShuffle(2))


def _tents(lightness: Tensor) -> Tensor:
    """How near each pixel's L* is to each knot, from 0 to 1: ``N x 1 x H x W`` to ``N x 8 x (H * W)``.

    At most two are above 0, and they sum to 1.
    """
    knots = torch.arange(KNOTS, device=lightness.device, dtype=lightness.dtype)[:, None]
    return (lightness.flatten(2) * ((KNOTS - 1) / 100) - knots).abs_().neg_().add_(1).clamp_(min=0)

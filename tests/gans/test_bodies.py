"""The shared networks: shapes, equal results of the lowered convolutions, batches kept apart."""

import pytest
import torch
import torch.nn.functional as F

from einstyle_core.gans.bodies import AutoencoderDiscriminator, Discriminator, Generator
from einstyle_core.gans.lowering import Conv, Deconv


@pytest.mark.parametrize("layer", [Conv(1, 8), Conv(11, 8), Conv(6, 3), Deconv(8, 1), Deconv(5, 7)], ids=repr)
@pytest.mark.parametrize("channels_last", [False, True])
def test_lowered_equals_pytorch_up_to_second_derivatives(layer, channels_last):
    torch.manual_seed(0)
    x = torch.randn(3, layer.in_channels, 12, 8, dtype=torch.float64, requires_grad=True)
    layer = layer.double()
    if channels_last:
        layer = layer.to(memory_format=torch.channels_last)
    results = []
    for lowered in (True, False):
        layer.lowered = lowered
        y = layer(x)
        (dx,) = torch.autograd.grad(y.sin().sum(), x, create_graph=True)
        second = torch.autograd.grad(dx.square().sum(), [x, layer.weight])
        results.append((y, dx, *second, *torch.autograd.grad(layer(x).cos().sum(), list(layer.parameters()))))
    layer.lowered = True
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_generator():
    G = Generator(72).eval()
    x = G(torch.rand(3, 62), torch.rand(3, 10))
    assert x.shape == (3, 1, 28, 28)
    assert x.dtype == torch.float32
    assert x.abs().max() <= 1


@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
@pytest.mark.parametrize(
    ("make", "channels", "outputs"),
    [
        (lambda norm: Discriminator(11, channels=3, norm=norm), 3, (11,)),
        (lambda norm: AutoencoderDiscriminator(norm=norm), 1, (1, 28, 28)),
    ],
)
def test_apart_is_one_call_for_each(make, channels, outputs, norm):
    torch.manual_seed(0)
    D = make(norm)
    x, fakes = torch.rand(4, channels, 28, 28), torch.rand(4, channels, 28, 28) * 3
    together = D.apart(x, fakes)
    assert together[0].shape == (4, *outputs)
    for ours, alone in zip(together, (D(x), D(fakes)), strict=True):
        torch.testing.assert_close(ours, alone)


def test_batch_norm_of_a_discriminator_does_not_mix_reals_and_fakes():
    D = Discriminator(norm="batch")
    x, fakes = torch.rand(4, 1, 28, 28), torch.rand(4, 1, 28, 28)
    D_x, _ = D.apart(x, fakes)
    assert torch.equal(D_x, D.apart(x, fakes * 100)[0])
    assert not torch.allclose(D_x, D(torch.cat([x, fakes * 100]))[:4])


def test_plain_convolution_is_what_it_says():
    layer = Conv(2, 3)
    x = torch.rand(1, 2, 28, 28)
    torch.testing.assert_close(layer(x), F.conv2d(x, layer.weight, layer.bias, stride=2, padding=1))

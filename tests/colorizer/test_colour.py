"""Colour maths against scikit-image, and what the colour set's rule promises."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from skimage import color

from einstyle_core.colorizer.colour import (
    lab_to_srgb,
    lightness_of_gray,
    limited,
    most_chroma,
    shaded,
    srgb_to_lab,
)

CUBE = torch.cartesian_prod(*[torch.linspace(0, 1, 12)] * 3)


def test_lab_is_that_of_scikit_image():
    expected = color.rgb2lab(CUBE.double().numpy())
    assert np.abs(srgb_to_lab(CUBE).numpy() - expected).max() < 0.02


def test_there_and_back():
    assert (lab_to_srgb(srgb_to_lab(CUBE)) - CUBE).abs().max() < 1e-3


def test_gray_has_no_chroma_and_its_lightness_is_the_tables():
    gray = torch.arange(256, dtype=torch.uint8)
    lab = srgb_to_lab((gray.float() / 255)[:, None].expand(-1, 3))
    assert lab[:, 1:].abs().max() < 0.01
    assert torch.allclose(lightness_of_gray(gray), lab[:, 0].clamp(0, 100))
    assert lightness_of_gray(gray)[[0, 255]].tolist() == pytest.approx([0, 100], abs=1e-3)
    assert lightness_of_gray(torch.tensor([[119]], dtype=torch.uint8)).item() == pytest.approx(50.03, abs=0.01)


# Not yellow: on the way from white to it the gamut has a dent.
@pytest.mark.parametrize("corner", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1), (1, 0, 1)])
def test_the_gamuts_corners(corner):
    lightness, a, b = srgb_to_lab(torch.tensor(corner, dtype=torch.float32)).tolist()
    most = most_chroma(torch.tensor([lightness]), torch.tensor([math.atan2(b, a)])).item()
    assert most == pytest.approx(math.hypot(a, b), abs=3.5)


def test_most_chroma_is_of_every_shape_and_hue_is_a_circle():
    lightness = torch.rand(3, 4, 5) * 100
    hue = torch.rand(3, 4, 5) * 6
    most = most_chroma(lightness, hue)
    assert most.shape == (3, 4, 5)
    torch.testing.assert_close(most_chroma(lightness, hue - math.tau), most, atol=0.01, rtol=0)
    assert most_chroma(torch.tensor([0.0, 100.0, 120.0]), torch.zeros(3)).abs().max() < 1e-5


@given(st.floats(0, 100), st.floats(-120, 120), st.floats(-120, 120))
def test_limited_chroma_keeps_lightness_and_hue(lightness, a, b):
    light, chroma = torch.tensor([lightness]), torch.tensor([[a, b]])
    fitted = limited(light, chroma)
    assert fitted.norm() <= chroma.norm() + 1e-4
    assert (fitted[0, 0] * b - fitted[0, 1] * a).abs() < 1e-2 * (1 + chroma.norm())  # parallel
    shown = srgb_to_lab(lab_to_srgb(torch.cat([light[:, None], fitted], 1)))
    assert (shown[0, 0] - lightness).abs() < 0.5


def test_a_colour_at_its_own_lightness_is_itself():
    colours = torch.rand(500, 3, generator=torch.Generator().manual_seed(0))
    lab = srgb_to_lab(colours)
    chroma = shaded(lab[:, :1], lab)[:, 0]
    assert (chroma - lab[:, 1:]).norm(dim=1).quantile(0.95) < 1.5


def test_shadow_keeps_the_proportions_of_the_channels():
    """Half the light on a red cloth: linear sRGB is halved, and that is what the rule says."""
    red = torch.tensor([[0.8, 0.2, 0.2]])
    half = torch.where(red <= 0.04045, red / 12.92, ((red + 0.055) / 1.055) ** 2.4) / 2
    dim = srgb_to_lab(1.055 * half ** (1 / 2.4) - 0.055)
    chroma = shaded(dim[:, :1], srgb_to_lab(red))
    assert torch.allclose(chroma[0, 0], dim[0, 1:], atol=1.0)


def test_highlights_are_white_and_shadows_black():
    lab = srgb_to_lab(torch.tensor([[0.9, 0.1, 0.3]]))
    assert shaded(torch.tensor([[0.0, 100.0]]), lab).abs().max() < 1e-4

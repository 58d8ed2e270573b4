"""The colour set: what a sample is told, and what its target is."""

import math

import pytest
import torch

from einstyle_core.colorizer.colour import lightness_of_gray, shaded, srgb_to_lab
from einstyle_core.colorizer.dataset import (
    CHROMA_JITTER,
    HUE_JITTER,
    ColourSet,
    guessed,
    jittered,
    opinions,
    paper_colours,
    random_colours,
    told,
)
from einstyle_core.gans.base import seeded
from tests.colorizer.toys import gray

RED = srgb_to_lab(torch.tensor([[214, 39, 40]]) / 255)


def test_a_condition_is_a_colour_or_an_opinion():
    assert told(RED)[0].tolist() == pytest.approx([0.0] * 10 + (RED[0] / 100).tolist())
    assert guessed(torch.full((1, 10), 0.1))[0].tolist() == pytest.approx([0.1] * 10 + [0.0] * 3)


def test_dresses_are_red():
    assert torch.allclose(paper_colours()[3], RED[0])


def test_the_target_keeps_the_lightness_and_takes_the_colours_chroma():
    data = gray()
    batch = ColourSet(data).with_colours(torch.tensor([5]), RED, told(RED))
    assert torch.equal(batch.lightness, lightness_of_gray(data.images[5:6]))
    assert torch.equal(batch.mask, (data.images[5:6] > 0).float())
    expected = shaded(batch.lightness[:, 0], RED).permute(0, 3, 1, 2)
    assert torch.equal(batch.chroma, expected * batch.mask)
    assert not batch.chroma[:, :, 0].any()


def test_half_are_told_and_the_rest_guessed():
    data = ColourSet(gray(2000))
    batch = data.draw(torch.arange(2000), seeded("draw"))
    is_told = batch.condition[:, 10:].any(1)
    assert is_told.float().mean().item() == pytest.approx(0.5, abs=0.05)
    assert not batch.condition[is_told][:, :10].any()
    assert torch.allclose(batch.condition[~is_told].sum(1), torch.ones(int((~is_told).sum())))


def test_what_is_told_is_painted():
    """The target's hue is that of the condition, within the jitter and what 28 x 28 garments allow."""
    batch = ColourSet(gray(500)).draw(torch.arange(500), seeded("x"))
    mean = batch.chroma.sum((2, 3))
    wanted = torch.where(batch.condition[:, 10:].any(1, keepdim=True), batch.condition[:, 11:], 0)
    clear = wanted.norm(dim=1) > 0.15
    cos = (mean * wanted).sum(1)[clear] / (mean.norm(dim=1) * wanted.norm(dim=1))[clear]
    assert cos.clamp(-1, 1).acos().max() <= HUE_JITTER + 1e-3


def test_every_draw_is_its_generators():
    data = ColourSet(gray())
    one, two, other = (data.draw(torch.arange(8), seeded("d", key)) for key in (0, 0, 1))
    assert torch.equal(one.chroma, two.chroma)
    assert torch.equal(one.condition, two.condition)
    assert not torch.equal(one.chroma, other.chroma)


def test_some_are_mirrored():
    data = ColourSet(gray(200))
    batch = data.draw(torch.arange(200), seeded("m"))
    plain = lightness_of_gray(data.data.images)
    same, mirrored = ((batch.lightness == each).flatten(1).all(1) for each in (plain, plain.flip(3)))
    assert (same | mirrored).all()
    assert 60 < int(mirrored.sum()) < 140


def test_jitter_stays_in_its_bounds_and_spares_lightness():
    colours = RED.expand(1000, 3)
    astray = jittered(colours, seeded("j"))
    assert torch.equal(astray[:, 0], colours[:, 0])
    ratio = astray[:, 1:].norm(dim=1) / colours[:, 1:].norm(dim=1)
    assert (ratio.min() - 1, ratio.max() - 1) == pytest.approx((-CHROMA_JITTER, CHROMA_JITTER), abs=0.01)
    turn = torch.atan2(astray[:, 2], astray[:, 1]) - math.atan2(RED[0, 2], RED[0, 1])
    assert (turn.min(), turn.max()) == pytest.approx((-HUE_JITTER, HUE_JITTER), abs=0.01)


def test_random_colours_are_colours():
    colours = random_colours(2000, seeded("c"))
    assert colours[:, 0].min() >= 0
    assert colours[:, 0].max() <= 100
    assert (colours[:, 1:].norm(dim=1) < 6).float().mean() > 0.02  # grays too


def test_opinions_are_calibrated():
    labels = torch.arange(20_000) % 10
    said = opinions(labels, seeded("o"))
    assert torch.allclose(said.sum(1), torch.ones(len(labels)))
    top = said.max(1)
    assert (top.values == 1).float().mean().item() == pytest.approx(2 / 3, abs=0.02)
    doubtful = (top.values > 0.6) & (top.values < 0.8)
    right = (top.indices == labels)[doubtful].float().mean()
    assert right.item() == pytest.approx(top.values[doubtful].mean().item(), abs=0.03)
    assert (top.indices == labels)[top.values == 1].all()


def test_doubts_are_between_look_alikes():
    said = opinions(torch.full((3000,), 6), seeded("alike"))
    assert set(said.sum(0).nonzero()[:, 0].tolist()) == {0, 2, 3, 4, 6}

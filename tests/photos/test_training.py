"""The photo model's training: its loss by hand, that it learns and repeats, and that it survives being killed."""

import dataclasses
import math
from pathlib import Path

import pytest
import torch

from einstyle_core.errors import CheckpointError, TrainingError
from einstyle_core.photos.training import COURSE, PhotoRecipe, _enlarged, batches, class_loss, rate, train
from scripts.photo_run import shortened
from tests.killing import whole_and_killed
from tests.photos.runs import QUICK, killable_run, lessons, tiny_photo, tiny_views


def test_the_loss_of_any_of_several_classes_by_hand() -> None:
    logits = torch.tensor([[1.0, 1.0, 2.0] + [0.0] * 7, [5.0] * 10])
    allowed = torch.zeros(2, 10, dtype=torch.bool)
    allowed[0, [0, 1]] = True  # the second row shows none of the ten: it teaches the classes nothing
    total = 2 * math.e + math.e**2 + 7
    right = -math.log(2 * math.e / total)
    assert class_loss(logits, allowed, 0.0).item() == pytest.approx(right, abs=1e-6)
    everywhere = -(4 - 10 * math.log(total)) / 10
    assert class_loss(logits, allowed, 0.2).item() == pytest.approx(0.8 * right + 0.2 * everywhere, abs=1e-5)


def test_an_epoch_shows_every_photograph_once_beside_other_lessons() -> None:
    material = lessons()
    shown = list(batches(material, QUICK, 24, torch.Generator().manual_seed(0)))
    assert [len(views) for views, _ in shown] == [24] * 6
    assert all(views.shape[1:] == (4, 24, 24) for views, _ in shown)
    labels = torch.cat([allowed[:8] for _, allowed in shown])
    assert torch.equal(labels.sum(0), material.photographs.allowed.sum(0))
    assert all(allowed[8:16].any(1).all() and not allowed[16:].any() for _, allowed in shown)


def test_some_images_of_the_dataset_are_enlarged_with_hard_edges_between_their_pixels() -> None:
    images = torch.randint(1, 256, (200, 1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    enlarged = _enlarged(images, 192, PhotoRecipe(hard_pixels=0.25), torch.Generator().manual_seed(1))
    assert enlarged.shape == (200, 4, 192, 192)
    steps = (enlarged[:, 0, 96, 20:172].diff(dim=1).abs() < 1e-6).float().mean(1)  # how much of a row is level
    assert set((steps > 0.5).tolist()) == {True, False}
    assert (steps > 0.5).float().mean().item() == pytest.approx(0.25, abs=0.08)
    assert (steps[steps <= 0.5] < 0.1).all()


def test_stages_follow_one_another() -> None:
    recipe = PhotoRecipe(stages=((2, 32), (0, 48), (1, 64)))
    assert [recipe.size_in(epoch) for epoch in (1, 2, 3)] == [32, 32, 64]
    assert recipe.epochs == 3
    with pytest.raises(ValueError, match="no such epoch"):
        recipe.size_in(4)


def test_fewer_epochs_are_shared_out_among_recipes_stages_and_cycles() -> None:
    long = PhotoRecipe(stages=((20, 32), (20, 48), (40, 64)), cycles=(40, 40))
    short = PhotoRecipe(stages=((20, 64),), cycles=(20,))
    assert shortened((long, short), 5) == (
        PhotoRecipe(stages=((1, 32), (1, 48), (2, 64)), cycles=(2, 2)),
        PhotoRecipe(stages=((1, 64),), cycles=(1,)),
    )
    for epochs in (1, 2, 7):
        assert sum(recipe.epochs for recipe in shortened(COURSE, epochs)) == epochs


def test_the_learning_rate_rises_and_falls_in_every_cycle() -> None:
    recipe = PhotoRecipe(cycles=(10, 20), warm_up=0.2)
    at = [rate(epoch, recipe) for epoch in (0, 1, 2, 6, 9.999, 10, 14, 22, 30)]
    assert at == pytest.approx([0.1, 0.55, 1, 0.5, 0, 0.1, 1, 0.5, 0], abs=1e-3)


def test_it_learns_and_repeats() -> None:
    validation = tiny_views(8)
    held_out = dataclasses.replace(
        validation,
        views=torch.cat([validation.views, tiny_views(8, inside=False).views]),
        allowed=torch.cat([validation.allowed, tiny_views(8, inside=False).allowed]),
    )
    *_, first = train(tiny_photo(), lessons(), QUICK, validation=held_out, seed=1)
    assert first.figures["accuracy"] == 1.0
    assert first.figures["auroc"] > 0.9
    *_, again = train(tiny_photo(), lessons(), QUICK, seed=1)
    assert all(torch.equal(first.weights[key], again.weights[key]) for key in first.weights)
    *_, other = train(tiny_photo(), lessons(), QUICK, seed=2)
    assert any(not torch.equal(first.weights[key], other.weights[key]) for key in first.weights)


def test_a_loss_that_is_no_number_stops(tmp_path: Path) -> None:
    model = tiny_photo()
    reports = train(model, lessons(), QUICK, state_path=tmp_path / "state.pt")
    next(reports)
    with torch.no_grad():
        model.scope.weight.fill_(float("nan"))
    with pytest.raises(TrainingError, match="epoch 2"):
        next(reports)
    resumed = train(tiny_photo(), lessons(), QUICK, state_path=tmp_path / "state.pt", resume=True)
    assert next(resumed).epoch == 1
    other = dataclasses.replace(QUICK, learning_rate=1.0)
    with pytest.raises(CheckpointError, match="learning_rate"):
        next(train(tiny_photo(), lessons(), other, state_path=tmp_path / "state.pt", resume=True))


def test_a_run_killed_at_random_moments_ends_as_one_never_killed(tmp_path: Path) -> None:
    folders = whole_and_killed(killable_run, tmp_path)
    expected, actual = (torch.load(folder / "weights.pt") for folder in folders)
    assert all(torch.equal(expected[key], actual[key]) for key in expected)

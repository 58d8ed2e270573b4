import importlib

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from einstyle_core import attacks, checkpoints, data
from einstyle_core.attacks import METHODS, closest_wrong_class, fgsm, foreground, gradient_sign, move, noise, pgd
from einstyle_core.errors import AttackError, UnknownNameError

EPSILONS = (0.0, 0.025, 0.05, 0.1, 1.0)


class Linear(nn.Module):
    """Two pixels, three classes: z = W x, so every gradient is known."""

    def __init__(self, scale: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(scale * torch.tensor([[1.0, -1.0], [-1.0, 0.0], [-2.0, -3.0]]))

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1) @ self.weight.T


def pair(first: float, second: float) -> Tensor:
    return torch.tensor([first, second]).reshape(1, 1, 1, 2)


def small_net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 10)).eval()


def garments(count: int = 6, seed: int = 0) -> Tensor:
    """Images of n/255 with a black border, like Fashion-MNIST's; the last one is all black."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(256, (count, 1, 28, 28), generator=generator).float() / 255
    images[:, :, :5] = 0
    images[-1] = 0
    return images


def call(name: str, model: nn.Module, images: Tensor, epsilon: float, mask: Tensor | None) -> Tensor:
    options = {"steps": 5, "restarts": 2} if name == "pgd" else {}
    return attacks.get(name)(model, images, None, epsilon, mask, torch.Generator().manual_seed(0), **options)


def test_fgsm_by_hand() -> None:
    # Label 0, z = (x1 - x2, -x1, -2 x1 - 3 x2). At (.5, .25): z = (.25, -.5, -1.75). The wrong classes' log-odds
    # L = log(e^z1 + e^z2) - z0 has the gradient q1 (-1, 0) + q2 (-2, -3) - (1, -1), q = softmax(z1, z2) = (.777, .223):
    # first pixel -2.22, second 1 - .67 = .33.
    sign = gradient_sign(Linear(), pair(0.5, 0.25), torch.tensor([0]))
    assert sign.flatten().tolist() == [-1, 1]
    moved = fgsm(Linear(), pair(0.5, 0.25), torch.tensor([0]), 0.125)
    assert moved.flatten().tolist() == [0.375, 0.375]


def test_fgsm_goes_by_the_models_own_answer_without_labels() -> None:
    # z = (-.7, -.1, -2.9): the answer is 1, and leaving it means raising x1 and, for z0 = x1 - x2, lowering x2.
    images = pair(0.1, 0.8)
    assert Linear()(images).argmax().item() == 1
    assert gradient_sign(Linear(), images).flatten().tolist() == [1, -1]
    assert torch.equal(gradient_sign(Linear(), images), gradient_sign(Linear(), images, torch.tensor([1])))


def test_a_model_that_is_very_sure_still_has_a_gradient() -> None:
    sure, images = Linear(scale=1000.0), pair(0.5, 0.25)
    assert sure(images).softmax(1)[0, 0] == 1  # the cross entropy's own gradient is rounded to nothing
    assert gradient_sign(sure, images, torch.tensor([0])).flatten().tolist() == [-1, 1]


def test_closest_wrong_class_by_hand() -> None:
    images = torch.cat([pair(0.5, 0.25), pair(0.1, 0.8)])  # z = (.25, -.5, -1.75) and (-.7, -.1, -2.9)
    assert closest_wrong_class(Linear(), images).tolist() == [1, 0]
    assert closest_wrong_class(Linear(), images, torch.tensor([1, 2])).tolist() == [0, 1]


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("name", METHODS)
def test_bound_range_and_mask_hold_exactly(name: str, epsilon: float, masked: bool) -> None:
    images = garments()
    mask = foreground(images) if masked else None
    moved = call(name, small_net(), images, epsilon, mask)
    assert moved.dtype == torch.float32
    assert moved.shape == images.shape
    assert (moved.double() - images.double()).abs().max().item() <= epsilon
    assert (moved - images).abs().max().item() <= epsilon  # the difference as float32 rounds it
    assert 0 <= moved.min() <= moved.max() <= 1
    if masked:
        assert torch.equal(moved[images == 0], images[images == 0])
        assert torch.equal(moved[-1], images[-1])
    elif epsilon:
        assert not torch.equal(moved[-1], images[-1])


@given(
    pixel=st.floats(0, 1, width=32),
    epsilon=st.floats(0, 1),
    sign=st.sampled_from([-1.0, 0.0, 1.0]),
)
def test_a_pixel_moves_as_far_as_it_may_and_no_further(pixel: float, epsilon: float, sign: float) -> None:
    start = torch.tensor([pixel])
    moved = move(start, torch.tensor([sign]), epsilon)
    assert abs(moved.item() - pixel) <= epsilon
    assert (moved - start).abs().item() <= epsilon
    assert moved.item() == pytest.approx(min(max(pixel + sign * epsilon, 0), 1), abs=1.2e-7)


@pytest.mark.parametrize("name", METHODS)
def test_an_attack_repeats_and_leaves_the_model_as_it_was(name: str) -> None:
    model, images = small_net(), garments()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    original = images.clone()
    first, second = (call(name, model, images, 0.1, foreground(images)) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(images, original)
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize("name", METHODS)
def test_an_image_does_not_depend_on_its_company(name: str) -> None:
    model, images = small_net().double(), garments().double()
    mask = foreground(images)
    together = call(name, model, images, 0.1, mask)
    assert torch.equal(call(name, model, images[:2], 0.1, mask[:2]), together[:2])


@pytest.mark.parametrize("epsilon", [-0.01, 1.01, float("nan"), float("inf")])
@pytest.mark.parametrize("name", METHODS)
def test_an_epsilon_outside_the_range_is_told(name: str, epsilon: float) -> None:
    with pytest.raises(AttackError, match="from 0 to 1"):
        call(name, small_net(), garments(), epsilon, None)


@pytest.mark.parametrize("name", METHODS)
def test_images_that_are_no_unit_floats_are_told(name: str) -> None:
    for images in ((garments() * 255).byte(), garments() * 255, garments() - 0.5):
        with pytest.raises(AttackError, match=r"in \[0, 1\]"):
            call(name, small_net(), images, 0.1, None)


@pytest.mark.parametrize("name", METHODS)
def test_no_images_are_no_trouble(name: str) -> None:
    assert call(name, small_net(), garments()[:0], 0.1, None).shape == (0, 1, 28, 28)


def test_unknown_methods_and_empty_searches_are_told() -> None:
    with pytest.raises(UnknownNameError, match="fgsm, pgd, noise"):
        attacks.get("cw")
    for nothing in ({"steps": 0}, {"restarts": 0}):
        with pytest.raises(AttackError, match="at least one"):
            pgd(small_net(), garments(), None, 0.1, **nothing)


def test_movable_names_the_images_that_can_move() -> None:
    images = garments(3)
    assert attacks.movable(images, foreground(images)).tolist() == [True, True, False]
    assert attacks.movable(images).tolist() == [True, True, True]


def test_noise_is_half_up_and_half_down_and_the_same_in_batches() -> None:
    images = torch.full((64, 1, 28, 28), 0.5)
    whole = noise(images, 0.25, generator=torch.Generator().manual_seed(3))
    assert set(whole.unique().tolist()) == {0.25, 0.75}
    assert whole.mean().item() == pytest.approx(0.5, abs=0.01)
    generator = torch.Generator().manual_seed(3)
    parts = [noise(part, 0.25, generator=generator) for part in images.split(7)]
    assert torch.equal(torch.cat(parts), whole)


def test_pgd_finds_the_corner_of_a_linear_models_box() -> None:
    moved = pgd(Linear(), pair(0.5, 0.25), torch.tensor([0]), 0.125, restarts=1)
    assert moved.flatten().tolist() == [0.375, 0.375]


def test_pgd_until_fooled_fools_the_same_images() -> None:
    model, images = small_net(), garments(64)
    labels = model(images).argmax(1)
    found = [pgd(model, images, labels, 0.02, steps=10, restarts=2, until_fooled=early) for early in (False, True)]
    full, early = (model(moved).argmax(1) != labels for moved in found)
    assert 0 < full.sum() < 64
    assert torch.equal(full, early)


def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    with torch.no_grad():
        return (model(images).argmax(1) == labels).float().mean().item()


@pytest.mark.data
@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("name", ["dense", "cnn"])
def test_on_a_trained_network_pgd_beats_fgsm_beats_noise(name: str, masked: bool, test_images: data.ImageSet) -> None:
    few = test_images.take(slice(0, 200))
    model, images, labels = checkpoints.load(name), data.to_unit(few.images), few.labels
    mask = foreground(images) if masked else None
    shaken = noise(images, 0.025, mask, generator=torch.Generator().manual_seed(0))
    once = fgsm(model, images, labels, 0.025, mask)
    often = pgd(model, images, labels, 0.025, mask, steps=10, restarts=1)
    clean = accuracy(model, images, labels)
    assert accuracy(model, shaken, labels) > clean - 0.03
    assert accuracy(model, once, labels) < clean - 0.08
    assert accuracy(model, often, labels) <= accuracy(model, once, labels)


@pytest.mark.data
@pytest.mark.parametrize("name", ["dense", "cnn"])
def test_an_established_library_agrees(name: str, test_images: data.ImageSet) -> None:
    pytest.importorskip("foolbox")
    foolbox = importlib.import_module("foolbox")
    few = test_images.take(slice(0, 100))
    model, images, labels = checkpoints.load(name), data.to_unit(few.images), few.labels
    theirs = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")

    _, moved, _ = foolbox.attacks.LinfFastGradientAttack()(theirs, images, labels, epsilons=0.05)
    torch.testing.assert_close(fgsm(model, images, labels, 0.05), moved, rtol=0, atol=1e-6)

    torch.manual_seed(0)
    attack = foolbox.attacks.LinfProjectedGradientDescentAttack(rel_stepsize=2.5 / 20, steps=20)
    _, moved, _ = attack(theirs, images, labels, epsilons=0.02)
    ours = pgd(model, images, labels, 0.02, steps=20, restarts=1)
    assert accuracy(model, ours, labels) <= accuracy(model, moved, labels)

"""Figures by hand, and that calibration changes no answer."""

import pytest
import torch

from einstyle_core.photos.dataset import ViewSet, join
from einstyle_core.photos.evaluation import answers, auroc, calibrate, evaluate, right
from tests.photos.runs import tiny_photo, tiny_views


def test_auroc_by_hand() -> None:
    assert auroc(torch.tensor([0.9, 0.8, 0.3]), torch.tensor([0.5, 0.3])) == pytest.approx((2 + 2 + 0.5) / 6)
    assert auroc(torch.tensor([1.0]), torch.tensor([0.0])) == 1.0


def test_any_of_several_classes_is_right() -> None:
    probabilities = torch.eye(10)[[5, 7, 0]]
    allowed = torch.zeros(3, 10, dtype=torch.bool)
    allowed[:2, [5, 7, 9]] = True
    assert right(probabilities, allowed).tolist() == [True, True, False]


def test_figures_count_every_photograph() -> None:
    model = tiny_photo().eval()
    inside, outside = tiny_views(6), tiny_views(4, inside=False)
    labels = ["pants", "dress"] * 3 + ["hat", "hat", "skirt", "shorts"]
    figures = evaluate(model, join(inside, outside), labels, {"noise": outside})
    probabilities, scope = answers(model, inside.views)
    correct = right(probabilities, inside.allowed)
    assert figures["n_inside"] == 6
    assert figures["n_outside"] == {"other garments": 4, "hat": 2, "shorts": 1, "skirt": 1, "noise": 4}
    assert figures["accuracy"] == pytest.approx(correct.float().mean().item())
    assert figures["per_label"]["pants"] == pytest.approx(correct[::2].float().mean().item())
    assert [sum(figures["confusion"][label]) for label in ("pants", "dress", "hat", "skirt")] == [3, 3, 2, 1]
    assert figures["accepted"]["inside"] == pytest.approx((scope >= 0.5).float().mean().item())
    assert figures["auroc"]["noise"] == figures["auroc"]["other garments"]


def test_calibration_scales_confidence_and_centres_the_scope_but_changes_no_order() -> None:
    model = tiny_photo(3).eval().requires_grad_(False)
    torch.manual_seed(0)
    noisy = torch.randint(0, 256, (40, 4, 128, 128), dtype=torch.uint8)
    allowed = torch.zeros(40, 10, dtype=torch.bool)
    allowed[:24] = torch.eye(10)[torch.randint(10, (24,))].bool()
    held_out = ViewSet(noisy, allowed)
    before, scope_before = answers(model, noisy)
    found = calibrate(model, held_out)
    after, scope_after = answers(model, noisy)
    assert found["temperature"] > 0
    assert torch.equal(before.argmax(1), after.argmax(1))
    if found["scope_scale"] > 0:
        assert torch.equal(scope_before.argsort(), scope_after.argsort())
    assert 0.3 < scope_after.mean() < 0.7  # labels that mean nothing: as likely as not

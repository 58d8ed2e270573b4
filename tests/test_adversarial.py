"""Learning from attacked images."""

import dataclasses
import json
from itertools import islice
from pathlib import Path

import pytest
import torch

from einstyle_core import checkpoints, data, measurements
from einstyle_core.attacks import foreground, gradient_sign
from einstyle_core.classifiers import get, predict
from einstyle_core.classifiers.adversarial import fast_attack
from einstyle_core.classifiers.training import EpochReport, fresh, train
from einstyle_core.config import AdversarialRecipe, ClassifierRecipe
from einstyle_core.errors import CheckpointError
from tests.classifier_runs import QUICK, tiny_set
from tests.standins import save_classifier

ROBUST = {"dense-robust": "dense", "cnn-robust": "cnn"}
FLOORS = {
    "dense-robust": {0.0: 0.865, 0.025: 0.83, 0.05: 0.79, 0.1: 0.705},
    "cnn-robust": {0.0: 0.885, 0.025: 0.84, 0.05: 0.80, 0.1: 0.71},
}
MEASURED = measurements.read().get("robustness", {})
ATTACKED = dataclasses.replace(QUICK, epochs=8, adversarial=AdversarialRecipe(epsilon=0.3, warm_up=2))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("robust", "plain"), ROBUST.items())
def test_a_robust_network_has_the_plain_ones_shape(robust: str, plain: str) -> None:
    shapes = [{key: value.shape for key, value in get(name)().state_dict().items()} for name in (robust, plain)]
    assert shapes[0] == shapes[1]
    assert get(robust).recipe.adversarial is not None
    assert get(plain).recipe.adversarial is None


def test_a_fast_attack_stays_in_its_box_under_the_mask_and_repeats() -> None:
    model, recipe = fresh(get("dense"), 0), AdversarialRecipe(epsilon=0.2)
    images = torch.rand(50, 1, 28, 28, generator=generator()) * (torch.rand(28, 28, generator=generator()) > 0.5)
    labels = torch.arange(50) % 10
    attacked = fast_attack(model, images, labels, recipe, 0.5, generator())
    distance = (attacked - images).abs().flatten(1).amax(1)
    assert distance.max() <= 0.1 + 1e-6
    assert distance.min() < 0.02 < 0.08 < distance.max()  # an epsilon of its own for each image
    assert 0 <= attacked.min() <= attacked.max() <= 1
    assert torch.equal(attacked[images == 0], images[images == 0])
    assert torch.equal(attacked, fast_attack(model, images, labels, recipe, 0.5, generator()))
    assert not torch.equal(attacked, fast_attack(model, images, labels, recipe, 0.5, generator(1)))
    assert torch.equal(fast_attack(model, images, labels, recipe, 0.0, generator()), images)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_fast_attack_goes_where_the_gradient_points() -> None:
    model = fresh(get("dense"), 0)
    images, labels = torch.full((40, 1, 28, 28), 0.5), torch.arange(40) % 10
    moved = fast_attack(model, images, labels, AdversarialRecipe(epsilon=1e-3), 1.0, generator()) - images
    agrees = moved.sign() == gradient_sign(model, images, labels, foreground(images))
    # From a uniform start in [-1, 1], a step of 1.25 ends on the gradient's side unless it began below -1.25: always,
    # but for pixels whose gradient the random start itself turned around.
    assert agrees.float().mean() > 0.97


@pytest.mark.parametrize("skew", [0.0, 0.5, 1.0, 2.0])
def test_a_smaller_skew_prefers_large_attacks(skew: float) -> None:
    """An image's epsilon is epsilon * u ** skew; one step of 2 epsilon moves its garment by all of that."""
    images, labels = torch.full((400, 1, 28, 28), 0.5), torch.arange(400) % 10
    recipe = AdversarialRecipe(epsilon=0.01, step=2.0, skew=skew)
    moved = fast_attack(fresh(get("dense"), 0), images, labels, recipe, 1.0, generator()) - images
    sizes = moved.abs().flatten(1).amax(1) / 0.01
    assert sizes.mean().item() == pytest.approx(1 / (1 + skew), abs=0.03)  # the mean of u ** skew


def test_more_steps_attack_better_and_stay_in_the_box() -> None:
    model = fresh(get("cnn"), 0)
    images, labels = torch.rand(200, 1, 28, 28, generator=generator()), torch.arange(200) % 10
    losses = []
    for steps in (1, 4):
        recipe = AdversarialRecipe(epsilon=0.1, step=0.5, steps=steps, skew=0.0)
        attacked = fast_attack(model, images, labels, recipe, 1.0, generator())
        assert (attacked - images).abs().max() <= 0.1 + 1e-6
        assert 0 <= attacked.min() <= attacked.max() <= 1
        losses.append(torch.nn.functional.cross_entropy(model(attacked), labels).item())
    assert losses[1] > losses[0]


@pytest.mark.parametrize("name", ROBUST.values())
def test_adversarial_training_learns_to_withstand_pgd(name: str) -> None:
    *_, robust = train(fresh(get(name), 1), tiny_set(), ATTACKED, validation=tiny_set(), seed=1)
    assert robust.validation_accuracy == 1.0
    assert robust.robust_accuracy == 1.0
    assert next(train(fresh(get(name), 1), tiny_set(), QUICK)).robust_accuracy is None
    assert "under PGD 100.00%" in str(robust)


def test_an_adversarial_run_resumes_exactly(tmp_path: Path, checkpoint_folder: Path) -> None:
    save_classifier("cnn", checkpoint_folder)
    recipe = dataclasses.replace(ATTACKED, epochs=3, erase=0.5, start="cnn")

    def run(state: str, *, epochs: int | None = None, resume: bool = False) -> EpochReport:
        model = fresh(get("cnn-robust"), 3)
        reports = train(model, tiny_set(), recipe, seed=3, state_path=tmp_path / state, resume=resume)
        *_, last = islice(reports, epochs)
        return last

    whole = run("whole.pt")
    assert run("stopped.pt", epochs=2).epoch == 2
    resumed = run("stopped.pt", resume=True)
    assert resumed.epoch == 3
    assert all(torch.equal(whole.weights[key], resumed.weights[key]) for key in whole.weights)
    assert resumed.robust_accuracy == whole.robust_accuracy


def test_a_run_under_another_attack_is_not_resumed(tmp_path: Path) -> None:
    recipe = dataclasses.replace(ATTACKED, epochs=1)
    list(train(fresh(get("dense"), 0), tiny_set(), recipe, state_path=tmp_path / "state.pt"))
    other = dataclasses.replace(recipe, adversarial=AdversarialRecipe(epsilon=0.1))
    with pytest.raises(CheckpointError, match="adversarial"):
        next(train(fresh(get("dense"), 0), tiny_set(), other, state_path=tmp_path / "state.pt", resume=True))


def test_training_starts_from_the_weights_that_the_recipe_names(checkpoint_folder: Path) -> None:
    save_classifier("dense", checkpoint_folder, seed=7)
    still = ClassifierRecipe(epochs=1, learning_rate=1e-12, start="dense")
    (report,) = train(fresh(get("dense-robust"), 0), tiny_set(), still)
    for key, value in checkpoints.load("dense").state_dict().items():
        torch.testing.assert_close(report.weights[key], value, rtol=0, atol=1e-6)


def test_a_start_that_is_missing_is_told(checkpoint_folder: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cnn\.safetensors"):
        next(train(fresh(get("cnn-robust"), 0), tiny_set(), ClassifierRecipe(start="cnn")))


@pytest.mark.parametrize("name", ROBUST)
def test_a_checkpoint_holds_the_adversarial_recipe_and_names_its_command(name: str, checkpoint_folder: Path) -> None:
    save_classifier(name, checkpoint_folder)
    config = json.loads(json.dumps(checkpoints.read_header(name).config))
    assert config["recipe"]["adversarial"]["epsilon"] == get(name).recipe.adversarial.epsilon  # type: ignore[union-attr]
    checkpoints.path_of(name).unlink()
    with pytest.raises(CheckpointError, match=f"python -m scripts.train_classifier --model {name}$"):
        checkpoints.load(name)


@pytest.mark.parametrize("name", MEASURED)
def test_shipped_figures_are_of_the_shipped_weights_and_robust_ones_withstand(name: str) -> None:
    record = MEASURED[name]
    assert record["checkpoint_sha256"] == checkpoints.available()[name]["sha256"]
    assert record["curves"]["masked"]["fgsm"]["n"] == record["n"] == 10_000
    fgsm, pgd = (
        dict(zip(curve["epsilon"], curve["accuracy"], strict=True))
        for curve in (record["curves"]["masked"][method] for method in ("fgsm", "pgd"))
    )
    floors = FLOORS.get(name, {})
    assert {epsilon: fgsm[epsilon] for epsilon, floor in floors.items() if fgsm[epsilon] < floor} == {}
    if floors:  # what withstands one step and falls to many has overfitted to the one step
        assert fgsm[0.1] - pgd[0.1] < 0.06


@pytest.mark.data
@pytest.mark.parametrize("name", ROBUST)
def test_the_shipped_weights_give_the_recorded_accuracy_again(name: str, test_images: data.ImageSet) -> None:
    right = predict(checkpoints.load(name), test_images.images).argmax(1) == test_images.labels
    assert right.float().mean().item() == pytest.approx(measurements.read()["classifiers"][name]["accuracy"], abs=5e-4)

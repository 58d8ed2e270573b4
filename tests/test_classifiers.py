import dataclasses
from pathlib import Path

import pytest
import torch

from einstyle_core import checkpoints, data, measurements
from einstyle_core.classifiers import CLASSIFIERS, build, get, predict
from einstyle_core.classifiers.augment import random_erase, random_flip, random_shift
from einstyle_core.classifiers.calibration import calibrate, fit_temperature, reliability
from einstyle_core.classifiers.evaluation import confusion
from einstyle_core.classifiers.prediction import Prediction, classify
from einstyle_core.classifiers.training import EpochReport, distillation_loss, fresh, soft_labels, train
from einstyle_core.config import ClassifierRecipe
from einstyle_core.errors import CheckpointError, TrainingError, UnknownNameError
from tests.classifier_runs import QUICK, killable_run, tiny_set
from tests.killing import whole_and_killed

TARGETS = {"dense": 0.895, "cnn": 0.925}
# What the paper's shapes weigh, by hand: weights and biases of each layer.
PAPER_PARAMETERS = {
    "dense": (784 * 128 + 128) + (128 * 10 + 10),
    "cnn": (25 * 64 + 64) + (25 * 64 * 128 + 128) + (7 * 7 * 128 * 10 + 10),
}


def noise_images(count: int = 4, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_ten_logits_an_image(name: str) -> None:
    assert get(name)()(noise_images()).shape == (4, 10)


@pytest.mark.parametrize("name", PAPER_PARAMETERS)
def test_shape_is_the_papers(name: str) -> None:
    model = get(name)()
    assert sum(parameter.numel() for parameter in model.parameters()) == PAPER_PARAMETERS[name]
    assert not any("norm" in type(module).__name__.lower() for module in model.modules())


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_features_are_what_the_head_sees(name: str) -> None:
    model = get(name)().eval()
    images = noise_images()
    assert torch.equal(model.head(model.features(images)), model(images))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_model_rebuilds_from_its_config(name: str) -> None:
    model = get(name)()
    assert {k: v.shape for k, v in build(name, {"model": model.config}).state_dict().items()} == {
        k: v.shape for k, v in model.state_dict().items()
    }


def test_an_unknown_classifier_is_told_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="dense, cnn, dense-robust, cnn-robust, residual"):
        get("vgg")


def test_predict_takes_bytes_and_unit_floats_alike() -> None:
    model = fresh(get("cnn"), 0).eval()
    pixels = (noise_images() * 255).to(torch.uint8)
    torch.testing.assert_close(predict(model, pixels), predict(model, data.to_unit(pixels)))
    assert predict(model, pixels[:0]).shape == (0, 10)
    torch.testing.assert_close(predict(model, pixels, batch_size=3).sum(1), torch.ones(4))


def test_flip_mirrors_about_half_and_leaves_the_others() -> None:
    images = noise_images(400)
    flipped = random_flip(images, torch.Generator().manual_seed(1))
    mirrored = (flipped == images.flip(3)).flatten(1).all(1)
    same = (flipped == images).flatten(1).all(1)
    assert (mirrored ^ same).all()
    assert 150 < mirrored.sum() < 250


def test_shift_moves_whole_pixels_and_black_moves_in() -> None:
    image = torch.zeros(1, 1, 28, 28)
    image[0, 0, 14, 10] = 1
    generator = torch.Generator().manual_seed(0)
    seen = {tuple(random_shift(image, 2, generator)[0, 0].nonzero()[0].tolist()) for _ in range(400)}
    assert seen == {(14 + dy, 10 + dx) for dy in range(-2, 3) for dx in range(-2, 3)}


def test_erase_touches_one_rectangle_in_its_share_of_images() -> None:
    images = torch.zeros(400, 1, 28, 28)
    erased = random_erase(images, 0.5, torch.Generator().manual_seed(0)) > 0
    touched = erased.flatten(1).any(1)
    assert 150 < touched.sum() < 250
    for mask in erased[touched][:, 0]:
        rows, columns = mask.any(1).nonzero().flatten(), mask.any(0).nonzero().flatten()
        assert mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].float().mean() > 0.99
        assert mask.float().mean() < 0.30


def test_distillation_loss_by_hand() -> None:
    # T = 2: student softmax (1/2, 1/2), teacher softmax (3/4, 1/4); KL = 3/4 ln(3/2) + 1/4 ln(1/2); times T^2.
    student = torch.zeros(1, 2)
    teacher = torch.tensor([[2 * torch.log(torch.tensor(3.0)).item(), 0.0]])
    assert distillation_loss(student, teacher, 2.0).item() == pytest.approx(4 * 0.1308120, abs=1e-5)
    assert distillation_loss(teacher, teacher, 2.0).item() == pytest.approx(0.0, abs=1e-6)


def test_soft_labels_do_not_tell_an_image_from_its_mirror() -> None:
    teacher = fresh(get("cnn"), 3).eval()
    pixels = (noise_images() * 255).to(torch.uint8)
    torch.testing.assert_close(soft_labels(teacher, pixels), soft_labels(teacher, pixels.flip(3)))


def test_a_student_learns_what_only_its_teacher_knows(checkpoint_folder: Path) -> None:
    images = tiny_set()
    *_, teacher = train(fresh(get("dense"), 1), images, QUICK)
    header = checkpoints.Header("classifier", "dense", {"model": {"hidden": 128}}, images.digest, QUICK.epochs, 1)
    checkpoints.save("dense", teacher.weights, header)
    unlabelled = dataclasses.replace(images, labels=torch.zeros_like(images.labels))
    taught = dataclasses.replace(QUICK, teacher="dense", teacher_weight=1.0)
    *_, student = train(fresh(get("dense"), 2), unlabelled, taught, validation=images)
    assert student.validation_accuracy == 1.0


def test_confusion_counts_true_rows_and_predicted_columns() -> None:
    counts = confusion(torch.tensor([0, 1, 1, 2]), torch.tensor([0, 1, 2, 2]), classes=3)
    assert counts.tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]


def test_reliability_by_hand() -> None:
    # Two answers at confidence .9, one of them right; two at .6, both right: ECE = .5 |.5 - .9| + .5 |1 - .6| = .4
    probabilities = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]], dtype=torch.float64)
    figures = reliability(probabilities, torch.tensor([0, 1, 0, 0]), bins=10)
    assert figures["ece"] == pytest.approx(0.4)
    assert figures["mean_confidence"] == pytest.approx(0.75)
    assert [(row["low"], row["count"], row["accuracy"]) for row in figures["reliability"]] == [
        (0.5, 2, 1),
        (0.8, 2, 0.5),
    ]


def test_temperature_by_hand() -> None:
    # Logits (2, 0), right three times of four: sigmoid(2 / T) = 3/4 where 2 / T = ln 3.
    logits = torch.tensor([[2.0, 0.0]] * 4)
    assert fit_temperature(logits, torch.tensor([0, 0, 0, 1])) == pytest.approx(1.8204785, abs=1e-4)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_calibration_changes_confidence_and_no_answer(name: str) -> None:
    model = fresh(get(name), 0).eval()
    images = tiny_set()
    before = model(data.to_unit(images.images))
    temperature = calibrate(model, images)
    torch.testing.assert_close(model(data.to_unit(images.images)), before / temperature)
    assert fit_temperature(before / temperature, images.labels) == pytest.approx(1, abs=1e-3)


def test_a_prediction_tells_its_doubt() -> None:
    sure = Prediction("m", (0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0))
    torn = Prediction("m", (0.45, 0.0, 0.0, 0.0, 0.0, 0.0, 0.55, 0.0, 0.0, 0.0))
    assert (sure.label, sure.label_index, sure.confidence, sure.doubt) == ("Shirt", 6, 0.9, None)
    assert torn.doubt == ("Shirt", "T-shirt/top")
    assert not Prediction("m", (0.1,) * 10).in_scope


def test_classify_answers_each_image() -> None:
    answers = classify("dense", fresh(get("dense"), 0).eval(), noise_images(3))
    assert len(answers) == 3
    assert all(sum(answer.probabilities) == pytest.approx(1) for answer in answers)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_training_learns_and_repeats(name: str) -> None:
    def final(seed: int, epochs: int) -> EpochReport:
        recipe = dataclasses.replace(QUICK, epochs=epochs)
        *_, last = train(fresh(get(name), seed), tiny_set(), recipe, validation=tiny_set(), seed=seed)
        return last

    assert final(1, QUICK.epochs).validation_accuracy == 1.0
    first, again, other = final(1, 1), final(1, 1), final(2, 1)
    assert all(torch.equal(first.weights[key], again.weights[key]) for key in first.weights)
    assert any(not torch.equal(first.weights[key], other.weights[key]) for key in first.weights)


def test_reports_keep_their_own_weights() -> None:
    reports = list(train(fresh(get("dense"), 0), tiny_set(), ClassifierRecipe(epochs=2)))
    assert [report.epoch for report in reports] == [1, 2]
    assert not torch.equal(reports[0].weights["head.weight"], reports[1].weights["head.weight"])


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_state(tmp_path: Path) -> None:
    recipe = ClassifierRecipe(epochs=3, batch_size=16)
    state_path = tmp_path / "state.pt"
    model = fresh(get("dense"), 0)
    reports = train(model, tiny_set(), recipe, state_path=state_path)
    next(reports)
    with torch.no_grad():
        model.head.weight.fill_(float("nan"))  # type: ignore[operator, union-attr]
    with pytest.raises(TrainingError, match="epoch 2"):
        next(reports)
    resumed = list(train(fresh(get("dense"), 0), tiny_set(), recipe, state_path=state_path, resume=True))
    assert [report.epoch for report in resumed] == [1, 2, 3]


def test_a_run_under_another_recipe_is_not_resumed(tmp_path: Path) -> None:
    recipe = ClassifierRecipe(epochs=1)
    list(train(fresh(get("dense"), 0), tiny_set(), recipe, state_path=tmp_path / "state.pt"))
    other = dataclasses.replace(recipe, learning_rate=1.0)
    with pytest.raises(CheckpointError, match="learning_rate"):
        next(train(fresh(get("dense"), 0), tiny_set(), other, state_path=tmp_path / "state.pt", resume=True))


def test_a_teacher_that_is_missing_is_told(checkpoint_folder: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cnn\.safetensors"):
        next(train(fresh(get("dense"), 0), tiny_set(), ClassifierRecipe(teacher="cnn")))


def test_a_run_killed_at_random_moments_ends_as_one_never_killed(tmp_path: Path) -> None:
    folders = whole_and_killed(killable_run, tmp_path)
    expected, actual = (torch.load(folder / "weights.pt") for folder in folders)
    assert all(torch.equal(expected[key], actual[key]) for key in expected)


@pytest.mark.parametrize("name", TARGETS)
def test_shipped_figures_reach_the_targets_and_are_of_the_shipped_weights(name: str) -> None:
    record = measurements.read()["classifiers"][name]
    assert record["accuracy"] >= TARGETS[name]
    assert record["n"] == 10_000
    assert record["checkpoint_sha256"] == checkpoints.available()[name]["sha256"]
    assert sum(map(sum, record["confusion"])) == 10_000


@pytest.mark.data
@pytest.mark.parametrize("name", TARGETS)
def test_the_shipped_weights_give_the_recorded_accuracy_again(name: str, test_images: data.ImageSet) -> None:
    model = checkpoints.load(name)
    accuracy = (predict(model, test_images.images).argmax(1) == test_images.labels).float().mean().item()
    assert accuracy == pytest.approx(measurements.read()["classifiers"][name]["accuracy"], abs=5e-4)


@pytest.mark.gpu
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_training_runs_on_cuda(name: str) -> None:
    *_, last = train(fresh(get(name), 0), tiny_set(), QUICK, validation=tiny_set(), device="cuda")
    assert last.validation_accuracy == 1.0

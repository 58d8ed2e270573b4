"""scripts.attack and the robustness measurements, as a person types them."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from einstyle_core import checkpoints, data, measurements
from einstyle_core.errors import CheckpointError
from scripts import attack, evaluate
from scripts.sections import robustness
from tests.standins import save_classifier

ROW = ["model", "method", "masked", "epsilon", "n", "clean_accuracy", "accuracy"]


def few_images(count: int = 40) -> data.ImageSet:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(256, (count, 1, 28, 28), generator=generator, dtype=torch.uint8)
    images[:, :, :4] = 0
    return data.ImageSet(images, torch.arange(count) % 10, "few")


@pytest.fixture(autouse=True)
def networks(checkpoint_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (attack, robustness):
        monkeypatch.setattr(module, "load_data", lambda split: few_images())
    for name in robustness.NETWORKS:
        save_classifier(name, checkpoint_folder)
    return checkpoint_folder


def answer(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    attack.main([*words, "--json"])
    row: dict[str, object] = json.loads(capsys.readouterr().out)
    return row


@pytest.mark.parametrize("unmasked", [False, True])
@pytest.mark.parametrize("method", ["fgsm", "pgd", "noise"])
def test_the_arrays_are_what_the_row_says(
    method: str, unmasked: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--model", "dense", "--epsilon", "0.05", "--method", method, "--count", "12"]
    words += ["--unmasked"] * unmasked + ["--npz", str(tmp_path / "x.npz")]
    row = answer(words, capsys)
    assert list(row) == ROW
    assert (row["model"], row["method"], row["masked"]) == ("dense", method, not unmasked)
    assert (row["epsilon"], row["n"]) == (0.05, 12)
    with np.load(tmp_path / "x.npz") as arrays:
        assert set(arrays) == {"original", "adversarial", "labels", "predictions"}
        original, adversarial = arrays["original"], arrays["adversarial"]
        labels, predictions = arrays["labels"], arrays["predictions"]
    assert original.dtype == adversarial.dtype == np.float32
    assert original.shape == adversarial.shape == (12, 28, 28)
    assert labels.dtype == predictions.dtype == np.int64
    np.testing.assert_array_equal(original, few_images().images[:12, 0].numpy() / np.float32(255))
    assert np.abs(adversarial.astype(np.float64) - original).max() <= 0.05
    assert adversarial.min() >= 0
    assert adversarial.max() <= 1
    assert (adversarial[original == 0] == 0).all() == (not unmasked)
    assert row["accuracy"] == pytest.approx((predictions == labels).mean())
    net = checkpoints.load("dense")
    again = net(torch.from_numpy(adversarial).unsqueeze(1)).argmax(1)
    np.testing.assert_array_equal(again.numpy(), predictions)
    clean = net(torch.from_numpy(original).unsqueeze(1)).argmax(1).numpy()
    assert row["clean_accuracy"] == pytest.approx((clean == labels).mean())


def test_the_batches_do_not_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for method in ("pgd", "noise"):
        moved = []
        for size in (250, 7):
            monkeypatch.setattr(attack, "BATCH", size)
            file = tmp_path / f"{size}.npz"
            answer(
                ["--model", "dense", "--epsilon", "0.1", "--method", method, "--count", "15", "--npz", str(file)],
                capsys,
            )
            with np.load(file) as arrays:
                moved.append(arrays["adversarial"])
        np.testing.assert_allclose(
            moved[0], moved[1], atol=0.02
        )  # sums in another order may turn a tiny gradient's sign
        assert (moved[0] == moved[1]).mean() > 0.999


def test_pgd_is_as_accurate_with_the_images_as_without(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--model", "cnn", "--epsilon", "0.02", "--method", "pgd", "--count", "6"]
    assert answer(words, capsys) == answer([*words, "--npz", str(tmp_path / "x.npz")], capsys)


def test_a_sentence_without_json(capsys: pytest.CaptureFixture[str]) -> None:
    attack.main(["--model", "dense", "--epsilon", "0"])
    said = capsys.readouterr().out
    assert said.startswith("dense: ")
    assert "after fgsm at epsilon 0 on pixels above 0, n 40" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--model", "dense"], "--epsilon"),
        (["--epsilon", "0.1"], "--model"),
        (["--model", "vgg", "--epsilon", "0.1"], "cnn-robust"),
        (["--model", "dense", "--epsilon", "1.5"], "from 0 to 1"),
        (["--model", "dense", "--epsilon", "-0.1"], "from 0 to 1"),
        (["--model", "dense", "--epsilon", "nan"], "from 0 to 1"),
        (["--model", "dense", "--epsilon", "much"], "epsilon"),
        (["--model", "dense", "--epsilon", "0.1", "--method", "cw"], "pgd"),
        (["--model", "dense", "--epsilon", "0.1", "--count", "0"], "at least 1"),
        (["--model", "dense", "--epsilon", "0.1", "--npz", "x.png"], ".npz"),
    ],
)
def test_usage_errors_exit_2_and_name_what_is_known(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as done:
        attack.main(words)
    assert done.value.code == 2
    assert told in capsys.readouterr().err


def test_a_missing_checkpoint_is_told(networks: Path) -> None:
    (networks / "dense.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"dense\.safetensors is missing"):
        attack.main(["--model", "dense", "--epsilon", "0.1"])


def test_the_measurements_are_those_of_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(robustness, "EPSILONS", (0.0, 0.05, 0.2))
    monkeypatch.setattr(robustness, "PGD_EPSILONS", (0.0, 0.05))
    monkeypatch.setattr(robustness, "NETWORKS", ("dense",))
    monkeypatch.setattr(robustness, "STEPS", 3)
    evaluate.main(["robustness"])
    capsys.readouterr()
    record = measurements.read()["robustness"]["dense"]
    assert record["checkpoint_sha256"] == checkpoints.available()["dense"]["sha256"]
    assert record["command"] == "python -m scripts.evaluate robustness"
    assert record["n"] == 40
    for scope, options in ("masked", []), ("unmasked", ["--unmasked"]):
        for method in ("fgsm", "noise"):
            curve = record["curves"][scope][method]
            assert curve["epsilon"] == [0.0, 0.05, 0.2]
            assert curve["n"] == 40
            words = ["--model", "dense", "--epsilon", "0.05", "--method", method, *options]
            assert answer(words, capsys)["accuracy"] == pytest.approx(curve["accuracy"][1])
        pgd = record["curves"][scope]["pgd"]
        assert (pgd["epsilon"], pgd["n"], pgd["steps"], pgd["restarts"]) == ([0.0, 0.05], 40, 3, 1)
    counts = np.array(record["flow"]["counts"])
    assert counts.shape == (3, 10, 10)
    assert (counts.sum(2) == 4).all()  # four images of each true class
    masked = record["curves"]["masked"]["fgsm"]["accuracy"]
    np.testing.assert_allclose(np.trace(counts, axis1=1, axis2=2) / 40, masked)
    assert record["flow"]["to_closest"][0] is None
    assert all(share is None or 0 <= share <= 1 for share in record["flow"]["to_closest"])

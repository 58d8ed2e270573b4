import hashlib
import json
import threading
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import nn

from einstyle_core import checkpoints, measurements
from einstyle_core.checkpoints import Header
from einstyle_core.classifiers import CLASSIFIERS, Classifier, get
from einstyle_core.classifiers.training import fresh
from einstyle_core.errors import CheckpointError
from einstyle_core.storage import atomic_write

pytestmark = pytest.mark.usefixtures("checkpoint_folder")


def header_of(model: Classifier, **changes: object) -> Header:
    fields = {
        "kind": "classifier",
        "name": model.name,
        "config": {"model": model.config},
        "dataset_digest": "digest",
        "epochs": 3,
        "seed": 7,
        "metrics": {"training_loss": 0.25},
        **changes,
    }
    return Header(**fields)  # type: ignore[arg-type]


def saved(name: str = "dense", **options: object) -> tuple[Classifier, Path]:
    model = fresh(get(name), seed=1)
    return model, checkpoints.save(name, model.state_dict(), header_of(model), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_load_gives_the_saved_model_back(name: str) -> None:
    model, _ = saved(name)
    images = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    loaded = checkpoints.load(name)
    assert torch.equal(loaded(images), model.eval()(images))
    assert not loaded.training
    assert not any(parameter.requires_grad for parameter in loaded.parameters())


def test_half_precision_halves_the_file_and_loads_as_float32() -> None:
    _, path = saved()
    full = path.stat().st_size
    model, path = saved(half=True)
    assert path.stat().st_size < 0.55 * full
    loaded = checkpoints.load("dense").state_dict()
    for key, value in model.state_dict().items():
        assert loaded[key].dtype == torch.float32
        assert torch.equal(loaded[key], value.half().float())


def test_available_lists_config_metrics_and_sha256() -> None:
    _, path = saved()
    saved("cnn")
    found = checkpoints.available()
    assert sorted(found) == ["cnn", "dense"]
    assert found["dense"]["config"] == {"model": {"hidden": 128}}
    assert found["dense"]["metrics"] == {"training_loss": 0.25}
    assert found["dense"]["seed"] == 7
    assert found["dense"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_names_may_have_a_folder(checkpoint_folder: Path) -> None:
    model = fresh(get("dense"), seed=1)
    checkpoints.save("trial/dense", model.state_dict(), header_of(model))
    assert (checkpoint_folder / "trial" / "dense.safetensors").is_file()
    assert list(checkpoints.available()) == ["trial/dense"]
    checkpoints.load("trial/dense")


@pytest.mark.parametrize("name", ["../dense", "/etc/passwd", "Dense", "", "a//b", "dense.safetensors", "gan/../x"])
def test_names_cannot_leave_the_folder(name: str) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint's name"):
        checkpoints.load(name)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("cnn", "python -m scripts.train_classifier --model cnn"),
        ("gan/wgan_gp", "python -m scripts.train_gan --gan wgan_gp"),
        ("colorizer", "python -m scripts.train_colorizer"),
    ],
)
def test_a_missing_file_is_named_with_the_command_that_restores_it(
    name: str, command: str, checkpoint_folder: Path
) -> None:
    with pytest.raises(CheckpointError) as caught:
        checkpoints.load(name)
    assert command in str(caught.value)
    assert str(checkpoint_folder / f"{name}.safetensors") in str(caught.value)


def test_a_file_cut_anywhere_is_an_error_that_names_it() -> None:
    _, path = saved()
    content = path.read_bytes()
    for size in [0, 1, 7, 8, 9, 200, len(content) // 2, len(content) - 1]:
        path.write_bytes(content[:size])
        with pytest.raises(CheckpointError, match=r"dense\.safetensors"):
            checkpoints.load("dense")
        assert checkpoints.available() == {}


def test_any_flipped_byte_is_noticed() -> None:
    _, path = saved()
    content = path.read_bytes()
    generator = torch.Generator().manual_seed(0)
    positions = torch.randint(len(content), (60,), generator=generator).tolist() + list(range(0, 1000, 13))
    for position in positions:
        damaged = bytearray(content)
        damaged[position] ^= 0x41
        path.write_bytes(damaged)
        try:
            loaded = checkpoints.read_header("dense")
        except CheckpointError:
            continue
        # A flip inside the header's free text can leave a sound file; the tensors then are as they were.
        assert position < 8 + int.from_bytes(content[:8], "little"), f"byte {position} of {loaded.name}"


def test_a_foreign_safetensors_file_is_told(checkpoint_folder: Path) -> None:
    safetensors.torch.save_file({"x": torch.zeros(3)}, checkpoint_folder / "dense.safetensors")
    with pytest.raises(CheckpointError, match="not written by this project"):
        checkpoints.load("dense")


def test_another_models_file_is_told() -> None:
    _, path = saved("cnn")
    path.rename(path.with_name("dense.safetensors"))
    with pytest.raises(CheckpointError, match="another model, 'cnn'"):
        checkpoints.load("dense")


@pytest.mark.parametrize(
    "changes",
    [{"config": {"model": {"hidden": 64}}}, {"config": {}}, {"config": {"model": {"depth": 3}}}, {"kind": "nonsense"}],
)
def test_a_header_that_does_not_fit_is_told(changes: dict[str, object]) -> None:
    model = fresh(get("dense"), seed=1)
    checkpoints.save("dense", model.state_dict(), header_of(model, **changes))
    with pytest.raises(CheckpointError, match="train_classifier --model dense"):
        checkpoints.load("dense")


def test_a_write_that_fails_leaves_the_old_file_and_no_other(checkpoint_folder: Path) -> None:
    _, path = saved()
    before = path.read_bytes()

    def die_half_way() -> None:
        with atomic_write(path) as temporary:
            temporary.write_bytes(b"half of it")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        die_half_way()
    assert path.read_bytes() == before
    assert [file.name for file in checkpoint_folder.iterdir()] == ["dense.safetensors"]


def test_a_run_goes_on_only_under_its_own_configuration(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    assert checkpoints.load_run(path, {"epochs": 3}) is None
    checkpoints.save_run(path, {"config": {"epochs": 3, "seed": 1}, "weights": torch.arange(3)})
    state = checkpoints.load_run(path, {"epochs": 3, "seed": 1})
    assert state is not None
    assert state["weights"].tolist() == [0, 1, 2]
    with pytest.raises(CheckpointError, match=r"epochs differ"):
        checkpoints.load_run(path, {"epochs": 4, "seed": 1})


def test_a_damaged_run_is_told(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    checkpoints.save_run(path, {"config": {}, "weights": torch.rand(1000)})
    content = path.read_bytes()
    for size in [0, 10, len(content) // 2, len(content) - 10]:
        path.write_bytes(content[:size])
        with pytest.raises(CheckpointError, match="--resume"):
            checkpoints.load_run(path, {})


def test_a_run_file_cannot_run_code(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    torch.save({"config": {}, "model": nn.Linear(1, 1)}, path)
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoints.load_run(path, {})


def test_measurements_keep_what_others_wrote() -> None:
    def write(index: int) -> None:
        measurements.record("trial", f"m{index}", {"x": index}, n=1, seed=0, checkpoint_sha256="", command="c")

    threads = [threading.Thread(target=write, args=(index,)) for index in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: record["x"] for name, record in measurements.read()["trial"].items()} == {
        f"m{index}": index for index in range(12)
    }


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"classifiers": 3}', "\x00"])
def test_damaged_measurements_are_told(content: str) -> None:
    measurements.path().write_text(content)
    with pytest.raises(CheckpointError, match=r"scripts\.evaluate"):
        measurements.read()


def test_measurements_are_plain_json() -> None:
    entry = measurements.record("trial", "m", {"x": 0.5}, n=10, seed=3, checkpoint_sha256="ab", command="do it")
    on_disk = json.loads(measurements.path().read_text())["trial"]["m"]
    assert on_disk == entry
    assert {"x", "n", "seed", "date", "checkpoint_sha256", "command"} == set(entry)

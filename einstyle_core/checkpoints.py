"""Checkpoints: safetensors with a JSON header, written whole or not at all, rebuilt from their own config.

A shipped checkpoint is ``<folder>/<name>.safetensors``; names may have a folder (``gan/wgan_gp``). The header says
what it is (:class:`Header`); the tensors carry a SHA-256 of their own, so a damaged byte is told instead of
predicted with. The state of a training run under way is another thing, with optimizers and random generators in
it: :func:`save_run` and :func:`load_run`.
"""

import hashlib
import importlib
import io
import json
import logging
import pickle
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from einstyle_core import __version__
from einstyle_core.errors import CheckpointError, EinstyleError
from einstyle_core.storage import REPOSITORY, atomic_write, checkpoint_dir

__all__ = [
    "CheckpointError",
    "CheckpointInfo",
    "Header",
    "available",
    "load",
    "load_run",
    "path_of",
    "read_header",
    "restore_command",
    "save",
    "save_run",
]

FORMAT = 1
SUFFIX = ".safetensors"
_METADATA_KEY = "einstyle"
_NAME = re.compile(r"[a-z0-9_-]+(/[a-z0-9_-]+)*")

# Which room of the house rebuilds a checkpoint of a kind: each has ``build(name, config) -> nn.Module``.
_ROOMS = {
    "classifier": "einstyle_core.classifiers",
    "gan": "einstyle_core.gans",
    "evaluator": "einstyle_core.metrics",
    "colorizer": "einstyle_core.colorizer",
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Header:
    """What a checkpoint says of itself.

    Attributes:
        kind: the room that rebuilds it, a key of ``_ROOMS``.
        name: the model's name in that room's registry.
        config: the model's and the run's configuration, enough to build it again.
        dataset_digest: SHA-256 of the data it was trained on (:attr:`einstyle_core.data.ImageSet.digest`).
        epochs: epochs trained.
        seed: the run's seed.
        metrics: figures known when it was saved, on held-out training data; test figures live in metrics.json.
        code_version: the version of this library that saved it.
    """

    kind: str
    name: str
    config: dict[str, Any]
    dataset_digest: str
    epochs: int
    seed: int
    metrics: dict[str, Any] = field(default_factory=dict)
    code_version: str = __version__


class CheckpointInfo(TypedDict):
    """One row of :func:`available`: the header's fields, and the file's own."""

    path: str
    sha256: str
    kind: str
    config: dict[str, Any]
    dataset_digest: str
    epochs: int
    seed: int
    metrics: dict[str, Any]
    code_version: str


def path_of(name: str, directory: Path | None = None) -> Path:
    """The file of the checkpoint called ``name``.

    Raises:
        CheckpointError: the name could not be a checkpoint's (upper case, dots, ``..``).
    """
    if not _NAME.fullmatch(name):
        raise CheckpointError(f"{name!r} is no checkpoint's name: lower-case letters, digits, '_', '-' and '/' only.")
    return (directory or checkpoint_dir()) / f"{name}{SUFFIX}"


def restore_command(name: str) -> str:
    """The command that makes the checkpoint called ``name`` again."""
    *folders, last = name.split("/")
    if folders[:1] == ["gan"]:
        options = [f" --seed {f[4:]}" if re.fullmatch(r"seed\d+", f) else f" --recipe {f}" for f in folders[1:]]
        return f"python -m scripts.train_gan --gan {last}{''.join(options)}"
    if folders == ["colorizer"]:
        return f"python -m scripts.train_colorizer --recipe {last}"
    if name in ("evaluator", "colorizer"):
        return f"python -m scripts.train_{name}"
    return f"python -m scripts.train_classifier --model {last}"


def save(
    name: str,
    state: Mapping[str, Tensor],
    header: Header,
    directory: Path | None = None,
    *,
    half: bool = False,
) -> Path:
    """Write a checkpoint atomically and return its path.

    Args:
        name: the name to load it by.
        state: the module's ``state_dict()``, on any device.
        header: what it is.
        directory: the folder; the shipped one by default.
        half: store floating tensors as float16; :func:`load` gives float32 back.
    """
    tensors = {}
    for key, value in state.items():
        stored = value.detach().to("cpu", torch.float16 if half and value.is_floating_point() else value.dtype)
        tensors[key] = stored.contiguous()
    text = json.dumps({"format": FORMAT, "tensors_sha256": _digest(tensors), **asdict(header)}, sort_keys=True)
    path = path_of(name, directory)
    with atomic_write(path) as temporary:
        temporary.write_bytes(safetensors.torch.save(tensors, metadata={_METADATA_KEY: text}))
    return path


def load(name: str, device: torch.device | str = "cpu", directory: Path | None = None) -> nn.Module:
    """Rebuild the model called ``name`` from its checkpoint, in eval mode, without gradients, in float32.

    A classifier maps float32 ``N x 1 x 28 x 28`` in [0, 1] to logits ``N x 10``; a GAN has ``sample``.

    Raises:
        CheckpointError: the file is missing, damaged, or another model's; the message names it and the command that
            restores it.
    """
    path = path_of(name, directory)
    header, tensors = _parse(name, path, _content(name, path))
    try:
        model: nn.Module = importlib.import_module(_ROOMS[header.kind]).build(header.name, header.config)
        model.load_state_dict(
            {key: value.float() if value.is_floating_point() else value for key, value in tensors.items()}
        )
    except (KeyError, TypeError, ValueError, RuntimeError, EinstyleError, ModuleNotFoundError) as error:
        raise _problem(name, path, f"does not fit this version's {header.kind} {header.name!r}") from error
    return model.to(device).eval().requires_grad_(False)


def read_header(name: str, directory: Path | None = None) -> Header:
    """What the checkpoint called ``name`` says of itself, once its bytes are verified."""
    path = path_of(name, directory)
    return _parse(name, path, _content(name, path))[0]


def available(directory: Path | None = None) -> dict[str, CheckpointInfo]:
    """Every sound checkpoint by name; a damaged one is logged and left out, and :func:`load` tells why."""
    root = directory or checkpoint_dir()
    found: dict[str, CheckpointInfo] = {}
    for path in sorted(root.rglob(f"*{SUFFIX}")):
        name = path.relative_to(root).as_posix().removesuffix(SUFFIX)
        try:
            stat = path.stat()
            found[name] = _info(name, path, stat.st_mtime_ns, stat.st_size)
        except (CheckpointError, OSError) as error:
            logger.warning("%s", error)
    return found


def save_run(path: Path, state: dict[str, Any]) -> None:
    """Write a training run's state (tensors, numbers, strings, lists and dicts of them) atomically."""
    buffer = io.BytesIO()  # torch's own file writer hides a full disk behind a RuntimeError
    torch.save(state, buffer)
    with atomic_write(path) as temporary:
        temporary.write_bytes(buffer.getbuffer())


def load_run(path: Path, config: dict[str, Any]) -> dict[str, Any] | None:
    """A run's state to go on from, or None where there is none.

    Args:
        path: what :func:`save_run` wrote; ``state["config"]`` is the configuration it ran under.
        config: the configuration of the run that wants to go on.

    Raises:
        CheckpointError: the file is damaged, or is a run under another configuration.
    """
    if not path.exists():
        return None
    advice = "Start over without --resume, or move the file away."
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        saved = state["config"]
    except (
        OSError,
        EOFError,
        RuntimeError,
        KeyError,
        TypeError,
        ValueError,
        pickle.UnpicklingError,
    ) as error:
        raise CheckpointError(f"{path} is damaged and cannot be resumed ({type(error).__name__}). {advice}") from error
    if differing := sorted(key for key in saved.keys() | config.keys() if saved.get(key) != config.get(key)):
        raise CheckpointError(f"{path} is a run under another configuration ({', '.join(differing)} differ). {advice}")
    return state


def _content(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise _problem(name, path, "is missing") from None
    except OSError as error:
        raise _problem(name, path, f"cannot be read ({error.strerror})") from error


def _parse(name: str, path: Path, content: bytes) -> tuple[Header, dict[str, Tensor]]:
    try:
        tensors = safetensors.torch.load(content)
        # The format: an 8-byte little-endian length, then that many bytes of JSON, then the tensors.
        metadata = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")]).get("__metadata__", {})
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise _problem(name, path, "is damaged") from error
    if _METADATA_KEY not in metadata:
        raise _problem(name, path, "was not written by this project")
    try:
        fields = json.loads(metadata[_METADATA_KEY])
        version, digest = fields.pop("format"), fields.pop("tensors_sha256")
        header = Header(**fields)
    except (ValueError, KeyError, TypeError) as error:
        raise _problem(name, path, "has a header that this version cannot read") from error
    if version != FORMAT or header.kind not in _ROOMS:
        raise _problem(name, path, f"has format {version}, kind {header.kind!r}, unknown to this version")
    if header.name != name.rpartition("/")[2]:
        raise _problem(name, path, f"holds another model, {header.name!r}")
    if digest != _digest(tensors):
        raise _problem(name, path, "is damaged (its checksum differs)")
    return header, tensors


@lru_cache(maxsize=256)
def _info(name: str, path: Path, mtime_ns: int, size: int) -> CheckpointInfo:
    """Keyed on time and size too, so that a file that changed is read again."""
    content = _content(name, path)
    header = _parse(name, path, content)[0]
    return {
        "path": str(path),
        "sha256": hashlib.sha256(content).hexdigest(),
        "kind": header.kind,
        "config": header.config,
        "dataset_digest": header.dataset_digest,
        "epochs": header.epochs,
        "seed": header.seed,
        "metrics": header.metrics,
        "code_version": header.code_version,
    }


def _problem(name: str, path: Path, what: str) -> CheckpointError:
    shipped = path.is_relative_to(REPOSITORY) and name.count("/") < 2  # deeper lie those trained for comparison
    restore = f"git restore {path.relative_to(REPOSITORY)}, or train it: " if shipped else ""
    return CheckpointError(f"The checkpoint {path} {what}. Restore it: {restore}{restore_command(name)}")


def _digest(tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for key in sorted(tensors):
        value = tensors[key]
        digest.update(f"{key}:{value.dtype}:{tuple(value.shape)}:".encode())
        digest.update(value.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()

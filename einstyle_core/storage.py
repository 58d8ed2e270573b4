"""Where files live, and how they are written so that no reader ever meets half of one."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
RUNS = REPOSITORY / "runs"
"""Training state, frames and logs of runs under way; ignored by git."""


def checkpoint_dir() -> Path:
    """The folder of shipped weights: ``EINSTYLE_CHECKPOINTS``, or ``checkpoints/`` in the repository."""
    return Path(os.environ.get("EINSTYLE_CHECKPOINTS") or REPOSITORY / "checkpoints")


def cache_dir() -> Path:
    """A folder of ours for what can be made again: ``EINSTYLE_CACHE``, or the user's cache folder."""
    if configured := os.environ.get("EINSTYLE_CACHE"):
        return Path(configured)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "einstyle"


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it takes its place, on failure it goes.

    The rename is atomic within a file system, so a reader sees the old file or the new one, and a process that
    dies mid-way leaves the old one. Bytes are flushed to the disk before the rename.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o644)  # mkstemp's 0600 would hide it from other users
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise

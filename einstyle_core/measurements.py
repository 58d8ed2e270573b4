"""checkpoints/metrics.json: every figure that the app or the README shows, and the command that measured it.

The file is ``{section: {name: record}}``; a record holds its figures and ``n``, ``seed``, ``date``, ``command`` and the
``checkpoint_sha256`` of the weights it measured.
"""

import datetime
import fcntl
import json
from pathlib import Path
from typing import Any

from einstyle_core.errors import CheckpointError
from einstyle_core.storage import atomic_write, checkpoint_dir

Record = dict[str, Any]


def path(directory: Path | None = None) -> Path:
    """The file of measurements that lies beside the checkpoints."""
    return (directory or checkpoint_dir()) / "metrics.json"


def read(directory: Path | None = None) -> dict[str, dict[str, Record]]:
    """All measurements; empty where none were made yet.

    Raises:
        CheckpointError: the file is damaged.
    """
    file = path(directory)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _damaged(file) from error
    if not isinstance(content, dict) or not all(isinstance(section, dict) for section in content.values()):
        raise _damaged(file)
    return content


def record(
    section: str,
    name: str,
    figures: Record,
    *,
    n: int,
    seed: int,
    checkpoint_sha256: str,
    command: str,
    directory: Path | None = None,
) -> Record:
    """Put one record into the file, replacing the one of that name; other writers wait their turn."""
    file = path(directory)
    entry: Record = {
        **figures,
        "n": n,
        "seed": seed,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "checkpoint_sha256": checkpoint_sha256,
        "command": command,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    with (file.parent / ".metrics.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        everything = read(directory)
        everything.setdefault(section, {})[name] = entry
        with atomic_write(file) as temporary:
            temporary.write_text(json.dumps(everything, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return entry


def _damaged(file: Path) -> CheckpointError:
    return CheckpointError(
        f"The measurements in {file} are damaged. Restore them: git restore checkpoints/metrics.json, or measure "
        "again: python -m scripts.evaluate all"
    )

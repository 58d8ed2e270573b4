"""The files of a session as they came, on the disk instead of in memory."""

import os
import tempfile
import threading
from dataclasses import dataclass
from typing import IO

from einstyle_core.storage import cache_dir


class Spool:
    """One file without a name that goes with the session, or with the process: nothing is left behind to be found.

    It grows at its end only; :meth:`clear` makes it empty again. Several threads may read while one writes.
    """

    def __init__(self) -> None:
        self._file = _unnamed_file()
        self._lock = threading.Lock()
        self.size = 0

    def put(self, content: bytes) -> "Slip":
        """Keep ``content``; the slip gives it back.

        Raises:
            OSError: the disk is full.
        """
        with self._lock:
            slip = Slip(self, self.size, len(content))
            rest = memoryview(content)
            while rest:
                rest = rest[os.pwrite(self._file.fileno(), rest, slip.offset + slip.size - len(rest)) :]
            self.size += len(content)
        return slip

    def clear(self) -> None:
        """Forget everything, at once; slips handed out before are void."""
        with self._lock:
            self._file.truncate(0)
            self.size = 0


@dataclass(frozen=True, eq=False)
class Slip:
    """Where a file lies in a spool."""

    spool: Spool
    offset: int
    size: int

    def read(self) -> bytes:
        """The bytes that were kept; fewer where the spool was cleared since."""
        parts, position, end = [], self.offset, self.offset + self.size
        while position < end and (part := os.pread(self.spool._file.fileno(), end - position, position)):
            parts.append(part)
            position += len(part)
        return b"".join(parts)


def _unnamed_file() -> IO[bytes]:
    """In our cache folder, which is on a disk where the system's own folder for such files may be in memory."""
    try:
        cache_dir().mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=cache_dir(), buffering=0)
    except OSError:  # a cache that cannot be written
        return tempfile.TemporaryFile(buffering=0)

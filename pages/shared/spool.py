"""The files of a session as they came, on the disk instead of in memory."""

import os
import tempfile
import threading
import weakref
from dataclasses import dataclass
from typing import IO

from einstyle_core.storage import cache_dir


class Spool:
    """One file without a name that goes with the session, or with the process: nothing is left behind to be found.

    What a slip stands for is kept as long as anybody has the slip; its room then serves others. Several threads may
    read while one writes.
    """

    def __init__(self) -> None:
        self._file = _unnamed_file()
        self._lock = threading.RLock()  # a slip may be let go at any moment, in the middle of put too
        self._taken: dict[int, int] = {}  # bytes from each offset on

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        with self._lock:
            return sum(self._taken.values())

    def put(self, content: bytes) -> "Slip":
        """Keep ``content``; the slip gives it back.

        Raises:
            OSError: the disk is full.
        """
        with self._lock:
            offset = self._gap(len(content))
            self._taken[offset] = max(1, len(content))  # two empty files do not share an offset
            try:
                rest = memoryview(content)
                while rest:
                    rest = rest[os.pwrite(self._file.fileno(), rest, offset + len(content) - len(rest)) :]
            except OSError:
                self._give_back(offset)
                raise
        slip = Slip(self, offset, len(content))
        weakref.finalize(slip, self._give_back, offset).atexit = False
        return slip

    def _gap(self, size: int) -> int:
        """The first offset from which so many bytes are free."""
        position = 0
        for offset, taken in sorted(self._taken.items()):
            if offset - position >= max(1, size):
                break
            position = offset + taken
        return position

    def _give_back(self, offset: int) -> None:
        with self._lock:
            del self._taken[offset]
            self._file.truncate(max((start + taken for start, taken in self._taken.items()), default=0))


@dataclass(frozen=True, eq=False)
class Slip:
    """Where a file lies in a spool."""

    spool: Spool
    offset: int
    size: int

    def read(self) -> bytes:
        """The bytes that were kept."""
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

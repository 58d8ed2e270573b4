"""The app as a process of its own, for the benchmarks that measure it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from einstyle_core.errors import EinstyleError
from einstyle_core.storage import REPOSITORY


@contextmanager
def app() -> Iterator[tuple[int, str]]:
    """Start the app on a free port of this machine; yields its process number and address once it answers.

    Raises:
        EinstyleError: it ended before it listened.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--server.port={port}", "--server.address=127.0.0.1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", *options],
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            if process.poll() is not None:
                raise EinstyleError("The app ended before it listened. See why: python -m streamlit run app.py")
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        yield process.pid, address
    finally:
        process.kill()
        process.wait()


def resident(pid: int) -> float:
    """A process's resident memory in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

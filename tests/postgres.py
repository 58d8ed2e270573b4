"""A real PostgreSQL server of a test's own, wherever its programs are installed; as root it runs as another user."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text


def programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, the newest version first; Debian keeps it off the path."""
    on_path = shutil.which("initdb")
    found = (
        [Path(on_path).resolve()] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    )
    return found[-1].parent if found else None


class Server:
    """Starts and dies as often as a test wants; the data stay."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._user = _unprivileged()
        if self._user:
            shutil.chown(folder, self._user)
        self._names = 0
        self._process: subprocess.Popen[bytes] | None = None
        failed = self._asked("initdb", "-D", str(self._data), "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
        assert not failed, "initdb failed; what it said is above"

    def start(self) -> None:
        """Return when it answers."""
        with (self._folder / "log").open("ab") as log:
            # Our own child, so that it can be reaped: a server takes a dead one's pid for a living server.
            self._process = subprocess.Popen(
                [self._program("postgres"), "-D", self._data, "-k", self._folder, "-c", "listen_addresses="],
                user=self._user,
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        while self._asked("pg_isready", "-q", "-h", str(self._folder)):
            assert self._process.poll() is None, (self._folder / "log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """At once: its data are thrown away."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()

    def kill(self) -> None:
        """As when the machine's memory runs out: no process of it can say goodbye."""
        assert self._process is not None
        first = self._process.pid
        os.kill(first, signal.SIGSTOP)  # or it would start new children while the old ones die
        children = [int(child) for child in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
        for process in (*children, first):
            os.kill(process, signal.SIGKILL)
        self._process.wait()
        while any(_is_alive(process) for process in children):
            time.sleep(0.01)

    def fresh_url(self) -> str:
        """An empty database."""
        self._names += 1
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE test{self._names}"))
        engine.dispose()
        return self._url(f"test{self._names}")

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://tester@/{database}?host={self._folder}"

    def _program(self, name: str) -> str:
        folder = programs()
        assert folder is not None
        return str(folder / name)

    def _asked(self, program: str, *arguments: str) -> int:
        command = [self._program(program), *arguments]
        return subprocess.run(command, user=self._user, cwd=self._folder, stdout=subprocess.DEVNULL).returncode


@contextmanager
def running() -> Iterator[Server]:
    """A server, started; stopped and removed in the end."""
    folder = Path(tempfile.mkdtemp(prefix="einstyle-pg-"))  # pytest's own folders are closed to other users
    try:
        server = Server(folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _unprivileged() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _version(path: Path) -> float:
    return float(path.parent.parent.name)


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

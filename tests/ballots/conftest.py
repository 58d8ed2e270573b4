"""The same tests against SQLite and against a real PostgreSQL server."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from einstyle_core.ballots import database
from einstyle_core.ballots.store import BallotStore
from tests import postgres


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL server; where there is none to start, the tests that ask for it are skipped."""
    if postgres.programs() is None:
        assert not os.environ.get("CI"), "PostgreSQL must be here in a release's tests"
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with postgres.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'votes.sqlite3'}"
    found: postgres.Server = request.getfixturevalue("server")
    return found.fresh_url()


@pytest.fixture
def store(url: str) -> Iterator[BallotStore]:
    engine = database.make_engine(url)
    yield BallotStore(engine)
    engine.dispose()

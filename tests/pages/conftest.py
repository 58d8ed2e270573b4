"""The app in a process of its own making: no dataset, no shipped checkpoints, unless a test asks for them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from einstyle_core.ballots import database
from einstyle_core.storage import REPOSITORY
from tests import standins

Open = Callable[..., AppTest]


@pytest.fixture
def networks(checkpoint_folder: Path) -> Path:
    """A folder with both classifiers, untrained, and their measurements."""
    return standins.furnish(checkpoint_folder)


@pytest.fixture(autouse=True)
def votes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database of votes; returns its address."""
    address = f"sqlite:///{tmp_path / 'votes.sqlite3'}"
    monkeypatch.setenv(database.VARIABLE, address)
    return address


@pytest.fixture
def open_page() -> Open:
    """Run the app at a page, as a visitor with that link would, and return it."""

    def run(page: str = "home", **query: str) -> AppTest:
        app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=60)
        app.run()
        for name, value in query.items():
            app.query_params[name] = value
        return app.switch_page(f"pages/{page}.py").run()

    return run

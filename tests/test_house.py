"""The arrows of the architecture: app -> pages -> core, scripts -> core."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from einstyle_core.storage import REPOSITORY

IMPORT_ALL = """
import importlib, pkgutil, sys
import einstyle_core
for module in pkgutil.walk_packages(einstyle_core.__path__, "einstyle_core."):
    importlib.import_module(module.name)
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"streamlit", "pages", "scripts", "plotly"}))
"""


def imported(path: Path) -> set[str]:
    """The top-level packages that a file names in its imports.

    Streamlit's wire format, which a client of a running app speaks, counts as a package of its own.
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {"streamlit.proto" if name.startswith("streamlit.proto.") else name.partition(".")[0] for name in names}


def test_the_core_imports_neither_streamlit_nor_what_is_above_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("einstyle_core", {"streamlit", "streamlit.proto", "plotly", "pages", "scripts", "tests"}),
        ("scripts", {"streamlit", "plotly", "pages", "tests"}),
        ("pages", {"scripts", "tests"}),
    ],
)
def test_no_file_imports_against_the_arrows(folder: str, forbidden: set[str]) -> None:
    files = sorted((REPOSITORY / folder).rglob("*.py"))
    assert len(files) > 5
    assert {str(file): names for file in files if (names := imported(file) & forbidden)} == {}

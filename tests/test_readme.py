"""The README says what is so."""

import re

import pytest

from einstyle_core import measurements
from einstyle_core.storage import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
FIGURES = dict(re.findall(r"^\| `([\w-]+)`.*\| ([\d.]+) % \|$", README, re.MULTILINE))


def test_every_measured_classifier_has_its_row() -> None:
    assert FIGURES.keys() == measurements.read()["classifiers"].keys()


@pytest.mark.parametrize("name", FIGURES)
def test_the_figures_are_the_measured_ones(name: str) -> None:
    assert FIGURES[name] == f"{100 * measurements.read()['classifiers'][name]['accuracy']:.2f}"


@pytest.mark.parametrize("marker", ["start", "test"])
def test_one_line_to_copy(marker: str) -> None:
    (line,) = re.findall(rf"<!-- {marker} -->\n```\n(.+)\n```", README)
    assert "requirements.txt" in line


def test_the_tree_names_what_is_there() -> None:
    tree = re.search(r"^```\n(app\.py .*?)^```", README, re.MULTILINE | re.DOTALL)
    assert tree is not None
    named = re.findall(r"^  ([\w.]+?)/? {2,}", tree[1], re.MULTILINE)
    there = {path.name for path in (REPOSITORY / "einstyle_core").iterdir() if not path.name.startswith("__")}
    assert set(named) == there

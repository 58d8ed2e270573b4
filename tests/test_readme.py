"""The README says what is so."""

import re

import pytest

from einstyle_core import measurements
from einstyle_core.gans import GANS
from einstyle_core.storage import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
FIGURES = dict(re.findall(r"^\| `([\w-]+)`.*\| ([\d.]+) % \|$", README.partition("<!-- attacked -->")[0], re.MULTILINE))


def test_every_measured_classifier_has_its_row() -> None:
    assert FIGURES.keys() == measurements.read()["classifiers"].keys()


@pytest.mark.parametrize("name", FIGURES)
def test_the_figures_are_the_measured_ones(name: str) -> None:
    assert FIGURES[name] == f"{100 * measurements.read()['classifiers'][name]['accuracy']:.2f}"


def rows(marker: str) -> dict[str, list[str]]:
    """A table's figures by the name in its first column."""
    (table,) = re.findall(rf"<!-- {marker} -->\n((?:\|.*\n)+)", README)
    cells = [[cell.strip(" `%") for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {name: figures for name, *figures in cells}


def test_accuracy_under_attack_is_the_measured_one() -> None:
    measured = measurements.read()["robustness"]
    table = rows("attacked")
    assert table.keys() == measured.keys()
    for name, figures in table.items():
        curve = measured[name]["curves"]["masked"]["fgsm"]
        accuracy = dict(zip(curve["epsilon"], curve["accuracy"], strict=True))
        assert figures == [f"{100 * accuracy[epsilon]:.2f}" for epsilon in (0.025, 0.05, 0.1)]


def test_the_gans_figures_are_the_measured_ones() -> None:
    measured = {name: row for name, row in measurements.read()["gans"].items() if name.startswith("gan/")}
    table = rows("gans")
    assert {f"gan/{name}" for name in table} == measured.keys()
    for name, figures in table.items():
        row = measured[f"gan/{name}"]
        columns = ("frechet", "precision", "recall", "coverage", "conditional_accuracy", "cas")
        assert figures == [f"{row[key]:.2f}" for key in columns]
    real = measurements.read()["gans"]["calibration/train"]
    assert f"of {real['frechet']:.2f}, precision and recall of {real['precision']:.2f}" in README.replace("\n", " ")
    assert f"{real['recall']:.2f}" == f"{real['precision']:.2f}"
    assert f"reach {real['conditional_accuracy']:.2f} and {real['cas']:.2f}" in README


def test_the_figures_after_three_epochs_are_the_measured_ones() -> None:
    measured = measurements.read(REPOSITORY / "checkpoints" / "early")["gans"]
    table = rows("early")
    assert table.keys() == GANS.keys()
    for name, figures in table.items():
        fixed, reference = measured[f"gan/{name}"], measured[f"gan/reference/{name}"]
        expected = [f"{reference['frechet']:.2f}", f"{fixed['frechet']:.2f}"]
        assert figures == expected + [f"{fixed[key]:.2f}" for key in ("precision", "recall", "class_kl")]


def test_the_spread_over_seeds_is_the_measured_one() -> None:
    measured = measurements.read(REPOSITORY / "checkpoints" / "early")["gans"]
    first, second, third = (f"{measured[f'gan/{seed}gan']['frechet']:.2f}" for seed in ("", "seed1/", "seed2/"))
    assert f"Fréchet distances of {first}, {second} and {third}" in README


def test_the_photo_models_accuracy_is_the_measured_one() -> None:
    assert f"{100 * measurements.read()['photos']['photo']['accuracy']:.2f} % of the photographs" in README


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

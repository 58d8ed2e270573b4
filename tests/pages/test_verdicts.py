import pytest

from einstyle_core.classifiers.prediction import Prediction
from pages.shared.text import plain, remaining
from pages.shared.verdicts import agreement, doubt


def ten(**by_index: float) -> Prediction:
    row = [0.0] * 10
    for name, value in by_index.items():
        row[int(name[1:])] = value
    return Prediction("some", tuple(row))


def test_the_doubt_begins_at_half_the_winner() -> None:
    assert ten(_6=0.6, _0=0.3, _2=0.1).doubt == ("Shirt", "T-shirt/top")
    assert ten(_6=0.6, _0=0.29, _2=0.11).doubt is None


def test_the_doubt_names_both_classes_as_the_dataset_writes_them() -> None:
    assert doubt(ten(_6=0.5, _0=0.4)) == "In doubt between Shirt and T-shirt/top."
    assert doubt(ten(_6=0.9, _0=0.1)) == "No close second."
    assert doubt(ten(_6=0.4, _0=0.15, _1=0.15, _2=0.15, _3=0.15)) == "Perhaps none of the ten: no class gets half."


def test_agreement() -> None:
    shirt, coat = ten(_6=0.91, _4=0.09), ten(_4=0.55, _6=0.45)
    assert agreement({"the dense network": shirt}) == "The answer is **Shirt**."
    assert agreement({"the dense network": shirt, "the other": shirt}) == "Both networks say **Shirt**."
    assert agreement({"a": shirt, "b": shirt, "c": shirt}) == "All 3 networks say **Shirt**."
    assert agreement({"the dense network": coat, "the other": shirt}) == (
        "The networks disagree: the dense network says **Coat** (55%), the other says **Shirt** (91%)."
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (4.9, ""),
        (5, " · about 10 s left"),
        (91, " · about 100 s left"),
        (100, " · about 2 min left"),
        (121, " · about 3 min left"),
    ],
)
def test_a_wait_is_told_roughly(seconds: float | None, words: str) -> None:
    assert remaining(seconds) == words


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain name 1", "plain name 1"),
        ("![x](http://a/b.png)", "\\!\\[x\\]\\(http\\:\u2060//a/b\\.png\\)"),
        ("a_b*c*.jpg\n# big", r"a\_b\*c\*\.jpg \# big"),
        (":red[x] $y$ <b>", r"\:red\[x\] \$y\$ \<b\>"),
    ],
)
def test_names_are_no_markdown(name: str, shown: str) -> None:
    assert plain(name) == shown

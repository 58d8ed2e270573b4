import numpy as np
import pytest

from pages.shared.text import plain
from pages.shared.verdicts import Verdict, agreement, judge


def ten(**by_index: float) -> np.ndarray:
    row = np.zeros(10)
    for name, value in by_index.items():
        row[int(name[1:])] = value
    return row


def test_the_doubt_begins_at_half_the_winner() -> None:
    assert judge(ten(_6=0.6, _0=0.3, _2=0.1)) == Verdict(6, 0.6, 0, in_doubt=True)
    assert judge(ten(_6=0.6, _0=0.29, _2=0.11)) == Verdict(6, 0.6, 0, in_doubt=False)


def test_the_doubt_names_both_classes_as_the_dataset_writes_them() -> None:
    assert judge(ten(_6=0.5, _0=0.4)).doubt == "In doubt between Shirt and T-shirt/top."
    assert judge(ten(_6=0.9, _0=0.1)).doubt == "Not in doubt."


def test_agreement() -> None:
    shirt, coat = judge(ten(_6=0.91, _4=0.09)), judge(ten(_4=0.55, _6=0.45))
    assert agreement({"the dense network": shirt}) == "The answer is **Shirt**."
    assert agreement({"the dense network": shirt, "the other": shirt}) == "Both networks say **Shirt**."
    assert agreement({"a": shirt, "b": shirt, "c": shirt}) == "All 3 networks say **Shirt**."
    assert agreement({"the dense network": coat, "the other": shirt}) == (
        "The networks disagree: the dense network says **Coat** (55%), the other says **Shirt** (91%)."
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain name 1", "plain name 1"),
        ("![x](http://a/b.png)", r"\!\[x\]\(http\://a/b\.png\)"),
        ("a_b*c*.jpg\n# big", r"a\_b\*c\*\.jpg \# big"),
        (":red[x] $y$ <b>", r"\:red\[x\] \$y\$ \<b\>"),
    ],
)
def test_names_are_no_markdown(name: str, shown: str) -> None:
    assert plain(name) == shown

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared import scores

COUNTS = np.diag([7] * 10)
COUNTS[6, 0], COUNTS[0, 6], COUNTS[6, 2] = 3, 2, 1  # Shirt for T-shirt, T-shirt for Shirt, Shirt for Pullover

classes = st.integers(0, 9)


def test_joining_moves_mix_ups_within_the_group_to_the_diagonal() -> None:
    groups = scores.partition([[0, 6]])
    joined = scores.join(COUNTS, groups)
    assert groups[0] == (0, 6)
    assert joined.shape == (9, 9)
    assert joined[0, 0] == 7 + 7 + 3 + 2
    assert joined[0, groups.index((2,))] == 1
    assert scores.accuracy(COUNTS) == pytest.approx(70 / 76)
    assert scores.accuracy(joined) == pytest.approx(75 / 76)


def test_groups_that_share_a_class_become_one() -> None:
    assert scores.partition([[0, 6], [2, 4], [6, 4], [9], []])[0] == (0, 2, 4, 6)
    assert scores.partition([]) == scores.SINGLES


@given(st.lists(st.lists(classes, max_size=5), max_size=4))
def test_every_class_stays_in_exactly_one_group_and_no_picture_is_lost(joined: list[list[int]]) -> None:
    groups = scores.partition(joined)
    assert sorted(index for group in groups for index in group) == list(range(10))
    assert scores.join(COUNTS, groups).sum() == COUNTS.sum()
    assert scores.accuracy(scores.join(COUNTS, groups)) >= scores.accuracy(COUNTS)
    assert all(any(set(wanted) <= set(group) for group in groups) for wanted in joined)


def test_the_worst_mix_up() -> None:
    assert scores.worst_mix_up(COUNTS, 6) == (0, pytest.approx(3 / 11))


def test_wilson_interval_against_the_textbook() -> None:
    # Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    for right, count, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)):
        assert scores.wilson_interval(right, count) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))

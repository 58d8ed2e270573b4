"""Accuracy and confusion counts, and what joining look-alike classes does to them. Pure functions over counts."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from einstyle_core.data import CLASS_NAMES, NUM_CLASSES

Groups = tuple[tuple[int, ...], ...]
"""A partition of the ten classes, ordered by each group's first member; singles are groups of one."""

SINGLES: Groups = tuple((index,) for index in range(NUM_CLASSES))


def partition(joined: Iterable[Sequence[int]]) -> Groups:
    """The partition in which each of ``joined`` is one group; those that share a class become one."""
    groups = [{index} for index in range(NUM_CLASSES)]
    for wanted in joined:
        touched = [group for group in groups if group & set(wanted)]
        if len(touched) > 1:
            groups = [group for group in groups if group not in touched]
            groups.append(set().union(*touched))
    return tuple(sorted(tuple(sorted(group)) for group in groups))


def group_name(group: Sequence[int]) -> str:
    """``"T-shirt/top + Shirt"``."""
    return " + ".join(CLASS_NAMES[index] for index in group)


def join(confusion: NDArray[np.integer], groups: Groups) -> NDArray[np.integer]:
    """Confusion counts over groups: ``G x G`` from ``10 x 10``, rows the truth, the sum unchanged."""
    member = np.array([[index in group for index in range(NUM_CLASSES)] for group in groups], dtype=confusion.dtype)
    return member @ confusion @ member.T


def accuracy(confusion: NDArray[np.integer]) -> float:
    """The share on the diagonal, in [0, 1]."""
    return float(np.trace(confusion) / confusion.sum())


def worst_mix_up(confusion: NDArray[np.integer], label: int) -> tuple[int, float]:
    """What class ``label`` is most often taken for, and in which share of its pictures."""
    row = confusion[label].astype(float)
    share = row / row.sum()
    share[label] = -1
    other = int(share.argmax())
    return other, float(share[other])


def wilson_interval(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a proportion (Wilson 1927), in [0, 1]; ``count`` of at least 1."""
    z = 1.959964
    share = right / count
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))

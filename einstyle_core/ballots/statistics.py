"""What counts of votes say, exactly: intervals, how many votes a question needs, whether a preference is real.

Everything here rests on the binomial distribution itself, not on a normal approximation: groups are small. A share is
a part of the votes that decide; "no preference" and skips decide nothing and are told apart.
"""

import functools
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from scipy import stats

ALPHA = 0.05
"""How often a ballot without any true preference may name a winner, all its pairs together."""
POWER = 0.8
"""How often a true preference of the planned strength is found with the planned number of votes."""
POWER_IN_WORDS = "four of five"
_MOST_VOTES = 20_000


@dataclass(frozen=True)
class Share:
    """A part of a number of votes, with its interval.

    Attributes:
        count: votes for it.
        n: votes that decide.
        low: lower end of the interval, in [0, 1].
        high: upper end.
        confidence: of the interval, in (0, 1).
    """

    count: int
    n: int
    low: float
    high: float
    confidence: float

    @property
    def value(self) -> float:
        """The share itself; one half, which says nothing, where nobody has decided."""
        return self.count / self.n if self.n else 0.5

    @property
    def excludes_half(self) -> bool:
        """The two sides differ by more than chance: the exact test of one half, at ``1 - confidence``."""
        return not self.low <= 0.5 <= self.high


class Verdict(Enum):
    """What may be said of one pair."""

    NOT_ENOUGH = auto()
    A = auto()
    B = auto()
    NO_DIFFERENCE = auto()


def confidence_for(questions: int) -> float:
    """The confidence of each interval where ``questions`` pairs are judged together (Bonferroni 1936)."""
    return 1 - ALPHA / max(questions, 1)


def share(count: int, n: int, confidence: float = 1 - ALPHA) -> Share:
    """``count`` of ``n`` with its exact interval (Clopper and Pearson 1934); all of [0, 1] where ``n`` is 0.

    Raises:
        ValueError: not ``0 <= count <= n``.
    """
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is no share")
    if n == 0:
        return Share(0, 0, 0.0, 1.0, confidence)
    low, high = stats.binomtest(count, n).proportion_ci(confidence, method="exact")
    return Share(count, n, float(low), float(high), confidence)


def power(n: int | np.ndarray, true_share: float, confidence: float = 1 - ALPHA) -> np.ndarray:
    """How often the exact two-sided test of one half finds a true share, at each ``n``; in [0, 1]."""
    n = np.asarray(n)
    winning = stats.binom.isf((1 - confidence) / 2, n, 0.5) + 1  # the fewest votes that beat chance, above n: never
    found: np.ndarray = stats.binom.sf(winning - 1, n, true_share) + stats.binom.cdf(n - winning, n, true_share)
    return found


@functools.lru_cache(maxsize=256)
def votes_needed(true_share: float, confidence: float = 1 - ALPHA) -> int:
    """The votes from which on a true share is found with :data:`POWER`, however many more come.

    The power of an exact test is a saw: it falls where one more vote moves the limit. The number is the one behind
    the saw's last tooth below the mark.

    Args:
        true_share: of the preferred picture, at least 0.52 and below 1: a weaker preference needs more votes than
            anyone collects here.
        confidence: of the interval that is to exclude one half.

    Raises:
        ValueError: a share outside of that range.
    """
    if not 0.52 <= true_share < 1:
        raise ValueError(f"a preference is planned between 0.52 and 1, not {true_share}")
    n = np.arange(1, _MOST_VOTES + 1)
    return int(n[power(n, true_share, confidence) < POWER].max()) + 1


def judge(preferred_a: Share, needed: int) -> Verdict:
    """What the decided votes of a pair say; nothing before there are ``needed`` of them.

    Looking at every vote and stopping at the first "significant" one finds winners where there are none: so the number
    is fixed beforehand, and until it is reached there is no verdict to stop at.
    """
    if preferred_a.n < needed:
        return Verdict.NOT_ENOUGH
    if not preferred_a.excludes_half:
        return Verdict.NO_DIFFERENCE
    return Verdict.A if preferred_a.value > 0.5 else Verdict.B

"""From ten probabilities to what a page says: the answer, the doubt, and whether two networks agree."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einstyle_core.data import CLASS_NAMES

DOUBT_RATIO = 0.5
DOUBT_RULE = "A network is in doubt when its second choice gets at least half the probability of its first."


@dataclass(frozen=True)
class Verdict:
    """What one network says of one picture.

    Attributes:
        label: the likeliest class's index.
        confidence: its probability, in [0, 1].
        runner_up: the second likeliest class's index.
        in_doubt: the runner-up has at least :data:`DOUBT_RATIO` of the winner's probability.
    """

    label: int
    confidence: float
    runner_up: int
    in_doubt: bool

    @property
    def name(self) -> str:
        """The class's name."""
        return CLASS_NAMES[self.label]

    @property
    def doubt(self) -> str:
        """``"In doubt between Shirt and T-shirt/top."``, or ``"Not in doubt."``"""
        if not self.in_doubt:
            return "Not in doubt."
        return f"In doubt between {self.name} and {CLASS_NAMES[self.runner_up]}."


def judge(probabilities: NDArray[np.floating]) -> Verdict:
    """The verdict over one picture's ten probabilities."""
    second, first = (int(index) for index in np.argsort(probabilities, kind="stable")[-2:])
    confidence = float(probabilities[first])
    return Verdict(first, confidence, second, float(probabilities[second]) >= DOUBT_RATIO * confidence)


def agreement(verdicts: Mapping[str, Verdict]) -> str:
    """One sentence on what the networks, by the words for them in a sentence, say together.

    ``"Both networks say Shirt."``, or ``"The networks disagree: the dense one says Coat (55%), the other says Shirt
    (91%)."``
    """
    if len(verdicts) == 1:
        (verdict,) = verdicts.values()
        return f"The answer is **{verdict.name}**."
    if len({verdict.label for verdict in verdicts.values()}) == 1:
        together = "Both networks say" if len(verdicts) == 2 else f"All {len(verdicts)} networks say"
        return f"{together} **{next(iter(verdicts.values())).name}**."
    each = ", ".join(f"{words} says **{v.name}** ({v.confidence:.0%})" for words, v in verdicts.items())
    return f"The networks disagree: {each}."

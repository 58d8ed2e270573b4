"""What a classifier says of an image, with its doubts."""

from dataclasses import dataclass

from torch import Tensor, nn

from einstyle_core.classifiers.base import predict
from einstyle_core.data import CLASS_NAMES

DOUBT_RATIO = 0.5
"""A model is in doubt when its second choice has at least this share of its first choice's probability."""

SCOPE_THRESHOLD = 0.5
"""Below this an image counts as none of the ten classes (see :attr:`Prediction.scope_score`)."""


@dataclass(frozen=True)
class Prediction:
    """One model's answer for one image.

    Attributes:
        model: the checkpoint's name.
        probabilities: ten numbers that sum to 1, in the order of :data:`einstyle_core.data.CLASS_NAMES`.
        scope: how surely the image shows one of the ten classes at all, in [0, 1], by a model that was taught to
            tell; None by one that was not.
    """

    model: str
    probabilities: tuple[float, ...]
    scope: float | None = None

    @property
    def ranking(self) -> list[int]:
        """Class indices, the likeliest first."""
        return sorted(range(len(self.probabilities)), key=self.probabilities.__getitem__, reverse=True)

    @property
    def label_index(self) -> int:
        """The likeliest class."""
        return self.ranking[0]

    @property
    def label(self) -> str:
        """The likeliest class's name."""
        return CLASS_NAMES[self.label_index]

    @property
    def confidence(self) -> float:
        """The likeliest class's probability."""
        return self.probabilities[self.label_index]

    @property
    def doubt(self) -> tuple[str, str] | None:
        """The two likeliest classes' names where the model is in doubt (:data:`DOUBT_RATIO`), else None."""
        first, second = self.ranking[:2]
        if self.probabilities[second] < DOUBT_RATIO * self.probabilities[first]:
            return None
        return CLASS_NAMES[first], CLASS_NAMES[second]

    @property
    def scope_score(self) -> float:
        """How surely the image is one of the ten classes, in [0, 1].

        What the model was taught to tell (:attr:`scope`); without that the highest softmax probability, the usual
        baseline (Hendrycks and Gimpel 2017).
        """
        return self.confidence if self.scope is None else self.scope

    @property
    def in_scope(self) -> bool:
        """Whether the image passes for one of the ten classes."""
        return self.scope_score >= SCOPE_THRESHOLD


def classify(name: str, model: nn.Module, images: Tensor) -> list[Prediction]:
    """One prediction an image: uint8, or float in [0, 1], ``N x 1 x 28 x 28``."""
    return [Prediction(name, tuple(row)) for row in predict(model, images).tolist()]

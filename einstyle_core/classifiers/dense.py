"""The paper's first classifier: one hidden layer.

The paper states 784-128-10 and 88 % accuracy (E_in-style, classification with a dense network). Its
robust variant has the same shape and learns from attacked images.
"""

from typing import ClassVar

from torch import Tensor, nn

from einstyle_core.classifiers.base import Classifier, Standardise
from einstyle_core.config import AdversarialRecipe, ClassifierRecipe
from einstyle_core.data import IMAGE_SIZE, NUM_CLASSES


class Dense(Classifier):
    """784 - 128 - ReLU - 10, on standardised pixels."""

    name: ClassVar = "dense"
    title: ClassVar = "Dense network"
    summary: ClassVar = "784-128-10, as the paper states"
    paper_accuracy: ClassVar[float | None] = 0.88
    recipe: ClassVar = ClassifierRecipe(
        epochs=200,
        batch_size=128,
        learning_rate=1e-3,
        weight_decay=0.1,
        flip=True,
        erase=0.15,
        teacher="residual",
        teacher_weight=0.5,
        temperature=1.0,
    )

    def __init__(self, hidden: int = 128) -> None:
        super().__init__(hidden=hidden)
        self.standardise = Standardise()
        self.hidden = nn.Linear(IMAGE_SIZE * IMAGE_SIZE, hidden)
        self.head = nn.Linear(hidden, NUM_CLASSES)

    def features(self, images: Tensor) -> Tensor:
        """The hidden layer: ``N x 128``, at least 0."""
        return self.hidden(self.standardise(images).flatten(1)).relu()


class RobustDense(Dense):
    """The same shape, trained on attacked images from the plain network's weights on."""

    name: ClassVar = "dense-robust"
    title: ClassVar = "Robust dense network"
    summary: ClassVar = "the dense network's shape, trained on attacked images"
    paper_accuracy: ClassVar[float | None] = None
    recipe: ClassVar = ClassifierRecipe(
        epochs=150,
        batch_size=128,
        learning_rate=3e-3,
        weight_decay=0.01,
        flip=True,
        start="dense",
        teacher="residual",
        teacher_weight=0.5,
        temperature=1.0,
        adversarial=AdversarialRecipe(epsilon=0.1, warm_up=2),
    )

"""The paper's second classifier: two convolutions.

The paper states conv 5x5x64, conv 5x5x128, dense 10 and 90 % accuracy; the authors' notebook has stride 2 and
LeakyReLU. There is no batch norm and no pooling. The notebook's dropout of 0.3 is left out, and so are
shifts: with a teacher to learn from, this small network underfits rather than overfits.

Its robust variant has the same shape and learns from attacked images.
"""

from typing import ClassVar

from torch import Tensor, nn

from einstyle_core.classifiers.base import Classifier, Standardise
from einstyle_core.config import AdversarialRecipe, ClassifierRecipe
from einstyle_core.data import NUM_CLASSES


class Conv(Classifier):
    """conv 5x5x64 s2 - LeakyReLU, conv 5x5x128 s2 - LeakyReLU, dense 10."""

    name: ClassVar = "cnn"
    title: ClassVar = "Convolutional network"
    summary: ClassVar = "conv 5x5x64, conv 5x5x128, dense 10, as the paper states"
    paper_accuracy: ClassVar[float | None] = 0.90
    recipe: ClassVar = ClassifierRecipe(
        epochs=60,
        batch_size=128,
        learning_rate=2e-3,
        weight_decay=0.05,
        flip=True,
        teacher="residual",
        teacher_weight=0.8,
    )

    def __init__(self, widths: tuple[int, int] = (64, 128)) -> None:
        super().__init__(widths=list(widths))
        first, second = widths
        self.standardise = Standardise()
        self.body = nn.Sequential(
            nn.Conv2d(1, first, kernel_size=5, stride=2, padding=2),
            nn.LeakyReLU(0.2),
            nn.Conv2d(first, second, kernel_size=5, stride=2, padding=2),
            nn.LeakyReLU(0.2),
        )
        self.head = nn.Linear(second * 7 * 7, NUM_CLASSES)

    def features(self, images: Tensor) -> Tensor:
        """The second convolution's activations, flat: ``N x 6272``."""
        return self.body(self.standardise(images)).flatten(1)


class RobustConv(Conv):
    """The same shape, trained on attacked images from the plain network's weights on."""

    name: ClassVar = "cnn-robust"
    title: ClassVar = "Robust convolutional network"
    summary: ClassVar = "the CNN's shape, trained on attacked images"
    paper_accuracy: ClassVar[float | None] = None
    recipe: ClassVar = ClassifierRecipe(
        epochs=30,
        batch_size=128,
        learning_rate=2e-3,
        weight_decay=0.01,
        flip=True,
        start="cnn",
        teacher="residual",
        teacher_weight=0.5,
        temperature=2.0,
        adversarial=AdversarialRecipe(epsilon=0.1, warm_up=2),
    )

"""What labels tell: the mix of classes, whether pictures show the class asked for, what can be learned from fakes."""

import torch
from torch import Tensor

from einstyle_core.classifiers.base import predict
from einstyle_core.classifiers.conv import Conv
from einstyle_core.classifiers.training import fresh, train
from einstyle_core.config import ClassifierRecipe
from einstyle_core.data import NUM_CLASSES, ImageSet

CAS_RECIPE = ClassifierRecipe(epochs=4, batch_size=128, learning_rate=2e-3, weight_decay=0.05, ema_decay=0.99)


def class_shares(predicted: Tensor, classes: int = NUM_CLASSES) -> Tensor:
    """The share of each class among labels ``N``: float64, ``classes``."""
    return predicted.bincount(minlength=classes).double() / len(predicted)


def class_kl(predicted: Tensor, classes: int = NUM_CLASSES) -> float:
    """KL(p || uniform) in nats of the labels ``N``: 0 for equal shares, log(classes) where all are of one class."""
    shares = class_shares(predicted, classes)
    return torch.special.xlogy(shares, shares * classes).sum().item()


def conditional_accuracy(predicted: Tensor, asked: Tensor) -> float:
    """The share of pictures that show the class they were asked for, both ``N``; in [0, 1]."""
    return (predicted == asked).double().mean().item()


def classification_accuracy_score(
    fakes: ImageSet, reals: ImageSet, *, seed: int = 0, recipe: ClassifierRecipe = CAS_RECIPE
) -> float:
    """Accuracy on reals of a classifier that saw only fakes (Ravuri and Vinyals 2019), in [0, 1].

    The classifier is the paper's CNN under a short recipe of its own, trained where the fakes are.
    """
    model = fresh(Conv, seed)
    for report in train(model, fakes, recipe, seed=seed, device=fakes.images.device):
        weights = report.weights
    model.load_state_dict(weights)
    return conditional_accuracy(predict(model.eval(), reals.images).argmax(1), reals.labels)

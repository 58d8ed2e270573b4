"""Every figure of a set of generated images at once, against the real ones."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from einstyle_core.classifiers import predict
from einstyle_core.classifiers.base import Classifier
from einstyle_core.data import CLASS_NAMES, NUM_CLASSES, ImageSet
from einstyle_core.gans import Sampler
from einstyle_core.images import to_uint8
from einstyle_core.metrics.calibration import COMPONENTS, pca_gaussian
from einstyle_core.metrics.evaluator import read
from einstyle_core.metrics.frechet import fit_gaussian, frechet_distance, kernel_distance
from einstyle_core.metrics.labels import class_kl, class_shares, classification_accuracy_score, conditional_accuracy
from einstyle_core.metrics.neighbours import copy_check, density_coverage, nearest, precision_recall

LABELLED_PER_IMAGE = 3
"""As many pictures with a label are drawn for each picture without: a classifier needs more to learn from."""


@dataclass(frozen=True)
class Drawn:
    """What a generator is judged by.

    Attributes:
        images: uint8 ``N x 1 x 28 x 28``, drawn freely.
        labelled: pictures with the class that each was asked for, where classes can be asked for.
        facts: how they came to be, for metrics.json.
    """

    images: Tensor
    labelled: ImageSet | None
    facts: dict[str, Any]


def draw_freely(sampler: Sampler, n: int, seed: int = 0) -> Drawn:
    """Draw ``n`` pictures, the same as :func:`draw` does, and none by class."""
    return Drawn(_stored(sampler.sample(n, seed=seed)), None, {"draw_seed": seed, "free_only": True})


def draw(sampler: Sampler, n: int, classifier: nn.Module, seed: int = 0) -> Drawn:
    """Draw ``n`` pictures freely and :data:`LABELLED_PER_IMAGE` times as many by class.

    A generator that takes no class has its free pictures sorted by ``classifier``, which must not be the evaluator: it
    may not judge its own choice.
    """
    count = LABELLED_PER_IMAGE * n
    if sampler.codes is None:
        images = _stored(sampler.sample(count, seed=seed))
        labelled = ImageSet(images, predict(classifier, images).argmax(1), sampler.name)
        return Drawn(images[:n], labelled, {"draw_seed": seed, "labels_from": "classifier"})
    per_class = count // NUM_CLASSES
    asked = [_stored(sampler.sample(per_class, label, seed=seed + 1 + label)) for label in range(NUM_CLASSES)]
    labels = torch.arange(NUM_CLASSES, device=sampler.bank.device).repeat_interleave(per_class)
    labelled = ImageSet(torch.cat(asked), labels, sampler.name)
    return Drawn(_stored(sampler.sample(n, seed=seed)), labelled, {"draw_seed": seed, "labels_from": "generator"})


def draw_real(train: ImageSet, n: int, seed: int = 0) -> Drawn:
    """``n`` training images with their labels: no generator can be expected to score better.

    Their copy check is what copying looks like.
    """
    order = torch.randperm(len(train), generator=torch.Generator().manual_seed(seed)).to(train.images.device)
    labelled = train.take(order[: LABELLED_PER_IMAGE * n])
    return Drawn(labelled.images[:n], labelled, {"draw_seed": seed, "labels_from": "dataset"})


def draw_gaussian(train: ImageSet, n: int, seed: int = 0) -> Drawn:
    """``n`` draws from a Gaussian fitted to the training pixels (:func:`pca_gaussian`): every GAN should do better."""
    images, share = pca_gaussian(train.images, n, seed=seed)
    return Drawn(images, None, {"draw_seed": seed, "components": COMPONENTS, "variance_share": round(share, 6)})


class Yardstick:
    """The real images in the evaluator's features: made once, then any number of generators are held against it.

    Args:
        evaluator: in eval mode.
        train: what the generators learned from; the copies are looked for here.
        test: what they are compared with, on the same device.
    """

    def __init__(self, evaluator: Classifier, train: ImageSet, test: ImageSet) -> None:
        self.evaluator, self.train, self.test = evaluator, train, test
        self.train_features = read(evaluator, train.images).features
        self.test_features = read(evaluator, test.images).features
        self.test_gaussian = fit_gaussian(self.test_features)
        self.unseen = self._distances_to_train(test.images, self.test_features)

    def measure(self, drawn: Drawn, seed: int = 0) -> dict[str, Any]:
        """All figures of a generator, ready for metrics.json.

        Returns:
            ``frechet``; ``kid`` and ``kid_std``; ``precision`` and ``recall`` (k = 3); ``density`` and ``coverage``
            (k = 5); ``class_kl`` in nats and ``class_shares`` by name; ``copies``, :func:`copy_check` in ``pixels``
            (Euclidean, in [0, 1]) and in ``features``. Where there are labels, ``conditional_accuracy`` by the
            evaluator and ``cas``, the accuracy on the test images of a classifier that learned from these pictures
            alone, both in [0, 1], and ``labelled_n``. And the facts of ``drawn``.
        """
        features, predicted = read(self.evaluator, drawn.images)
        kid, kid_std = kernel_distance(self.test_features, features, seed=seed)
        copies = self._distances_to_train(drawn.images, features)
        shares = class_shares(predicted).tolist()
        figures = {
            "frechet": frechet_distance(self.test_gaussian, fit_gaussian(features)),
            "kid": kid,
            "kid_std": kid_std,
            **precision_recall(self.test_features, features)._asdict(),
            **density_coverage(self.test_features, features)._asdict(),
            "class_kl": class_kl(predicted),
            "class_shares": {name: round(share, 6) for name, share in zip(CLASS_NAMES, shares, strict=True)},
            "copies": {space: copy_check(distances, self.unseen[space]) for space, distances in copies.items()},
        }
        if drawn.labelled:
            seen = read(self.evaluator, drawn.labelled.images).predicted
            figures |= {
                "conditional_accuracy": conditional_accuracy(seen, drawn.labelled.labels),
                "cas": classification_accuracy_score(drawn.labelled, self.test, seed=seed),
                "labelled_n": len(drawn.labelled),
            }
        return figures | drawn.facts

    def _distances_to_train(self, images: Tensor, features: Tensor) -> dict[str, Tensor]:
        return {
            "pixels": nearest(_unit_rows(images), _unit_rows(self.train.images)),
            "features": nearest(features, self.train_features),
        }


def _unit_rows(images: Tensor) -> Tensor:
    return images.flatten(1).float() / 255


def _stored(images: Tensor) -> Tensor:
    """As a file would hold them: the real images are 8-bit too."""
    return torch.from_numpy(to_uint8(images)).unsqueeze(1).to(images.device)

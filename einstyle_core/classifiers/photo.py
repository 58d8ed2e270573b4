"""The photo model: a network for garments as a camera sees them, in colour and at more than 28 x 28.

Where the paper's networks are shown the dataset's rendering of a garment, this one is shown a *view*: the garment in
the picture itself, ``4 x 192 x 192`` (:mod:`einstyle_core.classifiers.views`). It gives ten logits, and one more that
says whether the picture shows one of the ten classes at all. Its members began with what a network learns from
ImageNet, and each learned from photographs and from Fashion-MNIST, so that it answers for both; how is in
:mod:`einstyle_core.photos`.

Use::

    model = checkpoints.load("photo")
    garments = [find_garment(image) for image in pictures]
    predictions = classify_garments(model, garments)  # in_scope, scope_score: its own opinion, not the confidence
    rows = features(model, garments)  # for retrieval, by cosine
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from einstyle_core.classifiers.base import Classifier
from einstyle_core.classifiers.lite import EfficientNetLite
from einstyle_core.classifiers.prediction import Prediction
from einstyle_core.classifiers.views import VIEW_SIZE, enlarge, views
from einstyle_core.data import NUM_CLASSES
from einstyle_core.garments import Garment

__all__ = ["Member", "Photo", "answer", "classify_garments", "ensemble", "features"]


class Photo(Classifier):
    """Views to ten logits and a scope logit: a row of features, to which each member adds its own, and two heads on it.

    As a module it keeps the promise of every classifier here: float32 ``N x 1 x 28 x 28`` in [0, 1], in the dataset's
    manner, to logits ``N x 10``. Each image is then enlarged into a view first.

    Args:
        members: of each the arguments of :class:`Member`.
    """

    name: ClassVar = "photo"
    title: ClassVar = "Photo network"
    summary: ClassVar = "made for photographs: sees the garment in colour"

    def __init__(self, members: Sequence[Mapping[str, Any]] = ({},)) -> None:
        built = [Member(**arguments) for arguments in members]
        super().__init__(members=[member.config for member in built])
        self.members = cast(Sequence[Member], nn.ModuleList(built))
        features = sum(member.embedding.out_features for member in built)
        self.head = nn.Linear(features, NUM_CLASSES)
        self.scope = nn.Linear(features, 1)

    def view_features(self, views: Tensor) -> Tensor:
        """One row a view (uint8, or float32 in [0, 1]), at least 0; in training, of views of any size."""
        unit = views.float() / 255 if views.dtype == torch.uint8 else views
        return torch.cat([member(unit) for member in self.members], 1)

    def judge(self, views: Tensor) -> tuple[Tensor, Tensor]:
        """Logits ``N x 10`` of the classes, and ``N`` of showing one of them at all (0: as likely as not)."""
        rows = self.view_features(views)
        return self.head(rows), self.scope(rows).squeeze(1)

    def features(self, images: Tensor) -> Tensor:
        """The same features of images ``N x 1 x 28 x 28`` in the dataset's manner."""
        return torch.cat([member.features(images) for member in self.members], 1)


class Member(nn.Module):
    """Views to its part of a row of features: EfficientNet-Lite and a linear layer.

    The body looks at the colours, ground and all, and at the mask as a fourth channel.

    Args:
        variant: of the body, one of :data:`einstyle_core.classifiers.lite.VARIANTS`.
        width: of the body, as a share of the published one.
        features: how many it adds to a row.
        size: height and width in pixels at which views are looked at.
    """

    def __init__(self, variant: str = "lite0", width: float = 1.0, features: int = 192, size: int = VIEW_SIZE) -> None:
        super().__init__()
        self.config = {"variant": variant, "width": width, "features": features, "size": size}
        self.size = size
        self.body = EfficientNetLite(channels=4, variant=variant, width=width)
        self.dropout = nn.Dropout(0.2)
        self.embedding = nn.Linear(self.body.out_features, features)

    def forward(self, views: Tensor) -> Tensor:
        """Float32 views in [0, 1], in training of any size, to ``N x features``, at least 0."""
        return self._rows(views if self.training else self._fit(views))

    def features(self, images: Tensor) -> Tensor:
        """The same of images ``N x 1 x 28 x 28`` in the dataset's manner.

        They are looked at in half the size, which takes a quarter of the time: they have no more to show.
        """
        return self._rows(enlarge(images, self.size // 2))

    def _rows(self, views: Tensor) -> Tensor:
        return self.embedding(self.dropout(self.body(views * 2 - 1))).relu()

    def _fit(self, views: Tensor) -> Tensor:
        if views.shape[-1] == self.size:
            return views
        return F.interpolate(views, (self.size, self.size), mode="bilinear", antialias=True)


def ensemble(models: Sequence[Photo]) -> Photo:
    """One model that has all members of several, and whose logits are the mean of theirs.

    Networks that were trained apart err apart (Lakshminarayanan et al. 2017).
    """
    members = [member for model in models for member in model.members]
    joined = Photo([member.config for member in members])
    for member, own in zip(joined.members, members, strict=True):
        member.load_state_dict(own.state_dict())
    for name in ("head", "scope"):
        layers = [cast(nn.Linear, getattr(model, name)) for model in models]
        weight = torch.cat([layer.weight.detach() for layer in layers], 1) / len(layers)
        bias = torch.stack([layer.bias.detach() for layer in layers]).mean(0)
        getattr(joined, name).load_state_dict({"weight": weight, "bias": bias})
    return joined.train(models[0].training)


def classify_garments(model: nn.Module, garments: Sequence[Garment], batch_size: int = 4) -> list[Prediction]:
    """The photo model's answer for each garment, in order.

    Args:
        model: ``checkpoints.load("photo")``, on any device.
        garments: what :func:`einstyle_core.garments.find_garment` found; none give no answers.
        batch_size: how many are answered at a time, some 25 MB each; the answers do not depend on it.

    Returns:
        predictions whose ``scope_score`` and ``in_scope`` are the model's own opinion of whether the picture shows one
        of the ten classes, which its confidence in one of them does not touch.
    """
    device = next(model.parameters()).device
    predictions: list[Prediction] = []
    for part in views(garments).split(batch_size):
        probabilities, scope = answer(model, part.to(device))
        predictions += [
            Prediction(Photo.name, tuple(row), scope)
            for row, scope in zip(probabilities.tolist(), scope.tolist(), strict=True)
        ]
    return predictions


@torch.inference_mode()
def answer(model: nn.Module, views: Tensor) -> tuple[Tensor, Tensor]:
    """Probabilities ``N x 10`` and scope scores ``N`` of uint8 views, mirror images averaged in."""
    logits, scope = cast(Photo, model).judge(torch.cat([views, views.flip(3)]))
    probabilities = logits.softmax(1).unflatten(0, (2, len(views))).mean(0)
    return probabilities, scope.unflatten(0, (2, len(views))).mean(0).sigmoid()


@torch.inference_mode()
def features(model: nn.Module, garments: Sequence[Garment], batch_size: int = 4) -> Tensor:
    """One row a garment, float32 ``N x features`` on the CPU, at least 0: the space in which alike items lie close.

    Rows are not of unit length; compare them by cosine. For 28 x 28 images of the dataset the same space is
    ``model.features(images)``.
    """
    network, device = cast(Photo, model), next(model.parameters()).device
    parts = views(garments).split(batch_size)
    return torch.cat([network.view_features(part.to(device)).cpu() for part in parts])

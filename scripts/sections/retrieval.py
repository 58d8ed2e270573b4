"""How good the nearest items are: retrieval in the feature spaces of the networks that answer with a class."""

import argparse
from typing import Any

import torch
from torch import Tensor

from einstyle_core import checkpoints, measurements
from einstyle_core.classifiers import NETWORKS
from einstyle_core.data import NUM_CLASSES, ImageSet
from einstyle_core.retrieval import WIDTH, Index, embed, fashion_mnist, mean_average_precision
from scripts.common import load_data
from scripts.sections.common import record

COUNT = 10


def retrieval(args: argparse.Namespace) -> None:
    """Mean average precision at 10: of each test image's nearest ones, which are of its class.

    Searched are the other 9,999 test images, which no network has learned from, and beside that the 60,000 training
    images. Where the index is narrower than the features, the figure of the features themselves stands beside it.
    """
    shipped = checkpoints.available(args.out)
    before = measurements.read(args.out).get("retrieval", {}) if args.resume else {}
    train, test = load_data("train"), load_data("test")
    for name in NETWORKS:
        if name in shipped and before.get(name, {}).get("checkpoint_sha256") != shipped[name]["sha256"]:
            figures = measure(name, args, shipped[name], train, test)
            record("retrieval", name, figures, len(test), shipped[name], args)
            print("{}: mAP@10 {map_at_10:.4f}, in training {map_at_10_in_training:.4f}".format(name, **figures))


def measure(
    name: str, args: argparse.Namespace, checkpoint: checkpoints.CheckpointInfo, train: ImageSet, test: ImageSet
) -> dict[str, Any]:
    """The figures of one network."""
    model = checkpoints.load(name, directory=args.out)
    whole = fashion_mnist(name, model, checkpoint["sha256"])
    features = torch.cat(list(embed(model, test.images)))
    reduced = Index(whole.rows[len(train) :], whole.reduction)
    others = Index(whole.rows[: len(train)], whole.reduction)
    itself = torch.arange(len(test))
    figures = {
        "features": features.shape[1],
        "width": whole.rows.shape[1],
        "map_at_10": precision(reduced, features, test.labels, test.labels, itself),
        "map_at_10_in_training": precision(others, features, train.labels, test.labels),
    }
    if features.shape[1] > WIDTH and whole.reduction:
        figures["map_at_10_unreduced"] = precision(Index.of(features), features, test.labels, test.labels, itself)
    return figures


def precision(index: Index, queries: Tensor, labels: Tensor, wanted: Tensor, itself: Tensor | None = None) -> float:
    """Mean average precision at 10 of queries of classes ``wanted`` over an index of items of classes ``labels``."""
    relevant = []
    for rows in torch.arange(len(queries)).split(1000):
        found = index.nearest(queries[rows], COUNT, leave_out=None if itself is None else itself[rows])
        relevant.append(labels[found.positions] == wanted[rows, None])
    available = labels.bincount(minlength=NUM_CLASSES)[wanted] - (0 if itself is None else 1)
    return round(mean_average_precision(torch.cat(relevant), available), 6)

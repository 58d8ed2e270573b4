"""The photo model on photographs that it never saw, and on the test images that come as uploads."""

import argparse
import statistics
import sys
import time

import torch
from tqdm import tqdm

from einstyle_core import checkpoints, images
from einstyle_core.classifiers.best import asker
from einstyle_core.classifiers.photo import classify_garments
from einstyle_core.classifiers.prediction import Prediction
from einstyle_core.data import ImageSet
from einstyle_core.devices import resolve_device
from einstyle_core.garments import find_garment
from einstyle_core.photos import collection, dataset, strangers
from einstyle_core.photos.evaluation import evaluate
from scripts.common import load_data
from scripts.sections.common import record

DRAWN = 30  # strangers of each kind
DRAWN_SEED = 1  # training draws with seed 0
UPLOADS = 2_000
ENLARGED, ENLARGEMENT = 500, 10
TIMED = 60


def photos(args: argparse.Namespace) -> None:
    """Accuracy, confusion, calibration, scope and seconds a photo; needs the photographs."""
    device = resolve_device(args.device)
    model = checkpoints.load("photo", device, args.out)
    photographs = collection.load("test")
    with tqdm(desc="test photographs", file=sys.stderr) as bar:
        unseen = dataset.of_photographs(photographs, lambda done, _: bar.update(done - bar.n))
    kinds = [*strangers.TAUGHT, *strangers.UNTAUGHT]
    drawn = {kind: dataset.of_strangers((kind,), DRAWN, DRAWN_SEED) for kind in kinds}
    figures = evaluate(model, unseen, [each.label for each in photographs], drawn)
    figures["never_taught"] = list(strangers.UNTAUGHT)

    test, ask = load_data("test"), asker(device=device, directory=args.out)
    for name, count, scale in (("uploads", UPLOADS, 1), ("enlarged_uploads", ENLARGED, ENLARGEMENT)):
        few = test.take(slice(0, count))
        garments = dataset.uploaded(few, scale)
        said = classify_garments(model, garments)
        figures[f"fashion_{name}"] = {
            "n": count,
            "scale": scale,
            "accuracy": _share_right(said, few),
            "accuracy_of_best": _share_right(ask(garments), few),
            "accepted": statistics.mean(each.in_scope for each in said),
        }
    figures["seconds_a_photo"] = _seconds(args, photographs[:TIMED])
    record("photos", "photo", figures, figures["n_inside"], checkpoints.available(args.out)["photo"], args)
    print(
        f"photo: accuracy {figures['accuracy']:.2%} of {figures['n_inside']} unseen photographs, AUROC against other "
        f"garments {figures['auroc']['other garments']:.3f}; Fashion-MNIST uploaded "
        f"{figures['fashion_uploads']['accuracy']:.2%}; {figures['seconds_a_photo']:.3f} s a photo"
    )


def _share_right(predictions: list[Prediction], expected: ImageSet) -> float:
    pairs = zip(predictions, expected.labels.tolist(), strict=True)
    return statistics.mean(prediction.label_index == label for prediction, label in pairs)


def _seconds(args: argparse.Namespace, photographs: list[collection.Photograph]) -> float:
    """The median processor time from bytes to answer, in seconds: what one core needs, whoever else is at work."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    model = checkpoints.load("photo", "cpu", args.out)
    times = []
    for each in photographs:
        content = each.path.read_bytes()
        started = time.process_time()
        classify_garments(model, [find_garment(images.decode(content))])
        times.append(time.process_time() - started)
    torch.set_num_threads(threads)
    return statistics.median(times)

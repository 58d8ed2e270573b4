"""Small runs of the photo model: in the tests' process, and in one that gets killed."""

from pathlib import Path

import torch

from einstyle_core import checkpoints
from einstyle_core.classifiers.photo import Photo
from einstyle_core.photos.dataset import ViewSet
from einstyle_core.photos.training import Lessons, PhotoRecipe, train
from tests.classifier_runs import tiny_set

TINY = {"width": 0.1, "features": 16, "size": 32}
QUICK = PhotoRecipe(
    stages=((4, 24), (16, 32)),
    photographs=8,
    fashion=8,
    strangers=8,
    learning_rate=2e-2,
    head_learning_rate=2e-2,
    cycles=(20,),
    ema_decay=0.5,
)


def tiny_photo(seed: int = 0) -> Photo:
    torch.manual_seed(seed)
    return Photo([TINY])


def save_photo(folder: Path) -> Photo:
    """A checkpoint of a tiny photo model, never trained."""
    model = tiny_photo(7).eval()
    header = checkpoints.Header("classifier", "photo", {"model": model.config}, "none", epochs=0, seed=7)
    checkpoints.save("photo", model.state_dict(), header, folder)
    return model


def tiny_views(count: int = 48, inside: bool = True) -> ViewSet:
    """Bright boxes whose height over width tells the class, 1 or 3; outside the ten: a checkerboard."""
    views = torch.zeros(count, 4, 64, 64, dtype=torch.uint8)
    allowed = torch.zeros(count, 10, dtype=torch.bool)
    for index, view in enumerate(views):
        if inside:
            label = 1 + 2 * (index % 2)
            allowed[index, label] = True
            shape = (slice(6, 58), slice(27, 37)) if label == 1 else (slice(27, 37), slice(6, 58))
        else:
            shape = (slice(8, 56), slice(8, 56))
            view[:3, ::4] = 255
        view[(slice(None), *shape)] |= 200 if inside else 0
        view[3][shape] = 255
    return ViewSet(views, allowed)


def lessons() -> Lessons:
    return Lessons(tiny_views(), tiny_set(), tiny_views(16, inside=False), "tiny")


def killable_run(folder: Path) -> None:
    torch.set_num_threads(1)
    reports = train(tiny_photo(5), lessons(), QUICK, seed=5, state_path=folder / "state.pt", resume=True)
    *_, last = reports
    torch.save(last.weights, folder / "weights.pt")

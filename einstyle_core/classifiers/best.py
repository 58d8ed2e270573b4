"""The project's best answer for a picture, whatever kind of picture it is."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from einstyle_core import checkpoints, garments, images
from einstyle_core.classifiers.photo import Photo, classify_garments
from einstyle_core.classifiers.prediction import Prediction, classify
from einstyle_core.garments import Garment

FOR_PHOTOGRAPHS = Photo.name
FOR_THE_DATASETS_MANNER = "residual"

Answer = Callable[[Sequence[Garment]], list[Prediction]]
"""One prediction a garment, in order."""


def asker(name: str | None = None, device: torch.device | str = "cpu", directory: Path | None = None) -> Answer:
    """Whom to ask: the network called ``name``, or without a name whichever is best for each garment.

    A photograph is for the photo model. A picture in the dataset's manner (28 x 28, or enlarged from that) is for the
    network that learned from nothing else; whether it is one of the ten at all the photo model says of both. In a
    folder without a photo model that network answers for everything. The folder is ``directory``, or the product's.

    Raises:
        CheckpointError: a network that is needed is missing, damaged or foreign.
    """
    if name is not None:
        return _ask(name, device, directory)
    dataset = _ask(FOR_THE_DATASETS_MANNER, device, directory)
    if not checkpoints.path_of(FOR_PHOTOGRAPHS, directory).exists():
        return dataset
    photo = _ask(FOR_PHOTOGRAPHS, device, directory)
    return lambda found: _best(found, photo, dataset)


def _ask(name: str, device: torch.device | str, directory: Path | None) -> Answer:
    model = checkpoints.load(name, device, directory)
    if name == Photo.name:
        return lambda found: classify_garments(model, found)
    return lambda found: _classify_rendered(name, model, found, device)


def _classify_rendered(
    name: str, model: torch.nn.Module, found: Sequence[Garment], device: torch.device | str
) -> list[Prediction]:
    if not found:
        return []
    pixels = np.stack([garment.image28 for garment in found])
    return classify(name, model, images.from_uint8(pixels).to(device))


def _best(found: Sequence[Garment], photo: Answer, dataset: Answer) -> list[Prediction]:
    answers = photo(found)
    in_manner = [i for i, garment in enumerate(found) if garment.chosen in (garments.AS_IS, garments.INVERTED)]
    for place, answer in zip(in_manner, dataset([found[i] for i in in_manner]), strict=True):
        answers[place] = Prediction(answer.model, answer.probabilities, answers[place].scope)
    return answers

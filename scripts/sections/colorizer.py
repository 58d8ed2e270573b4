"""The colorizer on the test images, beside a plain tint, a lookup, L1 alone and the paper's own formulation.

Each row answers up to four questions about all 10,000 test images:

- ``told``: the class's colour in the paper's palette is named.
- ``unseen``: a colour is named that no training sample had: those of the curated palettes and random ones, by turns.
- ``inferred``: nothing is named; the target is the paper's colour of the true class. What the colorizer is told instead
  is the residual network's first choice.
- ``undecided``: the same, but told with all of the network's doubts.

CIEDE2000 is taken over every fourth pixel, the lightness' similarity over every tenth image.

The target of all is the colour set's rule (:func:`einstyle_core.colorizer.colour.shaded`), so whoever knows the rule
and the colour has nothing left to learn: that is the row ``lookup``, a bound rather than a rival.
"""

import argparse
from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor

from einstyle_core import checkpoints
from einstyle_core.classifiers import predict
from einstyle_core.colorizer import PALETTES, Colorizer, PaperColorizer, checkpoint_name
from einstyle_core.colorizer.colour import lab_to_srgb, shaded, srgb_to_lab
from einstyle_core.colorizer.dataset import ColourBatch, ColourSet, guessed, paper_colours, random_colours, told
from einstyle_core.colorizer.networks import READER
from einstyle_core.colorizer.training import to_srgb
from einstyle_core.gans.base import one_hot, seeded
from einstyle_core.metrics import colour as measures
from scripts.common import load_data
from scripts.sections.common import record

HUE = 15.0
"""Degrees within which a hue counts as the one that was wanted."""

QUESTIONS = ("told", "unseen", "inferred", "undecided")

_BATCH = 500

NOTE = (
    "The target is a rule of lightness and colour, so a lookup that knows the rule cannot be beaten. Of the networks, "
    "the one trained against a discriminator is not closer to the target than L1 alone; it stays more colourful."
)
"""What the figures say of the GAN; a page shows it beside them."""

Paint = Callable[[ColourBatch, Tensor, bool], Tensor | None]
"""(batch, L*a*b* ``N x 3`` of the colour to use, whether it is told) to sRGB ``N x 3 x 28 x 28``; None: cannot."""


def colorizer(args: argparse.Namespace) -> None:
    """Every way of colouring for which there are weights in the folder."""
    shipped = checkpoints.available(args.out)
    test = load_data("test")
    reader = checkpoints.load(READER, directory=args.out)
    opinions = (predict(reader, test.images) + predict(reader, test.images.flip(3))) / 2
    rows: dict[str, tuple[Paint, str]] = {"tint": (_tint, READER), "lookup": (_rule, READER)}
    for recipe in ("l1", "reference", "gan"):
        if (name := checkpoint_name(recipe)) in shipped:
            rows[recipe] = (_painter(checkpoints.load(name, directory=args.out)), name)
    data = ColourSet(test)
    for row, (paint, checkpoint) in rows.items():
        figures = {question: _ask(question, paint, data, opinions) for question in QUESTIONS}
        answered = {question: answer for question, answer in figures.items() if answer}
        facts = {"iterations": shipped[checkpoint]["config"].get("recipe", {}).get("iterations"), "note": NOTE}
        record("colorizer", row, {**answered, **facts}, len(test), shipped[checkpoint], args)
        for question, answer in answered.items():
            print(f"{row}, {question}: " + ", ".join(f"{name} {value:.4g}" for name, value in answer.items()))


def _ask(question: str, paint: Paint, data: ColourSet, opinions: Tensor) -> dict[str, float]:
    """Means over all images; empty where it cannot be answered."""
    rng = seeded("unseen colours")
    curated = torch.tensor([palette.colours for name, palette in PALETTES.items() if name != "paper"]).flatten(0, 1)
    curated = srgb_to_lab(curated / 255)
    means: list[dict[str, Tensor]] = []
    for chosen in torch.arange(len(data)).split(_BATCH):
        wanted = paper_colours()[data.data.labels[chosen]]
        if question == "unseen":
            wanted = torch.where(
                chosen[:, None] % 2 == 0, curated[chosen // 2 % len(curated)], random_colours(len(chosen), rng)
            )
        if question in ("inferred", "undecided"):
            choice = opinions[chosen].argmax(1)
            named = paper_colours()[choice]
            condition = guessed(one_hot(choice) if question == "inferred" else opinions[chosen])
        else:
            condition, named = told(wanted), wanted
        batch = data.with_colours(chosen, wanted, condition)
        painted = paint(batch, named, question in ("told", "unseen"))
        if painted is None:
            return {}
        means.append(_measured(batch, measures.rounded(painted), wanted))
    every = {name: torch.cat([part[name] for part in means]) for name in means[0]}
    figures = {name: float(values.mean()) for name, values in every.items() if not name.startswith("colourfulness_")}
    figures["colourfulness_ratio"] = float(every["colourfulness_painted"].sum() / every["colourfulness_target"].sum())
    return {name: round(value, 6) for name, value in figures.items()}


def _measured(batch: ColourBatch, pictures: Tensor, wanted: Tensor) -> dict[str, Tensor]:
    target = measures.rounded(to_srgb(batch.lightness, batch.chroma))
    gray = lab_to_srgb(torch.cat([batch.lightness, torch.zeros_like(batch.chroma)], 1).permute(0, 2, 3, 1))
    chroma, aim = measures.mean_chroma(pictures, batch.mask), measures.mean_chroma(target, batch.mask)
    # A dark garment shows little chroma in any colour, so gray is told from the colour wanted, hue from the target.
    aim = torch.where(wanted[:, 1:].norm(dim=1, keepdim=True) < measures.GRAY, aim * 0, aim)
    known = torch.stack([measures.hue_error(chroma, other.expand(len(chroma), 2)) for other in paper_colours()[:, 1:]])
    return {
        "hue_within_15": (measures.hue_error(chroma, aim) <= HUE).float(),
        "no_class_colour": (known.amin(0) > HUE).float(),
        "hue_unevenness": measures.unevenness(pictures, batch.mask),
        "ciede2000": measures.ciede2000(*(each[..., ::2, ::2] for each in (pictures, target, batch.mask))),
        "lightness_ssim": measures.lightness_ssim(pictures[::10], batch.lightness[::10]).float(),  # a slow measure
        "leakage": measures.leakage(pictures, gray.permute(0, 3, 1, 2), batch.mask),
        "colourfulness_painted": measures.colourfulness(pictures, batch.mask),
        "colourfulness_target": measures.colourfulness(target, batch.mask),
    }


def _tint(batch: ColourBatch, named: Tensor, is_told: bool) -> Tensor:
    chroma = named[:, 1:, None, None] * batch.mask
    return lab_to_srgb(torch.cat([batch.lightness, chroma], 1).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def _rule(batch: ColourBatch, named: Tensor, is_told: bool) -> Tensor:
    return to_srgb(batch.lightness, shaded(batch.lightness[:, 0], named).permute(0, 3, 1, 2) * batch.mask)


def _painter(model: Any) -> Paint:
    def ours(batch: ColourBatch, named: Tensor, is_told: bool) -> Tensor:
        painter = cast(Colorizer, model)
        with torch.inference_mode():
            return to_srgb(batch.lightness, painter.G(batch.lightness, batch.mask, batch.condition))

    def papers(batch: ColourBatch, named: Tensor, is_told: bool) -> Tensor | None:
        return None if is_told else cast(PaperColorizer, model).rgb(batch.lightness)

    return papers if isinstance(model, PaperColorizer) else ours

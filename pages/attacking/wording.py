"""What the page says of a sweep: tipping points and headlines. Pure functions of probabilities and settings."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from einstyle_core.data import CLASS_NAMES
from pages.attacking import lineup, sweeps
from pages.attacking.sweeps import Setting
from pages.components.epsilon_sweep import segments

ROBUST_HELP = "The same two shapes, trained on attacked pictures (fast adversarial training)."
ALL_BLACK = (
    "This picture is all black: where only the garment may change, no pixel may move, and so nothing does. "
    "Let every pixel change, or choose another picture."
)


def number(epsilon: float) -> str:
    """Three decimals, or four where the fourth is not 0: ``"0.025"``, ``"0.0205"``."""
    text = f"{epsilon:.4f}"
    return text.removesuffix("0")


def nearest(epsilons: Sequence[float], epsilon: float) -> int:
    """The slider's place next to ``epsilon``."""
    return int(np.abs(np.array(epsilons) - epsilon).argmin())


def tipping(probabilities: NDArray[np.float32]) -> tuple[int, int] | None:
    """The first place at which the answer is another than at ε 0, and that answer; None where there is none."""
    turns = segments(probabilities)
    return turns[1] if len(turns) > 1 else None


def tip(probabilities: NDArray[np.float32], epsilons: Sequence[float], truth: int | None) -> str:
    """``"Flips at 0.021 → Pullover"``, for one network."""
    first = int(probabilities[0].argmax())
    start = f"Wrong before any change: it is {_article(CLASS_NAMES[truth])}. " if truth not in (None, first) else ""
    turn = tipping(probabilities)
    if turn is None:
        return f"{start}Holds up to {epsilons[-1]:g}"
    return f"{start}Flips at {number(epsilons[turn[0]])} → {CLASS_NAMES[turn[1]]}"


def headline(truth: int | None, setting: Setting, answers: Mapping[str, NDArray[np.float32]]) -> str:
    """What the sweep shows, in a sentence or two: ``"5.1 of 255 tones are enough: ..."``."""
    epsilons = setting.epsilons
    turns = {name: turn for name, values in answers.items() if (turn := tipping(values))}
    most = f"{255 * epsilons[-1]:.0f}"
    if not turns:
        changes = "Random noise" if setting.method == "noise" else "A change"
        return f"**{changes} of {most} of 255 tones changes no answer.**"
    first, *later = sorted(turns, key=lambda name: turns[name][0])
    at, label = turns[first]
    was = CLASS_NAMES[int(answers[first][0].argmax())]
    garment = f"this {was}" if truth is not None and CLASS_NAMES[truth] == was else f"what it called {_article(was)}"
    tones = f"{255 * epsilons[at]:.1f}"
    enough = f"Random noise of {tones}" if setting.method == "noise" else tones
    verb = "is" if setting.method == "noise" else "are"
    rest = [
        f"{lineup.spoken(name)} falls there, too"
        if turns[name][0] == at
        else f"{lineup.spoken(name)} follows at {255 * epsilons[turns[name][0]]:.1f}"
        for name in later
    ]
    rest += [f"{lineup.spoken(name)} holds up to {most}" for name in answers if name not in turns]
    sentence = (
        f"**{enough} of 255 tones {verb} enough: {lineup.spoken(first)} takes {garment} for "
        f"{_article(CLASS_NAMES[label])}.**"
    )
    return f"{sentence} {_sentence('; '.join(rest))}" if rest else sentence


def explanation(setting: Setting, against: str | None) -> str:
    """How the pictures were made, and what the slider's places are."""
    if setting.method == "noise":
        return (
            "**Random noise** is the control: every pixel moves by ε, up or down by chance, and all networks look at "
            f"the same picture (pattern {setting.draw})."
        )
    away = "its own answer" if setting.label is None else f"the true class, {CLASS_NAMES[setting.label]}"
    made = (
        f"Each network is attacked by its own gradient, away from {away}: the picture in its frame is the one made to "
        "fool it."
        if against is None
        else f"All networks look at one picture, made to fool {lineup.spoken(against)} by its gradient, "
        f"away from {away}."
    )
    if setting.method == "pgd":
        return (
            f"**PGD** takes {sweeps.PGD_STEPS} small steps and keeps the worst picture that it meets. {made} It has no "
            f"one direction: each ε is a search of its own, so the slider snaps to the {len(setting.epsilons)} that "
            "were searched."
        )
    return f"**FGSM** moves every pixel by ε, up or down, whichever hurts more. {made}"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _article(noun: str) -> str:
    """``"an Ankle boot"``; trousers and the like are one thing here, as in the dataset."""
    return f"{'an' if noun[0] in 'AEIOU' else 'a'} {noun}"

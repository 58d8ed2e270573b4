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
    turn = tipping(probabilities)
    at = "" if turn is None else f"{number(epsilons[turn[0]])} → {CLASS_NAMES[turn[1]]}"
    if not is_wrong_from_the_start(probabilities, truth):
        return f"Flips at {at}" if at else f"Holds up to {epsilons[-1]:g}"
    start = f"Wrong from the start: it is {_article(CLASS_NAMES[truth])}."  # type: ignore[index]
    if turn is None:
        return f"{start} Stays so up to {epsilons[-1]:g}"
    return f"{start} Turns at {at}, {'now right' if turn[1] == truth else 'still wrong'}"


def is_wrong_from_the_start(probabilities: NDArray[np.float32], truth: int | None) -> bool:
    """Whether the unchanged picture is taken for another class than it is, where that is known."""
    return truth is not None and int(probabilities[0].argmax()) != truth


def headline(truth: int | None, setting: Setting, answers: Mapping[str, NDArray[np.float32]]) -> str:
    """What the sweep shows, in a sentence or two: ``"5.1 of 255 tones are enough: ..."``.

    It begins with the first network that falls. Those that were wrong from the start have nowhere to fall: they come
    after it, and are said to turn.
    """
    most = f"{255 * setting.epsilons[-1]:.0f}"
    turns = {name: turn for name, values in answers.items() if (turn := tipping(values))}
    mistaken = {name for name, values in answers.items() if is_wrong_from_the_start(values, truth)}
    ordered = sorted(turns, key=lambda name: (name in mistaken, turns[name][0]))
    ordered += [name for name in answers if name not in turns]
    first, *others = ordered
    if first not in turns:
        return _nothing_changes(truth, setting, [name for name in ordered if name in mistaken], len(ordered), most)
    at, label = turns[first]
    was = CLASS_NAMES[int(answers[first][0].argmax())]
    garment = f"this {was}" if truth is not None and CLASS_NAMES[truth] == was else f"what it called {_article(was)}"
    is_noise = setting.method == "noise"
    tones = f"{255 * setting.epsilons[at]:.1f}"
    enough = f"Random noise of {tones} of 255 tones is enough" if is_noise else f"{tones} of 255 tones are enough"
    sentence = (
        f"**{enough}: {lineup.spoken(first)} takes {garment} for {_article(CLASS_NAMES[label])}"
        f"{_judged(label, truth) if first in mistaken else ''}.**"
    )
    rest = [_follows(name, turns.get(name), first, turns, name in mistaken, truth, setting) for name in others]
    return f"{sentence} {_sentence('; '.join(rest))}" if rest else sentence


def _nothing_changes(truth: int | None, setting: Setting, mistaken: Sequence[str], count: int, most: str) -> str:
    change = "Random noise" if setting.method == "noise" else "A change"
    same = f"{change} of {most} of 255 tones changes no answer"
    if truth is None or not mistaken:
        return f"**{same}.**"
    truly = f"it is {_article(CLASS_NAMES[truth])}"
    if len(mistaken) == count > 1:
        every = "both networks" if count == 2 else "all networks"
        return f"**{same}, and none is right: {every} are wrong from the start, for {truly}.**"
    names = " and ".join(lineup.spoken(name) for name in mistaken)
    return f"**{same}: {names} {'is' if len(mistaken) == 1 else 'are'} wrong from the start, for {truly}.**"


def _follows(
    name: str,
    turn: tuple[int, int] | None,
    first: str,
    turns: Mapping[str, tuple[int, int]],
    is_mistaken: bool,
    truth: int | None,
    setting: Setting,
) -> str:
    """What becomes of another network than the first."""
    spoken = lineup.spoken(name)
    if turn is None:
        return f"{spoken} {'is wrong throughout' if is_mistaken else f'holds up to {255 * setting.epsilons[-1]:.0f}'}"
    is_there = turn[0] == turns[first][0]
    tones = f"{255 * setting.epsilons[turn[0]]:.1f}"
    if is_mistaken:
        where = "there, too" if is_there else f"at {tones}"
        return f"{spoken}, wrong from the start, turns {where}{_judged(turn[1], truth)}"
    return f"{spoken} falls there, too" if is_there else f"{spoken} follows at {tones}"


def _judged(label: int, truth: int | None) -> str:
    """Of an answer that a network came to which had been wrong."""
    return ", and is now right" if label == truth else ", and is still wrong"


def explanation(setting: Setting, against: str | None) -> str:
    """How the pictures were made, and what the slider's places are."""
    every = "every pixel of the garment" if setting.masked else "every pixel"
    if setting.method == "noise":
        return (
            f"**Random noise** is the control: {every} moves by ε, up or down by chance, and all networks look at "
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
    return f"**FGSM** moves {every} by ε, up or down, whichever hurts more. {made}"


def picture(setting: Setting, source: str) -> str:
    """What a changed picture is called: ``"the picture made to fool the CNN"``."""
    if setting.method == "noise":
        return "the picture with random noise"
    return f"the picture made to fool {lineup.spoken(source)}"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _article(noun: str) -> str:
    """``"an Ankle boot"``; trousers and the like are one thing here, as in the dataset."""
    return f"{'an' if noun[0] in 'AEIOU' else 'a'} {noun}"

"""What a page says of predictions: the doubt, and whether the networks agree."""

from collections.abc import Mapping

from einstyle_core.classifiers.prediction import DOUBT_RATIO, Prediction
from einstyle_core.data import CLASS_NAMES

OUTSIDE = len(CLASS_NAMES)
"""What stands for a class where a picture shows none of the ten."""

LABELS: tuple[str, ...] = (*CLASS_NAMES, "None of the ten")
"""Everything that a picture can be taken for, by index."""

NOTHING = len(LABELS)
"""What stands for a label where a picture is empty: what networks say of it counts for nothing."""

FOLDERS: tuple[str, ...] = (*LABELS, "Nothing found")
"""Everything that a picture can be sorted as, by index."""

DOUBT_RULE = (
    f"A network is in doubt when its second choice gets at least {DOUBT_RATIO:.0%} of the probability of its first."
)


def decided(prediction: Prediction) -> int:
    """What a network takes the picture for, as an index of :data:`LABELS`.

    Only a network that was taught to tell says :data:`OUTSIDE`: the others' low confidence is no such judgement.
    """
    is_outside = prediction.scope is not None and not prediction.in_scope
    return OUTSIDE if is_outside else prediction.label_index


def doubt(prediction: Prediction) -> str:
    """``"In doubt between Shirt and T-shirt/top."``, or how far the answer stands out."""
    if decided(prediction) == OUTSIDE:
        return f"Not one of the ten, it says; if it had to choose: {prediction.label}."
    if prediction.doubt:
        return f"In doubt between {' and '.join(prediction.doubt)}."
    is_sure = prediction.scope is not None or prediction.in_scope
    return "No close second." if is_sure else "Perhaps none of the ten: no class gets half."


def sureness(prediction: Prediction) -> float:
    """How sure a network is of what it decided, in [0, 1]; of what is none of the ten, how sure it is of that."""
    return 1 - prediction.scope_score if decided(prediction) == OUTSIDE else prediction.confidence


def said(prediction: Prediction) -> str:
    """``"Shirt, 91%"``, or ``"None of the ten, 94%"``."""
    return f"{LABELS[decided(prediction)]}, {sureness(prediction):.0%}"


def agreement(predictions: Mapping[str, Prediction]) -> str:
    """One sentence on what the networks, by title, say together.

    ``"Both networks say Shirt."`` or ``"The networks disagree: Dense says Coat (55%), CNN says Shirt (91%)."``
    """
    labels = {LABELS[decided(prediction)] for prediction in predictions.values()}
    if len(labels) > 1:
        each = ", ".join(
            f"{title} says **{LABELS[decided(prediction)]}** ({said(prediction).rpartition(', ')[2]})"
            for title, prediction in predictions.items()
        )
        return f"The networks disagree: {each}."
    (label,) = labels
    if len(predictions) == 1:
        return f"The answer is **{label}**."
    together = "Both networks say" if len(predictions) == 2 else f"All {len(predictions)} networks say"
    return f"{together} **{label}**."

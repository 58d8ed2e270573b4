"""What a page says of predictions: the doubt, and whether the networks agree."""

from collections.abc import Mapping

from einstyle_core.classifiers.prediction import DOUBT_RATIO, Prediction

DOUBT_RULE = (
    f"A network is in doubt when its second choice gets at least {DOUBT_RATIO:.0%} of the probability of its first."
)


def doubt(prediction: Prediction) -> str:
    """``"In doubt between Shirt and T-shirt/top."``, or how far the answer stands out."""
    if prediction.doubt:
        return f"In doubt between {' and '.join(prediction.doubt)}."
    return "No close second." if prediction.in_scope else "Perhaps none of the ten: no class gets half."


def agreement(predictions: Mapping[str, Prediction]) -> str:
    """One sentence on what the networks, by title, say together.

    ``"Both networks say Shirt."`` or ``"The networks disagree: Dense says Coat (55%), CNN says Shirt (91%)."``
    """
    labels = {prediction.label for prediction in predictions.values()}
    if len(labels) > 1:
        each = ", ".join(f"{title} says **{p.label}** ({p.confidence:.0%})" for title, p in predictions.items())
        return f"The networks disagree: {each}."
    (label,) = labels
    if len(predictions) == 1:
        return f"The answer is **{label}**."
    together = "Both networks say" if len(predictions) == 2 else f"All {len(predictions)} networks say"
    return f"{together} **{label}**."

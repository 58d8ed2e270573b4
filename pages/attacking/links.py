"""What a link to the page may ask for, by short names that outlive the labels, and what is said of nonsense in it."""

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from pages.attacking import sweeps
from pages.attacking.sweeps import START, Setting
from pages.shared.text import plain

METHODS = {"fgsm": "FGSM", "pgd": "PGD", "noise": "Random noise"}
PLACES = {"garment": "Only the garment", "everywhere": "Every pixel"}
SWITCH = {"true": "true", "false": "false"}
EACH = "each"
DRAWS = 1000
"""So many patterns of random noise can be asked for."""
EPSILON = "epsilon"  # in the URL, and the component's state
_REFUSED = "link_refused"
_RULER = ":material/straighten:"
_LONGEST = 40  # of somebody else's words, in a sentence of ours


def to(sample: str | None, setting: Setting, epsilon: float, source: str, robust: bool) -> str | None:
    """The address at which anybody sees the same picture attacked in the same way.

    Args:
        sample: the picture's number, as :class:`pages.attacking.subjects.Subject` has it.
        setting: how it is attacked.
        epsilon: where the slider stands.
        source: the network whose gradient the attack follows; of no matter to noise.
        robust: whether the robust networks are shown.

    Returns:
        None where there is none: an uploaded picture stays in its session.
    """
    if sample is None:
        return None
    asked = {
        "sample": sample,
        EPSILON: f"{epsilon:g}",
        "attack": setting.method,
        "change": "garment" if setting.masked else "everywhere",
        "robust": _truth(robust),
    }
    if setting.method == "noise":
        asked["noise"] = str(setting.draw)
    else:
        asked |= {"against": source, "by-truth": _truth(setting.label is not None)}
    return f"{st.context.url or ''}?{urlencode(asked)}"


def straighten(more: Mapping[str, Mapping[str, str]]) -> None:
    """Turn the names in the link into the labels by which Streamlit's widgets know their options.

    A label in another case is understood, too; what names nothing is refused. Only before the widgets are there: from
    then on the URL is theirs.

    Args:
        more: of each widget with a choice that depends on the machine, by its name in the URL, the options' labels by
            their names; the others are known here.
    """
    known = {"attack": METHODS, "change": PLACES, "by-truth": SWITCH, **more}
    labels = {}
    for key, options in known.items():
        asked = _new(key)
        if asked is None or asked in options.values():
            continue
        if label := _label(asked, options):
            labels[key] = label
        else:
            refuse(key, f"{key} “{quoted(asked)}”: there are {_listed([*options])}")
    draw = _new("noise")
    if draw is not None and not (draw.isascii() and draw.isdigit() and int(draw[:_LONGEST]) < DRAWS):
        refuse("noise", f"noise pattern “{quoted(draw)}”: there are 0 to {DRAWS - 1}")
    if labels:
        st.query_params.update(labels)
        st.rerun()


def refuse(key: str, words: str) -> None:
    """Keep for :func:`tell` what was asked in vain, one sentence a ``key``; ``words`` are Markdown."""
    st.session_state.setdefault(_REFUSED, {})[key] = words


def tell() -> None:
    """One notice of all that was refused; it is gone with the next thing that the visitor does."""
    refused = st.session_state.pop(_REFUSED, {})
    if refused:
        st.info(f"The link asks for what is not here: {'; '.join(refused.values())}.", icon=":material/link_off:")


def quoted(asked: str) -> str:
    """Somebody else's words in a sentence of ours: harmless to Markdown, and not too many."""
    return plain(asked if len(asked) <= _LONGEST else f"{asked[:_LONGEST]}…")


def epsilon() -> float:
    """Epsilon in the URL; where the page starts if there is none, or nonsense."""
    asked = _number(st.query_params.get(EPSILON, ""))
    return asked if asked is not None and 0 <= asked <= sweeps.MOST else START


def tell_refused_epsilon() -> None:
    """An epsilon in the link that the slider does not reach is said, not silently replaced, until the slider moves."""
    asked = st.query_params.get(EPSILON)
    if asked is None:
        return
    value = _number(asked)
    if value is None:
        st.info(f"The link's ε, “{quoted(asked)}”, is no number. The slider starts at {START:g}.", icon=_RULER)
    elif not 0 <= value <= sweeps.MOST:
        st.info(
            f"The link asks for an ε of {quoted(asked)}, and the slider goes from 0 to {sweeps.MOST:g}. It starts at "
            f"{START:g}.",
            icon=_RULER,
        )


def _number(text: str) -> float | None:
    """The number that a text is; None for nonsense, and for the number that is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return None if value != value else value


def _new(key: str) -> str | None:
    """What the link says of a widget that is not there yet."""
    return None if key in st.session_state else st.query_params.get(key)


def _label(asked: str, options: Mapping[str, str]) -> str | None:
    wanted = asked.strip().casefold()
    return next((label for name, label in options.items() if wanted in (name, label.casefold())), None)


def _listed(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _truth(value: bool) -> str:
    return "true" if value else "false"

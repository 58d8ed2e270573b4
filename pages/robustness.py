"""Robustness: drag epsilon, and watch networks fail on pictures that nobody would call changed."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.attacking import evidence, lineup, subjects, sweeps, takeaway, wording
from pages.attacking.subjects import Subject
from pages.attacking.sweeps import START, Attacked, Setting
from pages.components.epsilon_sweep import NetworkSweep, epsilon_sweep
from pages.shared import networks, samples, shell

EACH = "each"
METHODS = {"fgsm": "FGSM", "pgd": "PGD", "noise": "Random noise"}
PLACES = {True: "Only the garment", False: "Every pixel"}
_EPSILON = "epsilon"  # in the URL, and the component's state
_SWEEP = "sweep"


def choose_setting(subject: Subject, sound: Sequence[str]) -> tuple[Setting, list[str], str | None]:
    """The controls: how the picture is attacked, which networks answer, and whom it is made against (None: each)."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        subjects.offer_others()
        more = st.popover("More", icon=":material/tune:")
        method: str = st.segmented_control(
            "Attack",
            list(METHODS),
            default="fgsm",
            required=True,
            format_func=lambda name: METHODS[name],
            key="attack",
            bind="query-params",
            label_visibility="collapsed",
        )
        masked: bool = st.segmented_control(
            "What may change",
            list(PLACES),
            default=True,
            required=True,
            format_func=lambda masked: PLACES[masked],
            key="change",
            bind="query-params",
            label_visibility="collapsed",
        )
        robust = lineup.usable_robust()
        shown = list(sound)
        if robust and st.toggle("Robust networks too", key="robust", bind="query-params", help=wording.ROBUST_HELP):
            shown += robust
        with more:
            label, against, draw = _choose_more(subject, [*sound, *robust], method)
    return Setting(method, masked, label, draw), shown, against


def _choose_more(subject: Subject, sources: Sequence[str], method: str) -> tuple[int | None, str | None, int]:
    is_noise, is_known = method == "noise", subject.truth is not None
    by_truth = st.toggle(
        "Lead away from the true class",
        key="by-truth",
        bind="query-params",
        disabled=is_noise or not is_known,
        help="Off: away from what the network itself answers."
        + ("" if is_known else " The true class of this picture is not known."),
    )
    against: str = st.selectbox(
        "Made to fool",
        [EACH, *sources],
        format_func=lambda name: "each network by itself" if name == EACH else lineup.spoken(name),
        key="against",
        bind="query-params",
        disabled=is_noise,
        help="Each network by itself: each looks at a picture of its own, made by its own gradient. Choose one, and "
        "all look at the picture that was made to fool that one.",
    )
    draw = st.number_input(
        "Noise pattern",
        0,
        999,
        0,
        key="noise",
        bind="query-params",
        disabled=not is_noise,
        help="Another number is another random pattern of the same size.",
    )
    if is_noise:
        return None, None, int(draw)
    return subject.truth if by_truth else None, None if against == EACH else against, 0


@st.fragment
def show_sweep(subject: Subject, setting: Setting, shown: Sequence[str], against: str | None) -> None:
    """The slider and all that follows it: where it comes to rest reruns nothing else."""
    sources = {name: against or name for name in shown}
    moved = {source: sweeps.attacked(source, subject.pixels, setting) for source in dict.fromkeys(sources.values())}
    answers = {name: sweeps.answers(name, source, subject.pixels, setting) for name, source in sources.items()}
    epsilons = setting.epsilons
    here = wording.nearest(epsilons, _linked_epsilon())

    if sweeps.movable(subject.pixels, setting):
        st.markdown(wording.headline(subject.truth, setting, answers))
    else:
        st.warning(wording.ALL_BLACK, icon=":material/contrast:")
    epsilon_sweep(
        subject.pixels,
        epsilons,
        [
            NetworkSweep(
                title=networks.title(name),
                short=lineup.short(name),
                tone=lineup.tone(name),
                robust=lineup.is_robust(name),
                caption="= what it sees" if against is None else f"= made to fool {lineup.short(against)}",
                tip=wording.tip(answers[name], epsilons, subject.truth),
                probabilities=answers[name],
                direction=moved[source].direction,
                frames=moved[source].all_pixels() if moved[source].direction is None else None,
            )
            for name, source in sources.items()
        ],
        epsilon=epsilons[here],
        revision=st.session_state.setdefault("sweep_revision", 0),
        key=_SWEEP,
        on_epsilon_change=_follow_drag,
        **evidence.curves(setting, shown),
    )
    st.caption(f"{wording.explanation(setting, against)} {subject.described}")
    takeaway.offer(subject, setting, sources, moved, answers, here)
    with st.expander("The numbers, and a plain slider", icon=":material/table_rows:"):
        show_plainly(setting, moved, answers, here)
    evidence.show(shown, epsilons[here])


def show_plainly(
    setting: Setting, moved: Mapping[str, Attacked], answers: Mapping[str, NDArray[np.float32]], here: int
) -> None:
    """The same without the live part: Streamlit's own slider, pictures and numbers."""
    epsilons = setting.epsilons
    key = f"epsilon-{len(epsilons)}"
    st.session_state[key] = epsilons[here]
    st.select_slider("ε", epsilons, key=key, format_func=wording.number, on_change=_follow_slider, args=(key,))
    takeaway.show_numbers(setting, moved, answers, here)


def _follow_drag() -> None:
    epsilon = st.session_state[_SWEEP].get("epsilon")
    if isinstance(epsilon, int | float) and 0 <= epsilon <= sweeps.MOST:
        st.query_params[_EPSILON] = f"{epsilon:g}"


def _follow_slider(key: str) -> None:
    st.query_params[_EPSILON] = f"{st.session_state[key]:g}"
    st.session_state["sweep_revision"] += 1


def _linked_epsilon() -> float:
    """Epsilon in the URL; where the page starts if there is none, or nonsense."""
    try:
        epsilon = float(st.query_params.get(_EPSILON, START))
    except ValueError:
        return START
    return epsilon if 0 <= epsilon <= sweeps.MOST else START


def tell_refused_link() -> None:
    """An epsilon in the link that the slider does not have is said, not silently replaced."""
    asked = st.query_params.get(_EPSILON)
    if asked is not None and _linked_epsilon() == START and asked != f"{START:g}":
        st.info(
            f"The link asks for an ε that the slider does not have: it goes from 0 to {sweeps.MOST:g}. "
            f"It starts at {START:g}.",
            icon=":material/straighten:",
        )


shell.begin(
    "Robustness",
    "Drag ε. No pixel changes by more than that: you still see the same garment. What do the networks see?",
)
usable = lineup.usable()
picture = subjects.current()
subjects.tell_refusals()
evidence.tell_damage()
if picture is None:
    st.markdown("#### Which garment shall be attacked?")
    subjects.ask_for_upload()
    samples.offer_download()
elif usable:
    tell_refused_link()
    show_sweep(picture, *choose_setting(picture, usable))
if not usable or picture is None:
    evidence.show(usable, START)
shell.footer()

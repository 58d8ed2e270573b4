"""Robustness: drag epsilon, and watch networks fail on pictures that nobody would call changed."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.attacking import evidence, lineup, links, subjects, sweeps, takeaway, wording
from pages.attacking.links import EACH, METHODS, PLACES
from pages.attacking.subjects import Subject
from pages.attacking.sweeps import START, Attacked, Setting
from pages.components.epsilon_sweep import NetworkSweep, epsilon_sweep
from pages.shared import networks, samples, shell

_SWEEP = "sweep"


def sources_of(names: Sequence[str]) -> dict[str, str]:
    """Whom a picture can be made to fool, as the choice is labelled: each by itself, or one of the networks."""
    return {EACH: "each network by itself"} | {name: lineup.spoken(name) for name in names}


def named_in_links(usable: Sequence[str], robust: Sequence[str]) -> dict[str, dict[str, str]]:
    """The choices among the networks of this machine, as a link names them: see :func:`links.straighten`."""
    flows = evidence.measured([*usable, *robust])
    named = {"against": sources_of([*usable, *robust])}
    if flows:
        named["flow"] = {name: networks.title(name) for name in flows}
    if robust:
        named["robust"] = links.SWITCH
    return named


def choose_setting(
    subject: Subject, sound: Sequence[str], robust: Sequence[str]
) -> tuple[Setting, list[str], str | None]:
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
        place: str = st.segmented_control(
            "What may change",
            list(PLACES),
            default="garment",
            required=True,
            format_func=lambda name: PLACES[name],
            key="change",
            bind="query-params",
            label_visibility="collapsed",
        )
        shown = list(sound)
        if robust and st.toggle("Robust networks too", key="robust", bind="query-params", help=wording.ROBUST_HELP):
            shown += robust
        with more:
            label, against, draw = _choose_more(subject, sources_of([*sound, *robust]), method)
    return Setting(method, place == "garment", label, draw), shown, against


def _choose_more(subject: Subject, sources: Mapping[str, str], method: str) -> tuple[int | None, str | None, int]:
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
        list(sources),
        format_func=lambda name: sources[name],
        key="against",
        bind="query-params",
        disabled=is_noise,
        help="Each network by itself: each looks at a picture of its own, made by its own gradient. Choose one, and "
        "all look at the picture that was made to fool that one.",
    )
    draw = st.number_input(
        "Noise pattern",
        0,
        links.DRAWS - 1,
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
    is_movable = sweeps.movable(subject.pixels, setting)
    against = against if is_movable else None
    # Noise leads nowhere, and where no pixel may move neither does a gradient: one picture for all.
    only = against if is_movable and setting.method != "noise" else shown[0]
    sources = {name: only or name for name in shown}
    moved = {source: sweeps.attacked(source, subject.pixels, setting) for source in dict.fromkeys(sources.values())}
    answers = {name: sweeps.answers(name, source, subject.pixels, setting) for name, source in sources.items()}
    epsilons = setting.epsilons
    here = wording.nearest(epsilons, links.epsilon())

    links.tell_refused_epsilon()
    if is_movable:
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
                truth=subject.truth,
                caption="= what it sees" if against is None else f"= made to fool {lineup.spoken(against)}",
                tip=wording.tip(answers[name], epsilons, subject.truth) if is_movable else "",
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
    st.caption(f"{wording.explanation(setting, against)} {subject.described}" if is_movable else subject.described)
    takeaway.offer(subject, setting, sources, moved, answers, here)
    with st.expander("The numbers, and a plain slider", icon=":material/table_rows:"):
        show_plainly(setting, is_movable, moved, answers, here)
    evidence.show(shown, epsilons[here])


def show_plainly(
    setting: Setting,
    is_movable: bool,
    moved: Mapping[str, Attacked],
    answers: Mapping[str, NDArray[np.float32]],
    here: int,
) -> None:
    """The same without the live part: Streamlit's own slider, pictures and numbers."""
    epsilons = setting.epsilons
    key = f"epsilon-{len(epsilons)}"
    st.session_state[key] = epsilons[here]
    st.select_slider("ε", epsilons, key=key, format_func=wording.number, on_change=_follow_slider, args=(key,))
    takeaway.show_numbers(setting, is_movable, moved, answers, here)


def _follow_drag() -> None:
    epsilon = st.session_state[_SWEEP].get(links.EPSILON)
    if isinstance(epsilon, int | float) and 0 <= epsilon <= sweeps.MOST:
        st.query_params[links.EPSILON] = f"{epsilon:g}"


def _follow_slider(key: str) -> None:
    st.query_params[links.EPSILON] = f"{st.session_state[key]:g}"
    st.session_state["sweep_revision"] += 1


shell.begin(
    "Robustness",
    "Drag ε. No pixel changes by more than that: you still see the same garment. What do the networks see?",
)
usable, robust = lineup.usable(), lineup.usable_robust()
picture = subjects.current()
subjects.refuse_missing()
if picture and usable:  # what stands on the widgets is settled before they are there
    links.straighten(named_in_links(usable, robust))
links.tell()
subjects.tell_refusals()
evidence.tell_damage()
if picture is None:
    st.markdown("#### Which garment shall be attacked?")
    subjects.ask_for_upload()
    samples.offer_download()
elif usable:
    show_sweep(picture, *choose_setting(picture, usable, robust))
if not usable or picture is None:
    evidence.show(usable, START)
shell.footer()

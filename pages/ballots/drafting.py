"""Making a ballot: pairs of pictures, a question, and how many votes it will need."""

from pathlib import PurePath

import streamlit as st

from einstyle_core.ballots.model import MAX_CAPTION, MAX_PAIRS, MAX_TITLE, Option, Pair, label
from einstyle_core.ballots.pictures import Picture, prepare
from einstyle_core.ballots.results import plan
from einstyle_core.ballots.statistics import POWER_IN_WORDS
from einstyle_core.errors import EinstyleError
from einstyle_core.exports import visible
from einstyle_core.images import FORMATS, Limits
from pages.ballots import links, look, votes
from pages.shared import ballot_drafts, registry, tray
from pages.shared.text import code, plain

QUESTION = "Which one do you prefer?"
_TYPES = [*(name.lower() for name in FORMATS), "jpg"]
_SHARES = (60, 65, 70, 75, 80)
_ROUND = "ballot_round"  # part of the inputs' keys: after each pair they are fresh
_TITLE = "ballot-title"
_TWICE = "ballot_pair_twice"


def show() -> None:
    """The page as one meets it without a link."""
    st.html(look.READING)
    if st.session_state.pop("ballot_gone", False):
        st.success("The ballot is deleted, with its pictures and votes.", icon=":material/delete_forever:")
    if st.session_state.pop(_TWICE, False):
        st.toast("The ballot has this pair already.", icon=":material/content_copy:")
    draft = ballot_drafts.draft()
    for position, pair in enumerate(draft.pairs):
        _show_pair(position, pair)
    if not draft.pairs:
        _add_pair()
        return
    if len(draft.pairs) < MAX_PAIRS:
        with st.expander("Add another pair", icon=":material/add:"):
            _add_pair()
    _start(draft)


def _show_pair(position: int, pair: Pair) -> None:
    with st.container(border=True, key=f"ab-draft-{position}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**Pair {position + 1}** {plain(pair.name)}")
            st.button(
                "Remove",
                type="tertiary",
                icon=":material/delete:",
                key=f"remove-{position}",
                on_click=ballot_drafts.remove,
                args=(position,),
            )
        for column, option, letter in zip(st.columns(2), (pair.a, pair.b), "AB", strict=True):
            picture = Picture(option.picture, "image/png")
            with column, st.container(key=f"{'pixels' if picture.is_pixel_art else 'photo'}-{letter}-{position}"):
                st.image(picture.content, width="stretch", alt=f"{letter} of pair {position + 1}")
                colours = " ".join(code(colour) for colour in option.colours)
                st.caption(f"**{letter}** {plain(label(option.caption, option.colours))} {colours}")


def _add_pair() -> None:
    kept = {item.key: item for item in tray.items().values()}
    number = st.session_state.setdefault(_ROUND, 0)
    chosen: list[tuple[str, bytes] | None] = []
    for column, letter in zip(st.columns(2, gap="large"), "AB", strict=True):
        with column:
            file = st.file_uploader(f"Picture {letter}", type=_TYPES, key=f"{letter}-{number}", help=Limits().accepted)
            found = (file.name, file.getvalue()) if file else None
            if kept and not file:
                key = st.selectbox(
                    f"… or one of your pictures as {letter}",
                    kept,
                    index=None,
                    format_func=lambda key: visible(kept[key].name),
                    key=f"tray-{letter}-{number}",
                )
                found = (kept[key].name, kept[key].content) if key else None
            chosen.append(found)
    a, b = chosen
    ready = a is not None and b is not None
    if st.button("Use this pair", type="primary", icon=":material/compare:", disabled=not ready) and a and b:
        try:
            is_new = ballot_drafts.add(Pair(_option(*a), _option(*b)))
        except EinstyleError as error:
            st.error(plain(str(error)), icon=":material/broken_image:")
        else:
            if not is_new:
                st.session_state[_TWICE] = True  # told in the next run: what this one says is lost by it
            st.session_state[_ROUND] = number + 1
            st.rerun()
    if colorize := registry.find("colorize"):
        words = "Or colour one garment in two ways on"
        if not ballot_drafts.draft().pairs:
            words = "No two versions yet? Colour one garment in two ways on"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(words, width="content")
            st.page_link(colorize.to_page(), label=colorize.title, icon=colorize.icon)


def _start(draft: ballot_drafts.Draft) -> None:
    title = _ask_title(draft)
    st.caption("The voters read this and nothing else: no file names, no colours, no A or B.")
    share = st.segmented_control(
        "The weakest preference worth knowing",
        _SHARES,
        default=70,
        format_func=lambda percent: f"{percent} : {100 - percent}",
        key="ballot-share",
        required=True,
    )
    needed = plan(share / 100, len(draft.pairs))
    pairs = "the pair" if len(draft.pairs) == 1 else "each pair"
    st.markdown(
        f"If {share} of 100 people prefer one picture, **{needed} votes** on {pairs} find it in {POWER_IN_WORDS} "
        "ballots. “No preference” does not count among them. Until then the result says “not enough votes yet”."
    )
    with_aa = st.toggle(
        "Add an A/A pair: the first picture beside itself",
        key="ballot-aa",
        help="A sanity check: nobody can prefer one of two equal pictures, so a clear winner there means an error.",
    )
    st.caption(
        "Pictures of a ballot are stored with it, reduced to 1280 pixels and without what the camera wrote into them. "
        "Whoever has the link sees them. They go when you delete the ballot."
    )
    if st.button("Start the ballot", type="primary", icon=":material/how_to_vote:"):
        with votes.told():
            keys = votes.store().create(title or QUESTION, draft.pairs, planned_share=share / 100, with_aa=with_aa)
            ballot_drafts.clear()
            st.query_params.from_dict({links.OWNER: keys.owner})
            st.session_state["ballot_fresh"] = True
            st.rerun()


def _ask_title(draft: ballot_drafts.Draft) -> str:
    """The question, kept with the draft; what is too long is cut and told.

    The field itself has no limit: the browser would drop an overlong paste without a word.
    """

    def keep() -> None:
        typed = st.session_state[_TITLE]
        st.session_state["ballot_title_cut"] = len(typed) > MAX_TITLE
        st.session_state[_TITLE] = typed[:MAX_TITLE]
        ballot_drafts.retitle(typed)

    st.session_state.setdefault(_TITLE, draft.title or QUESTION)
    title = st.text_input("What do you ask?", key=_TITLE, on_change=keep)
    if st.session_state.pop("ballot_title_cut", False):
        st.warning(f"A question has at most {MAX_TITLE} letters: yours was cut there.", icon=":material/content_cut:")
    return title


def _option(name: str, content: bytes) -> Option:
    """Refused, if it is no picture, under its whole name."""
    return Option(prepare(content, visible(name)).content, _caption(name))


def _caption(file_name: str) -> str:
    return PurePath(visible(file_name)).stem[:MAX_CAPTION]

"""Colorize: one garment in the colours one wants, two of them side by side, and what the group thinks of them."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from einstyle_core.ballots.model import MAX_CAPTION, MAX_PAIRS
from einstyle_core.colorizer.palettes import PALETTES, RGB, to_hex
from einstyle_core.colorizer.render import Canvas
from einstyle_core.errors import EinstyleError, ImageError
from einstyle_core.exports import visible
from einstyle_core.images import FORMATS, Limits, png_bytes
from pages.colorizing import brushes, choice, evidence, takeaway, verdicts
from pages.colorizing import subject as subjects
from pages.colorizing.brushes import Brush, coloured
from pages.colorizing.subject import PREVIEW_SIDE, TILE_SIDE, Subject
from pages.components.compare import Side, compare
from pages.shared import ballot_drafts, samples, shell, travel, tray
from pages.shared.text import plain, told

FILE_TYPES = [*(name.lower() for name in FORMATS), "jpg"]
_ADDED = "colorize_added"
_SAME = 0.05  # a ΔE that is shown as 0.0
VIEWS = {"A and B": ("a", "b"), "A and the original": ("a", ""), "B and the original": ("b", "")}


def add_picture() -> None:
    """Every way in: a file, a picture that is here already, a test image."""
    count: int = st.session_state.setdefault("colorize_round", 0)
    file = st.file_uploader("Colour your own garment", type=FILE_TYPES, key=f"garment-{count}", help=Limits().accepted)
    if file:
        st.session_state["colorize_round"] = count + 1  # a fresh, empty widget
        st.session_state.pop("colorize_refused", None)
        try:
            with st.spinner("Looking for the garment …"):
                subjects.take(file)
        except ImageError as error:
            st.session_state["colorize_refused"] = told(error)
        st.rerun()
    if refused := st.session_state.get("colorize_refused"):
        st.warning(refused, icon=":material/broken_image:")
    kept = tray.items()
    if len(kept) > 1:
        st.session_state["colorize-picture"] = tray.focused() if tray.focused() in kept else list(kept)[-1]
        st.selectbox(
            "Or one of your pictures",
            list(kept),
            format_func=lambda key: visible(kept[key].name) if key in kept else "",
            key="colorize-picture",
            on_change=lambda: tray.focus(st.session_state["colorize-picture"]),
        )
    if samples.are_there():
        with st.popover(
            "Try a sample", icon=":material/photo_library:", key="colorize-samples", on_change="rerun"
        ) as box:
            if box.open:
                samples.offer(5)


def default_pair(subject: Subject, offered: Sequence[RGB], brush: Brush) -> tuple[RGB, RGB]:
    """A and B before anybody chose: in a palette the colour of the garment's class and the next; else the first two."""
    first = 0
    if not choice.is_own():
        first = 0 if subject.truth is None else subject.truth
        if subject.truth is None and brush is Brush.NETWORK:
            paper = PALETTES["paper"].colours
            first = paper.index(brushes.class_colour(subject))
    return offered[first], offered[(first + 1) % len(offered)]


def show_pair(place: DeltaGenerator, subject: Subject, a: RGB, b: RGB, brush: Brush) -> None:
    """The divider in its place, and here the choice of what is compared."""
    view = st.segmented_control(
        "Compare",
        list(VIEWS),
        default="A and B",
        required=True,
        key="compare",
        bind="query-params",
        label_visibility="collapsed",
        width="stretch",
    )
    canvas = subject.canvas(PREVIEW_SIDE)
    left, right = (_side(subject, canvas, name, {"a": a, "b": b}, brush) for name in VIEWS[view])
    with place:
        compare(left, right, key="pair")


def _side(subject: Subject, canvas: Canvas, name: str, colours: dict[str, RGB], brush: Brush) -> Side:
    if not name:
        return Side(canvas.picture(canvas.photo), "Original", f"the original: {visible(subject.name)}")
    colour = colours[name]
    picture = canvas.picture(coloured(subject, PREVIEW_SIDE, colour, brush))
    code = to_hex(colour)
    return Side(picture, f"{name.upper()} {code}", f"version {name.upper()}: the garment in {code}", code)


def notes(subject: Subject, canvas: Canvas) -> None:
    """What is looked at, and how the garment in it was found."""
    name = f"An example, {subject.name}" if subject.is_example else f"Your picture: {plain(subject.name)}"
    st.caption(f"{name}. Drag the divider, or use the arrow keys.")
    if not subjects.nothing_to_colour(canvas):  # else how the garment was found explains nothing
        for note in canvas.notes:
            st.info(plain(note), icon=":material/content_cut:")
    if subject.is_example or subjects.is_pixel_art(canvas):
        return
    item = tray.items()[subject.key]
    with st.expander("Is the wrong part coloured?", icon=":material/crop:"), st.form("colorize-crop", border=False):
        st.markdown("Say where the garment is; only what is found there is coloured.")
        (left, right), (top, bottom) = item.part
        across = st.slider("From left to right", 0, 100, (left, right), format="%d %%", key=f"c-across-{item.key}")
        down = st.slider("From top to bottom", 0, 100, (top, bottom), format="%d %%", key=f"c-down-{item.key}")
        if st.form_submit_button("Look for the garment there", icon=":material/search:"):
            tray.crop(item.key, (across, down))
            st.rerun()


def how_it_takes_colour(canvas: Canvas) -> None:
    """A word below the picture where its own lightness leaves little room for colour, or none."""
    if nothing := subjects.nothing_to_colour(canvas):
        st.warning(nothing, icon=":material/contrast:")
    elif reservation := subjects.reservation(canvas):
        st.info(reservation, icon=":material/contrast:")


def start_a_ballot(subject: Subject, a: RGB, b: RGB, brush: Brush) -> None:
    """The page's one obvious action: a ballot from this pair, or one pair more for the ballot that was begun."""
    if said := st.session_state.pop(_ADDED, None):
        st.toast(said, icon=":material/how_to_vote:")
    begun = len(ballot_drafts.draft().pairs)
    refusal = _no_ballot(subject, a, b, brush)
    with st.container(horizontal=True):
        start = st.button(
            f"Add as pair {begun + 1} and open the ballot" if begun else "Let your group choose: A or B",
            key="start-ballot",
            icon=":material/how_to_vote:",
            type="primary",
            disabled=bool(refusal),
            help="A ballot is a link for your group: sides shuffled, no names of colours shown.",
        )
        more = begun and st.button("Add and stay here", icon=":material/add:", disabled=bool(refusal))
        st.button("Swap A and B", icon=":material/swap_horiz:", type="tertiary", on_click=choice.swap, args=(a, b))
    if refusal:
        st.caption(refusal)
    if not (start or more):
        return
    first, second = (
        ballot_drafts.Option(takeaway.preview_png(subject, colour, brush), to_hex(colour), (to_hex(colour),))
        for colour in (a, b)
    )
    pair = ballot_drafts.Pair(first, second, visible(subject.name)[:MAX_CAPTION])
    try:
        if start:
            ballot_drafts.start([pair], "Which colour would you wear?")
        is_new = ballot_drafts.add(pair)
    except EinstyleError as error:
        st.error(told(error), icon=":material/how_to_vote:")
        return
    st.session_state[_ADDED] = f"Added as pair {begun + 1}." if is_new else "The ballot has this pair already."
    st.rerun()


def _no_ballot(subject: Subject, a: RGB, b: RGB, brush: Brush) -> str | None:
    """Why nobody could choose between A and B, or None."""
    if len(ballot_drafts.draft().pairs) >= MAX_PAIRS:
        return f"Your ballot has {MAX_PAIRS} pairs, as many as it can have: start it on the page A/B test."
    if a == b:
        return "A and B are one colour. Choose another for one of them, and your group has a choice."
    canvas = subject.canvas(TILE_SIDE)
    first, second = (coloured(subject, TILE_SIDE, colour, brush) for colour in (a, b))
    if verdicts.difference(first, second, canvas.mask) < _SAME:
        return "A and B come out the same on this picture: your group would have nothing to choose between."
    return None


def show_difference(subject: Subject, a: RGB, b: RGB, brush: Brush) -> None:
    """Delta-E in plain words, and the pair as colour-blind people see it."""
    canvas = subject.canvas(TILE_SIDE)
    first, second = (coloured(subject, TILE_SIDE, colour, brush) for colour in (a, b))
    difference = verdicts.difference(first, second, canvas.mask)
    st.subheader("Does everybody see the difference?", anchor=False)
    st.markdown(f"**ΔE {difference:.1f}** between A and B: {verdicts.reading(difference)}.", help=verdicts.SOURCES)
    views = verdicts.views(first, second, canvas.mask)
    if warning := verdicts.confused(difference, views):
        st.warning(warning, icon=":material/visibility_off:")
    kind = "pixels" if subjects.is_pixel_art(canvas) else "photo"
    with st.grid(3, min_column_width=250, gap="medium"):
        for seen in views:
            with st.container(key=f"{kind}-seen-{seen.vision}", gap="xsmall"):
                title = verdicts.TITLES[seen.vision]
                st.image(
                    _beside(canvas, seen.a, seen.b),
                    width="stretch",
                    output_format="PNG",
                    alt=f"{title}: A on the left, B on the right",
                )
                st.markdown(f"**{title}**  \nΔE {seen.difference:.1f}: {verdicts.reading(seen.difference)}")
    st.caption(verdicts.VISION_SOURCES)


def _beside(canvas: Canvas, a: NDArray[np.uint8], b: NDArray[np.uint8]) -> bytes:
    """A and B in one picture, PNG."""
    pair = [np.asarray(canvas.picture(side)) for side in (a, b)]
    joined = np.concatenate(pair, axis=1)
    if subjects.is_pixel_art(canvas):
        joined = joined.repeat(8, axis=0).repeat(8, axis=1)
    return png_bytes(joined)


def show_sheet(subject: Subject, offered: Sequence[RGB], brush: Brush) -> None:
    """One garment in all the colours on offer."""
    whose = "your own colours" if choice.is_own() else f"the palette “{PALETTES[st.session_state['palette']].title}”"
    st.subheader("The colourway sheet", anchor=False)
    st.markdown(f"The same garment in {whose}, {len(offered)} colours.")
    canvas = subject.canvas(TILE_SIDE)
    kind = "pixels" if subjects.is_pixel_art(canvas) else "photo"
    with st.grid(5, min_column_width=140, gap="small"):
        for number, colour in enumerate(offered):
            code = to_hex(colour)
            with st.container(key=f"{kind}-way-{number}"):
                picture = subjects.enlarged(canvas.picture(coloured(subject, TILE_SIDE, colour, brush)), 224)
                st.image(picture, caption=code, width="stretch", output_format="PNG", alt=f"the garment in {code}")
    st.download_button(
        "Colourway sheet (PNG)",
        lambda: png_bytes(takeaway.sheet(subject, offered, brush)),
        f"{takeaway.stem(subject)}-colourways.png",
        "image/png",
        on_click="ignore",
        icon=":material/grid_view:",
    )


def take_away(subject: Subject, a: RGB, b: RGB, offered: Sequence[RGB], brush: Brush) -> None:
    """A, B, everything."""
    pair = takeaway.Pair(subject, a, b, brush)
    with st.container(horizontal=True):
        for name, colour in (("A", a), ("B", b)):
            st.download_button(
                f"{name} (PNG)",
                lambda colour=colour: takeaway.full_png(subject, colour, brush),  # type: ignore[misc]
                takeaway.file_name(subject, colour),
                "image/png",
                key=f"take-{name}",
                on_click="ignore",
                icon=":material/download:",
                help="At the full resolution of your picture; a large photo takes some seconds.",
            )
        st.download_button(
            "Everything (ZIP)",
            lambda: takeaway.everything(pair, offered),
            f"{takeaway.stem(subject)}-colours.zip",
            "application/zip",
            on_click="ignore",
            icon=":material/folder_zip:",
            help="A and B at full resolution and their plain tints, every colourway, the sheet, the hex values (CSV).",
        )


def choose_colours(subject: Subject, a: RGB, b: RGB, offered: Sequence[RGB], brush: Brush) -> None:
    """The colours of A and B, each below its half of the picture, and what became of them on this cloth."""
    canvas = subject.canvas(TILE_SIDE)
    for column, name, colour in zip(st.columns(2, gap="medium"), choice.SIDES, (a, b), strict=True):
        with column:
            choice.choose_side(name, colour, offered)
            mean = takeaway.mean_colour(coloured(subject, TILE_SIDE, colour, brush), canvas.mask)
            st.caption(f"Wanted {to_hex(colour)}; on this cloth {to_hex(mean)} on average.")


def workbench() -> None:
    """Everything between the title and the footer."""
    samples.follow_link()
    brush = brushes.usable()
    figures = evidence.measured()
    subject = subjects.current()
    if subject is None:
        add_picture()
        samples.offer_download()
        return
    left, right = st.columns([7, 5], gap="large")
    try:
        with right:
            add_picture()
            canvas = subject.canvas(PREVIEW_SIDE)
            offered = choice.choose()
            a, b = choice.sides(default_pair(subject, offered, brush))
            take_away(subject, a, b, offered, brush)
            notes(subject, canvas)
        with left:
            place = st.container()
            how_it_takes_colour(canvas)
            start_a_ballot(subject, a, b, brush)
            choose_colours(subject, a, b, offered, brush)
            show_pair(place, subject, a, b, brush)
        show_difference(subject, a, b, brush)
        show_sheet(subject, offered, brush)
        evidence.show(subject, a, brush, figures)
    except ImageError as error:  # the file went with another tab's "clear all"
        st.error(told(error), icon=":material/broken_image:")
        return
    if not subject.is_example:
        travel.offer(lambda: subject.key, here="colorize")


shell.begin(
    "Colorize",
    "Your garment in the colours you are thinking of: folds, prints and background stay, the cloth changes. Put two "
    "versions side by side, then let your group choose.",
)
workbench()
shell.footer()

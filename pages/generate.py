"""Generate: garments that nobody sewed. Ten GANs, ten classes, a seed; every picture can be taken away."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import streamlit as st

from einstyle_core import data
from einstyle_core.checkpoints import restore_command
from einstyle_core.data import CLASS_NAMES
from einstyle_core.errors import EinstyleError
from einstyle_core.gans import checkpoint_name, get
from einstyle_core.gans.sheets import contact_sheet
from einstyle_core.images import grid, png_bytes
from pages.components.tiles import tiles
from pages.generating import quality, quiz, takeaway, zoo
from pages.generating.recipe import ANY, COUNTS, MOST_SEED, Recipe, from_query, is_asked, other_weights
from pages.shared import makers, networks, pictures, shell, travel, tray
from pages.shared.text import plain, told

_WALL = "wall"
_LAST = "generate-last"  # in the session: the recipe that was seen last, as URL parameters
_SHEET_COLUMNS = 8
_CONTROLS = ("gan", "class", "count", "seed", "own_style", "style_0", "style_1")


def choose_recipe(names: list[str], default: str) -> Recipe:
    """The controls; they say what the URL says, also when the visitor went back in the browser's history."""
    recipe, complaints = from_query(_asked_for(), names, default)
    for complaint in complaints:
        st.warning(plain(complaint), icon=":material/link_off:")
    sha256 = makers.shipped()[recipe.gan]["sha256"]
    if other_weights(st.query_params, sha256):
        st.info(
            "This link was made with other weights than those on this machine: the same recipe gives other pictures.",
            icon=":material/model_training:",
        )
    style = recipe.style or (0.0, 0.0)
    wanted = {
        "gan": recipe.gan,
        "class": ANY if recipe.label is None else CLASS_NAMES[recipe.label],
        "count": recipe.count,
        "seed": recipe.seed,
        "own_style": recipe.style is not None,
        "style_0": style[0],
        "style_1": style[1],
    }
    for name, value in wanted.items():
        st.session_state[_key(name)] = value
    st.session_state[_LAST] = recipe.to_query(sha256)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "GAN", names, format_func=lambda name: get(name).title, key=_key("gan"), on_change=_follow, width=150
        )
        st.selectbox(
            "Garment", [ANY, *CLASS_NAMES], format_func=str.capitalize, key=_key("class"), on_change=_follow, width=170
        )
        st.segmented_control("Pictures", COUNTS, key=_key("count"), on_change=_follow, required=True)
        st.number_input("Seed", 0, MOST_SEED, key=_key("seed"), on_change=_follow, width=150)
        st.button("Other pictures", icon=":material/casino:", on_click=_reseed, type="primary", shortcut="N")
    if not _has_style(recipe.gan):
        return replace(recipe, style=None)
    st.toggle(
        "Set the two continuous codes",
        key=_key("own_style"),
        on_change=_follow,
        help="Two numbers that change the garment, each in a way that infoGAN found by itself. Set here, they are the "
        "same for all pictures; otherwise each picture has its own, at random.",
    )
    if recipe.style:
        for index, column in enumerate(st.columns(2)):
            column.slider(
                f"Continuous code {index + 1}", -1.0, 1.0, step=0.05, key=_key(f"style_{index}"), on_change=_follow
            )
    return recipe


def _asked_for() -> Mapping[str, str]:
    """What the URL asks for; of one that asks for nothing, what was seen here last: a visitor comes back to it."""
    last: dict[str, str] = st.session_state.get(_LAST, {})
    return st.query_params if is_asked(st.query_params) else last


def _has_style(gan: str) -> bool:
    """Whether a GAN has continuous codes to set."""
    try:
        return makers.load(gan).latent.continuous > 0
    except EinstyleError:  # told where its pictures would be
        return False


def explain_class(recipe: Recipe) -> None:
    """How the class came to be, in one honest sentence."""
    info, sampler, title = makers.shipped()[recipe.gan], makers.load(recipe.gan), get(recipe.gan).title
    if recipe.label is None:
        return
    name = CLASS_NAMES[recipe.label]
    if get(recipe.gan).conditional:
        st.caption(f"{title} takes the class as an input: it was asked for {name}.")
    elif sampler.codes is not None:
        share = info["metrics"].get("code_agreement")
        measured = f" In all, {share:.0%} of the pictures show their code's class." if share is not None else ""
        st.caption(
            f"{title} was never told a class. It found ten codes by itself, which were matched to the classes "
            f"afterwards: code {sampler.codes[recipe.label]} came nearest to {name}.{measured}"
        )
    elif yields := info["metrics"].get("yields"):
        share = yields[recipe.label]
        st.caption(
            f"{title} cannot be asked for a class: what it draws is sorted by the convolutional network. "
            f"{name}: {_yield_in_words(share, recipe.count)}. To spare you the wait, these are taken from "
            f"{sampler.bank.shape[1]} that were found beforehand."
        )


def _yield_in_words(share: float, count: int) -> str:
    """How many of ``count`` pictures show a class that a ``share`` above 0 of them shows."""
    made = round(share * count)
    part = f"{made} of {count}" if made else f"1 of {round(1 / share):,}"
    return f"about {part} drawn ({share:.1%})"


def show_pictures(recipe: Recipe) -> None:
    """The wall, and what can be done with the picture chosen on it."""
    try:
        pixels = zoo.draw(recipe).pixels
        answers = networks.ask(networks.BEST, pixels)
    except EinstyleError as error:
        st.error(told(error), icon=":material/healing:")
        return
    explain_class(recipe)
    numbers = [f"picture {number}" for number in range(1, len(pixels) + 1)]
    chosen = tiles(pixels, numbers, [answer.label for answer in answers], _WALL, "Generated garments")
    st.caption(f"Below each picture: what {networks.spoken(networks.BEST)} takes it for. Click one to look closer.")
    _take_home(recipe, pixels)
    st.divider()
    _look_closer(recipe, pixels, chosen)


def _take_home(recipe: Recipe, pixels: np.ndarray) -> None:
    sha256 = makers.shipped()[recipe.gan]["sha256"]
    name = takeaway.stem(recipe)
    with st.container(horizontal=True):
        st.download_button(
            "Sheet (PNG)",
            lambda: takeaway.sheet_png(pixels),
            f"{name}.png",
            "image/png",
            on_click="ignore",
            icon=":material/image:",
        )
        st.download_button(
            "All pictures (ZIP with manifest)",
            lambda: takeaway.zip_bytes(pixels, recipe, sha256),
            f"{name}.zip",
            "application/zip",
            on_click="ignore",
            icon=":material/folder_zip:",
        )
        with st.popover("Link", icon=":material/link:"):
            st.markdown("The same pictures, pixel for pixel, for whoever opens it on this site:")
            query = "&".join(f"{key}={value}" for key, value in recipe.to_query(sha256).items())
            st.code(
                f"{(st.context.url or '').split('?')[0]}?{query.replace(' ', '%20')}", language=None, wrap_lines=True
            )


def _look_closer(recipe: Recipe, pixels: np.ndarray, chosen: int) -> None:
    st.subheader(f"Picture {chosen + 1}", anchor=False)
    close, facts, way = st.columns([2, 3, 3], gap="large")
    with close:
        pictures.show_pixels(pixels[chosen], "chosen", f"picture {chosen + 1}, enlarged")
        travel.offer(lambda: _to_tray(recipe, pixels, chosen), here="generate", words="Use it in")
    with facts:
        st.markdown("**What the networks take it for**")
        for name in networks.usable():
            answer = networks.ask(name, pixels[chosen][None])[0]
            st.markdown(f"{networks.title(name)}: {answer.label}, {answer.confidence:.0%}")
        if data.is_available():
            _show_nearest(pixels[chosen])
    with way:
        _show_walk(recipe, pixels, chosen)


def _show_nearest(picture: np.ndarray) -> None:
    st.markdown("**The nearest of the 60,000 training images**")
    try:
        index, image, distance = zoo.nearest_training_image(picture)
    except EinstyleError as error:
        st.error(told(error), icon=":material/folder_off:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width=84):
            pictures.show_pixels(image, "nearest", f"training image {index}")
        usual = quality.usual_distance()
        scale = f"; of real pictures that no GAN has seen, half lie nearer than {usual:.1f}" if usual else ""
        st.caption(
            f"Number {index}, at distance {distance:.2f} (Euclidean, pixels from 0 to 1). A copy would be at 0{scale}."
        )


def _show_walk(recipe: Recipe, pixels: np.ndarray, chosen: int) -> None:
    count = len(pixels)
    st.markdown("**A walk to another picture**")
    end = st.number_input("To picture", 1, count, (chosen + 1) % count + 1, key=f"walk-{chosen}-{count}", width=140) - 1
    frames = zoo.stroll(recipe, chosen, end)
    gif = takeaway.walk_gif(frames)
    st.image(gif, width="content")
    st.download_button(
        "Walk (GIF)",
        gif,
        f"{takeaway.stem(recipe)}-walk-{chosen + 1}-{end + 1}.gif",
        "image/gif",
        on_click="ignore",
        icon=":material/gif_box:",
    )


def show_all_ten(recipe: Recipe, names: list[str]) -> None:
    """One seed and one class across all GANs."""
    rows = {}
    for name in names:
        same = Recipe(name, recipe.label, COUNTS[0], recipe.seed, recipe.style)
        try:
            rows[get(name).title] = zoo.draw(same).pixels[:_SHEET_COLUMNS]
        except EinstyleError as error:
            st.warning(told(error), icon=":material/healing:")
    what = "garments of any class" if recipe.label is None else CLASS_NAMES[recipe.label]
    st.markdown(f"Each GAN's first {_SHEET_COLUMNS} pictures from seed {recipe.seed}: {what}.")
    with st.grid(2, min_column_width=300, gap="medium"):
        for title, pixels in rows.items():
            with st.container(gap="xxsmall", key=f"pixels-row-{title}"):
                st.markdown(f"**{title}**")
                st.image(
                    grid(pixels, _SHEET_COLUMNS, 1, 4), width="stretch", output_format="PNG", alt=f"pictures by {title}"
                )
    if rows:
        st.download_button(
            "Contact sheet (PNG)",
            lambda: png_bytes(contact_sheet(rows)),
            f"contact-sheet-seed{recipe.seed}.png",
            "image/png",
            on_click="ignore",
            icon=":material/image:",
        )


def _to_tray(recipe: Recipe, pixels: np.ndarray, chosen: int) -> str:
    return tray.add_sample(f"{get(recipe.gan).title} {recipe.seed}-{chosen + 1}", pixels[chosen], recipe.label)


def _key(name: str) -> str:
    return f"generate-{name}"


def _follow() -> None:
    """Put what the controls say into the URL."""
    values = {name: st.session_state[_key(name)] for name in _CONTROLS if _key(name) in st.session_state}
    recipe = Recipe(
        values["gan"],
        None if values["class"] == ANY else CLASS_NAMES.index(values["class"]),
        values["count"],
        values["seed"],
        (values.get("style_0", 0.0), values.get("style_1", 0.0)) if values.get("own_style") else None,
    )
    st.query_params.update(recipe.to_query(makers.shipped()[recipe.gan]["sha256"]))
    if recipe.style is None:
        st.query_params.pop("style", None)


def _reseed() -> None:
    st.session_state[_key("seed")] = (st.session_state[_key("seed")] + 1) % (MOST_SEED + 1)
    _follow()


shell.begin(
    "Generate",
    "Garments that nobody sewed. Each picture is made from a handful of random numbers by a network that learned from "
    "60,000 pictures of clothes by fooling another one.",
)
for broken in makers.damaged():
    try:
        makers.load(broken)
    except EinstyleError as error:
        st.error(f"**{get(broken).title}**: {told(error)}", icon=":material/healing:")
shipped = list(makers.shipped())
if first := makers.best():
    asked = choose_recipe(shipped, first)
    views = ["Pictures", "All side by side", "Real or generated?", "How good are they?"]
    wall_tab, sheet_tab, quiz_tab, quality_tab = st.tabs(views, key="generate-view", bind="query-params")
    with wall_tab:
        if wall_tab.open:
            show_pictures(asked)
    with sheet_tab:
        if sheet_tab.open:
            show_all_ten(asked, shipped)
    with quiz_tab:
        if quiz_tab.open:
            quiz.show(asked.gan)
    with quality_tab:
        if quality_tab.open:
            quality.show(asked.gan)
else:
    st.info(
        f"No GAN has been trained on this machine yet. `{restore_command(checkpoint_name('all'))}` trains all ten: "
        "minutes on a GPU, a night or two on a processor.",
        icon=":material/model_training:",
    )
shell.footer()

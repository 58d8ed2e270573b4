"""Training: how ten GANs learned, epoch by epoch, all locked to the same one; and one that learns now."""

import streamlit as st

from einstyle_core.errors import CheckpointError
from einstyle_core.gans import GANS, RECIPES, history
from pages.components.epoch_player import Run, epoch_player
from pages.epochs import live, shelf, sources
from pages.shared import shell
from pages.shared.text import plain, told

_GANS, _RECIPE, _EPOCH = "gans", "recipe", "epoch"  # in the URL
_BOTH = "both"
_FIRST_CHOICE = ("gan", "wgan", "began")
_PLAYER = "epochs"


def choose_runs() -> list[shelf.RunName]:
    """Which runs to show: the visitor's choice, kept in the URL."""
    shipped = shelf.shipped()
    if not shipped:
        st.info(
            "No GAN has been trained on this machine yet: `python -m scripts.train_gan --gan all` trains all ten, and "
            "this page shows how. One that learns before your eyes is under “Train live”.",
            icon=":material/movie:",
        )
        return []
    names = list(dict.fromkeys(name for name, _ in shipped))
    linked = _linked_names()
    _tell_unknown(linked, names)
    sound = [name for name in linked if name in names]
    preferred = [name for name in _FIRST_CHOICE if name in names] or names[:3]
    st.session_state.setdefault("chosen-gans", sound or preferred)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="content"):  # in it they wrap, where the screen is narrow
            chosen = st.pills("GANs", names, selection_mode="multi", format_func=shelf.title, key="chosen-gans")
        st.button("All", key="all-gans", type="tertiary", on_click=_choose_all, args=(names,))
        recipe = _choose_recipe(shipped)
    chosen = [name for name in names if name in chosen]
    if chosen != (sound or preferred) or (sound and sound != linked):
        st.query_params[_GANS] = ",".join(chosen)
    if not chosen:
        st.info("Choose at least one GAN.", icon=":material/touch_app:")
    recipes = RECIPES if recipe == _BOTH else (recipe,)
    for wanted in recipes:
        if missing := [shelf.title(name) for name in chosen if (name, wanted) not in shipped]:
            st.caption(f"No run of the {wanted} recipe is here of {', '.join(missing)}.")
    return [(name, wanted) for name in chosen for wanted in recipes if (name, wanted) in shipped]


def open_runs(names: list[shelf.RunName]) -> list[Run]:
    """The runs that can be shown; each other one gets its sentence and hides none."""
    runs = []
    for name, recipe in names:
        try:
            shown = shelf.open_run(name, recipe)
        except CheckpointError as error:
            st.error(f"**{shelf.title(name)}**: {told(error)}", icon=":material/healing:")
            continue
        if shown.problem:
            st.warning(f"**{shelf.title(name)}**: {shown.problem}", icon=":material/broken_image:")
        runs.append(shown.run)
    return runs


@st.fragment
def play(runs: list[Run]) -> None:
    """The player; where it comes to rest goes into the URL, and nothing else runs again."""
    if _PLAYER not in st.session_state:  # it is new: the first visit, a return, or after no GAN was chosen
        st.session_state["start-epoch"] = _linked_epoch() or _last_common_epoch(runs)
    epoch_player(runs, key=_PLAYER, start=st.session_state["start-epoch"], on_epoch_change=_keep_epoch)


def tell_scales(names: list[shelf.RunName]) -> None:
    """Warn that losses which measure different things cannot be compared."""
    scales = shelf.scales([name for name, _ in names])
    if len(scales) > 1:
        each = "; ".join(f"of {', '.join(titles)}: {words}" for words, titles in scales.items())
        st.info(
            f"These losses share no scale ({each}). Compare when something happens, never how high a curve is: a "
            "lower curve does not mean better pictures.",
            icon=":material/balance:",
        )


def explain() -> None:
    """What is on the page, for those who see it for the first time."""
    with st.expander("How to read this", icon=":material/help:"):
        st.markdown(
            "- **Epoch**: the GAN has gone once more through all training images.\n"
            "- **Picture**: what the generator makes of the same hundred inputs after each epoch, each input a noise; "
            "where a GAN works with classes, each of ten noises with each of ten classes. A tile is called by its row "
            "and its column, both counted from 0 at the top left.\n"
            "- **Coloured band**: from left to right, epoch by epoch, how generated pictures are shared among the ten "
            "classes. A classifier names them, and may err. A generator that makes only a few kinds has collapsed.\n"
            "- **Curves**: D is the discriminator, which learns to tell training images from generated ones, and G the "
            "generator, which learns to be taken for real. `D/real` and `D/fake` are D’s losses on training images and "
            "on generated ones, `G/fake` is G’s. Every other name belongs to one paper: “Read the source” says what it "
            "is. A strong line is an epoch’s mean, a faint one shows how it went within."
        )


def offer_files(names: list[shelf.RunName]) -> None:
    """The animations for slides, and the histories."""
    with st.popover("Files", icon=":material/download:"):
        for name, recipe in names:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{shelf.title(name)}, {recipe}", width=180)
                if path := shelf.gif(name, recipe):
                    st.download_button(
                        "GIF",
                        path.read_bytes,
                        f"{name}-{recipe}.gif",
                        "image/gif",
                        on_click="ignore",
                        key=f"gif-{name}-{recipe}",
                        type="tertiary",
                    )
                st.download_button(
                    "History (JSON)",
                    history.path_of(name, recipe).read_bytes,
                    f"{name}-{recipe}.history.json",
                    "application/json",
                    on_click="ignore",
                    key=f"json-{name}-{recipe}",
                    type="tertiary",
                )


def watch() -> None:
    """The first tab."""
    chosen = choose_runs()
    runs = open_runs(chosen)
    if not runs:
        return
    play(runs)
    tell_scales(chosen)
    explain()
    offer_files(chosen)


def _choose_recipe(shipped: list[shelf.RunName]) -> str:
    options: list[str] = [recipe for recipe in RECIPES if any(recipe == known for _, known in shipped)]
    linked = st.query_params.get(_RECIPE, "")
    if len(options) < 2:
        if linked in (*RECIPES, _BOTH) and linked != options[0]:
            st.caption(f"The link asks for “{linked}”: only runs of the {options[0]} recipe are here.")
        return options[0]
    options.append(_BOTH)
    st.session_state.setdefault("chosen-recipe", linked if linked in options else options[0])
    chosen: str | None = st.segmented_control(
        "Recipe",
        options,
        required=True,
        format_func=str.capitalize,
        key="chosen-recipe",
        width="content",
        help="Fixed: what the papers say, done well. Reference: what the collection that the paper used does.",
    )
    chosen = chosen or options[0]
    if chosen != (linked or options[0]):
        st.query_params[_RECIPE] = chosen
    return chosen


def _choose_all(names: list[str]) -> None:
    st.session_state["chosen-gans"] = names


def _linked_names() -> list[str]:
    parts = st.query_params.get(_GANS, "").split(",")[:20]
    return list(dict.fromkeys(part.strip()[:40] for part in parts if part.strip()))


def _tell_unknown(linked: list[str], shipped: list[str]) -> None:
    unknown = [name for name in linked if name not in GANS]
    if unknown:
        st.warning(
            f"The link names what is no GAN here: {plain(', '.join(unknown))}. There are {', '.join(GANS)}.",
            icon=":material/link_off:",
        )
    if absent := [name for name in linked if name in GANS and name not in shipped]:
        commands = ", ".join(f"`python -m scripts.train_gan --gan {name}`" for name in absent)
        st.warning(f"Not trained on this machine yet: {commands}", icon=":material/link_off:")


def _linked_epoch() -> int | None:
    text = st.query_params.get(_EPOCH, "")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 else None


def _last_common_epoch(runs: list[Run]) -> int | None:
    """The last epoch of which every run has a picture; None where no run has any."""
    return min((run.sheet.frames for run in runs if run.sheet), default=None)


def _keep_epoch() -> None:
    epoch = st.session_state[_PLAYER].epoch
    if isinstance(epoch, int):
        st.query_params[_EPOCH] = str(epoch)


shell.begin(
    "Training",
    "How a generator learns: what it makes of the same hundred inputs after every epoch, beside its losses and the "
    "kinds of garments it makes. Every GAN stands at the same epoch.",
)
watch_tab, live_tab, source_tab = st.tabs(
    ["Watch", "Train live", "Read the source"], key="training", bind="query-params"
)
with watch_tab:
    watch()
with live_tab:
    live.show()
with source_tab:
    sources.show()
shell.footer()

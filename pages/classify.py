"""Classify: what is this garment? Photos in, the networks' answers side by side, a whole catalogue sorted."""

import streamlit as st

from einstyle_core import checkpoints
from pages.classifying import batch, closeup, entrance, search, similar
from pages.shared import answers, catalogue, confusion, networks, shell, tray
from pages.shared.catalogue import Answered


def your_pictures() -> None:
    """The first tab."""
    entrance.show()
    kept = list(tray.items().values())
    if not kept:
        search.forget()
        return
    sound = networks.usable()
    if not sound:
        closeup.show_steps(tray.items().get(tray.focused(), kept[-1]), sound)
        return
    asked = networks.preferred(sound)
    if len(sound) > 1 and len(kept) > 1:
        asked = networks.choose("Sort and name by the answers of", sound, "network")
    each_says = zip(*(answers.predictions(name, kept) for name in sound), strict=True)
    pictures = catalogue.in_order(
        [Answered(item, dict(zip(sound, says, strict=True)), asked) for item, says in zip(kept, each_says, strict=True)]
    )
    focused = next((entry for entry in pictures if entry.item.key == tray.focused()), pictures[0])
    if len(pictures) > 1:
        batch.show(pictures, focused.item.key)
        st.divider()
    closeup.show(focused)
    if not focused.item.is_blank:
        similar.show(focused, pictures)
    place = st.container()
    if len(pictures) > 1:
        st.divider()
        batch.correct(pictures)
    search.work_off(place)


def lead() -> str:
    """Who answers on this machine."""
    paper = "which learned from catalogue pictures of ten kinds of garments"
    if checkpoints.path_of(networks.PHOTO).exists():
        return (
            f"What is this garment? A network made for photographs, and the paper's two, {paper}, say what they take "
            "it for, and how sure they are."
        )
    return f"What is this garment? Two networks, {paper}, say what they take it for, and how sure they are."


shell.begin("Classify", lead())
pictures_tab, mistakes_tab = st.tabs([confusion.PICTURES_TAB, "Where they go wrong"], key="view", bind="query-params")
with pictures_tab:
    your_pictures()
with mistakes_tab:
    confusion.show()
shell.footer()

"""Find similar: the items nearest to a picture in a network's features, which is also why it answers as it does."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st
import torch

from einstyle_core import data
from einstyle_core.errors import CheckpointError, DataError
from einstyle_core.retrieval import Index
from pages.classifying import search
from pages.shared import answers, models, networks, pictures, samples, tray
from pages.shared.catalogue import Answered
from pages.shared.text import plain, told
from pages.shared.verdicts import LABELS

_COUNT = 8


@dataclass(frozen=True)
class _Found:
    """One near item.

    Attributes:
        label: its class, an index of ``LABELS``.
        where: its file's name, or its number in the dataset.
        distance: 1 less the cosine.
        draw: shows it; called with the widget's key and what it shows.
        open: puts it among the pictures where it is not yet, and returns its key.
    """

    label: int
    where: str
    distance: float
    draw: Callable[[str, str], None]
    open: Callable[[], str]


@st.fragment
def show(entry: Answered, batch: Sequence[Answered]) -> None:
    """The section for one picture; only a picture that is opened, and a search that begins, draw the page anew.

    Args:
        entry: the picture.
        batch: all of the visitor's pictures, this one among them.
    """
    st.markdown("#### Find similar")
    names = list(entry.predictions)
    space = networks.choose("As it looks to", names, "space") if len(names) > 1 else names[0]
    st.caption(
        f"What {networks.spoken(space)} finds alike it answers alike: the nearest items are the reason for its answer. "
        "Distance 0 is the same to it, 1 is nothing in common (1 less the cosine between features)."
    )
    try:
        if len(batch) > 1:
            st.markdown("**In your pictures**")
            _show_found(_among_yours(space, entry, batch), "yours")
        if data.is_available():
            st.markdown("**In Fashion-MNIST**")
            _show_fashion_mnist(space, entry)
    except (CheckpointError, DataError) as error:
        st.error(told(error), icon=":material/healing:")
        return
    if len(batch) == 1 and not data.is_available():
        st.markdown("Add a second picture, and the nearest of your own are shown here.")


def _show_fashion_mnist(space: str, entry: Answered) -> None:
    if models.index(space) is not None:
        _show_found(_in_fashion_mnist(space, entry), "fashion-mnist")
    else:
        search.offer(space)


def _among_yours(space: str, entry: Answered, batch: Sequence[Answered]) -> list[_Found]:
    others = [other for other in batch if not other.item.is_blank and other.item.key != entry.item.key]
    if not others:
        return []
    index = Index.of(answers.features(space, [other.item for other in others]))
    nearest = index.nearest(answers.features(space, [entry.item]), _COUNT)
    found = []
    for position, distance in zip(nearest.positions[0].tolist(), nearest.distances[0].tolist(), strict=True):
        other = others[position]
        item = other.item
        found.append(
            _Found(
                label=other.decision_of(space) if item.truth is None else item.truth,
                where=item.name,
                distance=distance,
                draw=lambda key, alt, item=item: pictures.show_item(item, key, alt),  # type: ignore[misc]
                open=lambda key=item.key: key,  # type: ignore[misc]
            )
        )
    return found


def _in_fashion_mnist(space: str, entry: Answered) -> list[_Found]:
    index = models.index(space)
    if index is None:
        return []
    itself = None if entry.item.place is None else torch.tensor([entry.item.place])
    nearest = index.nearest(answers.features(space, [entry.item]), _COUNT, leave_out=itself)
    places = nearest.positions[0].tolist()
    pixels, labels = models.fashion_mnist(places)
    return [
        _Found(
            label=int(label),
            where=samples.name_of(place),
            distance=distance,
            draw=lambda key, alt, image=image: pictures.show_pixels(image, key, alt),  # type: ignore[misc]
            open=lambda place=place: samples.add_place(place),  # type: ignore[misc]
        )
        for place, distance, image, label in zip(places, nearest.distances[0].tolist(), pixels, labels, strict=True)
    ]


def _show_found(found: Sequence[_Found], section: str) -> None:
    if not found:
        st.caption("There is no other.")
        return
    counts = Counter(each.label for each in found).most_common()
    st.markdown(f"{len(found)} nearest: {', '.join(f'{count} × {LABELS[label]}' for label, count in counts)}.")
    with st.grid(_COUNT, min_column_width=92, gap="small"):
        for number, each in enumerate(found):
            key = f"near-{section}-{number}"
            with st.container(gap="xxsmall"):
                each.draw(key, f"{each.where}: {LABELS[each.label]}")
                if st.button(LABELS[each.label], key=f"look-{key}", help=f"Open {plain(each.where)}", width="stretch"):
                    opened = tray.accept(each.open)
                    if opened:
                        tray.look_closely(opened)
                        st.rerun(scope="app")
                st.caption(f"{each.distance:.2f} · {plain(_short(each.where))}")


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:14]}…{name[-8:]}"

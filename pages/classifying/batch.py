"""Many pictures: a sorted grid to click, corrections and the accuracy on them, and the files to take away."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from einstyle_core.exports import visible
from pages.shared import catalogue, networks, pictures, scores, tray
from pages.shared.catalogue import Answered
from pages.shared.text import plain
from pages.shared.verdicts import FOLDERS, LABELS, NOTHING, said

_GRID_PAGE = 24
_ROUND = "corrections-round"  # in the session: how often labels were set beside the table
_SHOWN = "grid-shown"  # in the session: what "Show only" was set to, which other choices to choose from would forget


def show(batch: Sequence[Answered], focused: str) -> None:
    """The batch, in order, with the picture that is looked at marked.

    Args:
        batch: at least two pictures, sorted (:func:`pages.shared.catalogue.in_order`).
        focused: the key of the one that is looked at.
    """
    asked = batch[0].asked
    doubts = sum(entry.rival is not None for entry in batch)
    agreed = sum(entry.agreed and not entry.item.is_blank for entry in batch)
    everybody = {1: "", 2: f" Both networks agree on {agreed}."}
    together = everybody.get(len(batch[0].predictions), f" All networks agree on {agreed}.")
    st.subheader(f"{len(batch)} pictures, sorted", anchor=False)
    st.markdown(
        f"By the answers, the surest first.{together} {networks.spoken(asked).capitalize()} is in doubt on {doubts}."
    )
    shown = _of_one_label(batch)
    pages = -(-len(shown) // _GRID_PAGE)
    page = min(st.pagination(pages, key="grid-page"), pages) if pages > 1 else 1
    with st.grid(8, min_column_width=104, gap="small"):
        for entry in shown[(page - 1) * _GRID_PAGE : page * _GRID_PAGE]:
            _cell(entry, is_focused=entry.item.key == focused)
    _offer_files(batch)


def correct(batch: Sequence[Answered]) -> None:
    """A table in which the visitor says what each picture is, and how right the networks were."""
    st.subheader("How right on your pictures?", anchor=False)
    st.markdown(
        "Choose in the second column what each picture is. The folders of the ZIP and the figures below follow at once."
    )
    table = pd.DataFrame(
        {
            "picture": [pictures.png_uri(pictures.thumbnail(entry.item, 56)) for entry in batch],
            "It is": [None if entry.item.truth is None else LABELS[entry.item.truth] for entry in batch],
            **{
                networks.title(name): [
                    FOLDERS[NOTHING] if entry.item.is_blank else said(entry.predictions[name]).replace(", ", " ")
                    for entry in batch
                ]
                for name in batch[0].predictions
            },
            "file": [visible(entry.item.name) for entry in batch],
        }
    )
    # Another editor where labels came from elsewhere: its own edits, which it would replay, are in the tray by then.
    editor = f"corrections-{st.session_state.get(_ROUND, 0)}-{hash(tuple(entry.item.key for entry in batch))}"
    st.data_editor(
        table,
        key=editor,
        hide_index=True,
        num_rows="fixed",
        row_height=44,
        height=min(44 * len(batch) + 40, 480),
        disabled=[column for column in table.columns if column != "It is"],
        column_config={
            "picture": st.column_config.ImageColumn("Picture", width="small"),
            "file": st.column_config.TextColumn("File"),
            "It is": st.column_config.SelectboxColumn("It is …", options=list(LABELS)),
        },
        on_change=lambda: _keep_corrections(editor, batch),
        placeholder="choose",
        alt="One row a picture: what it is, what each network says, its file",
    )
    labelled = [entry for entry in batch if entry.item.truth is not None]
    others = [entry for entry in batch if entry.item.truth is None and not entry.item.is_blank]
    if others and st.button(
        f"The other {len(others)} are as {networks.spoken(batch[0].asked)} says",
        icon=":material/done_all:",
        type="tertiary",
        help="Correct the wrong ones first: what is left then counts as answered right. Empty pictures are left out.",
    ):
        for entry in others:
            tray.label(entry.item.key, entry.decision)
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
        st.rerun()
    if labelled:
        _show_accuracy(labelled)


def _show_accuracy(labelled: Sequence[Answered]) -> None:
    with st.container(horizontal=True, gap="medium"):
        for name in labelled[0].predictions:
            right = sum(entry.is_right(name) for entry in labelled)
            low, high = scores.wilson_interval(right, len(labelled))
            st.metric(
                f"{networks.title(name)} on your pictures",
                f"{right} of {len(labelled)}",
                f"{right / len(labelled):.0%} right; 95 % interval {low:.0%} to {high:.0%}",
                delta_color="off",
                delta_arrow="off",
                width="content",
            )


def _of_one_label(batch: Sequence[Answered]) -> Sequence[Answered]:
    """What the visitor wants to see of a batch that does not fit on one page of the grid."""
    if len(batch) <= _GRID_PAGE:
        return batch
    parts = catalogue.by_label(batch)
    before = st.session_state.get(_SHOWN)
    chosen = st.pills(
        "Show only",
        list(parts),
        format_func=lambda label: f"{FOLDERS[label]} · {len(parts[label])}",
        default=before if before in parts else None,
        key=f"grid-label-{'-'.join(map(str, parts))}",
    )
    st.session_state[_SHOWN] = chosen
    return batch if chosen is None else parts[chosen]


def _cell(entry: Answered, *, is_focused: bool) -> None:
    item = entry.item
    label = FOLDERS[entry.sorted_as]
    with st.container(gap="xxsmall"):
        pictures.show_item(item, f"grid-{item.key}", f"{item.name}: {label}")
        if st.button(
            label,
            key=f"open-{item.key}",
            type="primary" if is_focused else "secondary",
            help=plain(item.name),
            width="stretch",
        ):
            tray.look_closely(item.key)
            st.rerun()
        st.caption(_remark(entry))


def _remark(entry: Answered) -> str:
    if entry.item.is_blank:
        return "empty"
    if entry.sorted_as != entry.decision:
        return f"taken for {said(entry.answer)}"
    doubt = ", in doubt" if entry.rival else ""
    return said(entry.answer).rpartition(", ")[2] + doubt


def _offer_files(batch: Sequence[Answered]) -> None:
    with st.container(horizontal=True):
        st.download_button(
            "Table (CSV)",
            lambda: catalogue.csv_bytes(batch),
            "einstyle-labels.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/table:",
        )
        parts = catalogue.sort_files(batch).parts()
        for number, part in enumerate(parts, start=1):
            is_all = len(parts) == 1
            st.download_button(
                "Sorted files (ZIP, a folder per class)" if is_all else f"Sorted files {number} of {len(parts)} (ZIP)",
                lambda part=part: part.zipped(catalogue.csv_bytes(batch)),  # type: ignore[misc]
                "einstyle-sorted.zip" if is_all else f"einstyle-sorted-{number}.zip",
                "application/zip",
                on_click="ignore",
                icon=":material/folder_zip:",
                key=f"zip-{number}",
            )


def _keep_corrections(editor: str, batch: Sequence[Answered]) -> None:
    for row, changes in st.session_state[editor]["edited_rows"].items():
        if "It is" in changes:
            label = changes["It is"]
            tray.label(batch[int(row)].item.key, LABELS.index(label) if label in LABELS else None)

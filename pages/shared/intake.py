"""The way of new pictures into the tray: put away at once, looked into one after the other, stopped at any moment.

What waits is on the disk and in the session, so that a click that interrupts the work loses nothing: the next run of
the page goes on with the picture that was next.
"""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from einstyle_core import images
from einstyle_core.errors import ImageError
from pages.shared import tray
from pages.shared.spool import Slip


@dataclass
class Intake:
    """What came in and is not done yet.

    Attributes:
        waiting: key, name and file of each picture to look into, in their order.
        total: how many waited when the work began.
        began: when it began, on the clock of :func:`time.monotonic`.
        refused: a sentence for each file of the last batch that was left out.
        cancelled: how many of the last batch the visitor did not want to wait for.
        first: the key of the first sound picture of the last batch, to look at.
    """

    waiting: deque[tuple[str, str, Slip]] = field(default_factory=deque)
    total: int = 0
    began: float = 0.0
    refused: list[str] = field(default_factory=list)
    cancelled: int = 0
    first: str | None = None

    @property
    def done(self) -> int:
        """How many of the batch were looked into."""
        return self.total - len(self.waiting)

    @property
    def seconds_left(self) -> float | None:
        """How long the rest may take, by how long the others took; None while that is a guess."""
        if self.done < 5:
            return None
        return (time.monotonic() - self.began) / self.done * len(self.waiting)


def state() -> Intake:
    """The session's own."""
    if "intake" not in st.session_state:
        st.session_state["intake"] = Intake()
    intake: Intake = st.session_state["intake"]
    return intake


def receive(files: Iterable[UploadedFile]) -> None:
    """Put uploaded files on the disk, let Streamlit's copies in memory go, and queue them.

    Args:
        files: from a widget that will not be shown again under the same key.
    """
    intake = state()
    if not intake.waiting:  # else this joins the batch that is being looked into
        intake.refused, intake.cancelled, intake.first = [], 0, None
    wanted = set(tray.items()) | {key for key, _, _ in intake.waiting}
    for file in files:
        name, content = file.name or "picture", file.getvalue()
        if file.size and not content:
            continue  # it was put away, and released, before a click interrupted this
        key = tray.key_of(name, content)
        if key in wanted:
            intake.first = intake.first or key
        elif slip := tray.put_away(content) if len(wanted) < images.Limits.max_files else None:
            wanted.add(key)
            intake.waiting.append((key, name, slip))
            intake.total, intake.began = len(intake.waiting), time.monotonic()
        else:
            intake.refused.append(f"{name} was left out: {tray.NO_ROOM}")
        _release(file)  # a click may interrupt anything here: not before the file is safe


def advance() -> str | None:
    """Look into the next picture; its key where it was kept."""
    intake = state()
    key, name, slip = intake.waiting[0]
    try:
        tray.add(key, name, slip)
    except ImageError as error:
        intake.refused.append(str(error))
        kept = None
    else:
        intake.first = intake.first or key
        kept = key
    intake.waiting.popleft()
    return kept


def cancel() -> None:
    """Stop: what is done stays, what waits is forgotten."""
    intake = state()
    intake.cancelled = len(intake.waiting)
    intake.waiting.clear()


def clear() -> None:
    """Forget what waits and what was said of the last batch."""
    st.session_state.pop("intake", None)


def _release(file: UploadedFile) -> None:
    """Streamlit keeps an uploaded file, and the widget a second name for it; ours is on the disk by now."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(session_id=context.session_id, file_id=file.file_id)
    file.truncate(0)

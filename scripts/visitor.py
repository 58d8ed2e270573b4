"""A visitor without a browser: speaks to a running app over its websocket, as Streamlit's own front end does."""

import contextlib
import time
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import StringArray
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from einstyle_core.errors import EinstyleError

_PATIENCE = 300.0
_LARGEST = 64 << 20


@dataclass(frozen=True)
class Answer:
    """What one run of the page's script cost.

    Attributes:
        seconds: from the question to the last of the answer.
        shown: to its largest message, which holds the page's main pictures where it has any.
        size: bytes of all its messages.
    """

    seconds: float
    shown: float
    size: int


class Visitor:
    """One visitor's session; use it in a ``with`` block.

    Attributes:
        query: what stands behind the ``?`` now.

    Args:
        address: of a page, as in a browser: ``http://host:port/page?key=value``.

    Raises:
        EinstyleError: from the block, nobody answers at that address, or the app ends.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._page, self.query = parts.path.strip("/"), parts.query
        self._stack = contextlib.ExitStack()
        self._buttons: dict[str, str] = {}
        self._values: dict[str, WidgetState] = {}
        self._address = address

    def __enter__(self) -> "Visitor":
        netloc = urlsplit(self._address).netloc
        try:
            self._socket = self._stack.enter_context(
                connect(f"ws://{netloc}/_stcore/stream", max_size=_LARGEST, open_timeout=_PATIENCE, compression=None)
            )
        except (OSError, WebSocketException) as error:
            raise EinstyleError(
                f"No app answers at {self._address}. Start it: python -m streamlit run app.py"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def open(self) -> Answer:
        """Open the page."""
        return self._ask(BackMsg())

    def press(self, label: str) -> Answer:
        """Press a button.

        Raises:
            EinstyleError: the page has none of that label.
        """
        if label not in self._buttons:
            raise EinstyleError(f"The page has no button “{label}”. It has: {', '.join(self._buttons) or 'none'}.")
        question = BackMsg()
        question.rerun_script.widget_states.widgets.add(id=self._buttons[label], trigger_value=True)
        return self._ask(question)

    def _ask(self, question: BackMsg) -> Answer:
        question.rerun_script.page_name = self._page
        question.rerun_script.query_string = self.query
        question.rerun_script.widget_states.widgets.extend(self._values.values())
        started = time.perf_counter()
        size, largest, shown = 0, 0, 0.0
        try:
            self._socket.send(question.SerializeToString())
            while True:
                content = self._socket.recv(_PATIENCE)
                assert isinstance(content, bytes)
                size += len(content)
                if len(content) > largest:
                    largest, shown = len(content), time.perf_counter() - started
                message = ForwardMsg.FromString(content)
                kind = message.WhichOneof("type")
                if kind == "delta":
                    self._see(message.delta.new_element)
                elif kind == "page_info_changed":
                    self.query = message.page_info_changed.query_string
                elif kind == "script_finished":
                    if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                        return Answer(time.perf_counter() - started, shown, size)
                    if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                        raise EinstyleError("The page could not be compiled; the server's log says why.")
        except (OSError, WebSocketException) as error:
            raise EinstyleError(f"The app went away: {error}") from error

    def _see(self, element: Element) -> None:
        """Remember a button, and the value of any other widget: a front end says it again in each question."""
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise EinstyleError(f"The page failed: {element.exception.message}")
        if kind == "button":
            self._buttons[element.button.label] = element.button.id
        elif kind == "selectbox":
            select = element.selectbox
            options, place = list(select.options), select.default
            value = select.raw_value if select.set_value else options[place] if options else ""
            self._values[select.id] = WidgetState(id=select.id, string_value=value)
        elif kind == "button_group":
            group = element.button_group
            chosen = group.raw_values if group.set_value else [group.options[place].content for place in group.default]
            self._values[group.id] = WidgetState(id=group.id, string_array_value=StringArray(data=chosen))
        elif kind == "number_input":
            number = element.number_input
            value_now = number.value if number.set_value else number.default
            self._values[number.id] = WidgetState(id=number.id, double_value=value_now)
        elif kind == "checkbox":
            box = element.checkbox
            self._values[box.id] = WidgetState(id=box.id, bool_value=box.value if box.set_value else box.default)

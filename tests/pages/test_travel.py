"""An item on its way from page to page."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import registry, travel
from tests.pages.conftest import Open


def a_page_with_an_item() -> AppTest:
    def script() -> None:
        import numpy as np

        from pages.shared import travel, tray

        pixels = np.arange(784, dtype=np.uint8).reshape(28, 28)
        travel.offer(lambda: tray.add_sample("made here", pixels, 3), here="generate")

    return AppTest.from_function(script, default_timeout=60).run()


def offered(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_every_other_page_that_exists_is_offered() -> None:
    expected = [page.title for name in travel.DESTINATIONS if (page := registry.find(name))]
    assert offered(a_page_with_an_item()) == expected
    assert "Classify" in expected


def test_pages_that_do_not_exist_yet_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    find: Callable[[str], registry.PageEntry | None] = registry.find
    monkeypatch.setattr(registry, "find", lambda name: None if name == "classify" else find(name))
    assert "Classify" not in offered(a_page_with_an_item())


def test_nothing_is_kept_before_a_click() -> None:
    app = a_page_with_an_item()
    assert "tray" not in app.session_state or not app.session_state["tray"]


@pytest.mark.data
@pytest.mark.usefixtures("networks")
def test_an_item_arrives_as_it_was(open_page: Open) -> None:
    app = open_page("robustness")
    app = app.button(key="travel-classify").click().run()
    assert app.title[0].value == "Classify"
    (item,) = app.session_state["tray"].values()
    assert app.query_params["item"] == item.key
    assert item.pixels.shape == (28, 28)
    assert item.pixels.dtype == np.uint8

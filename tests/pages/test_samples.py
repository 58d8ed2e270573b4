"""Pictures to try the app with where there is no dataset: a GAN of ours makes them, and the page says so."""

from pathlib import Path

import pytest

from pages.shared import makers, registry, tray
from tests import standins
from tests.pages.conftest import Open
from tests.pages.test_pages import words

pytestmark = pytest.mark.usefixtures("networks", "no_data")
PAGES = ("classify", "robustness", "colorize")


@pytest.fixture
def maker(checkpoint_folder: Path) -> Path:
    """The checkpoint of a CGAN that was never trained."""
    return standins.save_gan("cgan", checkpoint_folder, 3)


@pytest.mark.usefixtures("maker")
def test_a_click_takes_a_made_picture(open_page: Open) -> None:
    app = open_page("classify")
    said = words(app)
    assert "Ten garments that nobody sewed, made by CGAN" in said
    assert "No samples here yet" not in said
    assert app.button(key="fetch_data").label == "Download Fashion-MNIST (31 MB)"
    app = app.button(key="take-8").click().run()
    assert not app.exception
    assert "Bag 1 by CGAN" in words(app)
    (item,) = app.session_state["tray"].values()
    assert (item.truth, item.is_sample, item.place) == (None, True, None)


@pytest.mark.usefixtures("maker")
def test_ten_others_are_others_and_all_can_be_taken(open_page: Open) -> None:
    app = open_page("classify")
    app = next(button for button in app.button if button.label == "Ten others").click().run()
    app = next(button for button in app.button if button.label == "Take all ten").click().run()
    assert not app.exception
    names = [item.name for item in app.session_state["tray"].values()]
    assert len(names) == 10
    assert names[0] == "T-shirt/top 2 by CGAN"
    assert len({item.content for item in app.session_state["tray"].values()}) == 10


@pytest.mark.usefixtures("maker")
def test_robustness_opens_with_a_made_shirt_that_can_be_kept(open_page: Open) -> None:
    app = open_page("robustness")
    assert not app.exception
    assert "Shirt 1 by CGAN" in words(app)
    app = app.button(key="travel-classify").click().run()
    assert not app.exception
    assert [item.name for item in app.session_state["tray"].values()] == ["Shirt 1 by CGAN"]


def test_who_has_to_search_for_a_class_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    zoo = {"gan": {"config": {"bank_size": 0}}, "infogan": {"config": {}}, "cgan": {"config": {}}}
    monkeypatch.setattr(makers, "shipped", lambda: zoo)
    assert (makers.best(), makers.best(by_class=True)) == ("gan", "cgan")
    zoo["gan"]["config"]["bank_size"] = 256
    assert makers.best(by_class=True) == "gan"


@pytest.mark.parametrize("page", PAGES)
def test_a_damaged_maker_is_no_reason_to_fail(page: str, maker: Path, open_page: Open) -> None:
    maker.write_bytes(maker.read_bytes()[:1000])
    app = open_page(page)
    assert not app.exception
    assert registry.find(page).title == app.title[0].value  # type: ignore[union-attr]


@pytest.mark.parametrize("page", PAGES)
def test_without_a_maker_the_download_is_offered(page: str, open_page: Open) -> None:
    app = open_page(page)
    assert not app.exception
    assert "No samples here yet" in words(app)


@pytest.mark.usefixtures("maker")
def test_a_sample_that_finds_no_room_is_told(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tray, "MAX_BYTES", 0)
    app = open_page("classify")
    for label in ("Bag", "Take all ten"):
        app = next(button for button in app.button if button.label == label).click().run()
        assert not app.exception
        assert "was left out" in app.error[0].value
        assert app.button(key="take-8").label == "Bag"

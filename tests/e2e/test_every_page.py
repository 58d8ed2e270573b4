"""What must hold on every page: it opens cold, fits a phone, follows the light, and says nothing in the console."""

import tomllib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from einstyle_core.storage import REPOSITORY
from pages.shared import registry
from tests.e2e.conftest import PHONE, OpenPage, settled

PAGES = {page.name: "" if page is registry.PAGES[0] else page.name for page in registry.PAGES}
THEME = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text())["theme"]


def rgb(color: str) -> str:
    return f"rgb({', '.join(str(int(color[start : start + 2], 16)) for start in (1, 3, 5))})"


def assert_fits(page: Page) -> None:
    """Nothing can be scrolled sideways."""
    expect(page.get_by_test_id("stMain")).to_be_visible()
    wider = page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(part => part.scrollWidth - part.clientWidth)"
    )
    assert wider == [0, 0]


@pytest.mark.parametrize("name", PAGES)
def test_a_cold_process_opens_a_deep_link(
    name: str, cold_app: str, open_page: OpenPage, checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EINSTYLE_CHECKPOINTS", str(checkpoints))  # where the app looks for what its pages show
    entry = registry.find(name)
    assert entry is not None
    page = open_page(f"{cold_app}/{PAGES[name]}")
    expect(page).to_have_title("E_in-style" if name == "home" else f"{entry.title} · E_in-style")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    links = page.get_by_test_id("stTopNavLink")
    assert [link.inner_text().split("\n")[-1] for link in links.all()] == [
        p.title for p in registry.PAGES if p.is_furnished()
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_it_fits_a_phone_and_follows_the_light(name: str, scheme: str, app: str, open_page: OpenPage) -> None:
    page = open_page(f"{app}/{PAGES[name]}", **PHONE, scheme=scheme)
    assert_fits(page)
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", rgb(THEME[scheme]["backgroundColor"]))
    for tab in page.get_by_role("tab").all():
        tab.click()
        settled(page)
        assert_fits(page)


def test_the_door_on_home_leads_to_its_page(app: str, open_page: OpenPage) -> None:
    page = open_page(app)
    page.get_by_role("button", name="Classify a picture").click()
    expect(page.get_by_role("heading", name="Classify", level=1)).to_be_visible()
    expect(page).to_have_url(f"{app}/classify")

"""Generated pictures in a real browser: the same link, the same pixels; the keyboard; what is taken home."""

import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from einstyle_core import checkpoints as core
from einstyle_core import images
from tests.e2e.conftest import OpenPage, settled

LINK = "generate?gan=cgan&class=Bag&count=16&seed=3"


def wall(page: Page) -> str:
    """The picture of all tiles, as the browser has it."""
    sprite: str = page.locator(".picture").first.evaluate("tile => tile.style.backgroundImage")
    assert sprite.startswith('url("data:image/png;base64,')
    return sprite


def test_a_link_gives_the_same_pixels_in_another_browser(app: str, open_page: OpenPage) -> None:
    first = open_page(f"{app}/{LINK}")
    second = open_page(f"{app}/{LINK}")
    assert wall(first) == wall(second)
    first.get_by_role("button", name="Other pictures").click()
    settled(first)
    expect(first).to_have_url(re.compile("seed=4"))
    expect(first.locator(".picture").first).not_to_have_css("background-image", wall(second))
    assert wall(open_page(first.url)) == wall(first)


def test_the_keyboard_walks_the_wall(app: str, open_page: OpenPage) -> None:
    page = open_page(f"{app}/{LINK}")
    expect(page.get_by_role("heading", name="Picture 1", exact=True)).to_be_visible()
    page.get_by_role("option").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="Picture 2", exact=True)).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_role("heading", name="Picture 16", exact=True)).to_be_visible()
    expect(page.get_by_role("option").last).to_be_focused()


def test_the_keyboard_is_faster_than_the_server(app: str, open_page: OpenPage) -> None:
    page = open_page(f"{app}/generate?gan=cgan&count=64")
    page.get_by_role("option").first.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight", delay=40)
    expect(page.get_by_role("heading", name="Picture 21", exact=True)).to_be_visible()
    settled(page)
    expect(page.get_by_role("option", selected=True)).to_have_accessible_name(re.compile("picture 21:"))
    expect(page.get_by_role("option").nth(20)).to_be_focused()


def test_other_pictures_leave_the_keyboard_on_the_wall(app: str, open_page: OpenPage) -> None:
    page = open_page(f"{app}/{LINK}")
    before = wall(page)
    page.get_by_role("option").first.focus()
    page.keyboard.press("n")
    expect(page.locator(".picture").first).not_to_have_css("background-image", before)
    expect(page.get_by_role("option").first).to_be_focused()


def test_back_in_the_browser_is_back_on_the_page(app: str, open_page: OpenPage) -> None:
    page = open_page(f"{app}/{LINK}")
    first = wall(page)
    page.get_by_role("button", name="Other pictures").click()
    expect(page).to_have_url(re.compile("seed=4"))
    settled(page)
    page.go_back()
    expect(page.get_by_label("Seed")).to_have_value("3")
    expect(page.locator(".picture").first).to_have_css("background-image", first)


def test_a_visitor_returns_to_the_picture_that_was_left(app: str, open_page: OpenPage) -> None:
    page = open_page(f"{app}/{LINK}")
    first = wall(page)
    page.get_by_role("option").nth(4).click()
    expect(page.get_by_role("heading", name="Picture 5", exact=True)).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("button", name="Classify").first.click()
    expect(page).to_have_url(re.compile(r"/classify\?item=\w+$"))
    settled(page)
    page.get_by_role("link", name="Generate").click()
    expect(page.get_by_role("heading", name="Picture 5", exact=True)).to_be_visible()
    expect(page.locator(".picture").first).to_have_css("background-image", first)


def test_what_is_taken_home(app: str, open_page: OpenPage, checkpoints: Path) -> None:
    page = open_page(f"{app}/{LINK}")
    with page.expect_download() as download:
        page.get_by_role("button", name="All pictures (ZIP with manifest)").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        saved = np.stack([np.asarray(Image.open(io.BytesIO(archive.read(name)))) for name in manifest["files"]])
    sampler = core.load("gan/cgan", directory=checkpoints)
    assert np.array_equal(saved, images.to_uint8(sampler.sample(16, label="Bag", seed=3)))
    assert manifest["checkpoint_sha256"] == core.available(checkpoints)["gan/cgan"]["sha256"]

    with page.expect_download() as download:
        page.get_by_role("button", name="Walk (GIF)").click()
    frames = images.read_gif(Path(download.value.path()).read_bytes())
    assert frames.shape == (46, 224, 224)
    assert np.array_equal(frames[0, ::8, ::8], saved[0])
    assert np.array_equal(frames[23, ::8, ::8], saved[1])


def test_a_garment_travels_from_a_link_to_a_view(app: str, open_page: OpenPage) -> None:
    """Streamlit knows the view from the link even when another was chosen since."""
    page = open_page(f"{app}/{LINK}&generate-view=All+side+by+side")
    page.get_by_role("tab", name="Pictures").click()
    settled(page)
    page.get_by_test_id("stMain").get_by_role("button", name="Colorize").first.click()
    expect(page.get_by_text("Your picture:")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/colorize\?item=\w+$"))

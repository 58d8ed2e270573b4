"""The divider, the swatches and the files, in a real browser."""

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from einstyle_core.colorizer import render
from einstyle_core.colorizer.palettes import PALETTES, parse_hex, to_hex
from tests.e2e.conftest import PHONE, OpenPage, settled, upload
from tests.pages.test_colorize import shirt


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("colorize") / "shirt.png"
    shirt(600, 800).save(path)
    return path


def opened(page: Page, photo: Path) -> Locator:
    """The page with the photo; returns its divider."""
    upload(page, photo)
    divider = page.get_by_role("slider", name=re.compile("^Divider between A"))
    expect(divider).to_be_visible()
    expect(page.get_by_text("Your picture: shirt.png")).to_be_visible()
    settled(page)
    return divider


def download(page: Page, button: str) -> bytes:
    with page.expect_download() as caught:
        page.get_by_role("button", name=button).click()
    return Path(caught.value.path()).read_bytes()


def test_the_divider_follows_the_pointer_and_the_server_hears_nothing(
    app: str, open_page: OpenPage, photo: Path
) -> None:
    page = open_page(f"{app}/colorize?a=9a3b3b&b=3c6e71", height=1400)
    divider = opened(page, photo)
    expect(divider).to_have_attribute("aria-valuetext", "A #9a3b3b: 50 %, B #3c6e71: 50 %")
    page.evaluate(
        """() => { const send = WebSocket.prototype.send; window.sent = 0;
        WebSocket.prototype.send = function (...parts) { window.sent += 1; return send.apply(this, parts); }; }"""
    )
    box = divider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    for share in (0.4, 0.3, 0.25):
        page.mouse.move(box["x"] + share * box["width"], middle)
    page.mouse.up()
    expect(divider).to_have_value("25")
    left = page.get_by_role("img", name=re.compile("^version A"))
    assert left.evaluate("image => getComputedStyle(image).clipPath") == "inset(0px 75% 0px 0px)"
    expect(divider).to_have_attribute("aria-valuetext", "A #9a3b3b: 25 %, B #3c6e71: 75 %")
    assert page.evaluate("window.sent") == 0


def test_the_divider_is_a_slider_for_the_keyboard_and_stays_for_other_colours(
    app: str, open_page: OpenPage, photo: Path
) -> None:
    page = open_page(f"{app}/colorize", height=1400)
    divider = opened(page, photo)
    divider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(divider).to_have_value("55")
    page.keyboard.press("Home")
    expect(divider).to_have_value("0")
    page.keyboard.press("PageUp")
    value = divider.input_value()
    assert 0 < int(value) < 100
    wanted = to_hex(PALETTES["paper"].colours[4])
    page.get_by_role("radiogroup", name="Colour B").get_by_role("radio", name=wanted).click()
    expect(page).to_have_url(re.compile(f"[?&]b={wanted[1:]}"))
    expect(page.get_by_role("img", name=f"version B: the garment in {wanted}")).to_be_visible()
    expect(divider).to_have_value(value)


def test_swatches_move_with_the_arrow_keys_and_can_be_picked_again(app: str, open_page: OpenPage, photo: Path) -> None:
    page = open_page(f"{app}/colorize?palette=Coast", height=1400)
    opened(page, photo)
    coast = [to_hex(colour) for colour in PALETTES["coast"].colours]
    row = page.get_by_role("radiogroup", name="Colour A")
    row.get_by_role("radio", name=coast[0]).click()
    expect(page).to_have_url(re.compile(f"a={coast[0][1:]}"))
    page.keyboard.press("ArrowLeft")
    expect(row.get_by_role("radio", name=coast[-1])).to_have_attribute("aria-checked", "true")
    expect(row.get_by_role("radio", name=coast[-1])).to_be_focused()
    expect(page).to_have_url(re.compile(f"a={coast[-1][1:]}"))
    settled(page)
    page.get_by_role("button", name="Swap A and B").click()
    expect(row.get_by_role("radio", name=coast[-1])).to_have_attribute("aria-checked", "false")
    settled(page)
    row.get_by_role("radio", name=coast[-1]).click()
    expect(page).to_have_url(re.compile(f"a={coast[-1][1:]}&b={coast[-1][1:]}|b={coast[-1][1:]}&a={coast[-1][1:]}"))


def test_it_is_dragged_by_touch_on_a_phone_and_fits(app: str, open_page: OpenPage, photo: Path) -> None:
    page = open_page(f"{app}/colorize", **PHONE)
    divider = opened(page, photo)
    divider.scroll_into_view_if_needed()
    box = divider.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    at = {"y": box["y"] + box["height"] / 3, "id": 1}
    touch = page.context.new_cdp_session(page)
    for kind, share in (("touchStart", 0.5), ("touchMove", 0.6), ("touchMove", 0.8), ("touchEnd", None)):
        points = [] if share is None else [{**at, "x": box["x"] + share * box["width"]}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(divider).to_have_value("80")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("part => part.scrollWidth - part.clientWidth") == 0


def test_the_files_are_what_the_library_makes_at_full_size(app: str, open_page: OpenPage, photo: Path) -> None:
    page = open_page(f"{app}/colorize?a=9a3b3b&b=3c6e71", height=1400)
    opened(page, photo)
    canvas = render.prepare(Image.open(photo))
    a = np.asarray(Image.open(io.BytesIO(download(page, "A (PNG)"))))
    np.testing.assert_array_equal(a, render.tint(canvas.photo, canvas.mask, parse_hex("#9a3b3b")))
    with zipfile.ZipFile(io.BytesIO(download(page, "Everything (ZIP)"))) as archive:
        assert archive.testzip() is None
        assert sum(name.startswith("colourways/") for name in archive.namelist()) == 10
    sheet = Image.open(io.BytesIO(download(page, "Colourway sheet (PNG)")))
    assert sheet.width == 5 * 480 + 6 * 36


def test_a_shared_link_opens_the_same_colours(app: str, open_page: OpenPage) -> None:
    page = open_page(f"{app}/colorize?palette=Winter+jewels&colours=%239a3b3b+%233c6e71+%23fff&b=ffffff", **PHONE)
    row = page.get_by_role("radiogroup", name="Colour B")
    expect(row.get_by_role("radio")).to_have_count(3)
    expect(row.get_by_role("radio", name="#ffffff")).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("textbox", name="Or your brand's own hex colours")).to_have_value("#9a3b3b #3c6e71 #fff")


@pytest.mark.parametrize(
    ("query", "pair"),
    [
        ("palette=Coast", [to_hex(colour) for colour in PALETTES["coast"].colours[:2]]),
        ("colours=%239a3b3b+%233c6e71", ["#9a3b3b", "#3c6e71"]),
        ("compare=A+and+the+original&palette=Coast&a=9a3b3b&b=3c6e71", ["#9a3b3b", "#3c6e71"]),
    ],
)
def test_a_link_with_bound_parameters_leads_to_a_ballot_and_back(
    query: str, pair: list[str], app: str, open_page: OpenPage, photo: Path
) -> None:
    page = open_page(f"{app}/colorize?{query}", height=1400)
    upload(page, photo)
    expect(page.get_by_text("Your picture: shirt.png")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Let your group choose").click()
    expect(page.get_by_role("button", name="Start the ballot")).to_be_visible()
    expect(page).to_have_url(f"{app}/ab_test")
    settled(page)
    for code in pair:
        expect(page.get_by_text(code, exact=True)).to_be_visible()
    page.get_by_label("What do you ask?").fill("Typed, and not sent")
    page.get_by_role("link", name="Colorize").first.click(delay=100)  # as long as a finger takes
    expect(page.get_by_text("Your picture: shirt.png")).to_be_visible()
    settled(page)
    expect(page.get_by_role("button", name="Add as pair 2")).to_be_visible()
    for part in query.split("&"):
        expect(page).to_have_url(re.compile(re.escape(part.replace("+", "PLUS")).replace("PLUS", r"(\+|%20)")))
    page.get_by_role("button", name="Swap A and B").click()
    settled(page)
    page.get_by_role("button", name="Add as pair 2").click()  # the same pair, sides swapped
    expect(page.get_by_label("What do you ask?")).to_have_value("Typed, and not sent")
    expect(page.get_by_text("Pair 2", exact=True)).to_have_count(0)


def test_colours_of_ones_own_lead_to_a_ballot_of_two_pairs(app: str, open_page: OpenPage, photo: Path) -> None:
    page = open_page(f"{app}/colorize", height=1400)
    opened(page, photo)
    field = page.get_by_role("textbox", name="Or your brand's own hex colours")
    for number, codes in enumerate(("#9a3b3b #3c6e71", "#c08a3e #3c6e71"), start=1):
        field.fill(codes)
        field.press("Enter")
        expect(page.get_by_role("radiogroup", name="Colour A").get_by_role("radio")).to_have_count(2)
        expect(page.get_by_role("img", name=f"version A: the garment in {codes[:7]}")).to_be_visible()
        settled(page)
        page.get_by_role("button", name="Let your group choose" if number == 1 else "Add as pair 2").click()
        expect(page.get_by_role("button", name="Start the ballot")).to_be_visible()
        expect(page).to_have_url(f"{app}/ab_test")
        expect(page.get_by_text("Remove")).to_have_count(number)
        if number == 1:
            page.go_back()
            expect(field).to_have_value(codes)
            settled(page)


def test_a_garment_comes_from_a_page_with_bound_parameters(app: str, open_page: OpenPage, photo: Path) -> None:
    page = open_page(f"{app}/robustness?attack=FGSM&by-truth=true&noise=true")
    upload(page, photo, behind="Another picture")
    expect(page.get_by_role("button", name="Colorize").first).to_be_visible()
    settled(page)
    page.get_by_test_id("stMain").get_by_role("button", name="Colorize").first.click()
    expect(page.get_by_text("Your picture: shirt.png")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/colorize\?item=\w+$"))

"""From a file on the disk to a prediction, and back to files."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from einstyle_core import checkpoints, images
from einstyle_core.classifiers import predict
from einstyle_core.data import CLASS_NAMES
from einstyle_core.garments import find_garment
from tests import pictures, standins
from tests.e2e.conftest import PHONE, OpenPage, settled, upload

GOOD = 12


def garment(path: Path, number: int) -> Path:
    """A drawn garment: trousers, a shirt or a bag, each number another one."""
    image = Image.new("RGB", (120, 160), (236, 230, 220))
    draw = ImageDraw.Draw(image)
    tone = (30 + 15 * number, 40, 140 - 8 * number)
    if number % 3 == 0:
        draw.polygon([(40, 20), (80, 20), (90, 150), (66, 150), (60, 60), (54, 150), (30, 150)], fill=tone)
    elif number % 3 == 1:
        draw.polygon([(45, 20), (75, 20), (112, 60), (98, 76), (82, 60), (82, 140), (38, 140), (38, 60)], fill=tone)
    else:
        draw.rectangle((20, 60, 100, 130), fill=tone)
        draw.arc((40, 30, 80, 90), 180, 360, fill=tone, width=6)
    image.save(path)
    return path


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("good")
    return [garment(folder / f"garment-{number:02}.png", number) for number in range(GOOD)]


@pytest.fixture(scope="session")
def bad(tmp_path_factory: pytest.TempPathFactory, good: list[Path]) -> list[Path]:
    whole = good[0].read_bytes()
    contents = {
        "text.png": b"not a picture at all",
        "empty.png": b"",
        "half.png": whole[: len(whole) // 2],
        "bomb.png": pictures.png(30_000, 30_000, 8, pictures.GRAY, b"\0" * 3_000),
        "page.html": b"<!doctype html><title>x</title>",
        "document.pdf": b"%PDF-1.7 nothing",
        "noise.jpg": bytes(range(256)) * 8,
        "[a](javascript:alert(1)).png": b"GIF89a",
    }
    folder = tmp_path_factory.mktemp("bad")
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def expected(path: Path, name: str, folder: Path) -> str:
    """What the library itself says, without the app."""
    pixels = find_garment(images.decode(path.read_bytes(), max_side=1024)).image28
    row = predict(checkpoints.load(name, directory=folder), images.from_uint8(pixels))[0]
    return CLASS_NAMES[int(row.argmax())]


def download(page: Page, button: str) -> bytes:
    with page.expect_download() as caught:
        page.get_by_role("button", name=button).click()
    return Path(caught.value.path()).read_bytes()


def test_an_upload_through_the_file_chooser_gets_both_answers(
    cold_app: str, open_page: OpenPage, good: list[Path], request: pytest.FixtureRequest
) -> None:
    """In a process of its own: the very first click after a deep link counts."""
    folder: Path = request.getfixturevalue("checkpoints")
    page = open_page(f"{cold_app}/classify")
    upload(page, good[1])
    dense, cnn = expected(good[1], "dense", folder), expected(good[1], "cnn", folder)
    expect(page.get_by_text(f"Dense network {dense}, ")).to_be_visible()
    expect(page.get_by_text(f"Convolutional network {cnn}, ")).to_be_visible()
    expect(page.get_by_role("img", name="the picture in 28 by 28 gray pixels")).to_be_visible()
    expect(page.locator(".js-plotly-plot .bars .point")).to_have_count(20)


def test_twenty_mixed_files_become_a_catalogue(
    app: str, open_page: OpenPage, good: list[Path], bad: list[Path], request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue("checkpoints")
    page = open_page(f"{app}/classify")
    upload(page, *good[:5], *bad, *good[5:])
    expect(page.get_by_role("heading", name=f"{GOOD} pictures, sorted")).to_be_visible()
    settled(page)
    panel = page.get_by_role("tabpanel", name="Your pictures")
    expect(panel.get_by_test_id("stAlert")).to_have_count(1)
    expect(panel.get_by_test_id("stAlert")).to_contain_text(f"{len(bad)} files were left out")
    panel.get_by_text("Which, and why").click()
    reasons = panel.get_by_test_id("stExpanderDetails").get_by_role("listitem")
    for path in bad:
        expect(reasons.filter(has_text=path.name)).to_have_count(1)
    expect(page.get_by_role("link", name="a", exact=True)).to_have_count(0)

    table = list(csv.DictReader(io.StringIO(download(page, "Table (CSV)").decode("utf-8-sig"))))
    assert sorted(row["file"] for row in table) == [path.name for path in good]
    answers = {row["file"]: row["answer"] for row in table}
    assert answers == {path.name: expected(path, "cnn", folder) for path in good}
    for row in table:
        for name in ("dense", "cnn"):
            assert sum(float(row[f"{name}: {label}"]) for label in CLASS_NAMES) == pytest.approx(1, abs=1e-3)

    with zipfile.ZipFile(io.BytesIO(download(page, "Sorted files"))) as archive:
        assert archive.testzip() is None
        files = {path.name: f"{answers[path.name].replace('/', '-')}/{path.name}" for path in good}
        assert sorted(archive.namelist()) == sorted([*files.values(), "labels.csv"])
        assert archive.read(files[good[3].name]) == good[3].read_bytes()


def test_a_click_in_the_grid_shows_that_picture(app: str, open_page: OpenPage, good: list[Path]) -> None:
    page = open_page(f"{app}/classify")
    upload(page, *good[:3])
    expect(page.get_by_role("heading", name="3 pictures, sorted")).to_be_visible()
    settled(page)
    cells, pixels = page.locator("[class*=st-key-open-]"), page.locator("[class*=st-key-picture-grid-] img")
    expect(cells).to_have_count(3)
    expect(pixels).to_have_count(3)
    names = [(image.get_attribute("alt") or "").split(":")[0] for image in pixels.all()]
    assert sorted(names) == [path.name for path in good[:3]]
    for number in (2, 0, 1):
        cells.nth(number).get_by_role("button").first.click()
        expect(page.get_by_test_id("stCaptionContainer").get_by_text(names[number], exact=True)).to_be_visible()
        expect(cells.nth(number).locator("button[kind=primary]:visible")).to_have_count(1)
        expect(page.locator("[class*=st-key-open-] button[kind=primary]:visible")).to_have_count(1)


def test_a_similar_picture_opens_and_one_picture_goes(app: str, open_page: OpenPage, good: list[Path]) -> None:
    page = open_page(f"{app}/classify")
    upload(page, *good[:4])
    expect(page.get_by_role("heading", name="4 pictures, sorted")).to_be_visible()
    expect(page.get_by_text("3 nearest:")).to_be_visible()
    settled(page)
    nearest = page.locator("[class*=st-key-picture-near-yours-] img")
    expect(nearest).to_have_count(3)
    name = (nearest.first.get_attribute("alt") or "").split(":")[0]
    page.locator("[class*=st-key-look-near-yours-0]").get_by_role("button").first.click()
    shown = page.get_by_test_id("stCaptionContainer").get_by_text(name, exact=True)
    expect(shown).to_be_visible()
    expect(shown).to_be_in_viewport()
    settled(page)
    page.get_by_role("button", name="Remove this picture").click()
    expect(page.get_by_role("heading", name="3 pictures, sorted")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile(re.escape(name)))).to_have_count(0)


def test_a_batch_can_be_cancelled_and_what_is_done_stays(app: str, open_page: OpenPage, tmp_path: Path) -> None:
    many = 300
    files = []
    for number in range(many):
        files.append(tmp_path / f"{number:03}.png")
        Image.new("RGB", (40, 40), (number % 250, 90, 30)).save(files[-1])
    page = open_page(f"{app}/classify")
    upload(page, *files)
    page.get_by_role("button", name="Cancel", exact=True).click()
    said = page.get_by_text(re.compile(rf"Stopped: \d+ of {many} pictures were not looked into"))
    expect(said).to_be_visible()
    settled(page)
    left = int(said.inner_text().split()[1])
    assert 0 < left < many
    expect(page.get_by_role("heading", name=f"{many - left} pictures, sorted")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


def test_a_photograph_from_the_camera_is_answered(app: str, open_page: OpenPage) -> None:
    page = open_page(f"{app}/classify")
    page.get_by_role("button", name="Camera").click()
    settled(page)
    page.wait_for_function("document.querySelector('video')?.videoHeight > 0")  # before it, Streamlit takes no photo
    page.get_by_role("button", name="Take photo").click()
    expect(page.get_by_role("img", name="the picture in 28 by 28 gray pixels")).to_be_visible()
    expect(page.get_by_test_id("stAlert").filter(has_text="left out")).to_have_count(0)


def test_a_picture_from_the_clipboard_is_answered(app: str, open_page: OpenPage, good: list[Path]) -> None:
    page = open_page(f"{app}/classify")
    page.get_by_role("button", name="Paste").click()
    field = page.get_by_test_id("stChatInputTextArea")
    field.evaluate(
        """(field, bytes) => {
            const clipboard = new DataTransfer();
            clipboard.items.add(new File([new Uint8Array(bytes)], "pasted.png", {type: "image/png"}));
            field.focus();
            field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: clipboard, bubbles: true}));
        }""",
        list(good[1].read_bytes()),
    )
    expect(page.get_by_text("pasted.png")).to_be_visible()
    page.get_by_test_id("stChatInputSubmitButton").click()
    expect(page.get_by_test_id("stCaptionContainer").get_by_text("pasted.png", exact=True)).to_be_visible()
    expect(page.get_by_role("img", name="the picture in 28 by 28 gray pixels")).to_be_visible()


def test_a_click_on_the_matrix_opens_its_cell(app: str, open_page: OpenPage) -> None:
    page = open_page(f"{app}/classify?view=Where+they+go+wrong")
    total = standins.CONFUSION[6].sum()
    expect(page.get_by_text(f"2 of {total} pictures of Shirt were taken for T-shirt/top.")).to_be_visible()
    row, column = 4, 2
    page.locator(".js-plotly-plot path.point").nth(10 * row + column).click(force=True)
    total = standins.CONFUSION[row].sum()
    expect(page.get_by_text(f"2 of {total} pictures of Coat were taken for Pullover.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]cell=4-2"))


def test_a_shared_link_opens_the_same_view(app: str, open_page: OpenPage) -> None:
    first = open_page(f"{app}/classify")
    first.get_by_role("tab", name="Where they go wrong").click()
    first.get_by_text("Join classes that look alike").click()
    expect(first.get_by_text("Right, of 7 classes")).to_be_visible()
    first.get_by_text("Dense network", exact=True).click()
    expect(first).to_have_url(re.compile("join=true"))
    expect(first).to_have_url(re.compile("mistakes-of=Dense"))
    settled(first)
    second = open_page(first.url, **PHONE)
    expect(second.get_by_role("tab", name="Where they go wrong")).to_have_attribute("aria-selected", "true")
    expect(second.get_by_text("Right, of 7 classes")).to_be_visible()
    expect(second.get_by_role("radio", name="Dense network")).to_be_checked()


@pytest.mark.data
def test_a_case_of_the_matrix_opens_closely_and_in_the_link(app_with_data: str, open_page: OpenPage) -> None:
    page = open_page(f"{app_with_data}/classify?view=Where+they+go+wrong")
    page.get_by_role("button", name="Look at the first one closely").click()
    expect(page.get_by_role("tab", name="Your pictures")).to_have_attribute("aria-selected", "true")
    shown = page.get_by_text("labelled Shirt")
    expect(shown).to_be_visible()
    settled(page)
    expect(open_page(page.url).get_by_text(shown.inner_text(), exact=True)).to_be_visible()


@pytest.mark.data
def test_a_sample_is_one_click_away_and_in_the_link(app_with_data: str, open_page: OpenPage) -> None:
    page = open_page(f"{app_with_data}/classify")
    page.get_by_role("button", name="Ankle boot", exact=True).click()
    expect(page.get_by_text("labelled Ankle boot")).to_be_visible()
    expect(page).to_have_url(re.compile(r"sample=\d+"))
    again = open_page(page.url)
    expect(again.get_by_text("labelled Ankle boot")).to_be_visible()
    home = open_page(app_with_data)
    expect(home.get_by_text("of these ten test images")).to_be_visible()

"""Dragging epsilon in a real browser: what is painted, what is sent, and that every number is the core's."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from einstyle_core import attacks, checkpoints, data, images
from einstyle_core.classifiers import predict
from einstyle_core.data import CLASS_NAMES
from einstyle_core.garments import find_garment
from pages.attacking import wording
from pages.attacking.sweeps import FINE
from tests.e2e.conftest import PHONE, OpenPage, settled, upload

COMPONENT = Path(__file__).resolve().parents[2] / "pages" / "components" / "epsilon_sweep"
NETWORKS = ("dense", "cnn")
STEPS = 30

# What the browser has painted once the next frame is due: tones of every picture, words, bars.
PAINTED = """
(root) => new Promise((done) => requestAnimationFrame(() => done({
  epsilon: root.querySelector(".epsilon b").textContent,
  pictures: [...root.querySelectorAll("canvas.picture")].map((canvas) =>
    [...canvas.getContext("2d").getImageData(0, 0, 28, 28).data].filter((_, at) => at % 4 === 0)),
  noise: [...root.querySelectorAll("canvas.noise")].map((canvas) =>
    [...canvas.getContext("2d").getImageData(0, 0, 28, 28).data].filter((_, at) => at % 4 === 3)),
  verdicts: [...root.querySelectorAll(".verdict")].map((verdict) => verdict.textContent),
  bars: [...root.querySelectorAll(".bars")].map((bars) =>
    [...bars.querySelectorAll("li")].map((row) => row.querySelector(".value").textContent)),
  lengths: [...root.querySelectorAll(".bars")].map((bars) =>
    [...bars.querySelectorAll("i")].map((bar) => Number(bar.style.transform.slice(7, -1)))),
})))
"""


@pytest.fixture(scope="session")
def garment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn shirt in many tones, so that every epsilon changes some pixel's byte."""
    image = Image.new("RGB", (120, 160), (236, 230, 220))
    draw = ImageDraw.Draw(image)
    draw.polygon(
        [(45, 20), (75, 20), (112, 60), (98, 76), (82, 60), (82, 140), (38, 140), (38, 60)], fill=(30, 40, 120)
    )
    for row in range(24, 140, 6):
        draw.line([(40, row), (80, row)], fill=(row, 200 - row, 90), width=3)
    path = tmp_path_factory.mktemp("garment") / "shirt.png"
    image.save(path)
    return path


@pytest.fixture
def attacked(app: str, open_page: OpenPage, garment: Path) -> Page:
    """The page with the garment on it."""
    page = open_page(f"{app}/robustness")
    bring(page, garment)
    expect(slider(page)).to_be_visible()
    settled(page)
    return page


def bring(page: Page, garment: Path) -> None:
    """Upload the garment in place of the picture that the page opens with."""
    upload(page, garment, behind="Another picture")
    expect(page.get_by_test_id("stFileUploader")).to_be_hidden()
    expect(page.get_by_text(f"The picture: {garment.name}")).to_be_visible()
    settled(page)


def slider(page: Page) -> Any:
    return page.get_by_role("slider", name="Epsilon, the size of the change")


def painted(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.locator(".sweep").evaluate(PAINTED)
    return found


def pixels_of(path: Path) -> NDArray[np.uint8]:
    return find_garment(images.decode(path.read_bytes(), max_side=1024)).image28


def computed(pixels: NDArray[np.uint8], name: str, folder: Path, epsilon: float) -> tuple[list[int], list[float]]:
    """What the library itself makes of a picture: the changed pixels, and the probabilities."""
    model, image = checkpoints.load(name, directory=folder), images.from_uint8(pixels)
    moved = attacks.fgsm(model, image, None, epsilon, attacks.foreground(image))
    return images.to_uint8(moved).ravel().tolist(), predict(model, moved)[0].tolist()


def assert_shows(page: Page, pixels: NDArray[np.uint8], folder: Path, epsilon: float) -> None:
    """Every picture and every number is what the library computes."""
    seen = painted(page)
    assert seen["epsilon"] == wording.number(epsilon)
    for place, name in enumerate(NETWORKS):
        tones, probabilities = computed(pixels, name, folder, epsilon)
        assert seen["pictures"][place] == tones
        assert seen["lengths"][place] == pytest.approx(probabilities, abs=2e-6)
        top = int(np.argmax(probabilities))
        assert seen["verdicts"][place] == f"{CLASS_NAMES[top]}{100 * probabilities[top]:.1f}%"


def on_track(page: Page) -> Callable[[float], tuple[float, float]]:
    """From a share of the track to a point on the screen."""
    box = page.locator(".lanes").bounding_box()
    thumb = slider(page).bounding_box()
    assert box is not None
    assert thumb is not None
    return lambda share: (box["x"] + share * box["width"], thumb["y"] + thumb["height"] / 2)


def test_bytes_are_pythons(browser: Browser) -> None:
    """Every tone, every sign, every place of the slider, and epsilons between them."""
    epsilons = [*FINE, 1 / 3, 0.5, 1.0, 1 / 255, 8 / 255, 0.1 + 0.2]
    page = browser.new_page()
    script = (COMPONENT / "pixels.js").read_text(encoding="utf-8")
    tables = page.evaluate(
        f"(epsilons) => {{ {script}; return epsilons.map(movedTones).map((t) => [[...t.down], [...t.up], [...t.fall], "
        "[...t.rise]]); }",
        epsilons,
    )
    page.close()
    every = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16).float() / 255
    for epsilon, (down, up, fall, rise) in zip(epsilons, tables, strict=True):
        for sign, tones, ways in ((-1.0, down, fall), (1.0, up, rise)):
            moved = attacks.move(every, torch.full_like(every, sign), epsilon)
            assert images.to_uint8(moved).ravel().tolist() == tones
            assert (moved - every).ravel().tolist() == pytest.approx(ways, abs=1e-7)


@pytest.mark.parametrize(("truth", "kinds"), [(None, ["own", "wrong"]), (4, ["own", "wrong"]), (2, ["wrong", "own"])])
def test_a_lane_shows_a_flip_at_the_last_place(browser: Browser, truth: int | None, kinds: list[str]) -> None:
    """The block at the last place has no length, and is seen all the same; what is right is by the truth."""
    page = browser.new_page()
    page.set_content(f"<style>{(COMPONENT / 'style.css').read_text(encoding='utf-8')}</style>")
    script = (COMPONENT / "sweep.js").read_text(encoding="utf-8").replace("export default", "const mount =")
    blocks = page.evaluate(
        f"([network, data]) => {{ {script}; const lane = View.prototype.lane(network, data);"
        "document.body.append(lane); const edge = lane.getBoundingClientRect().right;"
        "return [...lane.children].map((block) => [block.className.split(' ')[0],"
        "block.getBoundingClientRect().width, edge - block.getBoundingClientRect().right]); }",
        [
            {"segments": [[0, 4], [len(FINE) - 1, 2]], "truth": truth},
            {"epsilons": list(FINE), "classes": list(CLASS_NAMES)},
        ],
    )
    page.close()
    assert [kind for kind, _, _ in blocks] == kinds
    _, width, beyond = blocks[-1]
    assert width >= 4
    assert beyond == pytest.approx(0, abs=0.5)


def test_a_drag_paints_and_sends_nothing(attacked: Page, garment: Path, request: pytest.FixtureRequest) -> None:
    sent: list[Any] = []
    attacked.on("websocket", lambda socket: socket.on("framesent", lambda payload: sent.append(payload)))
    attacked.reload()
    bring(attacked, garment)
    expect(slider(attacked)).to_be_visible()
    settled(attacked)
    point = on_track(attacked)
    attacked.mouse.move(*point(0.5))
    attacked.mouse.down()
    before = len(sent)
    assert before > 0
    frames = []
    for step in range(STEPS):
        attacked.mouse.move(*point(0.02 + 0.96 * step / STEPS))
        frames.append(painted(attacked))
    assert len(sent) == before
    attacked.mouse.up()
    assert len({json.dumps(frame["pictures"]) for frame in frames}) >= 25
    assert len({json.dumps(frame["noise"]) for frame in frames}) >= 25
    assert len({json.dumps(frame["lengths"]) for frame in frames}) >= 25
    expect(attacked).to_have_url(re.compile(r"epsilon=0\.\d+"))
    assert len(sent) == before + 1
    folder: Path = request.getfixturevalue("checkpoints")
    epsilon = float(frames[-1]["epsilon"])
    settled(attacked)
    assert_shows(attacked, pixels_of(garment), folder, epsilon)
    assert f"epsilon={epsilon:g}" in attacked.url


def test_the_keyboard_moves_it(attacked: Page, garment: Path, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue("checkpoints")
    knob = slider(attacked)
    knob.focus()
    attacked.keyboard.press("Home")
    assert_shows(attacked, pixels_of(garment), folder, FINE[0])
    attacked.keyboard.press("ArrowRight")
    assert_shows(attacked, pixels_of(garment), folder, FINE[1])
    attacked.keyboard.press("PageUp")
    assert float(painted(attacked)["epsilon"]) in FINE[2:60]
    attacked.keyboard.press("End")
    assert_shows(attacked, pixels_of(garment), folder, FINE[-1])
    attacked.keyboard.press("ArrowLeft")
    attacked.keyboard.press("PageDown")
    words = knob.get_attribute("aria-valuetext") or ""
    assert words.startswith(painted(attacked)["epsilon"])
    assert "Dense network: " in words
    assert "Convolutional network: " in words
    expect(attacked).to_have_url(re.compile(r"epsilon=0\.1"))


def test_the_lanes_can_be_dragged_too(attacked: Page) -> None:
    box = attacked.locator(".lanes").bounding_box()
    assert box is not None
    attacked.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 8)
    assert painted(attacked)["epsilon"] == "0.100"
    expect(attacked).to_have_url(re.compile(r"epsilon=0\.1$"))


def test_the_plain_slider_moves_the_live_one(attacked: Page) -> None:
    attacked.get_by_text("The numbers, and a plain slider").click()
    plain = attacked.get_by_test_id("stSlider").get_by_role("slider")
    expect(plain).to_be_visible()
    settled(attacked)
    plain.focus()
    plain.press("ArrowRight")
    expect(attacked).to_have_url(re.compile(r"epsilon=0\.0255"))
    expect(attacked.locator(".epsilon b")).to_have_text("0.0255")


def test_a_phone_keeps_the_slider_in_reach(attacked: Page) -> None:
    attacked.set_viewport_size(PHONE)
    wider = attacked.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(part => part.scrollWidth - part.clientWidth)"
    )
    assert wider == [0, 0]
    attacked.locator("canvas.picture").first.scroll_into_view_if_needed()
    for part in (slider(attacked), attacked.locator("canvas.picture").first, attacked.locator("canvas.picture").last):
        expect(part).to_be_in_viewport(ratio=0.9)


def test_a_finger_drags_it(app: str, browser: Browser, garment: Path) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{app}/robustness")
    settled(page)
    bring(page, garment)
    expect(slider(page)).to_be_visible()
    settled(page)
    point = on_track(page)
    touch = context.new_cdp_session(page)
    places = [point(0.2 + 0.02 * step) for step in range(STEPS)]
    touch.send(
        "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": places[0][0], "y": places[0][1]}]}
    )
    seen = set()
    for x, y in places:
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y}]})
        seen.add(painted(page)["epsilon"])
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert len(seen) >= 20
    context.close()


def test_a_download_is_the_picture_and_its_recipe(
    attacked: Page, garment: Path, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue("checkpoints")
    tones, probabilities = computed(pixels_of(garment), "dense", folder, 0.025)
    with attacked.expect_download() as caught:
        attacked.get_by_role("button", name="Picture (PNG)").click()
    saved = Image.open(caught.value.path())
    assert saved.size == (560, 560)
    assert np.asarray(saved)[10::20, 10::20].ravel().tolist() == tones
    recipe = json.loads(saved.text["Recipe"])  # type: ignore[attr-defined]
    assert recipe["attack"]["epsilon"] == 0.025
    assert recipe["attack"]["gradient_checkpoint_sha256"] == checkpoints.available(folder)["dense"]["sha256"]
    assert recipe["link"] is None, "an uploaded picture stays in its session"
    assert recipe["networks"]["dense"]["probabilities"] == pytest.approx(probabilities, abs=1e-6)


@pytest.mark.data
def test_a_cold_link_opens_the_same_picture_and_epsilon(
    app_with_data: str, open_page: OpenPage, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue("checkpoints")
    page = open_page(f"{app_with_data}/robustness?sample=7&epsilon=0.07&attack=FGSM")
    expect(slider(page)).to_be_visible()
    assert_shows(page, data.load("test").images[7, 0].numpy(), folder, 0.07)


@pytest.mark.data
def test_without_a_picture_one_is_there_and_already_attacked(app_with_data: str, open_page: OpenPage) -> None:
    page = open_page(f"{app_with_data}/robustness")
    expect(slider(page)).to_be_visible()
    assert painted(page)["epsilon"] == "0.025"
    page.get_by_role("button", name="Another picture").click()
    page.get_by_role("button", name="Ankle boot", exact=True).click()
    expect(page).to_have_url(re.compile(r"sample=\d+"))
    expect(page.get_by_text("Ankle boot.", exact=False).first).to_be_visible()


@pytest.mark.data
def test_a_recipes_link_opens_the_same_anywhere(app_with_data: str, open_page: OpenPage) -> None:
    page = open_page(f"{app_with_data}/robustness")
    expect(slider(page)).to_be_visible()
    page.wait_for_load_state("networkidle")  # a move takes pictures away that the browser may still be fetching
    page.locator(".lanes").click(position={"x": 3, "y": 5})
    expect(page).to_have_url(re.compile("epsilon="))
    settled(page)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Recipe (JSON)").click()
    recipe = json.loads(Path(caught.value.path()).read_text(encoding="utf-8"))
    epsilon = recipe["attack"]["epsilon"]
    assert recipe["link"] == (
        f"{app_with_data}/robustness?sample=2459&epsilon={epsilon:g}&attack=fgsm&change=garment&robust=false"
        "&against=dense&by-truth=false"
    )
    shown = painted(page)
    other = open_page(recipe["link"])
    expect(slider(other)).to_be_visible()
    seen = painted(other)
    assert seen["epsilon"] == wording.number(epsilon)
    assert seen["pictures"][0] == shown["pictures"][0]


def test_a_refused_epsilon_is_told_until_the_slider_moves(app: str, open_page: OpenPage, garment: Path) -> None:
    page = open_page(f"{app}/robustness?epsilon=abc")
    bring(page, garment)
    expect(slider(page)).to_be_visible()
    expect(page.get_by_text("is no number")).to_be_visible()
    slider(page).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("is no number")).to_have_count(0)

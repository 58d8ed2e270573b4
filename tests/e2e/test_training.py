"""The epoch player in a browser: what moves together, what the keyboard reaches, what the server hears."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from einstyle_core.data import is_available
from tests import standins
from tests.e2e.conftest import PHONE, OpenPage, running_app, settled
from tests.e2e.test_every_page import assert_fits
from tests.training_runs import EPOCHS, TURNING_EPOCH, TURNING_TILE, save_run, tone

# Everything in the player that depends on the epoch, read in one go: a picture's tone tells which one it shows.
STATE = """root => ({
  epoch: Number(root.dataset.epoch),
  slider: Number(root.querySelector('input[type=range]').value),
  needles: [...root.querySelectorAll('.needle')].map(part => Number(part.dataset.epoch)),
  curves: [...root.querySelectorAll('.curves')].map(part => Number(part.dataset.epoch)),
  cursors: [...root.querySelectorAll('.cursor')].map(part => Number(part.getAttribute('x1'))),
  pictures: [...root.querySelectorAll('.picture')].map(part => Number(part.dataset.epoch)),
  tones: [...root.querySelectorAll('.picture')].map(part => part.getContext('2d').getImageData(3, 3, 1, 1).data[0]),
})"""
WATCH = """(root, [frames, read]) => new Promise(done => {
  const seen = [], state = eval(read);
  const look = () => {
    seen.push(state(root));
    if (new Set(seen.map(one => one.epoch)).size >= frames) done(seen);
    else requestAnimationFrame(look);
  };
  look();
})"""

SHORT = 3  # epochs of the CGAN


@pytest.fixture(scope="module")
def environment_with_runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = standins.furnish(tmp_path_factory.mktemp("checkpoints"))
    for name, recipe in (("gan", "fixed"), ("wgan", "fixed"), ("wgan", "reference"), ("began", "fixed")):
        save_run(name, folder, recipe)
    save_run("cgan", folder, epochs=SHORT)
    nothing = tmp_path_factory.mktemp("nothing")
    return {
        "EINSTYLE_CHECKPOINTS": str(folder),
        "EINSTYLE_DATA": str(nothing / "data"),
        "EINSTYLE_CACHE": str(nothing / "cache"),
    }


@pytest.fixture(scope="module")
def app_with_runs(environment_with_runs: dict[str, str], browser: Browser) -> Iterator[str]:
    with running_app(environment_with_runs) as address:
        context = browser.new_context()
        warm = context.new_page()
        warm.goto(address)  # the first visit loads the networks
        expect(warm.get_by_text("Your pictures stay in this session")).to_be_visible(timeout=240_000)
        context.close()
        yield address


def player(page: Page, runs: int = 3) -> Locator:
    """The player, once every run has its pictures."""
    root = page.locator(".player").first
    expect(root.locator(".picture")).to_have_count(runs)
    expect(root.locator(".waiting")).to_have_count(0)
    return root


def assert_together(state: dict[str, list[float]]) -> None:
    epoch = state["epoch"]
    for part in ("needles", "curves", "pictures"):
        assert set(state[part]) == {epoch}, (part, state)
    assert state["slider"] == epoch
    assert len({round(x) for x in state["cursors"]}) == 1
    assert all(abs(seen - tone(int(epoch))) <= 8 for seen in state["tones"]), state  # type: ignore[call-overload]


def test_play_moves_pictures_and_cursors_together_without_the_server(app_with_runs: str, open_page: OpenPage) -> None:
    page = open_page(f"{app_with_runs}/training?epoch=2")
    root = player(page)
    expect(root).to_have_attribute("data-epoch", "2")
    page.evaluate(
        "() => { window.sends = 0; const send = WebSocket.prototype.send;"
        "WebSocket.prototype.send = function (...a) { window.sends += 1; return send.apply(this, a); }; }"
    )
    root.get_by_role("button", name="Play or pause").click()
    states = root.evaluate(WATCH, [EPOCHS, STATE])
    assert page.evaluate("window.sends") == 0
    for state in states:
        assert_together(state)
    order = [state["epoch"] for state in states]
    assert sorted(set(order)) == list(range(1, EPOCHS + 1))  # round the end: it loops
    root.get_by_role("button", name="Play or pause").click()
    expect(page).to_have_url(re.compile(rf"epoch={root.get_attribute('data-epoch')}\b"))
    assert page.evaluate("window.sends") > 0


def test_a_click_on_a_curve_jumps_and_is_in_the_link(app_with_runs: str, open_page: OpenPage) -> None:
    page = open_page(f"{app_with_runs}/training?gans=gan,wgan")
    root = player(page, 2)
    expect(root).to_have_attribute("data-epoch", str(EPOCHS))
    curves = root.locator(".curves").nth(1)
    box = curves.bounding_box()
    assert box is not None
    left, right = 42, 8  # the margins of the plot
    x = left + (5 - 0.5) / EPOCHS * (box["width"] - left - right)
    curves.click(position={"x": x, "y": box["height"] / 2})
    expect(root).to_have_attribute("data-epoch", "5")
    assert_together(root.evaluate(STATE))
    expect(page).to_have_url(re.compile("epoch=5"))
    expect(root.locator(".legend").first).to_contain_text("D/real 0.2")  # 1 / 5
    again = open_page(page.url)
    expect(player(again, 2)).to_have_attribute("data-epoch", "5")


def test_the_keyboard_alone_does_all_of_it(app_with_runs: str, open_page: OpenPage) -> None:
    page = open_page(f"{app_with_runs}/training?gans=gan&epoch=1")
    root = player(page, 1)
    root.get_by_role("button", name="One back").focus()
    keys = page.keyboard
    for key, epoch in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("End", EPOCHS), ("Home", 1)):
        keys.press(key)
        expect(root).to_have_attribute("data-epoch", str(epoch))
    keys.press("l")
    expect(root.get_by_role("button", name="Begin again")).to_have_attribute("aria-pressed", "false")
    keys.press("Tab")  # to play
    keys.press("Space")
    expect(root).to_have_attribute("data-epoch", str(EPOCHS))
    expect(root).not_to_have_attribute("data-playing", "true")  # no loop: it stays at the end

    picture = root.locator(".picture")
    for _ in range(12):
        if picture.evaluate("part => part.getRootNode().activeElement === part"):
            break
        keys.press("Tab")
    expect(picture).to_be_focused()
    for _ in range(TURNING_TILE):
        keys.press("ArrowRight")
    expect(root).to_have_attribute("data-epoch", str(EPOCHS))  # on a picture the arrows choose a tile
    keys.press("Enter")
    life = root.get_by_role("region", name="The life of one tile")
    expect(life).to_contain_text("tile (0,1)")
    expect(life.locator(".moment")).to_have_count(EPOCHS)
    names = life.locator("em").all_inner_texts()
    assert [(place, name) for place, name in enumerate(names, start=1) if name] == [
        (1, "Shirt"),
        (TURNING_EPOCH, "Bag"),
    ]
    keys.press("Escape")
    expect(life).to_be_hidden()


def test_a_chapter_leads_to_its_epoch_and_its_tile(app_with_runs: str, open_page: OpenPage) -> None:
    page = open_page(f"{app_with_runs}/training?gans=wgan")
    root = player(page, 1)
    root.get_by_role("button", name=re.compile(r"Epoch 7 WGAN: tile \(0,1\) Shirt → Bag")).click()
    expect(root).to_have_attribute("data-epoch", str(TURNING_EPOCH))
    expect(root.get_by_role("region", name="The life of one tile")).to_contain_text("tile (0,1)")


def test_another_choice_keeps_the_epoch_and_sends_only_what_is_new(app_with_runs: str, open_page: OpenPage) -> None:
    page = open_page(f"{app_with_runs}/training?gans=gan&epoch=4")
    root = player(page, 1)
    page.get_by_role("button", name="WGAN", exact=True).click()
    root = player(page, 2)
    expect(root).to_have_attribute("data-epoch", "4")
    assert_together(root.evaluate(STATE))
    expect(page).to_have_url(re.compile("gans=gan%2Cwgan|gans=gan,wgan"))
    expect(page.get_by_text("These losses share no scale")).to_be_visible()
    page.get_by_role("radio", name="Both").click()
    root = player(page, 3)
    expect(root.locator(".note")).to_have_text(["fixed recipe", "fixed recipe", "reference recipe"])


def test_a_shorter_run_says_where_it_ends(app_with_runs: str, open_page: OpenPage) -> None:
    page = open_page(f"{app_with_runs}/training?gans=gan,cgan&epoch={SHORT}")
    root = player(page, 2)
    ended = root.locator(".ending").nth(1)
    expect(ended).to_be_hidden()
    root.get_by_role("button", name="One on").click()
    expect(ended).to_have_text(f"This run ends at epoch {SHORT}")
    expect(ended).to_be_visible()
    expect(root.locator(".stale")).to_have_count(1)
    expect(root.locator(".picture").nth(1)).to_have_attribute("data-epoch", str(SHORT))
    root.get_by_role("button", name="One back").click()
    expect(ended).to_be_hidden()


def test_the_class_mix_and_the_curves_below_it_have_one_axis(app_with_runs: str, open_page: OpenPage) -> None:
    root = player(open_page(f"{app_with_runs}/training?gans=gan&epoch=5"), 1)
    middles = [
        root.locator(part).evaluate(
            "part => { const box = part.getBoundingClientRect(); return box.x + box.width / 2 }"
        )
        for part in (".needle", ".cursor")
    ]
    assert middles[0] == pytest.approx(middles[1], abs=1)


def test_two_recipes_of_a_gan_stand_side_by_side(app_with_runs: str, open_page: OpenPage) -> None:
    root = player(open_page(f"{app_with_runs}/training?gans=gan,wgan,began&recipe=both"), 4)
    boxes = [reel.bounding_box() for reel in root.locator(".reel").all()]
    _, fixed, reference, began = (box for box in boxes if box)
    assert fixed["y"] == reference["y"] < began["y"]
    assert fixed["x"] == began["x"] < reference["x"]


def test_whoever_returns_finds_the_epoch_of_the_link(app_with_runs: str, open_page: OpenPage) -> None:
    page = open_page(f"{app_with_runs}/training?gans=gan&epoch=2")
    player(page, 1).get_by_role("button", name="One on").click()
    expect(page).to_have_url(re.compile("epoch=3"))
    page.get_by_test_id("stTopNavLink").filter(has_text="Home").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Training")
    settled(page)
    page.go_back()
    expect(player(page, 1)).to_have_attribute("data-epoch", "3")
    player(page, 1).get_by_role("button", name="One on").click()
    expect(page).to_have_url(re.compile("epoch=4"))
    page.get_by_role("button", name="GAN", exact=True).click()
    expect(page.get_by_text("Choose at least one GAN.")).to_be_visible()
    page.get_by_role("button", name="GAN", exact=True).click()
    expect(player(page, 1)).to_have_attribute("data-epoch", "4")


def test_a_finger_scrolls_over_a_chart_and_jumps_with_a_tap(app_with_runs: str, open_page: OpenPage) -> None:
    page = open_page(f"{app_with_runs}/training?gans=gan&epoch=11", **PHONE)
    root = player(page, 1)
    device = page.context.new_cdp_session(page)
    device.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def touch(kind: str, *points: tuple[float, float]) -> None:
        device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    curves = root.locator(".curves")
    curves.scroll_into_view_if_needed()
    top = "part => part.getBoundingClientRect().y"
    before = curves.evaluate(top)
    touch("touchStart", (120, before + 60))
    touch("touchEnd")
    expect(root).to_have_attribute("data-epoch", "3")
    expect(page).to_have_url(re.compile("epoch=3"))
    touch("touchStart", (300, before + 150))
    for way in range(10, 150, 10):
        touch("touchMove", (300, before + 150 - way))
    touch("touchEnd")
    page.wait_for_function(f"([part, before]) => ({top})(part) < before - 50", arg=[curves.element_handle(), before])
    expect(root).to_have_attribute("data-epoch", "3")


def test_every_gan_can_be_chosen_on_a_phone(app_with_runs: str, open_page: OpenPage) -> None:
    page = open_page(f"{app_with_runs}/training?gans=gan", width=220)  # four pills do not fit on a line
    for title in ("GAN", "CGAN", "WGAN", "BEGAN"):
        box = page.get_by_role("button", name=title, exact=True).first.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 220


def test_it_fits_a_phone(app_with_runs: str, open_page: OpenPage) -> None:
    page = open_page(f"{app_with_runs}/training?gans=gan,wgan", **PHONE, scheme="dark")
    root = player(page, 2)
    assert_fits(page)
    box = root.locator(".picture").first.bounding_box()
    assert box is not None
    assert 300 <= box["width"] <= 390
    root.locator(".picture").first.click(position={"x": 20, "y": 20})
    expect(root.get_by_role("region", name="The life of one tile")).to_be_visible()
    assert_fits(page)


@pytest.mark.data
@pytest.mark.skipif(not is_available(), reason="needs the training images")
def test_a_live_run_grows_and_stops_and_the_next_one_waits(
    environment_with_runs: dict[str, str], open_page: OpenPage
) -> None:
    with running_app({"EINSTYLE_CHECKPOINTS": environment_with_runs["EINSTYLE_CHECKPOINTS"]}) as address:
        first = _start_live(open_page(f"{address}/training?training=Train+live"))
        second = _start_live(open_page(f"{address}/training?training=Train+live"))
        expect(second.get_by_text("One run is before yours")).to_be_visible()
        # A first step of a cold process on a busy machine.
        grown = first.locator(".player[data-epoch]").last
        expect(grown.locator(".readout")).to_have_text(re.compile(r"Step \d+0 of 300"), timeout=240_000)
        first.get_by_role("button", name="Stop").click()
        expect(first.get_by_text("The run was stopped.")).to_be_visible()
        expect(first.get_by_role("button", name="Animation (GIF)")).to_be_visible()
        expect(second.get_by_text("One run is before yours")).to_be_hidden()
        second.get_by_role("button", name="Stop").click()
        expect(second.get_by_text("The run was stopped.")).to_be_visible()


def _start_live(page: Page) -> Page:
    page.get_by_role("combobox", name="GAN").click()
    page.get_by_role("option", name="GAN", exact=True).click()
    start = page.get_by_role("button", name="Train it now")
    expect(start).to_be_enabled()
    start.click()
    return page

"""The Colorize page, and the rooms behind it, without a browser."""

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ColorPicker

from einstyle_core import checkpoints, data, images, measurements
from einstyle_core.ballots.model import Option, Pair
from einstyle_core.colorizer import render
from einstyle_core.colorizer.palettes import PALETTES, parse_hex, to_hex
from pages.colorizing import choice, evidence, takeaway, verdicts
from pages.colorizing import subject as subjects
from pages.colorizing.brushes import Brush, coloured, paint
from pages.colorizing.subject import PREVIEW_SIDE, TILE_SIDE, Subject
from pages.shared import tray
from pages.shared.ballot_drafts import Draft
from pages.shared.text import plain
from tests import standins
from tests.colorizer.painters import Knows
from tests.pages.conftest import Open

RED, TEAL, WHITE, BLACK = (parse_hex(code) for code in ("#9a3b3b", "#3c6e71", "#fff", "#000"))
GROUND = (236, 230, 220)


def shirt(width: int = 120, height: int = 160, tone: tuple[int, int, int] = (120, 140, 150)) -> Image.Image:
    """A striped shirt on a plain ground."""
    image = Image.new("RGB", (width, height), GROUND)
    draw = ImageDraw.Draw(image)
    x, y = width / 120, height / 160
    outline = [(45, 20), (75, 20), (112, 60), (98, 76), (82, 60), (82, 140), (38, 140), (38, 60), (22, 76), (8, 60)]
    draw.polygon([(a * x, b * y) for a, b in outline], fill=tone)
    for top in range(70, 130, 20):
        draw.rectangle((40 * x, top * y, 80 * x, (top + 6) * y), fill=tuple(value // 2 for value in tone))
    return image


def subject_of(image: Image.Image, name: str = "my shirt.png", part: tray.Part = tray.WHOLE) -> Subject:
    content = images.png_bytes(image)
    return Subject(tray.key_of(name, content), name, None, part, False, lambda: content)


def words(app: AppTest) -> str:
    kinds = (app.title, app.markdown, app.caption, app.subheader, app.info, app.warning, app.error)
    return "\n".join(element.value for kind in kinds for element in kind)


def upload(app: AppTest, name: str, image: Image.Image) -> AppTest:
    app.file_uploader[0].upload(name, images.png_bytes(image))
    return app.run()


def picker(app: AppTest, side: str) -> ColorPicker:
    """The picker for the colour of ``a`` or ``b``."""
    return next(element for element in app.color_picker if element.label == f"Colour {side.upper()}")


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch, checkpoint_folder: Path) -> Knows:
    """A network that paints by the colour set's own rule, in the place of the trained one."""
    knows = Knows(2)
    monkeypatch.setattr("pages.shared.models.load", lambda name: knows)
    return knows


# Colours


def test_hex_codes_are_read_however_they_are_separated() -> None:
    assert choice.parse(" #9A3B3B,3c6e71;#FFF\n000 ") == ((RED, TEAL, WHITE, BLACK), ())


def test_rgb_in_brackets_is_one_word_that_is_none() -> None:
    assert choice.parse("#9a3b3b rgb(1, 2, 3),hsl(0 0% 0%) #fff") == (
        (RED, WHITE),
        ("rgb(1, 2, 3)", "hsl(0 0% 0%)"),
    )


def test_each_colour_counts_once_and_what_is_none_is_named() -> None:
    assert choice.parse("#9a3b3b red, 9a3b3b #12345 <b>") == ((RED,), ("red", "#12345", "<b>"))


@pytest.mark.parametrize(
    ("difference", "start"),
    [
        (0, "nobody"),
        (0.99, "nobody"),
        (1, "only a trained"),
        (2, "an untrained"),
        (3.5, "a clear"),
        (5, "two different"),
    ],
)
def test_a_difference_is_read_by_its_limits(difference: float, start: str) -> None:
    assert verdicts.reading(difference).startswith(start)


def test_a_pair_that_the_green_blind_confuse_is_found() -> None:
    """Two colours that lie nearly on one line of confusion of the deutan."""
    mask = np.ones((4, 4), np.float32)
    olive, brick = (np.full((4, 4, 3), parse_hex(code), np.uint8) for code in ("#7f7f2a", "#a06c2e"))
    difference = verdicts.difference(olive, brick, mask)
    views = verdicts.views(olive, brick, mask)
    assert difference > 10
    by_vision = {seen.vision: seen for seen in views}
    assert by_vision["deutan"].difference < verdicts.CLEAR
    assert by_vision["tritan"].difference > verdicts.CLEAR
    warning = verdicts.confused(difference, views)
    assert warning is not None
    assert "green cones" in warning
    assert "blue cones" not in warning


def test_a_pair_that_nobody_tells_apart_is_no_matter_of_colour_blindness() -> None:
    mask = np.ones((4, 4), np.float32)
    one = np.full((4, 4, 3), RED, np.uint8)
    assert verdicts.confused(0.0, verdicts.views(one, one, mask)) is None


# Pictures


def test_a_large_picture_is_coloured_at_its_own_size_and_nothing_but_the_garment(painter: Knows) -> None:
    photo = shirt(1500, 2000)
    subject = subject_of(photo)
    result = np.asarray(Image.open(io.BytesIO(takeaway.full_png(subject, RED, Brush.NETWORK))))
    assert result.shape == (2000, 1500, 3)
    canvas = render.prepare(photo)
    off = canvas.mask == 0
    assert off.mean() > 0.4
    np.testing.assert_array_equal(result[off], np.asarray(photo)[off])
    np.testing.assert_array_equal(result, render.colorize(painter, canvas.photo, canvas.mask, RED))
    assert max(subject.canvas(PREVIEW_SIDE).photo.shape) == PREVIEW_SIDE


def test_a_transparent_picture_stays_transparent(painter: Knows) -> None:
    photo = shirt().convert("RGBA")
    photo.putalpha(Image.fromarray(np.where(np.asarray(shirt())[..., 0] == GROUND[0], 0, 255).astype(np.uint8)))
    result = Image.open(io.BytesIO(takeaway.full_png(subject_of(photo), RED, Brush.NETWORK)))
    assert result.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(result)[..., 3], np.asarray(photo)[..., 3])


def test_an_item_of_the_dataset_is_enlarged_in_whole_pixels(painter: Knows) -> None:
    pixels = np.zeros((28, 28), np.uint8)
    pixels[2:26, 5:23] = 160
    subject = subject_of(Image.fromarray(pixels))
    large = np.asarray(Image.open(io.BytesIO(takeaway.full_png(subject, TEAL, Brush.NETWORK))))
    small = render.colorize_item(painter, pixels, TEAL)
    np.testing.assert_array_equal(large, small.repeat(32, axis=0).repeat(32, axis=1))
    assert not large[:32].any()


def test_only_the_chosen_part_is_coloured(painter: Knows) -> None:
    both = Image.new("RGB", (240, 160), GROUND)
    both.paste(shirt(), (0, 0))
    both.paste(shirt(), (120, 0))
    subject = subject_of(both, part=((0, 50), (0, 100)))
    canvas = subject.canvas(TILE_SIDE)
    assert canvas.mask[:, :120].any()
    assert not canvas.mask[:, 120:].any()
    result = paint(canvas, RED, Brush.NETWORK)
    assert (result[:, :120] != canvas.photo[:, :120]).any()
    np.testing.assert_array_equal(result[:, 120:], canvas.photo[:, 120:])


def test_black_has_nothing_to_colour_and_dark_is_told() -> None:
    def canvas(tone: tuple[int, int, int]) -> render.Canvas:
        return subject_of(shirt(tone=tone), f"{tone}").canvas(TILE_SIDE)

    for tone in ("black", "white"):
        all_of_it = subject_of(Image.new("RGB", (40, 60), tone)).canvas(TILE_SIDE)
        assert f"all of it is {tone}" in (subjects.nothing_to_colour(all_of_it) or "")
        assert subjects.reservation(all_of_it) == subjects.nothing_to_colour(all_of_it)
    assert not subjects.nothing_to_colour(canvas((120, 140, 150)))
    assert subjects.reservation(canvas((120, 140, 150))) is None
    assert "very dark" in (subjects.reservation(canvas((30, 30, 34))) or "")
    assert "nearly white" in (
        subjects.reservation(subject_of(Image.new("RGB", (40, 60), "#f4f4f4")).canvas(TILE_SIDE)) or ""
    )


def test_other_weights_paint_afresh(painter: Knows, monkeypatch: pytest.MonkeyPatch, checkpoint_folder: Path) -> None:
    subject = subject_of(shirt(), "afresh.png")
    first = coloured(subject, TILE_SIDE, RED, Brush.NETWORK)
    assert coloured(subject, TILE_SIDE, RED, Brush.NETWORK) is first
    (checkpoint_folder / "colorizer.safetensors").write_bytes(b"other weights")
    assert coloured(subject, TILE_SIDE, RED, Brush.NETWORK) is not first
    assert coloured(subject, TILE_SIDE, RED, Brush.TINT) is coloured(subject, TILE_SIDE, RED, Brush.TINT)


# Files


def test_the_sheet_shows_every_colour_with_its_swatch(painter: Knows) -> None:
    colours = PALETTES["coast"].colours[:7]
    sheet = takeaway.sheet(subject_of(shirt()), colours, Brush.NETWORK)
    assert sheet.width == 5 * 480 + 6 * 36
    assert sheet.height == 2 * (480 + 64) + 3 * 36
    for place, colour in enumerate(colours):
        left, top = 36 + place % 5 * 516, 36 + place // 5 * 580
        assert sheet.getpixel((left + 16, top + 480 + 32)) == colour


def test_the_archive_holds_everything_and_says_what_it_is(painter: Knows) -> None:
    photo = shirt(300, 400)
    subject = subject_of(photo)
    colours = (RED, TEAL, *PALETTES["coast"].colours[:2])
    content = takeaway.everything(takeaway.Pair(subject, RED, TEAL, Brush.NETWORK), colours)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        rows = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))
        assert {row["file"] for row in rows} | {"manifest.csv", "my-shirt-colourways.png"} == set(archive.namelist())
        ways = [row for row in rows if row["role"] == "colourway"]
        assert [row["hex wanted"] for row in ways] == [to_hex(colour) for colour in colours]
        a = archive.read("my-shirt-a-9a3b3b.png")
        tint = archive.read("my-shirt-b-3c6e71-plain-tint.png")
    assert a == takeaway.full_png(subject, RED, Brush.NETWORK)
    assert tint == takeaway.full_png(subject, TEAL, Brush.TINT)
    by_file = {row["file"]: row for row in rows}
    assert by_file["my-shirt-a-9a3b3b.png"]["difference from A (CIEDE2000)"] == "0.0"
    canvas = subject.canvas(TILE_SIDE)
    pair = [coloured(subject, TILE_SIDE, colour, Brush.NETWORK) for colour in (RED, TEAL)]
    between = by_file["my-shirt-b-3c6e71.png"]["difference from A (CIEDE2000)"]
    assert between == f"{render.difference(*pair, canvas.mask):.1f}"


def test_a_mean_colour_is_that_of_the_garment_alone() -> None:
    pixels = np.array([[[10, 20, 30], [30, 40, 50], [255, 255, 255]]], np.uint8)
    assert takeaway.mean_colour(pixels, np.array([[1.0, 1.0, 0.0]])) == (20, 30, 40)


# Figures


def figures_of(ours: float, tint: float) -> dict[str, dict[str, dict[str, float]]]:
    common = {"hue_within_15": 0.9951, "lightness_ssim": 0.99871, "colourfulness_ratio": 0.97}
    return {"gan": {"unseen": {**common, "ciede2000": ours}}, "tint": {"unseen": {**common, "ciede2000": tint}}}


@pytest.mark.parametrize(
    ("ours", "tint", "said"),
    [(2.14, 5.28, "the network comes nearer"), (5.28, 2.14, "the network adds nothing"), (3.0, 3.0, "neither")],
)
def test_the_judgement_follows_the_figures_whoever_wins(ours: float, tint: float, said: str) -> None:
    sentence = evidence.judgement(figures_of(ours, tint))
    assert sentence is not None
    assert said in sentence
    assert f"ΔE {ours:.1f} for the network, {tint:.1f} for the tint" in sentence


def test_without_figures_there_is_no_judgement() -> None:
    assert evidence.judgement({}) is None
    assert evidence.judgement({"gan": figures_of(1, 2)["gan"]}) is None


@pytest.mark.usefixtures("no_data")
def test_measured_figures_stand_in_the_table_and_foreign_weights_are_told(
    checkpoint_folder: Path, open_page: Open
) -> None:
    standins.save_colorizer(checkpoint_folder)
    for name, figures in figures_of(2.14, 5.28).items():
        measurements.record("colorizer", name, figures, n=10_000, seed=0, checkpoint_sha256="x", command="none")
    app = upload(open_page("colorize"), "a.png", shirt())
    assert not app.exception
    shown = app.table[0].value
    assert shown.loc["The network"].tolist() == ["2.14", "99.5%", "0.9987", "97%"]
    assert list(shown.index) == ["The network", "Plain tint"]
    assert "other weights" in words(app)


# The page


@pytest.mark.usefixtures("checkpoint_folder", "no_data")
def test_without_the_checkpoint_the_plain_tint_is_shown_and_the_way_to_restore_told(open_page: Open) -> None:
    app = upload(open_page("colorize"), "a.png", shirt())
    assert not app.exception
    assert not app.error
    (warning,) = (element.value for element in app.warning)
    assert "plain tint" in warning
    assert plain("colorizer.safetensors") in warning
    assert plain("python -m scripts.train_colorizer") in warning
    assert "**ΔE " in words(app)
    assert "What the network adds" not in words(app)


@pytest.mark.usefixtures("no_data")
def test_the_weights_in_the_folder_are_what_paints(checkpoint_folder: Path, open_page: Open) -> None:
    standins.save_colorizer(checkpoint_folder)
    app = upload(open_page("colorize", a="9a3b3b"), "a.png", shirt())
    assert not app.exception
    assert not app.warning
    canvas = render.prepare(shirt())
    painted = render.colorize(checkpoints.load("colorizer"), canvas.photo, canvas.mask, RED)
    assert f"on this cloth {to_hex(takeaway.mean_colour(painted, canvas.mask))} on average" in words(app)
    assert "What the network adds" in words(app)


@pytest.mark.usefixtures("no_data")
def test_damaged_weights_are_told_and_the_plain_tint_is_shown(checkpoint_folder: Path, open_page: Open) -> None:
    path = standins.save_colorizer(checkpoint_folder)
    path.write_bytes(path.read_bytes()[:1000])
    app = upload(open_page("colorize"), "a.png", shirt())
    assert not app.exception
    (error,) = (element.value for element in app.error)
    assert plain("python -m scripts.train_colorizer") in error
    assert "**ΔE " in words(app)


@pytest.mark.usefixtures("checkpoint_folder", "no_data")
def test_without_any_picture_the_page_offers_ways_to_get_one(open_page: Open) -> None:
    app = open_page("colorize")
    assert not app.exception
    assert len(app.file_uploader) == 1
    assert app.button(key="fetch_data").label.startswith("Download Fashion-MNIST")


@pytest.mark.usefixtures("no_data")
def test_without_the_dataset_a_garment_of_our_own_is_the_example(checkpoint_folder: Path, open_page: Open) -> None:
    standins.save_gan("cgan", checkpoint_folder)
    said = words(open_page("colorize"))
    assert "An example, a garment that" in said
    assert "**ΔE " in said


@pytest.mark.usefixtures("painter", "no_data")
def test_an_upload_is_looked_at_and_named_harmlessly(open_page: Open) -> None:
    app = upload(open_page("colorize"), "my_*shirt*.png", shirt())
    assert not app.exception
    assert app.query_params["item"] == tray.key_of("my_*shirt*.png", images.png_bytes(shirt()))
    assert r"Your picture: my\_\*shirt\*\.png" in words(app)
    assert "What the network adds" in words(app)


@pytest.mark.usefixtures("painter", "no_data")
def test_a_bad_file_is_a_sentence_and_the_picture_stays(open_page: Open) -> None:
    app = upload(open_page("colorize"), "a.png", shirt())
    app.file_uploader[0].upload("b.png", b"not a picture")
    app = app.run()
    assert not app.exception
    assert [element.value.split(" is ")[0] for element in app.warning] == [r"b\.png"]
    assert r"Your picture: a\.png" in words(app)


@pytest.mark.usefixtures("painter", "no_data")
def test_an_invalid_hex_is_one_sentence_and_loses_nothing(open_page: Open) -> None:
    app = upload(open_page("colorize"), "a.png", shirt())
    app = app.text_input(key="colours").set_value("#9a3b3b, [x](y), #3c6e71").run()
    assert not app.exception
    (warning,) = (element.value for element in app.warning)
    assert plain("[x](y)") in warning
    assert "the other 2 are used" in warning
    assert [picker(app, side).value for side in "ab"] == ["#9a3b3b", "#3c6e71"]
    app = app.text_input(key="colours").set_value("#9a3b3b, rgb(1,2,3)").run()
    assert plain("rgb(1,2,3)") in words(app)
    assert "the other one is used" in words(app)
    app = app.text_input(key="colours").set_value("nothing").run()
    assert not app.exception
    assert f"{len(PALETTES['paper'].colours)} colours" in words(app)


@pytest.mark.usefixtures("painter", "no_data")
def test_ten_hexes_at_once_are_ten_colourways(open_page: Open) -> None:
    app = upload(open_page("colorize"), "a.png", shirt())
    codes = [f"#{number:02x}8040" for number in range(0, 250, 25)]
    app = app.text_input(key="colours").set_value(" ".join(codes)).run()
    assert not app.exception
    assert "in your own colours, 10 colours" in words(app)


@pytest.mark.usefixtures("painter", "no_data")
def test_one_hex_of_ones_own_still_makes_a_pair(open_page: Open) -> None:
    app = upload(open_page("colorize"), "a.png", shirt())
    app = app.text_input(key="colours").set_value("#9a3b3b").run()
    assert not app.exception
    assert picker(app, "a").value == "#9a3b3b"
    assert picker(app, "b").value == to_hex(PALETTES["paper"].colours[0])


@pytest.mark.usefixtures("painter", "no_data")
def test_a_picked_colour_is_in_the_link_and_another_palette_forgets_it(open_page: Open) -> None:
    app = upload(open_page("colorize", b="3C6E71"), "a.png", shirt())
    assert picker(app, "b").value == "#3c6e71"
    app = picker(app, "a").pick("#9a3b3b").run()
    assert app.query_params["a"] == "9a3b3b"
    assert f"**ΔE {_between(RED, TEAL):.1f}**" in words(app)
    app = next(button for button in app.button if button.label == "Swap A and B").click().run()
    assert (app.query_params["a"], app.query_params["b"]) == ("3c6e71", "9a3b3b")
    app = app.selectbox(key="palette").set_value("jewel").run()
    assert "a" not in app.query_params
    jewel = [to_hex(colour) for colour in PALETTES["jewel"].colours]
    assert [picker(app, side).value for side in "ab"] == jewel[2:4]  # Knows(2) sees a pullover


@pytest.mark.usefixtures("painter", "no_data")
def test_colours_that_a_browser_has_not_drawn_anew_are_not_chosen_by_the_next_click(open_page: Open) -> None:
    app = upload(open_page("colorize", a="9a3b3b", b="3c6e71"), "a.png", shirt())
    late = app._tree.get_widget_states()  # what a browser that still shows the colours before sends along
    app = next(button for button in app.button if button.label == "Swap A and B").click().run()
    app = app._run(late)
    assert (app.query_params["a"], app.query_params["b"]) == ("3c6e71", "9a3b3b")
    assert [picker(app, side).value for side in "ab"] == ["#3c6e71", "#9a3b3b"]


def _between(a: tuple[int, int, int], b: tuple[int, int, int]) -> float:
    canvas = render.prepare(shirt())
    pair = [render.colorize(Knows(2), canvas.photo, canvas.mask, colour) for colour in (a, b)]
    return render.difference(*pair, canvas.mask)


@pytest.mark.usefixtures("painter", "no_data")
def test_one_click_takes_the_pair_to_a_ballot(open_page: Open) -> None:
    app = upload(open_page("colorize", a="9a3b3b", b="3c6e71"), "a.png", shirt())
    app = next(button for button in app.button if button.label.startswith("Let your group choose")).click().run()
    assert not app.exception
    assert app.title[0].value == "A/B test"
    (pair,) = app.session_state["ballot_draft"].pairs
    assert (pair.a.colours, pair.b.colours, pair.name) == (("#9a3b3b",), ("#3c6e71",), "a.png")
    canvas = render.prepare(shirt())
    painted = render.colorize(Knows(2), canvas.photo, canvas.mask, RED)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(pair.a.picture))), painted)


def press(app: AppTest, start: str) -> AppTest:
    return next(button for button in app.button if button.label.startswith(start)).click().run()


@pytest.mark.usefixtures("painter", "no_data")
def test_a_ballot_that_was_begun_gets_one_pair_more_and_none_twice(open_page: Open) -> None:
    app = upload(open_page("colorize", a="9a3b3b", b="3c6e71"), "a.png", shirt())
    kept = Pair(Option(images.png_bytes(shirt())), Option(images.png_bytes(shirt(60, 80))), "Before")
    app.session_state["ballot_draft"] = Draft((kept,), "Mine?")
    app = press(app.run(), "Add and stay here")
    assert [toast.value for toast in app.toast] == ["Added as pair 2."]
    app = press(app, "Add and stay here")
    assert "already" in app.toast[0].value
    app = press(app, "Swap A and B")
    assert not app.toast
    app = press(app, "Add as pair 3 and open the ballot")
    assert app.title[0].value == "A/B test"
    draft = app.session_state["ballot_draft"]
    assert [pair.name for pair in draft.pairs] == ["Before", "a.png"]
    assert draft.title == "Mine?"


@pytest.mark.usefixtures("painter", "no_data")
def test_a_full_ballot_takes_no_more(open_page: Open) -> None:
    app = upload(open_page("colorize", a="9a3b3b", b="3c6e71"), "a.png", shirt())
    one = Option(images.png_bytes(shirt()))
    app.session_state["ballot_draft"] = Draft((Pair(one, one),) * 12)
    app = app.run()
    assert app.button(key="start-ballot").disabled
    assert "Your ballot has 12 pairs" in words(app)


@pytest.mark.usefixtures("painter", "no_data")
def test_the_last_choice_is_there_on_coming_back(open_page: Open) -> None:
    app = upload(open_page("colorize", palette="Coast", a="9a3b3b"), "a.png", shirt())
    app = app.text_input(key="colours").set_value("#000 #fff #3c6e71").run()
    app = picker(app, "b").pick("#3c6e71").run()
    app = app.switch_page("pages/home.py").run()
    app = app.switch_page("pages/ab_test.py").run()
    app = app.run()
    app.query_params.clear()  # as the browser does on the way
    app = app.switch_page("pages/colorize.py").run()
    assert not app.exception
    assert app.selectbox(key="palette").value == "coast"
    assert app.text_input(key="colours").value == "#000 #fff #3c6e71"
    assert picker(app, "b").value == "#3c6e71"
    assert app.query_params["b"] == "3c6e71"
    app = app.selectbox(key="palette").set_value("paper").run()
    app = app.text_input(key="colours").set_value("").run()
    assert not app.exception
    assert "b" not in app.query_params
    app = app.switch_page("pages/ab_test.py").run()
    app.query_params.clear()  # as the browser does on the way
    app = app.switch_page("pages/colorize.py").run()
    assert app.selectbox(key="palette").value == "paper"
    assert not app.text_input(key="colours").value


@pytest.mark.usefixtures("painter", "no_data")
def test_a_picture_that_takes_no_colour_starts_no_ballot(open_page: Open) -> None:
    app = upload(open_page("colorize", a="9a3b3b", b="3c6e71"), "a.png", Image.new("RGB", (60, 80)))
    assert app.button(key="start-ballot").disabled
    said = words(app)
    assert "A and B come out the same" in said
    assert "The picture is empty" not in said


@pytest.mark.usefixtures("painter", "no_data")
def test_two_equal_colours_start_no_ballot(open_page: Open) -> None:
    app = upload(open_page("colorize", a="9a3b3b", b="9a3b3b"), "a.png", shirt())
    assert "**ΔE 0.0** between A and B: nobody sees a difference" in words(app)
    assert next(button for button in app.button if button.label.startswith("Let your group")).disabled


@pytest.mark.usefixtures("painter", "no_data")
@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        (Image.new("RGB", (60, 80)), "There is nothing to colour"),
        (Image.new("RGB", (60, 80), (120, 90, 70)), "the whole picture is used"),
        (Image.new("RGBA", (60, 80), (120, 90, 70, 0)), "wholly transparent"),
        (Image.new("RGB", (1, 1), (120, 90, 70)), "the whole picture is used"),
        (Image.new("RGB", (900, 3), (120, 90, 70)), "the whole picture is used"),
    ],
)
def test_a_picture_without_a_garment_is_told(image: Image.Image, sentence: str, open_page: Open) -> None:
    app = upload(open_page("colorize"), "a.png", image)
    assert not app.exception
    assert sentence in words(app)


@pytest.mark.usefixtures("checkpoint_folder")
@pytest.mark.data
def test_the_first_screen_is_a_garment_in_two_colours(open_page: Open) -> None:
    app = open_page("colorize")
    assert not app.exception
    assert "An example, test image" in words(app)
    assert [picker(app, side).value for side in "ab"] == ["#2ca02c", "#d62728"]
    assert data.is_available()

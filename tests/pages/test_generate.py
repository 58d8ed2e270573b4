"""The Generate page as its visitor meets it, without a browser; GANs never trained stand in for the shipped ones."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from einstyle_core import checkpoints, data, images, measurements
from einstyle_core.gans import GANS
from pages.generating import quality, quiz, takeaway
from pages.generating.recipe import Recipe, from_query
from pages.generating.zoo import nearest_training_image
from pages.shared import models, registry
from tests import standins
from tests.pages.conftest import Open
from tests.pages.test_pages import words


@pytest.fixture(scope="module")
def three_gans(tmp_path_factory):
    """One of each kind: without a class, with one, with a code."""
    folder = tmp_path_factory.mktemp("gans")
    for seed, name in enumerate(("gan", "cgan", "infogan")):
        standins.save_gan(name, folder, seed)
    return folder


@pytest.fixture
def zoo(networks, three_gans):
    shutil.copytree(three_gans, networks, dirs_exist_ok=True)
    return networks


@pytest.fixture
def open_generate(zoo, no_data, open_page: Open):
    return lambda **query: open_page("generate", **query)


@pytest.fixture
def stand_in_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test images that are there, and all black."""
    black = data.ImageSet(torch.zeros(10_000, 1, 28, 28, dtype=torch.uint8), torch.zeros(10_000, dtype=torch.int64), "")
    monkeypatch.setattr(data, "is_available", lambda: True)
    monkeypatch.setattr(models, "test_images", lambda: black)


def measure(name: str, folder: Path, frechet: float, sha256: str | None = None) -> None:
    """Figures for a GAN, as if it had been measured; by default on the weights that it has."""
    figures = {figure.key: 0.5 for figure in quality.FIGURES}
    copies = {"pixels": {"near_copies": 0.01, "unseen": {"50%": 3.46}}}
    sha256 = sha256 or checkpoints.available(folder)[name]["sha256"]
    figures |= {"frechet": frechet, "copies": copies}
    measurements.record("gans", name, figures, n=10, seed=0, checkpoint_sha256=sha256, command="none", directory=folder)


def in_url(app: AppTest, name: str) -> str:
    value = app.query_params[name]
    return value[0] if isinstance(value, list) else value


def links(app: AppTest) -> str:
    return app.code[0].value


def test_without_a_gan_the_page_says_how_to_train_them(networks, no_data, open_page):
    app = open_page("generate")
    assert not app.exception
    assert "python -m scripts.train_gan --gan all" in words(app)


def test_home_has_its_door_once_there_is_a_gan(networks, three_gans, no_data, open_page):
    def doors(app):
        return {button.key for button in app.button if button.key.startswith("open-")}

    assert "open-generate" not in doors(open_page("home"))
    shutil.copytree(three_gans, networks, dirs_exist_ok=True)
    app = open_page("home")
    assert "open-generate" in doors(app)
    assert "Drawn now by GAN, from random numbers alone" in words(app)
    damaged = networks / "gan" / "gan.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:1000])
    assert "Drawn now by CGAN" in words(open_page("home"))


def test_the_navigation_leaves_the_page_out_until_there_is_a_gan(networks, three_gans):
    page = registry.find("generate")
    assert not page.is_furnished()
    shutil.copytree(three_gans, networks, dirs_exist_ok=True)
    assert page.is_furnished()


def test_the_url_says_what_the_controls_say(open_generate):
    app = open_generate(gan="cgan", **{"class": "Bag"}, count="16", seed="5")
    assert not app.exception
    assert app.selectbox[0].value == "cgan"
    assert app.selectbox[1].value == "Bag"
    assert app.number_input(key="generate-seed").value == 5
    app.number_input(key="generate-seed").set_value(6).run()
    assert in_url(app, "seed") == "6"
    assert in_url(app, "gan") == "cgan"
    sha256 = checkpoints.available()["gan/cgan"]["sha256"]
    assert sha256.startswith(in_url(app, "weights"))


def test_what_a_url_asks_in_vain_is_told(open_generate):
    app = open_generate(gan="vae", **{"class": "11"}, count="1000000000", seed="abc")
    assert not app.exception
    assert len(app.warning) == 4


def test_other_weights_are_told(open_generate):
    assert any("other weights" in info.value for info in open_generate(gan="gan", weights="ffffffffffff").info)


def test_a_damaged_gan_is_told_and_hides_no_other(zoo, open_generate):
    path = zoo / "gan" / "cgan.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    app = open_generate()
    assert not app.exception
    assert "CGAN" in app.error[0].value
    assert app.selectbox[0].options == ["GAN", "infoGAN"]


def test_weights_that_fit_no_network_are_told_where_the_pictures_would_be(zoo, open_generate):
    """Sound bytes, such as those of another version."""
    header = checkpoints.read_header("gan/cgan")
    checkpoints.save("gan/cgan", {"other": torch.zeros(1)}, header)
    for view in ("Pictures", "Real or generated?"):
        assert not open_generate(gan="cgan", **{"generate-view": view}).exception
    assert "does not fit" in open_generate(gan="cgan").error[0].value.replace("\\", "")


def test_damaged_figures_are_told_where_they_would_stand(zoo, open_generate):
    (zoo / "metrics.json").write_text("{")
    assert not open_generate().exception
    app = open_generate(**{"generate-view": "How good are they?"})
    assert not app.exception
    assert "metrics" in app.error[0].value


def test_only_infogan_has_codes_to_set(open_generate):
    assert not open_generate(gan="gan").toggle
    app = open_generate(gan="infogan", style="0.50,-1.00")
    assert app.toggle[0].value is True
    assert [slider.value for slider in app.slider] == [0.5, -1.0]
    app.toggle[0].set_value(False).run()
    assert "style" not in app.query_params


def test_codes_are_kept_for_the_gan_that_has_them_and_meant_for_no_other(open_generate):
    app = open_generate(gan="infogan", style="0.50,-1.00")
    app.selectbox[0].set_value("cgan").run()
    assert not app.slider
    assert "style" not in links(app)
    app.selectbox[0].set_value("infogan").run()
    assert [slider.value for slider in app.slider] == [0.5, -1.0]
    assert "style=0.50,-1.00" in links(app)


def test_a_link_says_codes_to_the_digits_that_made_the_pictures():
    assert from_query({"style": "0.123,-0.5"}, ["infogan"], "infogan")[0].style == (0.12, -0.5)


def test_what_a_url_leaves_empty_is_no_complaint(open_generate):
    assert not open_generate(gan="", count="", seed="", style="", **{"class": ""}).warning


def test_the_browsers_back_takes_the_controls_along(open_generate):
    """Back changes the URL and nothing else."""
    app = open_generate(gan="cgan", seed="8", count="16")
    next(button for button in app.button if button.label == "Other pictures").click().run()
    app.query_params["seed"] = "8"
    app.run()
    assert app.number_input(key="generate-seed").value == 8
    assert "seed=8" in links(app)


def test_a_visitor_who_comes_back_finds_the_same_pictures(open_generate):
    app = open_generate(gan="cgan", seed="8", count="16", **{"class": "Bag"})
    app.number_input(key="generate-seed").set_value(9).run()
    app.switch_page("pages/home.py").run()
    app.query_params.clear()
    app.switch_page("pages/generate.py").run()
    assert [box.value for box in app.selectbox] == ["cgan", "Bag"]
    assert app.number_input(key="generate-seed").value == 9
    assert not app.warning


@pytest.mark.parametrize(
    ("share", "sentence"), [(0.11, "about 7 of 64 drawn (11.0%)"), (0.0046, "about 1 of 217 drawn (0.5%)")]
)
def test_a_rare_class_is_not_said_to_be_drawn_never(zoo, open_generate, share, sentence):
    header = checkpoints.read_header("gan/gan")
    header.metrics["yields"] = [share] * 10
    checkpoints.save("gan/gan", checkpoints.load("gan/gan").state_dict(), header, half=True)
    assert sentence in words(open_generate(gan="gan", count="64", **{"class": "Bag"}))


def test_the_quiz_is_played_to_its_end(zoo, stand_in_data, open_page):
    app = open_page("generate", **{"generate-view": "Real or generated?"})
    for turn in range(quiz.ROUNDS):
        assert not app.exception
        assert f"Picture {turn + 1} of 10" in words(app)
        app.button(key="quiz-generated").click().run()
    assert "5 of 10 right" in words(app)
    assert "fooled you with 0 of its 5" in words(app)
    next(button for button in app.button if button.label == "Play again").click().run()
    assert "Picture 1 of 10" in words(app)


def test_a_click_after_the_last_picture_is_no_guess():
    game = quiz.Game("gan", seed=4)
    for _ in range(quiz.ROUNDS + 1):
        game.guess("real")
    assert len(game.guesses) == quiz.ROUNDS


def test_figures_are_numbers_that_can_be_sorted(zoo, open_generate):
    measure("gan/gan", zoo, 10.5)
    measure("gan/cgan", zoo, 9.25)
    app = open_generate(gan="gan", **{"generate-view": "How good are they?"})
    assert app.dataframe[0].value["Fréchet distance"].tolist() == [10.5, 9.25]
    assert app.metric[0].value == "10.50"
    assert not app.warning
    assert app.metric[1].value == "50%"
    unmeasured = open_generate(gan="infogan", **{"generate-view": "How good are they?"})
    assert "not been measured" in unmeasured.info[0].value
    assert len(unmeasured.dataframe[0].value) == 2


def test_a_gan_that_falls_short_says_why(zoo, open_generate):
    measure("gan/gan", zoo, 10.5)
    measure("gan/infogan", zoo, 10.5)
    view = {"generate-view": "How good are they?"}
    assert GANS["infogan"].remark in [text.value for text in open_generate(gan="infogan", **view).markdown]
    assert "" not in [text.value for text in open_generate(gan="gan", **view).markdown]


def test_figures_of_other_weights_are_told(zoo, open_generate):
    measure("gan/gan", zoo, 10.5, sha256="f" * 64)
    app = open_generate(gan="cgan", **{"generate-view": "How good are they?"})
    assert "other weights than those in use here: GAN." in app.warning[0].value


def test_other_pictures(open_generate):
    app = open_generate(seed="8")
    next(button for button in app.button if button.label == "Other pictures").click().run()
    assert in_url(app, "seed") == "9"


@pytest.mark.parametrize("view", ["All side by side", "Real or generated?", "How good are they?"])
def test_every_view_opens(open_generate, view):
    app = open_generate(**{"generate-view": view})
    assert not app.exception
    assert not app.error


def test_the_zip_holds_every_picture_and_the_recipe():
    pixels = np.arange(3 * 784, dtype=np.uint64).astype(np.uint8).reshape(3, 28, 28)
    recipe = Recipe("cgan", label=0, count=16, seed=3)
    with zipfile.ZipFile(io.BytesIO(takeaway.zip_bytes(pixels, recipe, "ab" * 32))) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        for name, expected in zip(manifest["files"], pixels, strict=True):
            assert np.array_equal(np.asarray(Image.open(io.BytesIO(archive.read(name)))), expected)
        assert "sheet.png" in archive.namelist()
    assert (manifest["gan"], manifest["class"], manifest["seed"]) == ("cgan", "T-shirt/top", 3)
    assert manifest["checkpoint_sha256"] == "ab" * 32
    assert all("/" not in name for name in manifest["files"])


def test_a_walk_goes_there_and_back():
    frames = np.stack([np.full((28, 28), tone, dtype=np.uint8) for tone in (0, 100, 200)])
    played = images.read_gif(takeaway.walk_gif(frames))
    assert played.reshape(len(played), -1)[:, 0].tolist() == [0, 100, 200, 100]


def test_a_quiz_scores_the_player_and_the_gan():
    game = quiz.Game("gan", seed=4)
    truths = game.truths()
    assert truths.count("real") == truths.count("generated") == 5
    game.guesses = ["real"] * quiz.ROUNDS
    assert game.right() == 5
    assert game.fooled() == (5, 5)
    game.guesses = list(truths[:4])
    assert game.right() == 4
    assert game.fooled() == (0, truths[:4].count("generated"))


@pytest.mark.data
def test_the_nearest_training_image_is_that_of_an_exact_search(test_images: data.ImageSet) -> None:
    train = data.load("train").images
    exact = train.flatten(1).double() / 255
    for picture in (test_images.images[7, 0], 255 - test_images.images[8, 0], train[123, 0]):
        distances = (exact - picture.flatten().double() / 255).norm(dim=1)
        index, image, distance = nearest_training_image(picture.numpy())
        assert index == distances.argmin()
        assert np.array_equal(image, train[index, 0].numpy())
        assert distance == pytest.approx(distances.min().item(), abs=1e-5)
    assert (index, distance) == (123, 0.0)

"""The Training page without a browser: what is shown, what is told, what the link carries."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from einstyle_core.gans import GANS, get, history
from einstyle_core.gans.live import Stage
from pages.components.epoch_player import describe, make_sheet
from pages.epochs import live, shelf, sources
from pages.shared.text import plain
from tests.pages.conftest import Open
from tests.pages.test_pages import words
from tests.training_runs import EPOCHS, report, save_run

pytestmark = pytest.mark.usefixtures("networks", "no_data")


@pytest.fixture
def runs(checkpoint_folder: Path) -> Path:
    """Four runs: three GANs, one of them in both recipes."""
    for name, recipe in (("gan", "fixed"), ("wgan", "fixed"), ("wgan", "reference"), ("began", "fixed")):
        save_run(name, checkpoint_folder, recipe)
    return checkpoint_folder


def shown(app: AppTest) -> list[str]:
    """The runs whose files the page offers, which are those in the player."""
    return [button.key.removeprefix("json-") for button in app.get("download_button") if "json-" in (button.key or "")]


def test_without_any_run_the_page_says_which_command_makes_them(open_page: Open) -> None:
    app = open_page("training")
    assert not app.exception
    assert "python -m scripts.train_gan --gan all" in words(app)


@pytest.mark.usefixtures("runs")
def test_it_begins_with_a_few_gans_and_shows_those_that_are_chosen(open_page: Open) -> None:
    app = open_page("training")
    assert not app.exception
    assert shown(app) == ["gan-fixed", "wgan-fixed", "began-fixed"]
    app = app.button_group(key="chosen-gans").set_value(["wgan"]).run()
    assert shown(app) == ["wgan-fixed"]
    assert app.query_params["gans"] == "wgan"
    app = app.button_group(key="chosen-recipe").set_value("both").run()
    assert shown(app) == ["wgan-fixed", "wgan-reference"]
    assert app.query_params["recipe"] == "both"
    app = app.button_group(key="chosen-gans").set_value([]).run()
    assert "Choose at least one GAN" in words(app)
    app = app.button(key="all-gans").click().run()
    assert shown(app) == ["gan-fixed", "wgan-fixed", "wgan-reference", "began-fixed"]


@pytest.mark.usefixtures("runs")
def test_a_link_opens_the_same_runs(open_page: Open) -> None:
    app = open_page("training", gans="began,wgan", recipe="both", epoch="7")
    assert shown(app) == ["wgan-fixed", "wgan-reference", "began-fixed"]
    assert app.session_state["start-epoch"] == 7


@pytest.mark.usefixtures("runs")
def test_runs_that_are_not_there_are_told_of_each_recipe(open_page: Open) -> None:
    app = open_page("training", recipe="both")
    assert "No run of the reference recipe is here of GAN, BEGAN." in words(app)
    assert "No run of the fixed recipe" not in words(app)


def test_a_link_to_a_recipe_that_nobody_trained_is_told(checkpoint_folder: Path, open_page: Open) -> None:
    save_run("gan", checkpoint_folder)
    app = open_page("training", recipe="reference")
    assert shown(app) == ["gan-fixed"]
    assert "The link asks for “reference”" in words(app)
    assert "The link asks" not in words(open_page("training", recipe="fixed"))


def test_it_begins_where_every_run_has_a_picture(checkpoint_folder: Path, open_page: Open) -> None:
    save_run("gan", checkpoint_folder)
    save_run("cgan", checkpoint_folder, epochs=3)
    assert open_page("training", gans="gan").session_state["start-epoch"] == EPOCHS
    assert open_page("training", gans="gan,cgan").session_state["start-epoch"] == 3
    assert open_page("training", gans="gan,cgan", epoch="5").session_state["start-epoch"] == 5


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"gans": "wgan,[x](y),vae"}, r"\[x\]\(y\), vae"),
        ({"gans": "dragan"}, "python -m scripts.train_gan --gan dragan"),
        ({"gans": "," * 999, "epoch": "-1", "recipe": "quick", "training": "<b>"}, "Training"),
        ({"gans": "wgan", "epoch": "9" * 50, "recipe": "\x00"}, "Training"),
        ({"epoch": "٣", "source": "vae"}, "Training"),
    ],
)
def test_nonsense_in_the_link_is_told_or_ignored(query: dict[str, str], sentence: str, open_page: Open) -> None:
    app = open_page("training", **query)
    assert not app.exception
    assert not app.error
    assert sentence in words(app)
    assert shown(app)


def test_a_damaged_run_is_told_and_hides_no_other(runs: Path, open_page: Open) -> None:
    path = history.path_of("gan")
    path.write_text(path.read_text()[:1000])
    gif = history.gif_path("wgan")
    gif.write_bytes(gif.read_bytes()[:2000])
    history.gif_path("began").unlink()
    app = open_page("training")
    assert not app.exception
    (damaged,) = (message.value for message in app.error)
    assert damaged.startswith("**GAN**")
    assert r"scripts\.train\_gan \-\-gan gan" in damaged
    told = [message.value for message in app.warning]
    assert not any(plain(str(runs)) in message for message in (damaged, *told))  # where they lie is nobody's business
    assert [sentence.split("**")[1] for sentence in told] == ["WGAN", "BEGAN"]
    assert f"of {EPOCHS} epochs" in told[0]
    assert "is missing" in told[1]
    assert app.session_state["epochs"] is not None  # the player is there


@pytest.mark.usefixtures("checkpoint_folder")
def test_a_run_that_was_restored_is_read_without_a_restart(checkpoint_folder: Path, open_page: Open) -> None:
    path = save_run("gan", checkpoint_folder)
    whole = path.read_text()
    path.write_text(whole[:50])
    app = open_page("training")
    assert len(app.error) == 1
    path.write_text(whole)
    assert not app.run().error


@pytest.mark.usefixtures("runs")
def test_losses_without_a_common_scale_are_warned_of(open_page: Open) -> None:
    app = open_page("training", gans="gan,wgan")
    assert "share no scale" in words(app)
    assert "share no scale" not in words(open_page("training", gans="wgan"))
    assert "critic" not in words(open_page("training", gans="gan,began"))  # there is none among them


def test_every_gan_has_its_scale_and_its_source() -> None:
    assert shelf.SCALES.keys() == GANS.keys()
    for name in GANS:
        assert f'name = "{name}"' in sources.source(get(name))
        assert len(sources.differences(name)) > 3
    rows = sources.differences("wgan").set_index("option")
    assert (rows.loc["n_critic", "fixed"], rows.loc["n_critic", "reference"]) == ("1", "5")


def test_the_source_tab_shows_claim_and_code(open_page: Open) -> None:
    app = open_page("training")
    app = app.button_group(key="source").set_value("wgan_gp").run()
    assert app.code[0].value == sources.source(get("wgan_gp"))
    assert "[arXiv:" in words(app)


def test_what_the_browser_gets() -> None:
    told = [report(epoch) for epoch in range(1, 4)]
    content = describe(told, history.find_chapters(told))
    assert content["terms"] == ["D/real", "D/fake", "G/fake"]
    assert content["means"][0] == [1.0, 0.5, 0.3333]
    # Three parts an epoch: their middles lie a sixth, a half and five sixths into it.
    assert content["at"][:4] == [0.167, 0.5, 0.833, 1.167]
    assert content["tiles"][0] == "6" * 100
    assert [sum(mix) for mix in content["mix"]] == [1000] * 3


def test_a_sheet_has_every_frame_in_its_place(checkpoint_folder: Path) -> None:
    save_run("gan", checkpoint_folder)
    frames = history.read_frames(history.read("gan"))
    sheet = make_sheet(frames)
    assert sheet.frames == EPOCHS
    with Image.open(io.BytesIO(sheet.content[16:]), formats=["WEBP"]) as picture:
        pixels = np.asarray(picture.convert("L")).astype(int)
    assert pixels.shape == (2 * 280, 8 * 280)
    for place, frame in enumerate(frames):
        top, left = 280 * (place // 8), 280 * (place % 8)
        assert np.abs(pixels[top : top + 280, left : left + 280] - frame).mean() < 6
    assert make_sheet(frames).identifier == sheet.identifier
    assert make_sheet(frames[1:]).identifier != sheet.identifier


def test_without_the_dataset_live_training_offers_it(open_page: Open) -> None:
    app = open_page("training")
    assert app.button(key="live-data").label == "Download Fashion-MNIST (31 MB)"


@pytest.fixture
def quiet_stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A stage whose processes live until they are stopped and never say a word; a dataset seems to be there."""
    stage = Stage(command=("cat", "/dev/stdin", "--"), patience=600)
    monkeypatch.setattr(live, "stage", lambda: stage)
    monkeypatch.setattr("einstyle_core.data.is_available", lambda: True)
    return stage


def start(app: AppTest) -> AppTest:
    app = app.selectbox(key="live-gan").select("gan").run()
    return app.button(key="live-start").click().run()


def test_whoever_is_first_waits_for_nobody_even_before_the_process_is_there(
    quiet_stage: Stage, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quiet_stage, "_start", lambda run: None)
    app = start(open_page("training"))
    assert "before yours" not in words(app)
    assert "Starting" in app.get("progress")[0].proto.text
    app.button(key="live-stop").click().run()


@pytest.mark.usefixtures("quiet_stage")
def test_two_live_trainings_at_once_stand_in_line(open_page: Open) -> None:
    first, second = start(open_page("training")), start(open_page("training"))
    assert "One run is before yours" in words(second)
    assert "before yours" not in words(first)
    first = first.button(key="live-stop").click().run()
    assert "was stopped" in words(first)
    assert first.button(key="live-start").label == "Train it now"
    second = second.button(key="live-stop").click().run()
    assert not second.exception
    assert "was stopped" in words(second)


def test_a_full_line_is_told(quiet_stage: Stage, open_page: Open) -> None:
    quiet_stage.most_waiting = 0
    waiting = quiet_stage.submit("wgan")
    app = start(open_page("training"))
    assert "holds no more" in words(app)
    quiet_stage.stop(waiting)


def test_a_run_that_failed_says_why_but_not_where(quiet_stage: Stage, open_page: Open, checkpoint_folder: Path) -> None:
    app = start(open_page("training"))
    quiet_stage._end(app.session_state["live-run"], "failed", f"{checkpoint_folder}/cnn.safetensors is damaged.")
    app.run()
    assert [message.value for message in app.error] == [
        rf"The run failed. {plain('checkpoints/cnn.safetensors is damaged.')}"
    ]

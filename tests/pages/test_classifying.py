"""Classify's rooms: what is kept of a picture, the way in and out, three networks side by side, what is similar."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
import torch
from PIL import Image, ImageDraw

from einstyle_core import checkpoints, images, storage
from einstyle_core.classifiers.photo import Photo
from einstyle_core.classifiers.prediction import Prediction
from einstyle_core.errors import CheckpointError
from einstyle_core.retrieval import Index, Progress
from pages.shared import intake, models, tray
from pages.shared.figures import QUIET
from pages.shared.spool import Slip, Spool
from pages.shared.text import told
from pages.shared.verdicts import LABELS, OUTSIDE, agreement, decided, doubt, said
from tests.pages.conftest import Open
from tests.pages.test_pages import upload, words


def photo(tone: int = 60) -> bytes:
    image = Image.new("RGB", (96, 96), (230, 225, 215))
    ImageDraw.Draw(image).rectangle((32, 16, 64, 80), fill=(tone, 40, 120))
    return images.png_bytes(image)


def three(count: int = 3) -> list[tuple[str, bytes]]:
    return [(f"{number}.png", photo(20 + 60 * number)) for number in range(count)]


@pytest.fixture
def photo_network(networks: Path) -> Path:
    """The photo network beside the other two, untrained, sure that everything is one of the ten."""
    torch.manual_seed(0)
    model = Photo()
    torch.nn.init.constant_(model.scope.bias, 50)
    header = checkpoints.Header("classifier", "photo", {"model": model.config}, "none", epochs=0, seed=0)
    checkpoints.save("photo", model.state_dict(), header, networks)
    return networks


def test_a_spool_gives_back_what_it_got_and_is_no_file_to_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EINSTYLE_CACHE", str(tmp_path))
    spool = Spool()
    slips = [spool.put(bytes([number]) * (1000 + number)) for number in range(5)]
    assert [slip.read() for slip in slips] == [bytes([number]) * (1000 + number) for number in range(5)]
    assert list(tmp_path.iterdir()) == []


def test_what_nobody_keeps_of_a_spool_makes_room_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EINSTYLE_CACHE", str(tmp_path))
    spool = Spool()
    slips = [spool.put(bytes([number]) * 1000) for number in range(5)]
    assert spool.size == 5000
    del slips[1], slips[3]  # the second and the last
    assert spool.size == 3000
    empty = spool.put(b"")
    small, large = spool.put(b"s" * 900), spool.put(b"l" * 1500)
    assert small.offset + small.size <= 2000  # in the gap
    assert [slip.read()[:1] for slip in (*slips, empty, small, large)] == [b"\0", b"\2", b"\3", b"", b"s", b"l"]
    assert large.read() == b"l" * 1500
    del slips, empty, small, large
    assert spool.size == 0


class Uploaded(io.BytesIO):
    """A file as the uploader hands it over."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name, self.size, self.file_id = name, len(content), name


def test_a_click_while_files_are_put_away_loses_none(monkeypatch: pytest.MonkeyPatch, no_data: Path) -> None:
    session: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", session)
    files = [Uploaded(name, content) for name, content in three()]
    put_away, seen = tray.put_away, []

    def interrupted(content: bytes) -> Slip | None:
        seen.append(content)
        if len(seen) == 2:
            raise KeyboardInterrupt  # as Streamlit does wherever its state is touched
        return put_away(content)

    monkeypatch.setattr(tray, "put_away", interrupted)
    with pytest.raises(KeyboardInterrupt):
        intake.receive(files)  # type: ignore[arg-type]
    intake.receive(files)  # type: ignore[arg-type]
    work = intake.state()
    assert [slip.read() for _, _, slip in work.waiting] == [content for _, content in three()]
    assert (work.total, work.refused) == (3, [])
    assert [file.getvalue() for file in files] == [b""] * 3


def test_what_was_refused_is_still_told_when_more_comes_meanwhile(
    monkeypatch: pytest.MonkeyPatch, no_data: Path
) -> None:
    monkeypatch.setattr(st, "session_state", {})
    intake.receive([Uploaded("bad.png", b"no picture"), Uploaded("good.png", photo())])  # type: ignore[list-item]
    assert intake.advance() is None
    intake.receive([Uploaded("more.png", photo(90))])  # type: ignore[list-item]
    assert [sentence.split(" ")[0] for sentence in intake.state().refused] == ["bad.png"]
    intake.cancel()
    assert tray._spool().size == 0


@pytest.mark.usefixtures("networks", "no_data")
def test_what_waits_outlives_the_removal_of_the_last_picture(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    app = upload(open_page("classify"), ("first.png", photo()))
    (key,) = app.session_state["tray"]
    advance, removed = intake.advance, []

    def removed_meanwhile() -> str | None:
        if not removed:
            removed.append(key)
            tray.remove(key)
        return advance()

    monkeypatch.setattr(intake, "advance", removed_meanwhile)
    app = upload(app, *[(f"{number}.png", photo(20 + 60 * number)) for number in range(1, 4)])
    assert not app.exception
    assert not app.warning
    assert [item.name for item in app.session_state["tray"].values()] == ["1.png", "2.png", "3.png"]


@pytest.mark.usefixtures("networks", "no_data")
def test_of_a_picture_little_stays_in_memory_and_the_file_comes_back_whole(open_page: Open) -> None:
    content = images.png_bytes(Image.effect_noise((900, 900), 80))
    app = upload(open_page("classify"), ("large.png", content))
    (item,) = app.session_state["tray"].values()
    arrays = [item.view, *item.candidates.values()]
    assert sum(array.nbytes for array in arrays) < 152_000 < len(content)
    assert item.content == content


@pytest.mark.usefixtures("networks", "no_data")
@pytest.mark.parametrize("size", [(4000, 40), (576, 3), (3, 576), (1, 1)])
def test_a_strip_whose_garment_is_too_thin_to_be_seen_stops_nothing(open_page: Open, size: tuple[int, int]) -> None:
    strip = images.png_bytes(Image.linear_gradient("L").resize(size).convert("RGB"))
    app = upload(open_page("classify"), ("photo.png", photo()), ("strip.png", strip))
    assert not app.exception
    assert app.subheader[0].value == "2 pictures, sorted"


@pytest.mark.usefixtures("networks", "no_data")
def test_one_picture_is_removed_and_the_others_stay(open_page: Open) -> None:
    app = upload(open_page("classify"), *three())
    assert app.subheader[0].value == "3 pictures, sorted"
    app = app.button(key="remove").click().run()
    assert app.subheader[0].value == "2 pictures, sorted"
    app = app.button(key="remove").click().run()
    app = app.button(key="remove").click().run()
    assert not app.exception
    assert not app.subheader
    assert "No samples here yet" in words(app)


@pytest.mark.parametrize("tone", [0, 128, 255])
@pytest.mark.usefixtures("networks", "no_data")
def test_an_empty_picture_gets_no_answer(tone: int, open_page: Open) -> None:
    blank = images.png_bytes(Image.new("RGB", (50, 60), (tone,) * 3))
    app = upload(open_page("classify"), ("blank.png", blank))
    assert not app.exception
    assert "### Nothing found" in words(app)
    assert "**Dense network**" not in words(app)
    app = upload(app, ("a.png", photo()))
    assert app.button(key=f"open-{next(iter(app.session_state['tray']))}").label == "Nothing found"


@pytest.mark.usefixtures("networks", "no_data")
def test_an_empty_picture_is_offered_to_no_page_and_counted_for_no_network(open_page: Open) -> None:
    blank = images.png_bytes(Image.new("RGB", (50, 60)))
    app = upload(open_page("classify"), ("blank.png", blank))
    assert [button.key for button in app.button if button.key and button.key.startswith("travel-")] == []
    app = upload(app, *three(2))
    assert [button.key for button in app.button if button.key and button.key.startswith("travel-")]
    (button,) = (button for button in app.button if button.label.startswith("The other 2 are as "))
    app = button.click().run()
    assert [item.truth for item in app.session_state["tray"].values()].count(None) == 1
    assert "2 of 2" in [metric.value for metric in app.metric]
    assert not [button for button in app.button if button.label.startswith("The other")]


@pytest.mark.usefixtures("networks", "no_data")
def test_a_corrected_picture_bears_its_class_wherever_it_is_shown(open_page: Open) -> None:
    app = upload(open_page("classify"), *three(2))
    key = app.query_params["item"][0] if isinstance(app.query_params["item"], list) else app.query_params["item"]
    answer = app.button(key=f"open-{key}").label
    label = "Bag" if answer != "Bag" else "Coat"
    app.session_state["tray"][key] = replace(app.session_state["tray"][key], truth=LABELS.index(label))
    app = app.run()
    assert app.button(key=f"open-{key}").label == label
    captions = [caption.value for caption in app.caption]
    assert any(caption.startswith(f"taken for {answer}, ") for caption in captions)
    assert any(caption.endswith(f" · labelled {label}") for caption in captions)


@pytest.mark.usefixtures("networks", "no_data")
def test_what_is_shown_only_outlives_corrections(open_page: Open) -> None:
    app = upload(open_page("classify"), *((f"{number}.png", photo(number)) for number in range(25)))
    (pills,) = (group for group in app.button_group if group.label == "Show only")
    label = LABELS.index(pills.options[0].rpartition(" · ")[0])
    app = pills.set_value(label).run()
    absent = next(place for place in range(10) if not any(LABELS[place] in option for option in pills.options))
    for count in (1, 2):  # a class is added; then only the numbers change
        shown = [button.key for button in app.button if button.key and button.key.startswith("open-")]
        corrected = shown[0].removeprefix("open-")
        app.session_state["tray"][corrected] = replace(app.session_state["tray"][corrected], truth=absent)
        app = app.run()
        (pills,) = (group for group in app.button_group if group.label == "Show only")
        assert f"{LABELS[absent]} · {count}" in pills.options
        left = [button.key for button in app.button if button.key and button.key.startswith("open-")]
        assert left
        assert f"open-{corrected}" not in left


@pytest.mark.usefixtures("networks", "no_data")
def test_the_picture_that_is_looked_at_is_marked(open_page: Open) -> None:
    app = upload(open_page("classify"), *three())
    for key in app.session_state["tray"]:
        app = app.button(key=f"open-{key}").click().run()
        marked = [button.key for button in app.button if button.proto.type == "primary" and "open-" in button.key]
        assert marked == [f"open-{key}"]


@pytest.mark.usefixtures("networks", "no_data")
def test_the_nearest_of_your_own_are_shown_and_open(open_page: Open) -> None:
    app = upload(open_page("classify"), *three(4))
    assert "3 nearest:" in words(app)
    before = app.query_params["item"]
    app = app.button(key="look-near-yours-0").click().run()
    assert not app.exception
    assert app.query_params["item"] != before


@pytest.mark.usefixtures("networks", "test_images")
def test_what_finds_no_room_is_told_wherever_it_is_opened(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page("classify", sample="3,8")
    assert len(app.session_state["tray"]) == 2
    monkeypatch.setattr(tray, "MAX_BYTES", 0)
    app = app.button(key="open-case").click().run()
    assert not app.exception
    assert "was left out" in app.error[0].value
    app = open_page("classify", sample="5")
    assert not app.exception


@pytest.mark.usefixtures("networks", "no_data")
def test_a_stopped_batch_says_so_and_keeps_what_is_done(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.shared import intake

    advance, done = intake.advance, []

    def two_then_stop() -> str | None:
        done.append(advance())
        if len(done) == 2:
            intake.cancel()
        return done[-1]

    monkeypatch.setattr(intake, "advance", two_then_stop)
    app = upload(open_page("classify"), *three(4))
    assert "Stopped: 2 of 4 pictures were not looked into" in words(app)
    assert app.subheader[0].value == "2 pictures, sorted"


@pytest.mark.usefixtures("photo_network", "no_data")
def test_the_photo_network_answers_beside_the_others_and_its_answer_counts(open_page: Open) -> None:
    app = upload(open_page("classify"), *three())
    said_here = words(app)
    assert not app.exception
    for title in ("Photo network", "Dense network", "Convolutional network"):
        assert f"**{title}**" in said_here
    assert "The photo network is in doubt on" in said_here
    assert len(app.get("plotly_chart")) >= 3


@pytest.mark.usefixtures("no_data")
def test_what_the_photo_network_calls_none_of_the_ten_is_sorted_as_that(photo_network: Path, open_page: Open) -> None:
    model = checkpoints.load("photo")
    torch.nn.init.constant_(model.scope.bias, -50)
    checkpoints.save("photo", model.state_dict(), checkpoints.read_header("photo"), photo_network)
    app = upload(open_page("classify"), *three())
    labels = [app.button(key=f"open-{key}").label for key in app.session_state["tray"]]
    assert labels == ["None of the ten"] * 3
    assert "### None of the ten, 100%" in words(app)
    assert words(app).count("has to name one") == 2
    charts = [json.loads(chart.proto.spec)["data"][0] for chart in app.get("plotly_chart")]
    tones = [set(chart["marker"]["color"]) for chart in charts if chart["type"] == "bar"]
    assert [tone == {QUIET} for tone in tones] == [True, False, False]


def test_only_a_network_that_was_taught_to_tell_says_none_of_the_ten() -> None:
    row = (0.3, *(0.7 / 9,) * 9)
    assert decided(Prediction("cnn", row)) == 0
    assert decided(Prediction("photo", row, scope=0.9)) == 0
    outside = Prediction("photo", row, scope=0.1)
    assert decided(outside) == OUTSIDE
    assert said(outside) == "None of the ten, 90%"
    assert "if it had to choose: T-shirt/top" in doubt(outside)
    assert agreement({"the photo network": outside, "the other": Prediction("cnn", row)}) == (
        "The networks disagree: the photo network says **None of the ten** (90%), the other says **T-shirt/top** (30%)."
    )


def test_a_sentence_for_visitors_does_not_say_where_the_server_keeps_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EINSTYLE_CHECKPOINTS", str(tmp_path / "weights"))
    shown = told(CheckpointError(f"The checkpoint {tmp_path}/weights/gan/x.safetensors is missing."))
    assert shown.replace("\\", "") == "The checkpoint checkpoints/gan/x.safetensors is missing."
    assert str(storage.REPOSITORY) not in told(CheckpointError(f"{storage.REPOSITORY}/pages is gone.")).replace(
        "\\", ""
    )


@pytest.mark.data
@pytest.mark.usefixtures("networks")
def test_a_training_image_in_the_link_is_opened_and_goes_with_its_removal(open_page: Open) -> None:
    app = open_page("classify", sample="3,train-17,train-60000,train-x")
    tray = app.session_state["tray"]
    assert [item.name for item in tray.values()] == ["test image 3", "training image 17"]
    assert [item.place for item in tray.values()] == [60_003, 17]
    app = app.button(key=f"open-{list(tray)[1]}").click().run()
    app = app.button(key="remove").click().run()
    assert app.query_params["sample"] == "3"


def test_thumbnails_are_square_whatever_they_show() -> None:
    from pages.shared.pictures import on_ground

    view = np.zeros((4, 128, 128), np.uint8)
    view[:3], view[3, :64] = 10, 255
    shown = on_ground(view)
    assert shown.shape == (128, 128, 3)
    assert (shown[0, 0].tolist(), shown[120, 0].tolist()) == ([10] * 3, [196] * 3)


@pytest.mark.usefixtures("networks", "test_images")
def test_the_search_is_begun_once_and_shown_when_it_is_done(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    indexes: dict[str, Index] = {}

    def build(space: str, progress: Progress) -> None:
        progress(0, 1)
        progress(30_000, 75_000)
        indexes[space] = Index.of(torch.rand(20, 6272))

    monkeypatch.setattr(models, "index", indexes.get)
    monkeypatch.setattr(models, "build_index", build)
    app = open_page("classify", sample="3")
    assert "8 nearest" not in words(app)
    app = app.button(key="build-index").click().run()
    assert not app.exception
    assert list(indexes) == ["cnn"]
    assert "8 nearest: " in words(app)
    assert not [button for button in app.button if button.key in ("build-index", "cancel-index")]


@pytest.mark.usefixtures("networks", "test_images")
def test_a_search_that_was_stopped_is_offered_again(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    def stopped(space: str, progress: Progress) -> None:
        begun.append(space)
        if len(begun) == 1:
            progress(0, 75_000)
            st.stop()

    monkeypatch.setattr(models, "index", lambda space: None)
    monkeypatch.setattr(models, "build_index", stopped)
    app = open_page("classify", sample="3")
    app = app.button(key="build-index").click().run()
    assert app.button(key="cancel-index").label == "Cancel"
    assert app.button(key="build-index").disabled
    app = app.button(key="cancel-index").click().run()
    assert begun == ["cnn"]
    assert not app.button(key="build-index").disabled

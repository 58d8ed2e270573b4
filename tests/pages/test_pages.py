"""Each page as its visitor meets it, without a browser."""

import ast
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from einstyle_core import checkpoints, data, images
from einstyle_core.classifiers import predict
from einstyle_core.data import CLASS_NAMES
from einstyle_core.garments import find_garment
from einstyle_core.storage import REPOSITORY
from pages.shared import registry
from pages.shared.text import plain
from tests import standins
from tests.pages.conftest import Open

EVERY_PAGE = [page.name for page in registry.PAGES]


def photo(tone: int = 60, side: int = 96) -> bytes:
    image = Image.new("RGB", (side, side), (230, 225, 215))
    draw = ImageDraw.Draw(image)
    draw.rectangle((side // 3, side // 6, side * 2 // 3, side * 5 // 6), fill=(tone, 40, 120))
    return images.png_bytes(image)


def words(app: AppTest) -> str:
    """Everything that the page says."""
    kinds = (app.title, app.markdown, app.caption, app.subheader, app.info, app.warning, app.error)
    return "\n".join(element.value for kind in kinds for element in kind)


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    for name, content in files:
        app.file_uploader[0].upload(name, content)
    return app.run()


def expected(content: bytes, model: str) -> str:
    pixels = find_garment(images.decode(content, max_side=1024)).image28
    row = predict(checkpoints.load(model), images.from_uint8(pixels))[0]
    return CLASS_NAMES[int(row.argmax())]


def test_every_file_in_pages_is_in_the_navigation_and_begins_with_the_guard() -> None:
    files = {path.stem: path for path in (REPOSITORY / "pages").glob("*.py") if path.stem != "__init__"}
    assert set(files) == set(EVERY_PAGE)
    for path in files.values():
        statements = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Expr)]
        assert "shell.begin(" in ast.unparse(statements[1]), f"{path.name} runs something before the guard"


@pytest.mark.parametrize("page", EVERY_PAGE)
@pytest.mark.usefixtures("networks", "no_data")
def test_every_page_opens_and_has_its_footer(page: str, open_page: Open) -> None:
    app = open_page(page)
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1
    assert "checkpoints/metrics.json" in app.caption[-1].value


@pytest.mark.parametrize("page", EVERY_PAGE)
@pytest.mark.usefixtures("checkpoint_folder", "no_data")
def test_without_checkpoints_every_page_still_opens(page: str, open_page: Open) -> None:
    app = open_page(page)
    assert not app.exception
    if page in ("home", "classify"):
        assert "python -m scripts.evaluate classifiers" in words(app)


@pytest.mark.parametrize("page", EVERY_PAGE)
@pytest.mark.parametrize(
    "query",
    [
        {"view": "<script>", "network": "../../etc/passwd", "join": "maybe", "group1": "Shirt&group1=Nothing"},
        {"view": "Where they go wrong", "cell": "-1-99", "mistakes-of": "photo", "group2": "\x00", "join": "true"},
        {"cell": "٣-٣", "sample": "99999,-1,1e3,٣," + "7," * 500, "network": "", "grid-page": "1e9"},
    ],
)
@pytest.mark.usefixtures("networks", "no_data")
def test_nonsense_in_the_link_is_ignored(page: str, query: dict[str, str], open_page: Open) -> None:
    app = open_page(page, **query)
    assert not app.exception
    assert not app.error


@pytest.mark.usefixtures("networks", "no_data")
def test_one_upload_is_answered_by_both_networks(open_page: Open) -> None:
    app = upload(open_page("classify"), ("my_*dress*.png", photo()))
    said = words(app)
    assert not app.exception
    assert r"my\_\*dress\*\.png" in said
    assert f"**Dense network**  \n{expected(photo(), 'dense')}, " in said
    assert f"**Convolutional network**  \n{expected(photo(), 'cnn')}, " in said


@pytest.mark.usefixtures("networks", "no_data")
def test_a_bad_file_has_its_sentence_and_hides_no_good_one(open_page: Open) -> None:
    files = [("a.png", photo(20)), ("[evil](x).png", b"not a picture"), ("b.png", photo(90)), ("empty.png", b"")]
    app = upload(open_page("classify"), *files)
    assert [message.value.split(" is ")[0] for message in app.warning] == [r"\[evil\]\(x\)\.png", r"empty\.png"]
    assert app.subheader[0].value == "2 pictures, sorted"


@pytest.mark.usefixtures("networks", "no_data")
def test_corrections_are_scored_for_both_networks(open_page: Open) -> None:
    files = [(f"{tone}.png", photo(tone)) for tone in (20, 120, 220)]
    app = upload(open_page("classify"), *files)
    agree = next(button for button in app.button if button.label.startswith("The other 3 are as"))
    app = agree.click().run()
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures["Convolutional network on your pictures"] == "3 of 3"
    same = sum(expected(photo(tone), "dense") == expected(photo(tone), "cnn") for tone in (20, 120, 220))
    assert figures["Dense network on your pictures"] == f"{same} of 3"


@pytest.mark.usefixtures("networks", "no_data")
def test_another_preparation_is_what_the_networks_then_see(open_page: Open) -> None:
    app = upload(open_page("classify"), ("a.png", photo()))
    app = app.button(key="candidate-button-1").click().run()
    candidates = find_garment(images.decode(photo(), max_side=1024)).candidates
    inverted = candidates[list(candidates)[1]]
    row = predict(checkpoints.load("cnn"), images.from_uint8(inverted))[0]
    assert f"**Convolutional network**  \n{CLASS_NAMES[int(row.argmax())]}, {row.max():.0%}" in words(app)


@pytest.mark.usefixtures("networks", "no_data")
def test_clearing_forgets_every_picture(open_page: Open) -> None:
    app = upload(open_page("classify"), ("a.png", photo()), ("b.png", b""))
    app = next(button for button in app.button if button.label == "Clear all pictures").click().run()
    assert not app.warning
    assert "networks say" not in words(app)
    assert "says **" not in words(app)


@pytest.mark.usefixtures("no_data")
def test_a_damaged_checkpoint_is_told_and_the_other_network_answers(networks: Path, open_page: Open) -> None:
    path = networks / "cnn.safetensors"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    app = upload(open_page("classify"), ("a.png", photo()))
    assert not app.exception
    (message,) = (element.value for element in app.error)
    assert plain("checkpoints/cnn.safetensors") in message
    assert str(networks) not in message.replace("\\", "")
    assert plain("python -m scripts.train_classifier --model cnn") in message
    assert f"### {expected(photo(), 'dense')}, " in words(app)


@pytest.mark.usefixtures("no_data")
def test_a_restored_checkpoint_answers_without_a_restart(networks: Path, open_page: Open) -> None:
    path = networks / "cnn.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    app = upload(open_page("classify"), ("a.png", photo()))
    path.write_bytes(whole)
    app = app.run()
    assert not app.error
    assert "**Convolutional network**" in words(app)


@pytest.mark.usefixtures("checkpoint_folder", "no_data")
def test_without_any_network_the_garment_is_still_found(open_page: Open) -> None:
    app = upload(open_page("classify"), ("a.png", photo()))
    assert not app.exception
    assert [element.value.count(plain("--model")) for element in app.error] == [1, 1]
    assert len(app.image) >= 3


@pytest.mark.usefixtures("no_data")
def test_damaged_measurements_are_told(networks: Path, open_page: Open) -> None:
    (networks / "metrics.json").write_text("{")
    for page in EVERY_PAGE:
        entry = registry.find(page)
        if page == "ab_test" or not (entry and entry.is_furnished()):  # it shows no measurement
            continue
        app = open_page(page)
        assert not app.exception
        assert plain("metrics.json") in app.error[0].value


@pytest.mark.usefixtures("no_data")
def test_figures_of_other_weights_are_told(networks: Path, open_page: Open) -> None:
    standins.save_classifier("cnn", networks, seed=9)
    assert "measured on other weights" in words(open_page("classify", view="Where they go wrong"))


@pytest.mark.usefixtures("networks", "no_data")
def test_joining_look_alikes_scores_again(open_page: Open) -> None:
    app = open_page("classify", view="Where they go wrong")
    counts = standins.CONFUSION
    assert app.metric[0].value == f"{np.trace(counts) / counts.sum():.2%}"
    app = app.toggle(key="join").set_value(True).run()
    # Three pairs are joined by default; each brings its 2 + 2 mix-ups to the diagonal.
    assert app.metric[1].value == f"{(np.trace(counts) + 12) / counts.sum():.2%}"
    assert app.metric[1].label == "Right, of 7 classes"


@pytest.mark.usefixtures("networks", "no_data")
def test_a_linked_cell_is_opened_and_joined_with_its_classes(open_page: Open) -> None:
    app = open_page("classify", view="Where they go wrong", cell="4-2")
    total = standins.CONFUSION[4].sum()
    assert f"**2 of {total}** pictures of Coat were taken for Pullover." in words(app)
    app = app.toggle(key="join").set_value(True).run()
    assert "pictures of Pullover + Coat were recognised." in words(app)


@pytest.mark.usefixtures("networks", "no_data")
def test_without_the_dataset_the_page_says_so_and_offers_it(open_page: Open) -> None:
    app = open_page("classify")
    assert "Fashion-MNIST is not on this machine" in words(app)
    assert app.button(key="fetch_data").label == "Download Fashion-MNIST (31 MB)"


@pytest.mark.usefixtures("networks", "no_data")
def test_a_failed_download_is_a_sentence(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*args: object, **kwargs: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    app = open_page("classify").button(key="fetch_data").click().run()
    assert not app.exception
    assert "could not be downloaded" in app.error[0].value


@pytest.mark.data
@pytest.mark.usefixtures("networks")
def test_a_test_image_reaches_the_networks_as_it_is(open_page: Open) -> None:
    app = open_page("classify", sample="3")
    test = data.load("test")
    row = predict(checkpoints.load("cnn"), test.images[3:4])[0]
    said = words(app)
    assert f"**Convolutional network**  \n{CLASS_NAMES[int(row.argmax())]}, {row.max():.0%}" in said
    assert f"labelled {CLASS_NAMES[int(test.labels[3])]}" in said


@pytest.mark.data
@pytest.mark.usefixtures("networks")
def test_all_ten_samples_are_in_the_link(open_page: Open) -> None:
    app = open_page("classify")
    app = next(button for button in app.button if button.label == "Take all ten").click().run()
    assert app.subheader[0].value == "10 pictures, sorted"
    assert len(app.query_params["sample"].split(",")) == 10


@pytest.mark.photos
@pytest.mark.usefixtures("networks")
def test_photographs_get_answers(open_page: Open, photos: list[Path]) -> None:
    chosen = photos[:: len(photos) // 5][:5]
    app = upload(open_page("classify"), *((path.name, path.read_bytes()) for path in chosen))
    assert not app.exception
    assert not app.warning
    assert app.subheader[0].value == "5 pictures, sorted"

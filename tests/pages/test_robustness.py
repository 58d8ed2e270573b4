"""The Robustness page without a browser: what reaches the component, what is said, what is taken away."""

import base64
import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from streamlit.testing.v1 import AppTest

from einstyle_core import attacks, checkpoints, images, measurements
from einstyle_core.classifiers import predict
from einstyle_core.data import CLASS_NAMES
from einstyle_core.garments import find_garment
from pages.attacking import evidence, links, sweeps, takeaway, wording
from pages.attacking.subjects import Subject
from pages.attacking.sweeps import COARSE, FINE, Setting
from pages.components.epsilon_sweep import segments
from pages.shared import pictures
from pages.shared.text import plain
from tests import standins
from tests.pages.conftest import Open
from tests.pages.test_pages import photo, upload, words

EPSILONS = [0.0, 0.01, 0.025, 0.2]
MASKED_DENSE = [0.9, 0.8, 0.7412, 0.1]


def seen(content: bytes) -> NDArray[np.uint8]:
    return find_garment(images.decode(content, max_side=1024)).image28


def payload(app: AppTest) -> dict[str, Any]:
    """What the component was given."""
    (component,) = app.get("bidi_component")
    found: dict[str, Any] = json.loads(component.proto.json)  # type: ignore[attr-defined]
    return found


def unpacked(text: str, kind: str) -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(text), dtype=kind)


def with_garment(open_page: Open, content: bytes | None = None, **query: str) -> AppTest:
    return upload(open_page("robustness", **query), ("a.png", photo() if content is None else content))


def asked_in_vain(app: AppTest) -> str:
    """What is said of the link."""
    return " ".join(message.value for message in app.info if "The link" in message.value)


def black() -> bytes:
    return images.png_bytes(np.zeros((28, 28), dtype=np.uint8))


def save_robustness(
    name: str, folder: Path, accuracy: list[float], sha256: str | None = None, pgd_images: int = 50
) -> None:
    """Figures under attack, in the layout that ``scripts/sections/robustness.py`` states."""
    curve = {"epsilon": EPSILONS, "accuracy": accuracy, "n": 1000}
    searched = {**curve, "n": pgd_images, "steps": 20, "restarts": 1}
    scope = {"fgsm": curve, "noise": {**curve, "accuracy": [0.9, 0.9, 0.89, 0.8]}, "pgd": searched}
    counts = [np.eye(10, dtype=int) * 100 for _ in EPSILONS]
    counts[2] = standins.CONFUSION
    flow = {"epsilon": EPSILONS, "counts": [c.tolist() for c in counts], "to_closest": [None, 0.9, 0.95, 0.5]}
    measurements.record(
        "robustness",
        name,
        {"curves": {"masked": scope, "unmasked": scope}, "flow": flow},
        n=1000,
        seed=0,
        checkpoint_sha256=sha256 or checkpoints.available(folder)[name]["sha256"],
        command="none",
        directory=folder,
    )


def rows(*tops: int) -> NDArray[np.float32]:
    """Probabilities whose likeliest classes are these."""
    return (0.05 + 0.5 * np.eye(10)[list(tops)]).astype(np.float32)


@pytest.mark.parametrize(
    ("tops", "expected"), [([3, 3, 3], [(0, 3)]), ([3, 3, 6], [(0, 3), (2, 6)]), ([1, 2, 1], [(0, 1), (1, 2), (2, 1)])]
)
def test_segments_are_where_the_answer_changes(tops: list[int], expected: list[tuple[int, int]]) -> None:
    assert segments(rows(*tops)) == expected


def test_tipping_points_in_words() -> None:
    epsilons = (0.0, 0.0205, 0.021)
    assert wording.tip(rows(4, 4, 2), epsilons, 4) == "Flips at 0.021 → Pullover"
    assert wording.tip(rows(4, 2, 6), epsilons, None) == "Flips at 0.0205 → Pullover"
    assert wording.tip(rows(4, 4, 4), epsilons, 4) == "Holds up to 0.021"
    wrong = "Wrong from the start: it is an Ankle boot."
    assert wording.tip(rows(4, 4, 4), epsilons, 9) == f"{wrong} Stays so up to 0.021"
    assert wording.tip(rows(4, 4, 9), epsilons, 9) == f"{wrong} Turns at 0.021 → Ankle boot, now right"
    assert wording.tip(rows(4, 2, 9), epsilons, 9) == f"{wrong} Turns at 0.0205 → Pullover, still wrong"


def test_the_headline_names_the_first_that_falls() -> None:
    setting = Setting("fgsm", masked=True)
    held, late, early = rows(*[4] * 201), rows(*[4] * 61, *[2] * 140), rows(*[4] * 40, *[2] * 161)
    assert wording.headline(4, setting, {"dense": late, "cnn": early}) == (
        "**5.1 of 255 tones are enough: the CNN takes this Coat for a Pullover.** The dense network follows at 7.8."
    )
    assert wording.headline(None, setting, {"dense": early, "cnn": held}).endswith("The CNN holds up to 51.")
    noise = Setting("noise", masked=True)
    assert wording.headline(4, noise, {"cnn": held}) == "**Random noise of 51 of 255 tones changes no answer.**"


def test_the_headline_says_which_answers_are_right() -> None:
    setting = Setting("fgsm", masked=True)
    wrong, righted = rows(*[5] * 201), rows(*[5] * 40, *[9] * 161)
    fallen, held = rows(*[9] * 61, *[5] * 140), rows(*[9] * 201)
    nothing = "A change of 51 of 255 tones changes no answer"
    assert wording.headline(9, setting, {"dense": wrong, "cnn": wrong}) == (
        f"**{nothing}, and none is right: both networks are wrong from the start, for it is an Ankle boot.**"
    )
    assert wording.headline(9, setting, {"dense": wrong, "cnn": held}) == (
        f"**{nothing}: the dense network is wrong from the start, for it is an Ankle boot.**"
    )
    assert wording.headline(9, setting, {"dense": righted, "cnn": wrong}) == (
        "**5.1 of 255 tones are enough: the dense network takes what it called a Sandal for an Ankle boot, and is now "
        "right.** The CNN is wrong throughout."
    )
    assert wording.headline(9, setting, {"dense": righted, "cnn": fallen}) == (
        "**7.8 of 255 tones are enough: the CNN takes this Ankle boot for a Sandal.** The dense network, wrong from "
        "the start, turns at 5.1, and is now right."
    )
    assert wording.headline(None, setting, {"dense": wrong, "cnn": wrong}) == f"**{nothing}.**"


def test_the_explanation_keeps_to_the_mask() -> None:
    for method in ("fgsm", "noise"):
        assert "every pixel of the garment" in wording.explanation(Setting(method, masked=True), None)
        assert "of the garment" not in wording.explanation(Setting(method, masked=False), None)


def test_the_places_of_the_slider() -> None:
    assert len(FINE) == 201
    assert {0.0, 0.001, 0.0205, 0.025, 0.05, 0.1, 0.2} <= set(FINE)
    assert list(FINE) == sorted(FINE)
    assert set(COARSE) <= set(FINE)
    assert [wording.number(value) for value in (0.0, 0.0205, 0.1)] == ["0.000", "0.0205", "0.100"]


@pytest.mark.usefixtures("no_data")
def test_the_component_gets_what_the_core_computes(networks: Path, open_page: Open) -> None:
    app = with_garment(open_page)
    assert not app.exception
    given, image = payload(app), images.from_uint8(seen(photo()))
    mask = attacks.foreground(image)
    assert unpacked(given["image"], "u1").tolist() == seen(photo()).ravel().tolist()
    assert given["epsilon"] == 0.025
    for network, name in zip(given["networks"], ("dense", "cnn"), strict=True):
        model = checkpoints.load(name)
        moved = torch.cat([attacks.fgsm(model, image, None, epsilon, mask) for epsilon in given["epsilons"]])
        probabilities = unpacked(network["probabilities"], "<f4").reshape(-1, 10)
        np.testing.assert_allclose(probabilities, predict(model, moved).numpy(), atol=1e-6)
        direction = attacks.gradient_sign(model, image, None, mask)
        assert unpacked(network["direction"], "i1").tolist() == direction.ravel().int().tolist()


@pytest.mark.usefixtures("networks", "no_data")
def test_what_is_shown_plainly_is_the_same(open_page: Open) -> None:
    app = with_garment(open_page, epsilon="0.07")
    given = payload(app)
    place = given["epsilons"].index(0.07)
    table = app.dataframe[0].value
    for network in given["networks"]:
        row = unpacked(network["probabilities"], "<f4").reshape(-1, 10)[place]
        assert table[network["title"]].tolist() == [f"{100 * value:.1f} %" for value in row.tolist()]
    app.select_slider[0].set_value(0.1).run()
    assert app.query_params["epsilon"] == "0.1"
    assert payload(app)["epsilon"] == 0.1
    assert payload(app)["revision"] > given["revision"]


@pytest.mark.usefixtures("networks", "no_data")
def test_noise_is_one_picture_for_all_and_another_for_another_number(open_page: Open) -> None:
    app = with_garment(open_page, attack="Random noise")
    dense, cnn = payload(app)["networks"]
    assert dense["direction"] == cnn["direction"]
    signs = unpacked(dense["direction"], "i1").reshape(28, 28)
    assert set(np.unique(signs[seen(photo()) > 0])) == {-1, 1}
    assert not signs[seen(photo()) == 0].any()
    app.number_input[0].set_value(1).run()
    assert payload(app)["networks"][0]["direction"] != dense["direction"]


@pytest.mark.usefixtures("networks", "no_data")
def test_pgd_has_a_picture_for_each_of_fewer_places(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "PGD_STEPS", 2)
    app = with_garment(open_page, attack="PGD", epsilon="0.021")
    given = payload(app)
    assert given["epsilons"] == list(COARSE)
    assert given["epsilon"] == 0.02
    original = seen(photo()).astype(int)
    for network in given["networks"]:
        frames = unpacked(network["frames"], "u1").reshape(-1, 28, 28).astype(int)
        furthest = abs(frames - original).max((1, 2))
        assert (furthest <= np.round(255 * np.array(COARSE)) + 0.5).all()
        assert network["direction"] is None


@pytest.mark.usefixtures("no_data")
def test_all_can_look_at_the_picture_made_against_one(networks: Path, open_page: Open) -> None:
    app = with_garment(open_page)
    own = payload(app)["networks"]
    app.selectbox(key="against").set_value("cnn").run()
    dense, cnn = payload(app)["networks"]
    assert dense["direction"] == own[1]["direction"]
    assert cnn == {**own[1], "caption": cnn["caption"]}
    image = images.from_uint8(seen(photo()))
    moved = attacks.fgsm(checkpoints.load("cnn"), image, None, 0.2, attacks.foreground(image))
    expected = predict(checkpoints.load("dense"), moved)[0].tolist()
    assert unpacked(dense["probabilities"], "<f4")[-10:].tolist() == pytest.approx(expected, abs=1e-6)


@pytest.mark.usefixtures("networks", "no_data")
def test_of_a_black_picture_is_said_that_nothing_may_move(open_page: Open) -> None:
    app = with_garment(open_page, black())
    assert not app.exception
    assert [message.value for message in app.warning] == [wording.ALL_BLACK]
    assert not unpacked(payload(app)["networks"][0]["direction"], "i1").any()
    assert "FGSM" not in words(app)
    assert not [box for box in app.selectbox if box.key == "take-which"]
    assert not app.get("download_button")
    assert {network["tip"] for network in payload(app)["networks"]} == {""}
    app = with_garment(open_page, black(), change="Every pixel")
    assert not app.warning
    assert app.get("download_button")
    assert unpacked(payload(app)["networks"][0]["direction"], "i1").any()


@pytest.mark.parametrize("asked", ["7", "-0.1", "inf", "1e400", "0.3"])
@pytest.mark.usefixtures("networks", "no_data")
def test_an_epsilon_that_the_slider_has_not_is_told(asked: str, open_page: Open) -> None:
    app = with_garment(open_page, epsilon=asked)
    assert not app.exception
    assert payload(app)["epsilon"] == 0.025
    assert ["goes from 0 to 0.2" in message.value for message in app.info[:1]] == [True]
    app.select_slider[0].set_value(0.1).run()
    assert not asked_in_vain(app)


@pytest.mark.parametrize("asked", ["nan", "<b>", "abc"])
@pytest.mark.usefixtures("networks", "no_data")
def test_an_epsilon_that_is_no_number_is_told(asked: str, open_page: Open) -> None:
    app = with_garment(open_page, epsilon=asked)
    assert not app.exception
    assert payload(app)["epsilon"] == 0.025
    assert app.info[0].value == f"The link's ε, “{plain(asked)}”, is no number. The slider starts at 0.025."


@pytest.mark.parametrize("asked", ["0.0250", "2.5e-2", "0.025"])
@pytest.mark.usefixtures("networks", "no_data")
def test_an_epsilon_is_a_number_however_it_is_written(asked: str, open_page: Open) -> None:
    app = with_garment(open_page, epsilon=asked)
    assert payload(app)["epsilon"] == 0.025
    assert not asked_in_vain(app)


@pytest.mark.parametrize(
    ("query", "method", "change"),
    [
        ({"attack": "noise"}, "noise", "garment"),
        ({"attack": "fgsm", "change": "everywhere"}, "fgsm", "everywhere"),
        ({"attack": "random NOISE", "change": "every pixel"}, "noise", "everywhere"),
        ({"attack": "Random noise", "change": "Every pixel", "against": "CNN"}, "noise", "everywhere"),
    ],
)
@pytest.mark.usefixtures("networks", "no_data")
def test_a_link_may_use_short_names_in_any_case(
    query: dict[str, str], method: str, change: str, open_page: Open
) -> None:
    app = with_garment(open_page, None, **query)
    assert not app.exception
    assert app.segmented_control(key="attack").value == method
    assert app.segmented_control(key="change").value == change
    assert app.selectbox(key="against").value == ("cnn" if "against" in query else "each")


@pytest.mark.usefixtures("networks", "no_data")
def test_what_a_link_asks_in_vain_is_told_once(open_page: Open) -> None:
    app = open_page(
        "robustness", attack="zzz", against="cnn", item="deadbeef", noise="5000", sample="7", **{"by-truth": "yes"}
    )
    assert asked_in_vain(app) == (
        "The link asks for what is not here: a picture of another session, where a visitor's pictures stay; sample "
        "“7”, for Fashion-MNIST is not on this machine."
    )
    app = upload(app, ("a.png", photo()))
    assert not app.exception
    assert asked_in_vain(app) == (
        "The link asks for what is not here: attack “zzz”: there are fgsm, pgd and noise; by-truth “yes”: there are "
        "true and false; noise pattern “5000”: there are 0 to 999."
    )
    assert not asked_in_vain(app.run())


@pytest.mark.usefixtures("no_data")
def test_without_one_network_the_other_is_attacked(networks: Path, open_page: Open) -> None:
    (networks / "cnn.safetensors").unlink()
    app = with_garment(open_page)
    assert not app.exception
    assert ["cnn.safetensors" in message.value.replace("\\", "") for message in app.error] == [True]
    assert [network["title"] for network in payload(app)["networks"]] == ["Dense network"]


@pytest.mark.usefixtures("checkpoint_folder", "no_data")
def test_without_any_network_it_is_told(open_page: Open) -> None:
    app = with_garment(open_page)
    assert not app.exception
    assert len(app.error) == 2
    assert not app.get("bidi_component")


@pytest.mark.usefixtures("networks", "no_data")
def test_without_dataset_and_picture_it_asks_for_one(open_page: Open) -> None:
    app = open_page("robustness")
    assert not app.get("bidi_component")
    assert "Which garment shall be attacked?" in words(app)
    assert "Fashion-MNIST is not on this machine" in words(app)
    app = upload(app, ("b.png", b"no picture"))
    assert r"b\.png" in app.warning[0].value


@pytest.mark.usefixtures("no_data")
def test_measured_curves_reach_the_plot(networks: Path, open_page: Open) -> None:
    save_robustness("dense", networks, MASKED_DENSE)
    app = with_garment(open_page)
    given = payload(app)
    (curve,) = given["curves"]
    assert curve["accuracy"] == MASKED_DENSE
    assert given["paper"]["epsilon"] == 0.025
    assert given["paper"]["accuracy"] == 0.75
    assert given["curveWords"] == "Share of 1,000 test images still recognised, as measured:"
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures == {"The paper, ε 0.05 on −1 to 1": "75%", "Dense network": "74.12%"}
    off = standins.CONFUSION.sum() - np.trace(standins.CONFUSION)
    assert f"at ε 0.025, the measured size next to the slider's: {off} are taken for another class" in words(app)
    assert "95% fell to the closest wrong class" in words(app)
    app.segmented_control(key="attack").set_value("noise").run()
    assert payload(app)["curves"][0]["accuracy"] == [0.9, 0.9, 0.89, 0.8]
    assert payload(app)["paper"] is None


@pytest.mark.usefixtures("no_data")
def test_measured_pgd_says_how_hard_it_searched(networks: Path) -> None:
    save_robustness("dense", networks, MASKED_DENSE)
    save_robustness("cnn", networks, MASKED_DENSE, pgd_images=10)
    pgd = Setting("pgd", masked=True)
    one, both = (evidence.curves(pgd, shown) for shown in (["dense"], ["dense", "cnn"]))
    search = "test images still recognised, as measured (PGD: 20 steps, 1 start):"
    assert one["curve_words"] == f"Share of 50 {search}"
    assert both["curve_words"] == f"Share of {search}"
    assert [curve.title for curve in both["curves"]] == ["Dense (n = 50)", "CNN (n = 10)"]


@pytest.mark.usefixtures("no_data")
def test_figures_of_other_weights_are_told(networks: Path, open_page: Open) -> None:
    save_robustness("dense", networks, MASKED_DENSE, sha256="0" * 64)
    assert "measured on other weights" in words(with_garment(open_page))


@pytest.mark.usefixtures("no_data")
def test_unmeasured_networks_are_told_once(networks: Path, open_page: Open) -> None:
    app = with_garment(open_page)
    assert payload(app)["curves"] == []
    assert words(app).count("python -m scripts.evaluate robustness") == 1


@pytest.mark.usefixtures("no_data")
def test_robust_networks_stand_beside_the_plain_ones(networks: Path, open_page: Open) -> None:
    assert not [toggle for toggle in with_garment(open_page).toggle if toggle.key == "robust"]
    standins.save_classifier("dense-robust", networks, seed=5)
    app = with_garment(open_page)
    app.toggle(key="robust").set_value(True).run()
    assert [network["robust"] for network in payload(app)["networks"]] == [False, False, True]
    assert [network["tone"] for network in payload(app)["networks"]] == [1, 2, 1]


@pytest.mark.usefixtures("networks")
def test_the_recipe_makes_the_picture_again() -> None:
    pixels = seen(photo())
    subject, setting = Subject("my *dress*", pixels, 3, "key"), Setting("fgsm", masked=True, label=3)
    moved = sweeps.attacked("cnn", pixels, setting)
    answers = {name: sweeps.answers(name, "cnn", pixels, setting) for name in ("dense", "cnn")}
    here = FINE.index(0.05)
    text = json.dumps(takeaway.recipe(subject, setting, "cnn", moved.pixels(here), answers, here, None))
    saved = Image.open(io.BytesIO(takeaway.png(moved.pixels(here), text)))
    recipe = json.loads(saved.text["Recipe"])  # type: ignore[attr-defined]

    attack, sha256 = recipe["attack"], checkpoints.available()["cnn"]["sha256"]
    assert (attack["method"], attack["masked"], attack["away_from"]) == ("fgsm", True, "Dress")
    assert (attack["gradient_of"], attack["gradient_checkpoint_sha256"]) == ("cnn", sha256)
    assert recipe["picture"]["pixels_sha256"] == hashlib.sha256(pixels.tobytes()).hexdigest()
    image, label = images.from_uint8(pixels), torch.tensor([CLASS_NAMES.index(attack["away_from"])])
    again = attacks.fgsm(checkpoints.load("cnn"), image, label, attack["epsilon"], attacks.foreground(image))
    assert hashlib.sha256(images.to_uint8(again).tobytes()).hexdigest() == recipe["changed_pixels_sha256"]
    assert (np.asarray(saved)[::20, ::20] == images.to_uint8(again)[0]).all()
    row = predict(checkpoints.load("dense"), again)[0]
    assert recipe["networks"]["dense"]["answer"] == CLASS_NAMES[int(row.argmax())]


@pytest.mark.usefixtures("networks")
def test_the_recipe_of_noise_is_of_all_networks_and_leads_nowhere() -> None:
    pixels = seen(photo())
    subject, setting = Subject("a", pixels, 3, "key"), Setting("noise", masked=True, draw=7)
    moved = sweeps.attacked("dense", pixels, setting)
    answers = {name: sweeps.answers(name, "dense", pixels, setting) for name in ("dense", "cnn")}
    recipe = takeaway.recipe(subject, setting, "dense", moved.pixels(9), answers, 9, None)
    assert list(recipe["networks"]) == ["dense", "cnn"]
    assert recipe["attack"] == {
        "method": "noise", "epsilon": FINE[9], "epsilon_scale": "pixels from 0 to 1", "masked": True, "seed": 7
    }  # fmt: skip
    assert recipe["link"] is None
    assert takeaway.file_name(setting, "dense", 0.025) == "einstyle-noise-7-0.025"
    assert takeaway.file_name(Setting("fgsm", masked=True), "cnn", 0.025) == "einstyle-fgsm-cnn-0.025"


def offered(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """What is offered to take away: the arguments of each call of :func:`takeaway.offer`, which does its work."""
    spy = Mock(side_effect=takeaway.offer)
    monkeypatch.setattr(takeaway, "offer", spy)
    return spy


@pytest.mark.usefixtures("networks", "no_data")
def test_noise_is_shown_plainly_once(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(pictures, "show_pixels", lambda pixels, key, alt, caption=None: shown.append(alt))
    given = offered(monkeypatch)
    with_garment(open_page, attack="noise")
    assert shown == ["the picture with random noise"]
    subject, _, sources, *_ = given.call_args.args
    assert sources == {"dense": "dense", "cnn": "dense"}
    assert subject.sample is None, "an uploaded picture is in no link"


def test_a_link_pins_everything() -> None:
    def query(address: str | None) -> dict[str, str]:
        assert address is not None
        return dict(parse_qsl(urlsplit(address).query))

    setting = Setting("pgd", masked=False, label=3)
    assert query(links.to("train-17", setting, 0.02, "cnn-robust", True)) == {
        "sample": "train-17", "epsilon": "0.02", "attack": "pgd", "change": "everywhere", "against": "cnn-robust",
        "by-truth": "true", "robust": "true",
    }  # fmt: skip
    assert query(links.to("3", Setting("noise", masked=True, draw=7), 0.0205, "dense", False)) == {
        "sample": "3", "epsilon": "0.0205", "attack": "noise", "change": "garment", "noise": "7", "robust": "false"
    }  # fmt: skip
    assert links.to(None, setting, 0.02, "cnn", False) is None


@pytest.mark.data
@pytest.mark.usefixtures("networks")
def test_a_recipes_link_shows_the_same(open_page: Open) -> None:
    app = open_page("robustness", sample="3", change="Every pixel")
    app.selectbox(key="against").set_value("cnn").run()
    app.toggle(key="by-truth").set_value(True).run()
    address = links.to("3", Setting("fgsm", masked=False, label=1), 0.07, "cnn", False)
    linked = open_page("robustness", **dict(parse_qsl(urlsplit(address or "").query)))
    assert not linked.exception
    assert payload(linked)["networks"] == payload(app)["networks"]
    assert payload(linked)["epsilon"] == 0.07


@pytest.mark.data
@pytest.mark.usefixtures("networks")
def test_only_an_untouched_sample_can_be_linked(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    given = offered(monkeypatch)
    open_page("robustness")
    assert given.call_args.args[0].sample == "2459"
    app = open_page("robustness", sample="train-17")
    assert given.call_args.args[0].sample == "train-17"
    (item,) = app.session_state["tray"].values()
    app.session_state["tray"][item.key] = replace(item, truth=(item.truth + 1) % 10)
    app.run()
    assert given.call_args.args[0].sample is None


@pytest.mark.data
@pytest.mark.usefixtures("networks")
def test_samples_that_are_not_there_are_told(open_page: Open) -> None:
    app = open_page("robustness", sample="3,999999,<b>,007")
    assert f"sample “{plain('999999, <b>')}”" in asked_in_vain(app)
    assert app.query_params["sample"] == "3,007"
    assert not asked_in_vain(app.run())


@pytest.mark.data
@pytest.mark.usefixtures("networks")
def test_the_truth_reaches_the_component(open_page: Open) -> None:
    assert [network["truth"] for network in payload(open_page("robustness", sample="23"))["networks"]] == [9, 9]


@pytest.mark.data
@pytest.mark.usefixtures("networks")
def test_a_test_image_has_its_class_to_lead_away_from(open_page: Open) -> None:
    app = open_page("robustness", sample="3")
    own = payload(app)["networks"]
    app.toggle(key="by-truth").set_value(True).run()
    assert not app.exception
    assert "away from the true class, Trouser" in words(app)
    assert [network["direction"] for network in payload(app)["networks"]] != [network["direction"] for network in own]


@pytest.mark.data
@pytest.mark.usefixtures("networks")
def test_the_opening_picture_is_nobodys_until_it_travels(open_page: Open) -> None:
    app = open_page("robustness")
    assert "test image 2459" in words(app)
    assert not app.session_state["tray"]

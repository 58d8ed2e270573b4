"""The photo model as a module, its views, and its answers for garments."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from einstyle_core import checkpoints, classifiers, data
from einstyle_core.classifiers import photo
from einstyle_core.classifiers.best import asker
from einstyle_core.classifiers.photo import Photo, classify_garments, ensemble, features
from einstyle_core.classifiers.views import VIEW_SIZE, enlarge, view
from einstyle_core.errors import CheckpointError
from einstyle_core.garments import Garment, find_garment
from einstyle_core.photos import strangers
from tests.photos.runs import TINY, save_photo, tiny_photo
from tests.standins import save_classifier


def red_box(size: tuple[int, int] = (120, 200)) -> Garment:
    """A tall red box, 60 x 160 of 120 x 200, on nothing."""
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    pixels[20:180, 30:90] = (200, 30, 40, 255)
    return find_garment(Image.fromarray(pixels))


def dataset_garment(seed: int = 0) -> Garment:
    pixels = np.zeros((28, 28), np.uint8)
    pixels[:, 6:22] = np.random.default_rng(seed).integers(80, 256, (28, 16))
    return find_garment(Image.fromarray(pixels))


def test_as_a_classifier_it_gives_ten_logits_and_rebuilds_from_its_config() -> None:
    model = tiny_photo().eval()
    again = classifiers.build("photo", {"model": model.config})
    again.load_state_dict(model.state_dict())
    images = torch.rand(3, 1, 28, 28)
    with torch.no_grad():
        assert model(images).shape == (3, 10)
        assert torch.equal(model(images), again.eval()(images))
        assert torch.allclose(model.head(model.features(images)), model(images))
    assert model.features(images).min() >= 0
    assert model.config == {"members": [{"variant": "lite0", **TINY}]}


def test_an_ensemble_has_all_members_and_the_mean_of_the_logits() -> None:
    models = [tiny_photo(1).eval(), Photo([TINY, {**TINY, "size": 48}]).eval()]
    joined = ensemble(models)
    assert joined.config == {"members": [*models[0].config["members"], *models[1].config["members"]]}
    assert not joined.training
    images = torch.rand(3, 1, 28, 28)
    views = torch.randint(0, 256, (3, 4, 64, 64), dtype=torch.uint8)
    with torch.no_grad():
        assert torch.allclose(joined(images), (models[0](images) + models[1](images)) / 2, atol=1e-5)
        for said, *own in zip(joined.judge(views), *(model.judge(views) for model in models), strict=True):
            assert torch.allclose(said, sum(own) / 2, atol=1e-5)
        assert joined.features(images).shape == (3, 3 * TINY["features"])
        assert torch.equal(joined.view_features(views)[:, :16], models[0].view_features(views))


def test_gradients_reach_the_pixels() -> None:
    images = torch.rand(2, 1, 28, 28, requires_grad=True)
    tiny_photo().eval()(images).sum().backward()
    assert images.grad is not None
    assert images.grad.abs().sum() > 0


def test_a_view_shows_the_garment_in_its_colours_filling_the_frame() -> None:
    shown = view(red_box())
    assert shown.shape == (4, VIEW_SIZE, VIEW_SIZE)
    assert shown.dtype == np.uint8
    rows, columns = (np.flatnonzero((shown[3] > 127).any(axis=axis)) for axis in (1, 0))
    assert (rows[0], rows[-1]) == pytest.approx((19.5, 171.5), abs=1)  # the longer side takes four fifths of it
    assert len(columns) == pytest.approx(153 * 60 / 160, abs=2)  # the other in proportion
    assert abs((columns[0] + columns[-1]) / 2 - 95.5) <= 1
    assert np.abs(np.median(shown[:3, shown[3] > 250], axis=1) - (200, 30, 40)).max() < 8
    assert (shown[:3, shown[3] == 0] > 240).all()  # what is transparent is white


def test_a_view_shows_the_ground_and_goes_on_beyond_the_pictures_edge() -> None:
    pixels = np.full((160, 100, 3), (90, 160, 90), np.uint8)
    mask = np.zeros((160, 100), bool)
    pixels[40:160, 20:60], mask[40:160, 20:60] = (200, 30, 40), True  # cut off by the lower edge
    garment = dataclasses.replace(red_box(), original=Image.fromarray(pixels), mask=mask)
    shown = view(garment)
    assert shown[:3, 7, 96].tolist() == [90, 160, 90]
    assert shown[:3, 189, 96].tolist() == [200, 30, 40]
    assert shown[3, 189, 96] == 0
    assert shown[:3, 189, 7].tolist() == [90, 160, 90]


def test_a_picture_in_the_datasets_manner_is_negated_back_and_as_forward_enlarges_it() -> None:
    garment = dataset_garment()
    assert garment.negated
    shown = torch.from_numpy(view(garment)).float() / 255
    enlarged = enlarge(torch.from_numpy(garment.image28).float()[None, None] / 255)[0]
    inside = (shown[3] > 0.99) & (enlarged[3] > 0.99)
    assert inside.float().mean().item() == pytest.approx(16 / 28 * (102 / 128) ** 2, abs=0.05)  # but for edges
    assert (shown[:3, inside] - enlarged[:3, inside]).abs().mean() < 0.03


def test_each_garment_gets_its_answer_in_order_whatever_the_batch() -> None:
    model = tiny_photo().eval()
    garments = [red_box(), dataset_garment(), dataset_garment(1)]
    together = classify_garments(model, garments)
    alone = [classify_garments(model, [garment])[0] for garment in garments]
    for one, other in zip(together, alone, strict=True):
        assert one.model == "photo"
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5)
        assert sum(one.probabilities) == pytest.approx(1, abs=1e-5)
        assert one.scope_score == pytest.approx(other.scope_score, abs=1e-5)
        assert one.in_scope == (one.scope_score >= 0.5)
    assert classify_garments(model, []) == []


def test_answers_do_not_tell_a_garment_from_its_mirror_image() -> None:
    model = tiny_photo().eval()
    views = torch.randint(0, 256, (4, 4, 128, 128), dtype=torch.uint8)
    for one, other in zip(photo.answer(model, views), photo.answer(model, views.flip(3)), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_features_of_a_garment_and_of_its_28_pixels_are_in_one_space() -> None:
    model = tiny_photo().eval()
    garment = dataset_garment()
    (row,) = features(model, [garment])
    with torch.no_grad():
        (same,) = model.features(torch.from_numpy(garment.image28).float()[None, None] / 255)
    assert torch.cosine_similarity(row, same, dim=0) > 0.98
    assert features(model, []).shape == (0, TINY["features"])


def test_the_best_answer_is_the_photo_models_for_photos_and_the_residuals_for_the_datasets_manner(
    checkpoint_folder: Path,
) -> None:
    with pytest.raises(CheckpointError, match="residual"):
        asker()
    save_classifier("residual", checkpoint_folder)
    garments = [dataset_garment(), red_box()]
    assert [answer.model for answer in asker()(garments)] == ["residual", "residual"]
    save_photo(checkpoint_folder)
    answers = asker()(garments)
    assert [answer.model for answer in answers] == ["residual", "photo"]
    photos = asker("photo")(garments)
    assert answers[1] == photos[1]
    assert answers[0].scope == photos[0].scope  # of both the photo model says whether they are of the ten
    assert answers[0].probabilities == asker("residual")(garments[:1])[0].probabilities
    assert asker()([]) == asker("residual")([]) == []


# -- the shipped model -----------------------------------------------------------------------------------------------


shipped = pytest.mark.skipif("photo" not in checkpoints.available(), reason="the photo model is not here")


@shipped
@pytest.mark.data
def test_the_shipped_model_knows_the_datasets_test_images(test_images: data.ImageSet) -> None:
    few = test_images.take(slice(0, 500))
    model = checkpoints.load("photo")
    found = [find_garment(Image.fromarray(pixels)) for pixels in few.images[:, 0].numpy()]
    said = classify_garments(model, found)  # type: ignore[arg-type]
    right = np.mean([p.label_index == label for p, label in zip(said, few.labels.tolist(), strict=True)])
    assert right >= 0.8
    with torch.no_grad():
        forward = model(data.to_unit(few.images)).argmax(1)
    assert (forward == few.labels).float().mean() >= 0.8


@shipped
@pytest.mark.parametrize("kind", ["face", "page"])
def test_the_shipped_model_says_of_a_person_and_of_a_page_that_they_are_no_garment(kind: str) -> None:
    drawn = [find_garment(strangers.draw(kind, seed)) for seed in range(6)]
    said = classify_garments(checkpoints.load("photo"), drawn)
    assert sum(prediction.in_scope for prediction in said) <= 1


def test_of_a_wholly_transparent_picture_the_hidden_colours_are_viewed() -> None:
    shown = view(find_garment(Image.new("RGBA", (60, 80), (120, 90, 70, 0))))
    assert np.unique(shown[:3, shown[3] > 250], axis=1).T.tolist() == [[120, 90, 70]]


def test_a_worn_or_transparent_garment_is_viewed_through_its_mask() -> None:
    pixels = np.zeros((100, 60, 4), np.uint8)
    pixels[..., :3] = (10, 200, 10)  # hidden where transparent
    cv2.ellipse(pixels, (30, 50), (20, 40), 0, 0, 360, (200, 20, 20, 255), -1)
    shown = view(find_garment(Image.fromarray(pixels)))
    assert np.abs(np.median(shown[:3, shown[3] > 250], axis=1) - (200, 20, 20)).max() < 8

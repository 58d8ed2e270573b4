"""The losses by hand, the trainer, and that being killed changes nothing."""

import json
from dataclasses import replace

import pytest
import torch
from PIL import Image
from torch import nn

from einstyle_core import checkpoints
from einstyle_core.colorizer import RECIPES, Colorizer, PaperColorizer, build, checkpoint_name, get
from einstyle_core.colorizer.colour import lightness_of_gray, srgb_to_lab
from einstyle_core.colorizer.dataset import ColourSet, told
from einstyle_core.colorizer.networks import KNOTS, Discriminator, Generator, _tents
from einstyle_core.colorizer.training import Run, distance, frame_path, to_srgb, train
from einstyle_core.errors import CheckpointError, TrainingError, UnknownNameError
from einstyle_core.gans.base import seeded
from tests.colorizer.toys import gray, resumable, small_run
from tests.killing import whole_and_killed


def weights(network: nn.Module) -> torch.Tensor:
    return torch.cat([value.detach().flatten().float() for value in network.state_dict().values()])


def test_distance_by_hand():
    painted, target = torch.zeros(1, 2, 2, 2), torch.zeros(1, 2, 2, 2)
    painted[0, 0, 0, 0], target[0, 1, 0, 0] = 30.0, -10.0  # |30| and |10| on a garment of two pixels
    painted[0, 0, 1, 1] = 1000.0  # off the garment
    mask = torch.tensor([[[[1.0, 1.0], [0.0, 0.0]]]])
    assert distance(painted, target, mask).item() == pytest.approx(40 / 4 / 100)
    assert distance(painted, target, mask * 0).item() == 0


class Constant(nn.Module):
    """A discriminator that has made up its mind, and a generator that has too."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.tensor(value))

    def forward(self, *seen: torch.Tensor) -> torch.Tensor:
        return self.value.expand(len(seen[0]), 1)


def test_losses_by_hand():
    """D says logit log 3, a probability of 3/4, of everything: -log 3/4 for reals, -log 1/4 for fakes."""
    run = small_run()
    data = ColourSet(gray())
    run.painting.D = Constant(1.0986123)
    run.optimizers["D"] = torch.optim.SGD(run.painting.D.parameters(), 0.0)
    batch = data.draw(torch.arange(4), seeded("b"))
    with torch.no_grad():
        painted = run.painting.paint(batch)
    losses = run.step(batch)
    assert losses.keys() == {"D/real", "D/fake", "G/fake", "G/L1"}
    assert losses["D/real"].item() == pytest.approx(0.2876821, abs=1e-5)
    assert losses["D/fake"].item() == pytest.approx(1.3862944, abs=1e-5)
    assert losses["G/fake"].item() == pytest.approx(0.2876821, abs=1e-5)
    assert losses["G/L1"].item() == pytest.approx(100 * distance(painted, batch.chroma, batch.mask).item(), rel=1e-3)


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_takes_a_step(recipe):
    run = small_run(recipe)
    before = {part: weights(getattr(run.painting, part)) for part in ("G", "D")}
    losses = run.step(ColourSet(gray()).draw(torch.arange(4), seeded("s")))
    assert all(loss.isfinite() for loss in losses.values())
    assert not torch.equal(before["G"], weights(run.painting.G))
    assert torch.equal(before["D"], weights(run.painting.D)) != run.recipe.adversarial
    assert all(p.requires_grad for p in run.painting.D.parameters())
    assert (run.generator is run.painting.G) == (run.recipe.ema == 0)


def test_the_papers_numbers():
    recipe = get("gan")
    assert (recipe.iterations, recipe.batch_size, recipe.learning_rate, recipe.l1) == (20_000, 64, 1e-4, 100)
    norms = [module for module in Run(recipe, 0).painting.modules() if isinstance(module, nn.BatchNorm2d)]
    assert norms
    assert all(norm.momentum == 0.1 for norm in norms)  # Keras' 0.9
    assert get("l1") == replace(recipe, adversarial=False)
    with pytest.raises(UnknownNameError, match="gan, l1, reference"):
        get("cycle")


def test_the_networks_learn():
    """Red is red after some steps at a higher rate."""
    run = small_run("l1", learning_rate=5e-3, batch_size=20, ema=0.0)
    data, first, last = ColourSet(gray()), None, None
    for i in range(40):
        last = run.step(data.draw(torch.arange(20), seeded("l", i)))["G/L1"].item()
        first = first or last
    assert last < first / 2


def test_average_follows_weights_and_statistics():
    run = small_run(ema=0.5)
    data = ColourSet(gray())
    before = weights(run.average)
    run.step(data.draw(torch.arange(4), seeded("a")))
    after, now = weights(run.average), weights(run.painting.G)
    decay = 2 / 11  # (1 + 1) / (10 + 1)
    expected = decay * before + (1 - decay) * now
    floating = torch.cat(
        [torch.full((v.numel(),), v.is_floating_point()) for v in run.painting.G.state_dict().values()]
    )
    torch.testing.assert_close(after[floating], expected[floating])


def test_tents_read_between_the_knots():
    tents = _tents(torch.tensor([0.0, 50.0, 100.0, 100 / 14]).view(4, 1, 1, 1))[..., 0]
    assert tents.shape == (4, KNOTS)
    assert torch.allclose(tents.sum(1), torch.ones(4))
    assert tents[0].tolist() == [1, *[0] * 7]
    assert tents[2].tolist() == pytest.approx([*[0] * 7, 1], abs=1e-5)
    assert tents[1, 3:5].tolist() == pytest.approx([0.5, 0.5], abs=1e-5)
    assert tents[3, :2].tolist() == pytest.approx([0.5, 0.5], abs=1e-5)


def test_shapes_and_the_ground():
    batch = ColourSet(gray()).draw(torch.arange(6), seeded("g"))
    chroma = Generator().eval()(batch.lightness, batch.mask, batch.condition)
    assert chroma.shape == (6, 2, 28, 28)
    assert not (chroma * (1 - batch.mask)).any()
    assert Discriminator()(batch.lightness, chroma, batch.condition).shape == (6, 1)


def test_gray_in_gray_lightness_kept():
    images = gray(20).images
    lightness = lightness_of_gray(images)
    chroma = torch.randn(20, 2, 28, 28, generator=torch.Generator().manual_seed(0)) * 60
    kept = srgb_to_lab(to_srgb(lightness, chroma).permute(0, 2, 3, 1))[..., 0]
    assert (kept - lightness[:, 0]).abs().max() < 0.5
    plain = to_srgb(lightness, chroma * 0)
    assert torch.allclose(plain, images.expand(-1, 3, -1, -1) / 255, atol=2e-3)


def test_reports_and_frames(tmp_path):
    data = ColourSet(gray())
    reports = list(train(small_run(), data, seed=1, folder=tmp_path, report_every=5))
    assert [report.iteration for report in reports] == [5, 10, 12]
    assert reports[0].losses.keys() == {"D/real", "D/fake", "G/fake", "G/L1"}
    assert "G/L1" in str(reports[0])
    for iteration in (5, 10, 12):
        with Image.open(frame_path(tmp_path, iteration)) as frame:
            assert (frame.size, frame.mode) == ((280, 112), "RGB")


def test_a_snapshot_moves_nothing(tmp_path):
    (whole,) = (weights(small) for small in [_trained(tmp_path)])
    assert torch.equal(whole, weights(_trained(None)))


def _trained(folder):
    run = small_run()
    list(train(run, ColourSet(gray()), seed=1, folder=folder, report_every=4))
    return run.painting


def test_every_image_is_seen_before_any_comes_back():
    seen = []

    class Watching(ColourSet):
        def draw(self, chosen, rng):
            seen.extend(chosen.tolist())
            return super().draw(chosen, rng)

    list(train(small_run(iterations=20), Watching(gray(40)), report_every=7))
    assert sorted(seen[:40]) == sorted(seen[40:]) == list(range(40))
    assert seen[:40] != seen[40:]


def test_a_run_that_was_killed_ends_like_one_that_was_not(tmp_path):
    whole, killed = whole_and_killed(resumable, tmp_path)
    states = [torch.load(folder / "state.pt", weights_only=True) for folder in (whole, killed)]
    for part in ("painting", "average"):
        for name, value in states[0]["run"][part].items():
            assert torch.equal(value, states[1]["run"][part][name])
    assert [r["losses"] for r in states[0]["reports"]] == [r["losses"] for r in states[1]["reports"]]
    frames = sorted(path.name for path in (whole / "frames").iterdir())
    assert [(whole / "frames" / name).read_bytes() for name in frames] == [
        (killed / "frames" / name).read_bytes() for name in frames
    ]


def test_another_configuration_is_not_resumed(tmp_path):
    data = ColourSet(gray())
    list(train(small_run(), data, folder=tmp_path))
    with pytest.raises(CheckpointError, match="batch_size"):
        list(train(small_run(batch_size=5), data, folder=tmp_path, resume=True))


def test_a_loss_that_is_no_number_stops_the_run(tmp_path):
    run = small_run("l1")
    with torch.no_grad():
        run.painting.G.up2[0].bias.fill_(float("nan"))
    with pytest.raises(TrainingError, match="no longer a number"):
        list(train(run, ColourSet(gray()), folder=tmp_path, report_every=3))
    assert not (tmp_path / "state.pt").exists()


def test_too_few_images():
    with pytest.raises(TrainingError, match="a batch needs two"):
        list(train(small_run(), ColourSet(gray(1))))


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_checkpoint_gives_the_same_chroma_back(recipe, checkpoint_folder):
    torch.manual_seed(0)
    model = (PaperColorizer() if recipe == "reference" else Colorizer()).eval()
    name = checkpoint_name(recipe)
    header = checkpoints.Header(
        "colorizer", name.rpartition("/")[2], {"recipe": json.loads(json.dumps(vars(get(recipe))))}, "none", 0, 0
    )
    checkpoints.save(name, model.state_dict(), header)
    loaded = checkpoints.load(name)
    batch = ColourSet(gray()).draw(torch.arange(3), seeded("c"))
    colour = srgb_to_lab(torch.rand(3, 3))
    for wanted in (colour, None):
        args = (batch.lightness, batch.mask, wanted)
        assert torch.equal(loaded.chroma(*args), model.chroma(*args))
        assert model.chroma(*args).shape == (3, 2, 28, 28)
    if recipe != "reference":
        assert torch.equal(model.chroma(*args[:2], colour), model.G(batch.lightness, batch.mask, told(colour)))
        assert torch.allclose(model.classes(batch.lightness).sum(1), torch.ones(3))


def test_an_unknown_recipe_is_not_built():
    with pytest.raises(UnknownNameError):
        build("cycle", {})


@pytest.mark.gpu
def test_training_on_cuda():
    run = Run(replace(RECIPES["gan"], iterations=4, batch_size=8), 0, "cuda")
    (report,) = train(run, ColourSet(gray().to("cuda")))
    assert report.iteration == 4

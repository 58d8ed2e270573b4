"""Sampling by seed and by class, the registry, and checkpoints that rebuild the sampler."""

import pytest
import torch
from torch import Tensor, nn

from einstyle_core import checkpoints, measurements
from einstyle_core.data import CLASS_NAMES
from einstyle_core.errors import CheckpointError, EinstyleError, UnknownNameError
from einstyle_core.gans import GANS, REFERENCE, base, build, checkpoint_name, get, registry
from einstyle_core.gans.sampling import Sampler, fill_bank, halve, match_codes
from einstyle_core.gans.training import fresh
from tests.gans import toys


class Conditional(toys.HingeGAN):
    name = "conditional-toy"
    title = "Conditional toy"
    conditional = True


class Coded(toys.HingeGAN):
    name = "coded-toy"
    title = "Coded toy"

    def make_latent(self):
        return base.Latent(62, -1.0, classes=10, continuous=2)


class Shows(nn.Module):
    """A G whose pictures have the level (code + 1) / 10, with ``shift`` added to the code modulo 10."""

    def __init__(self, classes: int = 10, shift: int = 0) -> None:
        super().__init__()
        self.classes, self.shift = classes, shift

    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        # Without a code the noise decides: its first number picks one of ten alike.
        code = c[:, :10].argmax(1) if c.shape[1] else ((z[:, 0] + 1) / 2 * self.classes).long()
        level = ((code + self.shift) % 10 + 0.5) / 10
        return (level * 2 - 1)[:, None, None, None].expand(-1, 1, 28, 28)


class ReadsLevel(nn.Module):
    """A classifier of :class:`Shows`."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.one_hot((x.flatten(1).mean(1) * 10).long().clamp(0, 9), 10).float()


def sampler(gan_class=toys.HingeGAN, G=None, **options) -> Sampler:
    made = Sampler(fresh(gan_class, 0), **options).eval()
    if G:
        made.G = G
    return made


def test_registry_refuses_duplicates():
    with pytest.raises(ValueError, match="both named 'hinge'"):
        registry([toys.HingeGAN, toys.HingeGAN])


@pytest.mark.parametrize(("name", "recipe"), [("vae", "fixed"), ("vae", "reference"), ("gan", "quick")])
def test_unknown_names_list_the_known_ones(name, recipe):
    with pytest.raises(UnknownNameError, match=r"wgan_gp|fixed, reference"):
        get(name, recipe)


def test_both_recipes_know_the_same_ten():
    assert list(GANS) == list(REFERENCE)
    assert set(GANS) == {"gan", "cgan", "infogan", "ebgan", "acgan", "lsgan", "wgan", "began", "wgan_gp", "dragan"}


@pytest.mark.parametrize("name", GANS)
def test_class_facts(name):
    cls = GANS[name]
    assert cls.name == name
    assert "arXiv:" in cls.paper
    assert 2014 <= cls.year <= 2017
    assert cls.summary.endswith(".")
    assert issubclass(REFERENCE[name], cls)


@pytest.mark.parametrize("name", GANS)
def test_whoever_falls_short_says_why(name):
    figures = measurements.read()["gans"].get(f"gan/{name}")
    if figures and (figures["recall"] < 0.65 or figures["class_kl"] > 0.02):
        assert GANS[name].remark.endswith(".")


@pytest.mark.parametrize("gan_class", [toys.HingeGAN, Conditional, Coded])
def test_a_seed_gives_the_same_pixels(gan_class):
    made = sampler(gan_class)
    first = made.sample(5, seed=3)
    assert first.shape == (5, 1, 28, 28)
    assert first.dtype == torch.float32
    assert 0 <= first.min() < first.max() <= 1
    assert torch.equal(first, made.sample(5, seed=3))
    assert not torch.equal(first, made.sample(5, seed=4))
    torch.testing.assert_close(first, made.sample(1200, seed=3)[:5])


@pytest.mark.parametrize("seed", [-1, 0, 2**80])
def test_any_seed_will_do(seed):
    assert sampler().sample(1, seed=seed).shape == (1, 1, 28, 28)


def test_no_pictures():
    assert sampler().sample(0).shape == (0, 1, 28, 28)


def test_a_conditional_gan_is_asked_for_the_class():
    made = sampler(Conditional, Shows())
    for label in (3, "3", "Dress", "dress"):
        assert ReadsLevel()(made.sample(4, label)).argmax(1).tolist() == [3] * 4
    assert made.pick(4, 3).drawn == 4


def test_codes_are_mapped_to_classes():
    made = sampler(Coded, Shows(shift=4), codes=[(label - 4) % 10 for label in range(10)])
    assert ReadsLevel()(made.sample(4, "Bag")).argmax(1).tolist() == [8] * 4


def test_codes_are_matched_one_to_one():
    codes, agreement = match_codes(sampler(Coded, Shows(shift=4)), ReadsLevel(), per_code=20)
    assert codes == [(label - 4) % 10 for label in range(10)]
    assert agreement == 1


@pytest.mark.parametrize("n", [1, 7, 300])
def test_others_are_sorted_by_a_classifier_and_say_what_it_cost(n):
    made = sampler(G=Shows())
    z, c, drawn = made.pick(n, 8, seed=5, classifier=ReadsLevel())
    images = made(z, c)
    assert len(images) == n
    assert ReadsLevel()(images).argmax(1).tolist() == [8] * n
    assert drawn == pytest.approx(10 * n, abs=4 * (90 * n) ** 0.5 + 10)
    assert torch.equal(z, made.pick(n, 8, seed=5, classifier=ReadsLevel()).z)


def test_a_class_that_is_never_made():
    with pytest.raises(EinstyleError, match=r"0 pictures of Ankle boot in 100,000 draws"):
        sampler(G=Shows(classes=5)).pick(1, 9, classifier=ReadsLevel())


def test_sorting_without_a_classifier_says_how_to_get_one(checkpoint_folder):
    with pytest.raises(CheckpointError, match="train_classifier --model cnn"):
        sampler().sample(1, label=0)


def test_unknown_class():
    with pytest.raises(UnknownNameError, match="8 Bag"):
        sampler(Conditional).sample(1, label="hat")


def test_bank_needs_no_classifier(checkpoint_folder):
    made = sampler(G=Shows(), bank_size=6)
    made.bank, shares = fill_bank(made, ReadsLevel(), 6)
    assert shares == pytest.approx([0.1] * 10, abs=0.05)
    for label in (0, 9):
        images = made.sample(6, label, seed=2)
        assert ReadsLevel()(images).argmax(1).tolist() == [label] * 6
    with pytest.raises(CheckpointError):
        made.sample(7, label=0)


def test_bank_of_a_class_that_is_never_made():
    with pytest.raises(EinstyleError, match="0 pictures"):
        fill_bank(sampler(G=Shows(classes=5)), ReadsLevel(), 1)


def test_half_precision_is_what_a_checkpoint_gives_back(checkpoint_folder):
    gan = fresh(get("wgan"), 0)
    made = Sampler(gan).eval()
    whole = made.sample(20, seed=3)
    change = halve(made, n=20, seed=3)
    rounded = made.sample(20, seed=3)
    assert change == pytest.approx((rounded - whole).abs().mean().item() * 255)
    assert 0 < change < 0.1
    header = checkpoints.Header("gan", "wgan", {"recipe_name": "fixed", "recipe": gan.config()}, "digest", 1, 0)
    checkpoints.save("gan/wgan", made.state_dict(), header, half=True)
    assert torch.equal(checkpoints.load("gan/wgan").sample(20, seed=3), rounded)


@pytest.mark.parametrize(
    ("recipe", "seed", "name", "command"),
    [
        ("fixed", 0, "gan/wgan", "--gan wgan"),
        ("reference", 0, "gan/reference/wgan", "--gan wgan --recipe reference"),
        ("fixed", 2, "gan/seed2/wgan", "--gan wgan --seed 2"),
        ("reference", 1, "gan/reference/seed1/wgan", "--gan wgan --recipe reference --seed 1"),
    ],
)
def test_a_name_tells_the_command_that_makes_it(recipe, seed, name, command):
    assert checkpoint_name("wgan", recipe, seed) == name
    assert checkpoints.restore_command(name) == f"python -m scripts.train_gan {command}"


def test_grids_show_a_class_a_column():
    grids = sampler(Conditional).grids(0)
    z, c = grids["grid"]
    assert grids.keys() == {"grid"}
    assert c.argmax(1).tolist() == list(range(10)) * 10
    assert all(torch.equal(z[10 * row], z[10 * row + 9]) for row in range(10))
    assert not torch.equal(z[0], z[10])


def test_grids_of_continuous_codes():
    grids = sampler(Coded).grids(0)
    assert grids["grid"][1][:, 10:].abs().max() == 0
    z, c = grids["continuous"]
    assert torch.equal(z, z[:1].expand(100, -1))
    assert c[0].tolist() == [1] + [0] * 9 + [-1, -1]
    assert c[9].tolist() == [1] + [0] * 9 + [-1, 1]
    assert c[99].tolist() == [1] + [0] * 9 + [1, 1]


def test_grid_of_an_unconditional_gan_has_a_hundred_noises():
    z, c = sampler().grids(0)["grid"]
    assert c.shape == (100, 0)
    assert len(z.unique(dim=0)) == 100


@pytest.mark.parametrize(
    ("name", "recipe", "codes"), [("infogan", "fixed", list(range(9, -1, -1))), ("wgan", "reference", None)]
)
def test_checkpoint_rebuilds_the_sampler(name, recipe, codes, checkpoint_folder):
    gan = fresh(get(name, recipe), 0)
    made = Sampler(gan, codes=codes).eval()
    config = {"recipe_name": recipe, "recipe": gan.config(), "codes": codes}
    full_name = checkpoint_name(name, recipe)
    checkpoints.save(full_name, made.state_dict(), checkpoints.Header("gan", name, config, "digest", 1, 0), half=True)
    loaded = checkpoints.load(full_name)
    assert (checkpoint_folder / f"{full_name}.safetensors").is_file()
    assert loaded.codes == codes
    torch.testing.assert_close(loaded.sample(3, seed=1), made.sample(3, seed=1), atol=2e-3, rtol=0)
    assert torch.equal(loaded.sample(3, seed=1), checkpoints.load(full_name).sample(3, seed=1))


def test_labels_are_the_datasets():
    assert len(build("cgan", {"recipe_name": "fixed", "recipe": {}}).codes) == len(CLASS_NAMES)

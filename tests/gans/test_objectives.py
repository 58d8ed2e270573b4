"""Each GAN's losses against numbers worked out by hand, its penalties against a critic whose gradient is known."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from einstyle_core.gans import GANS, RECIPES, REFERENCE, get
from einstyle_core.gans.base import Batch, one_hot, seeded
from einstyle_core.gans.bodies import AnyDiscriminator
from einstyle_core.gans.ebgan import pull_away
from einstyle_core.gans.penalties import around, between, gradient_penalty

LN2, LN10 = math.log(2), math.log(10)


class Says(AnyDiscriminator):
    """A D that says ``scale`` times the mean pixel, in each of its columns; as an autoencoder, ``scale`` times x."""

    def __init__(self, scale: float = 1.0, columns: int = 1) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale))
        self.columns = columns

    def features(self, x: Tensor, parts: int = 1) -> Tensor:
        return x[:, :1].flatten(1).mean(1, keepdim=True) * self.scale

    def fc2(self, features: Tensor) -> Tensor:
        return features.expand(-1, self.columns)

    def forward(self, x: Tensor, parts: int = 1) -> Tensor:
        return self.fc2(self.features(x))


class Rebuilds(AnyDiscriminator):
    """An autoencoder whose reconstruction is ``scale`` times the picture, and whose codes are given."""

    def __init__(self, scale: float, codes: Tensor) -> None:
        super().__init__()
        self.scale, self.codes = nn.Parameter(torch.tensor(scale)), codes

    def code(self, x: Tensor) -> Tensor:
        self.x = x
        return self.codes

    def reconstruct(self, code: Tensor, parts: int = 1) -> Tensor:
        return self.x * self.scale

    def forward(self, x: Tensor, parts: int = 1) -> Tensor:
        return x * self.scale


class Paints(nn.Module):
    """A G whose pictures have one level everywhere."""

    def __init__(self, level: float) -> None:
        super().__init__()
        self.level = nn.Parameter(torch.tensor(level))

    def forward(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return self.level.expand(len(z), 1, 28, 28)


def prepared(name: str, recipe: str, x: float, fake: float, n: int = 4, **changes) -> tuple:
    """A GAN with G painting ``fake``, a batch of reals that are ``x`` everywhere, labels 0, 1, ..."""
    cls = get(name, recipe)
    gan = cls(replace(cls.recipe, **changes))
    gan.G = Paints(fake)
    gan.D = Says(columns={"acgan": 11, "infogan": 13 if recipe == "reference" else 1}.get(name, 1))
    rng = seeded("test")
    y = torch.arange(n)
    code = (
        torch.cat([one_hot(y), torch.zeros(n, gan.latent.continuous)], 1) if gan.latent.classes else torch.empty(n, 0)
    )
    return gan, Batch(torch.full((n, 1, 28, 28), x), y, gan.latent.z(n, rng), code, rng)


def softplus(value: float) -> float:
    return math.log(1 + math.exp(value))


# D(x) = 0.5 on reals, D(G(z)) = -1 on fakes; -log sigmoid(v) = softplus(-v), -log(1 - sigmoid(v)) = softplus(v).
REAL, FAKE, FOOL = softplus(-0.5), softplus(-1.0), softplus(1.0)
TABLE = [
    ("gan", "fixed", {"real": 0.9 * REAL + 0.1 * softplus(0.5), "fake": FAKE}, {"fake": FOOL}),
    ("gan", "reference", {"real": REAL, "fake": FAKE}, {"fake": FOOL}),
    ("cgan", "fixed", {"real": REAL, "fake": FAKE}, {"fake": FOOL}),
    ("cgan", "reference", {"real": REAL, "fake": FAKE}, {"fake": FOOL}),
    # All class outputs are alike, so each cross entropy is log 10.
    (
        "acgan",
        "fixed",
        {"real": REAL, "fake": FAKE, "class_real": LN10, "class_fake": 0.1 * LN10},
        {"fake": FOOL, "class": 0.3 * LN10},
    ),
    (
        "acgan",
        "reference",
        {"real": REAL, "fake": FAKE, "class_real": LN10, "class_fake": LN10},
        {"fake": FOOL, "class": LN10},
    ),
    ("lsgan", "fixed", {"real": 0.125, "fake": 0.5}, {"fake": 2.0}),
    ("lsgan", "reference", {"real": 0.25, "fake": 1.0}, {"fake": 4.0}),
    ("wgan", "fixed", {"real": -0.5, "fake": -1.0}, {"fake": 1.0}),
    ("wgan", "reference", {"real": -0.5, "fake": -1.0}, {"fake": 1.0}),
    # The mean over 784 pixels has a gradient of norm 1/28 everywhere.
    ("wgan_gp", "fixed", {"real": -0.5, "fake": -1.0, "penalty": 10 * (27 / 28) ** 2}, {"fake": 1.0}),
    ("wgan_gp", "reference", {"real": -0.5, "fake": -1.0, "penalty": 10 * (27 / 28) ** 2}, {"fake": 1.0}),
    ("dragan", "fixed", {"real": REAL, "fake": FAKE, "penalty": 10 * (27 / 28) ** 2}, {"fake": FOOL}),
    # Through the sigmoid the gradient shrinks by s(1 - s) at 0.5; equal pixels have no spread, so x + noise is x.
    (
        "dragan",
        "reference",
        {"real": REAL, "fake": FAKE, "penalty": 0.25 * (1 - 0.2350037122015945 / 28) ** 2},
        {"fake": FOOL},
    ),
    # A code's reader that says 0 of everything: log 10 for the category, and nothing to err about at c = 0.
    ("infogan", "fixed", {"real": REAL, "fake": FAKE}, {"fake": FOOL, "category": LN10, "continuous": 0.0}),
    ("infogan", "reference", {"real": REAL, "fake": FAKE}, {"fake": FOOL}),
]


@pytest.mark.parametrize(("name", "recipe", "d", "g"), TABLE, ids=[f"{row[0]}-{row[1]}" for row in TABLE])
def test_losses_match_the_paper(name, recipe, d, g):
    gan, batch = prepared(name, recipe, x=0.5, fake=-1.0)
    if name == "infogan" and recipe == "fixed":
        gan.Q = Zeros(12)
    assert_close(gan.d_losses(batch), d)
    assert_close(gan.g_losses(batch), g)


class Zeros(nn.Module):
    """Says 0."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.columns = columns

    def forward(self, h: Tensor) -> Tensor:
        return torch.zeros(len(h), self.columns)


def test_infogan_reference_reads_the_logit_where_the_continuous_code_is():
    gan, batch = prepared("infogan", "reference", x=0.5, fake=-1.0)
    losses = gan.joint_losses(batch)
    expected = {"real": REAL, "fake": FAKE, "G": FOOL, "category": LN10, "continuous": 1.0}
    assert_close(losses, expected)


def test_infogan_moves_its_reader_with_g():
    gan = GANS["infogan"]()
    moved = set(gan.g_parameters())
    assert moved == {*gan.G.parameters(), *gan.Q.parameters()}
    assert set(REFERENCE["infogan"]().g_parameters()).isdisjoint(gan.D.parameters())


# D rebuilds 0.5 v: the energy of v is v^2/4, the loss |v|/2. Codes (1,0), (1,0), (0,2): of six ordered pairs two have
# cosine 1, so f_PT = 1/3.
CODES = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
# Whole-matrix L1 norm 4: squared similarities 4 x (1/16)^2 + (4/16)^2, minus N, over N(N-1).
DEAD = (4 / 256 + 1 / 16 - 3) / 6


@pytest.mark.parametrize(
    ("recipe", "d", "g"),
    [
        ("fixed", {"real": 0.0625, "fake": 0.2 - 0.16}, {"fake": 0.16, "pull_away": 0.1 / 3}),
        ("reference", {"real": 0.0625, "fake": 1 - 0.16}, {"fake": 0.16, "pull_away": 0.1 * DEAD}),
    ],
)
def test_ebgan(recipe, d, g):
    gan, batch = prepared("ebgan", recipe, x=0.5, fake=0.8, n=3)
    gan.D = Rebuilds(0.5, CODES)
    assert_close(gan.d_losses(batch), d)
    assert_close(gan.g_losses(batch), g)


def test_ebgan_stops_pushing_beyond_the_margin():
    gan, batch = prepared("ebgan", "fixed", x=0.5, fake=1.0, n=3)
    gan.D = Rebuilds(0.0, CODES)
    assert gan.d_losses(batch)["fake"].item() == 0


def test_pull_away_is_blind_to_length_and_sign():
    S = torch.tensor([[1.0, 2.0], [-3.0, -6.0]])
    assert pull_away(S).item() == pytest.approx(1.0)
    assert pull_away(torch.eye(5)).item() == pytest.approx(0.0, abs=1e-7)


@pytest.mark.parametrize(("recipe", "gamma"), [("fixed", 0.7), ("reference", 1.0)])
def test_began_balances(recipe, gamma):
    gan, batch = prepared("began", recipe, x=0.5, fake=0.8)
    gan.D = Rebuilds(0.5, CODES)
    gan.k.fill_(0.3)
    d, g = gan.d_losses(batch), gan.g_losses(batch)
    assert_close(d, {"real": 0.25, "fake": -0.3 * 0.4})
    assert_close(g, {"fake": 0.4})
    with torch.no_grad():
        gan.after_g_step(d, g)
    assert gan.k.item() == pytest.approx(0.3 + 1e-3 * (gamma * 0.25 - 0.4))
    assert gan.M.item() == pytest.approx(0.25 + abs(gamma * 0.25 - 0.4))


def test_began_holds_k_in_the_unit_interval():
    gan, _ = prepared("began", "fixed", x=0.5, fake=0.8)
    for real, fake, k in ((0.0, 1e6, 0.0), (1e6, 0.0, 1.0)):
        with torch.no_grad():
            gan.after_g_step({"real": torch.tensor(real)}, {"fake": torch.tensor(fake)})
        assert gan.k.item() == k


def test_began_halves_the_rate_only_when_m_stalls():
    gan, _ = prepared("began", "fixed", x=0.5, fake=0.8, patience=2)
    rates = []
    for mean in (0.5, 0.4, 0.4, 0.4, 0.3, 0.3, 0.3):
        gan.after_epoch({"M": mean}, {"M": 9.0})
        rates.append(gan.rate())
    assert rates == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]


def test_wgan_clips_every_weight():
    gan = GANS["wgan"]()
    before = torch.cat([w.flatten() for w in gan.D.parameters()]).detach()
    gan.after_d_step()
    after = torch.cat([w.flatten() for w in gan.D.parameters()]).detach()
    assert before.abs().max() > 0.05
    assert torch.equal(after, before.clamp(-0.05, 0.05))


@pytest.mark.parametrize("norm", [0.0, 0.5, 1.0, 3.0])
def test_penalty_of_a_linear_critic(norm):
    direction = torch.zeros(1, 1, 28, 28)
    direction[0, 0, 3, 4], direction[0, 0, 20, 1] = 0.6 * norm, 0.8 * norm
    x = torch.rand(5, 1, 28, 28)
    penalty = gradient_penalty(lambda v: (v * direction).flatten(1).sum(1), x)
    assert penalty.item() == pytest.approx((norm - 1) ** 2, abs=1e-6)


def test_penalty_norm_is_per_sample():
    scales = torch.tensor([1.0, 3.0])  # a norm over the batch would give (sqrt(10) - 1)^2
    penalty = gradient_penalty(lambda v: v.flatten(1).sum(1) / 28 * scales, torch.rand(2, 1, 28, 28))
    assert penalty.item() == pytest.approx((0 + 4) / 2, rel=1e-4)


def test_penalty_teaches_the_critic():
    scale = torch.tensor(3.0, requires_grad=True)
    penalty = gradient_penalty(lambda v: scale * v.flatten(1).sum(1) / 28, torch.rand(2, 1, 28, 28))
    penalty.backward()
    assert scale.grad is not None
    assert scale.grad.item() == pytest.approx(2 * (3 - 1), rel=1e-5)


def test_between_mixes_each_sample_with_one_share():
    mixed = between(torch.ones(64, 1, 28, 28), torch.zeros(64, 1, 28, 28), seeded("b"))
    shares = mixed.flatten(1)
    assert torch.equal(shares.amin(1), shares.amax(1))
    assert shares.amin() >= 0 > shares.amin() - 0.2
    assert shares.amax() <= 1 < shares.amax() + 0.2


def test_around_adds_noise_of_half_the_spread():
    x = torch.cat([torch.zeros(200, 1, 28, 28), torch.full((200, 1, 28, 28), 2.0)])
    noise = around(x, seeded("a")) - x
    assert noise.mean().item() == pytest.approx(0, abs=0.01)
    assert noise.std().item() == pytest.approx(0.5, abs=0.01)


def assert_close(losses: dict[str, Tensor], expected: dict[str, float]) -> None:
    assert losses.keys() == expected.keys()
    for term, value in expected.items():
        assert losses[term].shape == ()
        assert losses[term].item() == pytest.approx(value, abs=1e-5, rel=1e-5), term


def test_the_tables_leave_no_gan_out():
    tested = {(name, recipe) for name, recipe, *_ in TABLE}
    tested |= {(name, recipe) for name in ("ebgan", "began") for recipe in RECIPES}
    assert tested == {(name, recipe) for name in GANS for recipe in RECIPES}

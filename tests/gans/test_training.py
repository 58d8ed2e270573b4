"""The trainer: what a step moves, what an epoch reports, and that being killed changes nothing."""

import multiprocessing
from dataclasses import asdict, replace

import pytest
import torch
from PIL import Image
from torch import nn

from einstyle_core.errors import CheckpointError, TrainingError
from einstyle_core.gans import GANS, RECIPES, get
from einstyle_core.gans.base import seeded
from einstyle_core.gans.training import (
    Replay,
    Step,
    frame_path,
    fresh,
    linear_decay,
    recompute_statistics,
    train,
    write_gif,
)
from tests.gans import runs, toys
from tests.killing import whole_and_killed


def weights(gan: nn.Module) -> torch.Tensor:
    return torch.cat([value.detach().flatten().float() for value in gan.state_dict().values()])


def parameters(network: nn.Module) -> torch.Tensor:
    return torch.cat([value.detach().flatten() for value in network.parameters()])


def run(gan_class=toys.HingeGAN, seed=0, n=48, stop_after=None, **options):
    changes = options.pop("changes", {})
    gan = fresh(gan_class, seed, **changes)
    reports = []
    for report in train(gan, toys.images(n), seed=seed, **options):
        reports.append(report)
        if len(reports) == stop_after:
            break
    return gan, reports


def test_a_short_epoch_draws_its_images_anew_from_all():
    seen = []

    class Watching(toys.HingeGAN):
        def d_losses(self, batch):
            seen.extend(batch.y.tolist())
            return super().d_losses(batch)

    data = toys.images(48)
    data = replace(data, labels=torch.arange(48))
    gan = fresh(Watching, 0)
    reports = list(train(gan, data, images_per_epoch=16))
    assert len(reports) == 3
    epochs = [seen[start : start + 16] for start in (0, 16, 32)]
    assert len(seen) == 48
    assert all(len(set(epoch)) == 16 for epoch in epochs)
    assert len({*map(frozenset, epochs)}) == 3
    assert max(seen) > 16


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("name", GANS)
def test_every_gan_takes_a_step(name, recipe):
    gan = fresh(get(name, recipe), 0, batch_size=4).to(memory_format=torch.channels_last)
    data = toys.images(48)
    step = Step(gan, data, seeded("step"))
    before = {part: weights(getattr(gan, part)) for part in ("G", "D")}
    row = step(torch.arange(4 * gan.recipe.n_critic).view(-1, 4))
    assert len(row) == len(step.names)
    assert row.isfinite().all()
    assert all(not torch.equal(before[part], weights(getattr(gan, part))) for part in before)
    assert all(p.requires_grad for p in gan.D.parameters())


class Watched(toys.HingeGAN):
    """Remembers what it was shown."""

    def build(self):
        super().build()
        self.seen = []

    def d_losses(self, batch):
        self.seen.append(("D", batch, parameters(self.G), parameters(self.D)))
        return super().d_losses(batch)

    def g_losses(self, batch):
        self.seen.append(("G", batch, parameters(self.G), parameters(self.D)))
        return super().g_losses(batch)


def test_each_step_moves_its_own_network():
    gan, _ = run(Watched, n=24, changes={"epochs": 1})
    steps = [name for name, *_ in gan.seen]
    assert steps == ["D", "G"] * 3
    for (name, _, G, D), (_, _, next_G, next_D) in zip(gan.seen[:-1], gan.seen[1:], strict=True):
        assert torch.equal(G, next_G) == (name == "D")
        assert torch.equal(D, next_D) == (name == "G")


def test_n_critic_and_the_incomplete_group_at_the_end():
    gan, (report,) = run(Watched, n=8 * 5 + 3, changes={"epochs": 1, "n_critic": 2})
    assert "".join(name for name, *_ in gan.seen) == "DDGDDGD"
    assert len(report.trace) == 1


@pytest.mark.parametrize("fresh_noise", [True, False])
def test_noise_of_the_g_step(fresh_noise):
    gan, _ = run(Watched, n=8, changes={"epochs": 1, "fresh_noise": fresh_noise})
    (_, d_batch, *_), (_, g_batch, *_) = gan.seen
    assert torch.equal(d_batch.z, g_batch.z) != fresh_noise
    assert d_batch.z.min() < -0.5


def test_every_image_is_seen_once_an_epoch_as_it_is():
    gan, _ = run(Watched, n=24, changes={"epochs": 1})
    seen = torch.cat([batch.x for name, batch, *_ in gan.seen if name == "D"])
    data = toys.images(24)
    expected = data.images.float() / 127.5 - 1
    assert torch.allclose(seen.flatten(1).sum(1).sort().values, expected.flatten(1).sum(1).sort().values, atol=1e-2)
    assert seen.min() == -1
    assert seen.max() == 1


def test_average_follows_the_weights():
    gan = toys.HingeGAN(replace(toys.HingeGAN.recipe, ema=0.9))
    first = gan.G.fc.weight.detach().clone()
    expected = first
    for step in range(1, 101):
        with torch.no_grad():
            gan.G.fc.weight.add_(0.01)
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * gan.G.fc.weight.detach()
        gan.update_average()
    torch.testing.assert_close(gan.generator.fc.weight, expected)


def test_without_averaging_the_last_weights_are_sampled():
    gan = toys.HingeGAN(replace(toys.HingeGAN.recipe, ema=0.0))
    assert gan.generator is gan.G


def test_statistics_are_those_of_the_noise():
    gan = toys.HingeGAN()
    recompute_statistics(gan.average, gan, seeded("s"))
    torch.testing.assert_close(gan.average.norm.running_mean, torch.zeros(62), atol=0.05, rtol=0)
    torch.testing.assert_close(gan.average.norm.running_var, torch.full((62,), 1 / 3), atol=0.03, rtol=0)


def test_learning_rate_falls_linearly_at_the_end():
    rates = [linear_decay(epoch, 50, 20) for epoch in range(1, 51)]
    assert rates[:30] == [1.0] * 30
    assert rates[30:] == pytest.approx([(20 - i) / 21 for i in range(20)])
    assert linear_decay(50, 50, 0) == 1.0
    assert [linear_decay(epoch, 3, 20) for epoch in (1, 2, 3)] == pytest.approx([1, 1, 0.5])


def test_rates_are_shares_of_the_recipes():
    step = Step(fresh(toys.HingeGAN, 0, lr_d=1e-3, lr_g=4e-3), toys.images(16), seeded("x"))
    step.set_rate(0.5)
    step.set_rate(0.25)
    assert step.d_optimizer.param_groups[0]["lr"] == pytest.approx(0.25e-3)
    assert step.g_optimizer.param_groups[0]["lr"] == pytest.approx(1e-3)


def test_a_seed_determines_the_weights_whatever_was_drawn_before():
    first, _ = run(seed=3)
    torch.rand(17)
    second, _ = run(seed=3)
    other, _ = run(seed=4)
    assert torch.equal(weights(first), weights(second))
    assert not torch.equal(weights(first), weights(other))


def test_reports_and_frames(tmp_path):
    class Judge(nn.Module):
        def forward(self, x):
            return nn.functional.one_hot(torch.full((len(x),), 7), 10).float()

    _, reports = run(folder=tmp_path, judge=Judge())
    assert [report.epoch for report in reports] == [1, 2, 3]
    assert reports[0].losses.keys() == {"D/real", "D/fake", "G/fake"}
    assert reports[0].class_mix == [0] * 7 + [1000, 0, 0]
    assert reports[0].tile_classes == [7] * 100
    for epoch in (1, 2, 3):
        with Image.open(frame_path(tmp_path, "grid", epoch)) as frame:
            assert (frame.size, frame.mode) == ((280, 280), "L")
    write_gif(tmp_path, "grid", 3, tmp_path / "x.gif")
    with Image.open(tmp_path / "x.gif") as animation:
        assert animation.n_frames == 3


def test_without_a_judge_the_class_mix_is_absent():
    _, reports = run()
    assert reports[0].class_mix is None
    assert reports[0].tile_classes is None


class Breaks(toys.HingeGAN):
    """Divides by zero in its eighth D step: the second of epoch 2 with 6 steps an epoch."""

    def build(self):
        super().build()
        self.steps = 0

    def d_losses(self, batch):
        self.steps += 1
        losses = super().d_losses(batch)
        return {**losses, "broken": losses["real"] * (float("nan") if self.steps >= 8 else 1.0)}


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_last_good_epoch(tmp_path):
    with pytest.raises(TrainingError, match=r"Hinge GAN: D/\w+ is no longer a number at iteration 2 of epoch 2"):
        run(Breaks, folder=tmp_path)
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    assert len(state["reports"]) == 1
    assert all(value.isfinite().all() for value in state["gan"].values())


def test_resume_refuses_another_configuration(tmp_path):
    run(folder=tmp_path, stop_after=1)
    with pytest.raises(CheckpointError, match="lr_d"):
        run(folder=tmp_path, resume=True, changes={"lr_d": 1e-5})
    with pytest.raises(CheckpointError, match="class"):
        run(Watched, folder=tmp_path, resume=True)


def test_resume_refuses_a_damaged_state(tmp_path):
    run(folder=tmp_path, stop_after=1)
    state = tmp_path / "state.pt"
    state.write_bytes(state.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match="damaged"):
        run(folder=tmp_path, resume=True)


@pytest.mark.parametrize(("name", "recipe"), [("began", "fixed"), ("infogan", "reference"), ("wgan_gp", "fixed")])
def test_resumed_equals_uninterrupted(name, recipe, tmp_path):
    cls, changes = get(name, recipe), {"epochs": 2, "batch_size": 8, "n_critic": 1}
    whole, whole_reports = run(cls, n=16, changes=changes)
    run(cls, n=16, changes=changes, folder=tmp_path, stop_after=1)
    resumed, reports = run(cls, n=16, changes=changes, folder=tmp_path, resume=True)
    assert torch.equal(weights(whole), weights(resumed))
    timeless = [[{**asdict(report), "seconds": 0} for report in each] for each in (whole_reports, reports)]
    assert timeless[0] == timeless[1]


def test_killed_at_any_moment_ends_with_the_same_weights(tmp_path):
    whole_and_killed(runs.toy_run, tmp_path)
    states = [torch.load(tmp_path / name / "state.pt", weights_only=True) for name in ("whole", "killed")]
    assert [len(state["reports"]) for state in states] == [12, 12]
    for key, value in states[0]["gan"].items():
        assert torch.equal(value, states[1]["gan"][key]), key
    frames = [(tmp_path / name / "frames" / "grid-012.png").read_bytes() for name in ("whole", "killed")]
    assert frames[0] == frames[1]


def test_two_processes_together_keep_the_same_weights(tmp_path):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.gans.runs"])
    processes = [context.Process(target=runs.toy_run_together, args=(rank, tmp_path)) for rank in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2))
    start = dict(fresh(toys.HingeGAN, 1, z_dim=16).named_parameters())
    for name, value in first.items():
        assert torch.equal(value, second[name]), name
        assert "weight" not in name or not torch.equal(value, start[name]), name


@pytest.fixture
def full_precision(monkeypatch):
    """Convolutions on CUDA in float32 proper instead of TF32."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


@pytest.mark.gpu
@pytest.mark.usefixtures("full_precision")
@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("name", GANS)
def test_a_captured_step_equals_an_eager_one(name, recipe):
    rows = []
    for captured in (False, True):
        gan = fresh(get(name, recipe), 0, batch_size=16).cuda().to(memory_format=torch.channels_last)
        rng = seeded("steps", device="cuda")
        step = Step(gan, toys.images(640).to("cuda"), rng)
        step.bfloat16 = False
        step.set_rate(1.0)
        run_step = Replay(step, rng) if captured else step
        order = torch.arange(16 * gan.recipe.n_critic * 7, device="cuda") % 640
        rows.append(torch.stack([run_step(chosen).clone() for chosen in order.view(7, gan.recipe.n_critic, 16)]))
    first_replay = Replay.warm_up + 1
    torch.testing.assert_close(rows[0][:first_replay], rows[1][:first_replay], rtol=1e-3, atol=1e-3)
    # Adam divides by what it has seen: where a gradient is next to nothing, the last bits decide a whole step's sign.
    torch.testing.assert_close(rows[0], rows[1], rtol=5e-2, atol=5e-2)


@pytest.mark.gpu
@pytest.mark.usefixtures("full_precision")
@pytest.mark.parametrize("name", GANS)
def test_cuda_equals_cpu_for_a_step_in_full_precision(name):
    losses = []
    for device in ("cpu", "cuda"):
        gan = fresh(GANS[name], 0).to(device).to(memory_format=torch.channels_last)
        with torch.no_grad():
            z, c = torch.linspace(-1, 1, 8 * 62).view(8, 62), torch.zeros(8, gan.latent.size - 62)
            x = gan.G(z.to(device), c.to(device))
            batch = gan.draw(x, torch.arange(8, device=device), torch.Generator(device))
        batch = replace(batch, z=z.to(device), c=c.to(device) + (0.1 if c.shape[1] else 0))
        terms = gan.d_losses(batch) | {f"G{term}": loss for term, loss in gan.g_losses(batch).items()}
        terms.pop("penalty", None)  # draws noise of its own
        losses.append({term: loss.item() for term, loss in terms.items()})
    assert losses[1] == pytest.approx(losses[0], rel=1e-3, abs=1e-4)

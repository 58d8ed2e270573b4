"""Augmentations keep shapes and ranges, repeat with the generator, and do what they say."""

import torch

from einstyle_core.photos.augment import augment, random_affine, random_colours, random_cut, random_uncut


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def some_views(count: int = 64) -> torch.Tensor:
    views = torch.rand(count, 4, 128, 128, generator=seeded(9))
    views[:, 3] = 0
    views[:, 3, 26:102, 40:88] = 1
    return views


def test_views_keep_their_range_at_every_size_and_repeat() -> None:
    for size in (32, 64, 96, 128):
        first, again = (augment(some_views(), size, seeded()) for _ in range(2))
        assert first.shape == (64, 4, size, size)
        assert 0 <= first.min() <= first.max() <= 1
        assert torch.equal(first, again)
    assert not torch.equal(first, augment(some_views(), 128, seeded(1)))


def test_moving_keeps_most_of_the_garment_in_the_frame() -> None:
    before = some_views()[:, 3].mean((1, 2))
    after = random_affine(some_views(), 128, seeded())[:, 3].mean((1, 2))
    assert ((after / before) > 0.5).all()
    assert (after - before).abs().max() > 0.02


def test_a_mark_on_the_left_lands_on_either_side() -> None:
    views = torch.zeros(200, 4, 128, 128)
    views[:, :, :, 20:40] = 1
    columns = random_affine(views, 128, seeded()).mean((1, 2))
    left = columns[:, :64].sum(1) > columns[:, 64:].sum(1)
    assert 0.3 < left.float().mean() < 0.7


def test_some_are_gray_and_some_negated() -> None:
    colours = torch.zeros(400, 3, 8, 8) + torch.tensor([0.9, 0.5, 0.1])[:, None, None]
    colours[..., 4:] *= 0.5  # the right half is darker
    changed = random_colours(colours, seeded())
    brighter_right = changed[..., 4:].mean((1, 2, 3)) > changed[..., :4].mean((1, 2, 3)) + 0.02
    assert 0.04 < brighter_right.float().mean() < 0.2
    spread = changed.mean((2, 3)).amax(1) - changed.mean((2, 3)).amin(1)
    assert (spread < 0.25).float().mean() > 0.1
    assert (spread > 0.4).float().mean() > 0.4


def test_a_cut_loses_pieces_and_gains_some() -> None:
    mask = some_views(400)[:, 3:]
    changed = random_cut(mask, seeded())
    assert set(changed.unique().tolist()) == {0.0, 1.0}
    difference = (changed - mask).sum((1, 2, 3))
    assert (difference < 0).float().mean() > 0.1
    assert (difference > 0).float().mean() > 0.1
    assert (changed == mask).flatten(1).all(1).float().mean() > 0.2


def test_beyond_the_edge_the_ground_goes_on() -> None:
    views = torch.full((100, 4, 128, 128), 0.75)
    torch.testing.assert_close(random_affine(views, 64, seeded()), torch.full((100, 4, 64, 64), 0.75))


def test_some_masks_say_nothing_and_the_others_what_they_said() -> None:
    mask = some_views(600)[:, 3:]
    after = random_uncut(mask, seeded())
    says_nothing = (after == 1).flatten(1).all(1)
    assert 0.24 < says_nothing.float().mean() < 0.36
    assert torch.equal(after[~says_nothing], mask[~says_nothing])

"""Attacks: pictures a little off that a network answers differently.

FGSM (Goodfellow, Shlens and Szegedy 2015) moves each pixel by epsilon along the sign of the loss's gradient, PGD (Madry
et al. 2018) takes many small such steps, and noise of the same size is the control that shows it is the direction that
counts. The paper moves only the garment: ``mask = foreground(images)``; without a mask every pixel may move.

Images are float32 ``N x 1 x 28 x 28`` in [0, 1] and epsilon is in the same units. What comes back is in [0, 1], no
pixel of it further than epsilon from the original (exactly: the last bit is rounded towards the original), and the
pixels outside the mask are the original's. An image without a pixel inside its mask cannot move and comes back as it
was; :func:`movable` tells which images can. No function changes the model or leaves gradients in it.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from einstyle_core.errors import AttackError, named

PGD_STEPS, PGD_RESTARTS = 50, 5


def foreground(images: Tensor) -> Tensor:
    """The paper's mask, bool in the images' shape: pixels above 0."""
    return images > 0


def movable(images: Tensor, mask: Tensor | None = None) -> Tensor:
    """Bool ``N``: the images that have a pixel inside the mask; an all-black image under its foreground has none."""
    return _everywhere(images, mask).flatten(1).any(1)


def gradient_sign(model: nn.Module, images: Tensor, labels: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
    """Where each pixel has to go for the label to become less likely: -1, 0 or 1, in the images' shape and type.

    Args:
        model: images to logits ``N x classes``, in eval mode.
        images: see the module.
        labels: int64 ``N``; None takes the model's own answer.
        mask: bool, broadcastable to the images; 0 outside of it.

    Raises:
        AttackError: the images are not floats in [0, 1].
    """
    _check_images(images)
    return _wrongness(model, images, labels)[1].sign() * _everywhere(images, mask)


def move(images: Tensor, sign: Tensor, epsilon: float) -> Tensor:
    """The images with each pixel moved by epsilon along its sign, as far as [0, 1] allows: FGSM's step.

    The direction does not depend on epsilon, so one :func:`gradient_sign` serves a whole sweep.

    Raises:
        AttackError: epsilon is outside [0, 1], or the images are not floats in [0, 1].
    """
    low, high = _box(images, epsilon)
    return torch.where(sign > 0, high, torch.where(sign < 0, low, images))


def fgsm(model: nn.Module, images: Tensor, labels: Tensor | None, epsilon: float, mask: Tensor | None = None) -> Tensor:
    """x + epsilon sign(grad_x J(x, y)): the fast gradient sign method (Goodfellow et al. 2015).

    Args:
        model, images, labels, mask: see :func:`gradient_sign`.
        epsilon: in [0, 1].

    Raises:
        AttackError: epsilon is outside [0, 1], or the images are not floats in [0, 1].
    """
    check_epsilon(epsilon)
    return move(images, gradient_sign(model, images, labels, mask), epsilon)


def pgd(
    model: nn.Module,
    images: Tensor,
    labels: Tensor | None,
    epsilon: float,
    mask: Tensor | None = None,
    *,
    steps: int = PGD_STEPS,
    restarts: int = PGD_RESTARTS,
    step_size: float | None = None,
    until_fooled: bool = False,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Projected gradient descent from random starts (Madry et al. 2018); the best point seen of each image.

    A point is better when the best wrong class is further ahead of the label. Every step of every restart counts, and
    so does the original, so what comes back is never further from fooling the model than the original was. All images
    of a call share each restart's random pattern: an image's result does not depend on its company.

    Args:
        model, images, labels, epsilon, mask: see :func:`fgsm`.
        steps: a restart's.
        restarts: random starts.
        step_size: a step's, in [0, 1] units; 2.5 epsilon / steps by default, as Madry et al.
        until_fooled: attack an image no further once the model is wrong: the same accuracy in far fewer passes.
        generator: of the starts; by default one seeded with 0.

    Raises:
        AttackError: epsilon is outside [0, 1], the images are not floats in [0, 1], or there is nothing to do.
    """
    if steps < 1 or restarts < 1:
        raise AttackError(f"PGD needs at least one step and one restart, not {steps} and {restarts}.")
    low, high = _box(images, epsilon)
    if not epsilon:
        return images.clone()
    free = _everywhere(images, mask)
    low, high = torch.where(free, low, images), torch.where(free, high, images)
    stride = 2.5 * epsilon / steps if step_size is None else step_size
    generator = torch.Generator().manual_seed(0) if generator is None else generator

    logits = _logits(model, images)
    labels = logits.argmax(1) if labels is None else labels
    best, lead = images.clone(), _lead(logits, labels)
    for _ in range(restarts):
        pattern = torch.rand(images.shape[1:], generator=generator, device=generator.device).to(images)
        rows = (lead <= 0).nonzero().squeeze(1) if until_fooled else torch.arange(len(images), device=images.device)
        points = (images[rows] + epsilon * (2 * pattern - 1)).clamp(low[rows], high[rows])
        for step in range(steps + 1):
            if not len(rows):
                break
            logits, gradient = _wrongness(model, points, labels[rows])
            here = _lead(logits, labels[rows])
            better = here > lead[rows]
            best[rows[better]], lead[rows[better]] = points[better], here[better]
            if until_fooled:
                standing = here <= 0
                rows, points, gradient = rows[standing], points[standing], gradient[standing]
            if step < steps:
                points = (points + stride * gradient.sign()).clamp(low[rows], high[rows])
    return best


def noise(images: Tensor, epsilon: float, mask: Tensor | None = None, *, generator: torch.Generator) -> Tensor:
    """The control: each pixel moved by epsilon up or down at random, by no gradient.

    The same generator gives the first N images the same noise however they are split into batches.

    Raises:
        AttackError: epsilon is outside [0, 1], or the images are not floats in [0, 1].
    """
    return move(images, random_sign(images, generator) * _everywhere(images, mask), epsilon)


def random_sign(images: Tensor, generator: torch.Generator) -> Tensor:
    """-1 or 1 with equal chance for each pixel, in the images' shape and type: what :func:`noise` moves along."""
    return (torch.randint(2, images.shape, generator=generator, device=generator.device) * 2 - 1).to(images)


def closest_wrong_class(model: nn.Module, images: Tensor, labels: Tensor | None = None) -> Tensor:
    """Int64 ``N``: the likeliest class that is not the label (None: the model's own answer).

    The paper reports it beside the answer: it is where a small step tips an image to.
    """
    logits = _logits(model, images)
    labels = logits.argmax(1) if labels is None else labels
    return _without(logits, labels).argmax(1)


Attack = Callable[..., Tensor]
"""(model, images, labels, epsilon, mask, generator) to images: how every method can be called."""


def _fgsm(
    model: nn.Module, images: Tensor, labels: Tensor | None, epsilon: float, mask: Tensor | None, _: object
) -> Tensor:
    return fgsm(model, images, labels, epsilon, mask)


def _pgd(
    model: nn.Module,
    images: Tensor,
    labels: Tensor | None,
    epsilon: float,
    mask: Tensor | None,
    generator: torch.Generator,
    **options: Any,
) -> Tensor:
    starts = torch.Generator().manual_seed(generator.initial_seed())  # the same for every batch of a set
    return pgd(model, images, labels, epsilon, mask, generator=starts, **options)


def _noise(
    _: object, images: Tensor, __: object, epsilon: float, mask: Tensor | None, generator: torch.Generator
) -> Tensor:
    return noise(images, epsilon, mask, generator=generator)


METHODS: dict[str, Attack] = {"fgsm": _fgsm, "pgd": _pgd, "noise": _noise}
"""What a set is attacked with, batch after batch and one generator for all: an image's result depends on the
generator's seed, and under noise on its place in the set, but not on the size of the batches. PGD takes the options of
:func:`pgd` as well."""


def get(name: str) -> Attack:
    """The method registered under ``name``.

    Raises:
        UnknownNameError: there is none; the message lists the known ones.
    """
    return named("attack", METHODS, name)


def check_epsilon(epsilon: float) -> float:
    """``epsilon`` itself.

    Raises:
        AttackError: it is outside [0, 1], or no number.
    """
    if not 0 <= epsilon <= 1:
        raise AttackError(f"epsilon is a share of the pixels' range, from 0 to 1, not {epsilon:g}.")
    return epsilon


def _check_images(images: Tensor) -> None:
    if not images.is_floating_point():
        raise AttackError(f"An attack needs images as floats in [0, 1], not {images.dtype}.")
    if images.numel() and not 0 <= images.amin() <= images.amax() <= 1:
        raise AttackError("An attack needs images whose pixels are in [0, 1].")


def _everywhere(images: Tensor, mask: Tensor | None) -> Tensor:
    return torch.ones_like(images, dtype=torch.bool) if mask is None else mask.expand_as(images)


def _box(images: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
    """The lowest and the highest float that each pixel may become, both exactly within epsilon and [0, 1].

    Epsilon is rounded down to the images' type too, so that a difference taken in that type is within it as well.
    """
    check_epsilon(epsilon)
    _check_images(images)
    size = torch.tensor(epsilon, dtype=images.dtype)
    if size.item() > epsilon:
        size = size.nextafter(torch.zeros_like(size))
    exact_low, exact_high = images.double() - size.item(), images.double() + size.item()
    low, high = exact_low.to(images.dtype), exact_high.to(images.dtype)
    low = torch.where(low.double() < exact_low, low.nextafter(torch.ones_like(low)), low)
    high = torch.where(high.double() > exact_high, high.nextafter(torch.zeros_like(high)), high)
    return low.clamp(min=0), high.clamp(max=1)


def _wrongness(model: nn.Module, images: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
    """The logits, and the gradient with respect to the images of the wrong classes' log-odds against the label's.

    L = log sum_{j != y} exp z_j - z_y, of which the cross entropy is log(1 + exp L): the gradients' signs are the same,
    but the cross entropy's is rounded to nothing where the model is very sure.
    """
    with torch.enable_grad():
        points = images.detach().clone().requires_grad_()
        logits = model(points)
        target = logits.detach().argmax(1) if labels is None else labels
        loss = _without(logits, target).logsumexp(1) - logits.gather(1, target[:, None]).squeeze(1)
        (gradient,) = torch.autograd.grad(loss.sum(), points)
    return logits.detach(), gradient


@torch.no_grad()
def _logits(model: nn.Module, images: Tensor) -> Tensor:
    logits: Tensor = model(images)
    return logits


def _lead(logits: Tensor, labels: Tensor) -> Tensor:
    """How far the best wrong class is ahead of the label; above 0 the model is wrong."""
    return _without(logits, labels).amax(1) - logits.gather(1, labels[:, None]).squeeze(1)


def _without(logits: Tensor, labels: Tensor) -> Tensor:
    return logits.scatter(1, labels[:, None], float("-inf"))

"""Attacks to learn from: one cheap step a batch, and the search that tells whether it was enough.

Fast adversarial training (Wong, Rice and Kolter 2020) starts an FGSM step at a random point of the allowed box, which
is nearly as good as learning from PGD at a fraction of its cost. Everything happens under the paper's mask.
"""

import torch
from torch import Tensor, nn

from einstyle_core.attacks import foreground, gradient_sign, pgd
from einstyle_core.config import AdversarialRecipe
from einstyle_core.data import ImageSet, to_unit

WATCHED_IMAGES, WATCHED_STEPS = 500, 10


def fast_attack(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    recipe: AdversarialRecipe,
    strength: float,
    generator: torch.Generator,
) -> Tensor:
    """The images after steps of ``recipe.step`` epsilon from a random start, clipped to epsilon and [0, 1].

    Each image has an epsilon of its own, up to the recipe's: the network learns small attacks as well as large ones,
    and nearly clean images with them.

    Args:
        model: on the images' device; no gradient stays in it.
        images: float32 ``N x 1 x 28 x 28`` in [0, 1].
        labels: int64 ``N``.
        recipe: how strong.
        strength: the share of ``recipe.epsilon`` that is in force, in [0, 1].
        generator: of the epsilons and the starts.
    """
    mask = foreground(images)
    drawn = torch.rand(len(images), generator=generator, device=generator.device).to(images.device)
    epsilon = recipe.epsilon * strength * drawn[:, None, None, None] ** recipe.skew * mask
    start = torch.rand(images.shape, generator=generator, device=generator.device).to(images.device) * 2 - 1
    moved = (images + epsilon * start).clamp(0, 1)
    for _ in range(recipe.steps):
        moved = moved + recipe.step * epsilon * gradient_sign(model, moved, labels, mask)
        moved = moved.clamp(images - epsilon, images + epsilon).clamp(0, 1)
    return moved


def robust_accuracy(model: nn.Module, data: ImageSet, recipe: AdversarialRecipe) -> float:
    """Accuracy in [0, 1] on the set's first images under PGD of the recipe's full epsilon.

    A network that overfits to the one-step attack ("catastrophic overfitting") falls to nothing here while its
    training loss stays low.
    """
    model.eval()
    images, labels = to_unit(data.images[:WATCHED_IMAGES]), data.labels[:WATCHED_IMAGES]
    moved = pgd(
        model,
        images,
        labels,
        recipe.epsilon,
        foreground(images),
        steps=WATCHED_STEPS,
        restarts=1,
        until_fooled=True,
    )
    with torch.no_grad():
        return (model(moved).argmax(1) == labels).float().mean().item()

"""Configurations: frozen dataclasses with defaults, saved with every checkpoint."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class AdversarialRecipe:
    """Training on attacked images: fast adversarial training (Wong, Rice and Kolter 2020), under the paper's mask.

    Attributes:
        epsilon: the largest size of an attack, in [0, 1] units.
        warm_up: epochs in which it grows from 0.
        step: the length of one step of the attack, as a share of epsilon.
        steps: how many it takes from its random start; one is the fast attack, more cost a pass each.
        skew: an image's own epsilon is ``epsilon * u ** skew`` with u uniform on [0, 1]: below 1, large ones prevail.
    """

    epsilon: float
    warm_up: int = 5
    step: float = 1.25
    steps: int = 1
    skew: float = 1.0


@dataclass(frozen=True)
class ClassifierRecipe:
    """How a classifier is trained.

    Attributes:
        epochs: passes over the training images.
        batch_size: images a step.
        optimizer: ``adamw``, or ``sgd`` with Nesterov momentum 0.9; both under a one-cycle schedule.
        learning_rate: the cycle's highest rate.
        weight_decay: decoupled (AdamW) or L2 (SGD); biases are spared.
        flip: mirror half of the images.
        shift: move each image by up to this many pixels in each direction, black moving in.
        erase: the share of images in which a random rectangle is replaced by noise (Zhong et al. 2020).
        label_smoothing: probability mass spread over all classes.
        ema_decay: decay of the weights' moving average, which is what ships; 0 ships the last weights.
        teacher: name of a checkpoint whose soft answers the network learns from too (Hinton et al. 2015).
        teacher_weight: share of the loss that the teacher has.
        temperature: both sides' logits are divided by it in the teacher's term.
        start: name of a checkpoint of the same shape whose weights the training starts from.
        adversarial: how the images are attacked before the network learns from them; None leaves them alone.
    """

    epochs: int = 30
    batch_size: int = 128
    optimizer: Literal["adamw", "sgd"] = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    flip: bool = True
    shift: int = 0
    erase: float = 0.0
    label_smoothing: float = 0.0
    ema_decay: float = 0.999
    teacher: str | None = None
    teacher_weight: float = 0.7
    temperature: float = 3.0
    start: str | None = None
    adversarial: AdversarialRecipe | None = None

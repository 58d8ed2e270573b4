import pytest
import torch
from torch import nn

from einstyle_core.classifiers import Classifier
from einstyle_core.classifiers.training import fresh
from einstyle_core.metrics import Evaluator
from einstyle_core.metrics.evaluator import SEED


@pytest.fixture(scope="session")
def untrained() -> Classifier:
    """The evaluator with random weights, and batch statistics of noise so that its features are of a usual size."""
    evaluator = fresh(Evaluator, SEED).requires_grad_(False)
    for module in evaluator.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
    evaluator.train()(torch.rand(64, 1, 28, 28, generator=torch.Generator().manual_seed(0)))
    return evaluator.eval()

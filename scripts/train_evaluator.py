"""Train the network that measures the GANs, and save its checkpoint.

Like a classifier's, its training sees 55,000 of the training images and each epoch is judged on the other 5,000.
"""

from einstyle_core.metrics.evaluator import SEED, Evaluator
from scripts.classifier_run import train_and_save
from scripts.common import run, training_parser


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = training_parser(__doc__)
    parser.set_defaults(seed=SEED)
    print(train_and_save(Evaluator, "evaluator", parser.parse_args(argv), half=True))


if __name__ == "__main__":
    run(main)

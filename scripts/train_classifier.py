"""Train a classifier and save its checkpoint.

It learns from 55,000 of the training images; each epoch is judged on the other 5,000, which is what hyperparameters
were chosen by. The photo model learns from photographs too, and is judged on others. The test images and the test
photographs are opened by ``scripts.evaluate`` alone.
"""

from einstyle_core.classifiers import NETWORKS, get
from einstyle_core.classifiers.photo import Photo
from scripts.classifier_run import train_and_save
from scripts.common import run, training_parser
from scripts.photo_run import train_and_save_photo


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = training_parser(__doc__)
    parser.add_argument("--model", choices=NETWORKS, required=True)
    args = parser.parse_args(argv)
    photo = args.model == Photo.name
    print(train_and_save_photo(args) if photo else train_and_save(get(args.model), "classifier", args))


if __name__ == "__main__":
    run(main)

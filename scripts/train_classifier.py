"""Train a classifier and save its checkpoint.

It learns from 55,000 of the training images; each epoch is judged on the other 5,000, which is what hyperparameters
were chosen by. The test images are opened by ``scripts.evaluate`` alone.
"""

import dataclasses

from tqdm import tqdm

from einstyle_core import checkpoints
from einstyle_core.classifiers import CLASSIFIERS, get
from einstyle_core.classifiers.training import fresh, train
from einstyle_core.devices import resolve_device
from einstyle_core.storage import RUNS
from scripts.common import load_data, run, training_parser


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = training_parser(__doc__)
    parser.add_argument("--model", choices=CLASSIFIERS, required=True)
    args = parser.parse_args(argv)

    model = fresh(get(args.model), args.seed)
    recipe = model.recipe if args.epochs is None else dataclasses.replace(model.recipe, epochs=args.epochs)
    images = load_data("fit")
    reports = train(
        model,
        images,
        recipe,
        validation=load_data("validation"),
        seed=args.seed,
        device=resolve_device(args.device),
        state_path=RUNS / "classifiers" / f"{args.model}-seed{args.seed}" / "state.pt",
        resume=args.resume,
    )
    with tqdm(total=recipe.epochs, unit="epoch", desc=args.model) as bar:
        for report in reports:
            bar.update(report.epoch - bar.n)
            bar.set_postfix_str(str(report))
    header = checkpoints.Header(
        kind="classifier",
        name=model.name,
        config={"model": model.config, "recipe": dataclasses.asdict(recipe)},
        dataset_digest=images.digest,
        epochs=recipe.epochs,
        seed=args.seed,
        metrics={"validation_accuracy": report.validation_accuracy},
    )
    print(checkpoints.save(model.name, report.weights, header, args.out))


if __name__ == "__main__":
    run(main)

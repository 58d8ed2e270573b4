"""Train a classifier and save its checkpoint.

Hyperparameters are chosen with ``--holdout``: 55,000 training images to learn from, 5,000 to judge by, nothing shipped.
Without it the network learns from all 60,000 and its checkpoint is written. The test images are opened by
``scripts.evaluate`` alone.
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
    parser.add_argument("--holdout", action="store_true", help="learn from 55,000, judge by 5,000, ship nothing")
    args = parser.parse_args(argv)

    model = fresh(get(args.model), args.seed)
    recipe = model.recipe if args.epochs is None else dataclasses.replace(model.recipe, epochs=args.epochs)
    images = load_data("fit" if args.holdout else "train")
    run_name = f"{args.model}{'-holdout' if args.holdout else ''}-seed{args.seed}"
    reports = train(
        model,
        images,
        recipe,
        validation=load_data("validation") if args.holdout else None,
        seed=args.seed,
        device=resolve_device(args.device),
        state_path=RUNS / "classifiers" / run_name / "state.pt",
        resume=args.resume,
    )
    with tqdm(total=recipe.epochs, unit="epoch", desc=run_name) as bar:
        for report in reports:
            bar.update(report.epoch - bar.n)
            bar.set_postfix_str(str(report))
    if args.holdout:
        print(report)
        return
    header = checkpoints.Header(
        kind="classifier",
        name=model.name,
        config={"model": model.config, "recipe": dataclasses.asdict(recipe)},
        dataset_digest=images.digest,
        epochs=recipe.epochs,
        seed=args.seed,
        metrics={"training_loss": report.loss},
    )
    print(checkpoints.save(model.name, report.weights, header, args.out))


if __name__ == "__main__":
    run(main)

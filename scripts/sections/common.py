"""How every section writes its figures down."""

import argparse

from einstyle_core import checkpoints, measurements


def record(
    section: str,
    name: str,
    figures: measurements.Record,
    n: int,
    checkpoint: checkpoints.CheckpointInfo,
    args: argparse.Namespace,
) -> None:
    """Write the figures of one checkpoint into metrics.json.

    Args:
        section: the part of metrics.json, which is also the command's argument.
        name: the row.
        figures: what was measured.
        n: on how many images.
        checkpoint: of which weights.
        args: the command's options; ``out`` is the folder.
    """
    measurements.record(
        section,
        name,
        figures,
        n=n,
        seed=checkpoint["seed"],
        checkpoint_sha256=checkpoint["sha256"],
        command=f"python -m scripts.evaluate {section}",
        directory=args.out,
    )

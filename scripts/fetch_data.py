"""Download Fashion-MNIST (31 MB) into EINSTYLE_DATA, or into the user's cache folder, and verify it."""

import argparse

from scripts.common import load_data, run


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    for split in ("train", "test"):
        print(f"{split}: {len(load_data(split))} images, verified")


if __name__ == "__main__":
    run(main)

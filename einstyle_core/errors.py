"""Errors that a user can act on.

Each message is one sentence or two that say what is wrong and what to do about it. Pages show the message,
scripts print it on one line and exit with 1; neither ever shows a stack trace for these.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")


class EinstyleError(Exception):
    """Base of every error whose message is written for the person at the keyboard."""


class DataError(EinstyleError):
    """A dataset file is missing, damaged, or not what its name says."""


class CheckpointError(EinstyleError):
    """A checkpoint is missing, damaged or foreign; the message names the file and the command that restores it."""


class ImageError(EinstyleError):
    """Uploaded bytes that are not an image we accept."""


class TrainingError(EinstyleError):
    """A training run cannot start or cannot go on."""


class AttackError(EinstyleError, ValueError):
    """An attack was asked for the impossible: an epsilon outside [0, 1], images that are not in [0, 1]."""


class BallotError(EinstyleError):
    """A ballot that cannot be made, found or voted on, or whose votes cannot be reached."""


class UnknownNameError(EinstyleError, ValueError):
    """A name that is not in a registry; the message lists the known ones."""

    def __init__(self, kind: str, name: object, known: Iterable[str]) -> None:
        super().__init__(f"There is no {kind} named {str(name)!r}. Known: {', '.join(known)}.")


def named(kind: str, known: Mapping[str, T], name: str) -> T:
    """What a registry holds under ``name``.

    Raises:
        UnknownNameError: nothing; the message lists the known names.
    """
    try:
        return known[name]
    except KeyError:
        raise UnknownNameError(kind, name, known) from None

"""What a ballot is: pairs of pictures, and what a voter can say of them."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from einstyle_core.errors import BallotError

MAX_PAIRS = 12
"""Pairs in one ballot, the A/A pair not counted: people stop looking long before."""
MAX_TITLE = 120
MAX_CAPTION = 80


class NoBallotError(BallotError):
    """No ballot has this id or token."""

    def __init__(self) -> None:
        super().__init__("There is no ballot at this address: it was deleted, or the address is not complete.")


class ClosedBallotError(BallotError):
    """The ballot takes no votes now."""

    def __init__(self) -> None:
        super().__init__("This ballot is closed: it takes no more votes. What you stored before counts.")


class VoteStoreError(BallotError):
    """The database of votes is down, full, or not ours."""


class Choice(StrEnum):
    """What is stored of a vote, free of sides."""

    A = "a"
    B = "b"
    NONE = "none"
    SKIP = "skip"


class Said(StrEnum):
    """What a voter says, who sees sides and not letters."""

    FIRST = "first"
    SECOND = "second"
    NONE = "none"
    SKIP = "skip"


@dataclass(frozen=True)
class Option:
    """One of the two pictures of a pair.

    Attributes:
        picture: a file that :func:`einstyle_core.images.decode` accepts.
        caption: what its maker calls it; voters never see it.
        colours: what it was coloured with, as ``#rrggbb``; voters never see them.
    """

    picture: bytes
    caption: str = ""
    colours: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Two pictures to choose from, and what the pair is called (never shown to voters)."""

    a: Option
    b: Option
    name: str = ""


def label(caption: str, colours: Sequence[str]) -> str:
    """A caption as it stands beside colours: empty where it says nothing else."""
    return "" if caption.split() == list(colours) else caption


@dataclass(frozen=True)
class PairEntry:
    """A pair as it is stored, without its pictures.

    Attributes:
        number: from 1, the order in which its maker put them.
        name: what its maker calls it, or ``"Pair 1"``.
        captions: of A and of B.
        colours: of A and of B.
        is_aa: both pictures are the same: a sanity check, not a question.
    """

    number: int
    name: str
    captions: tuple[str, str]
    colours: tuple[tuple[str, ...], tuple[str, ...]]
    is_aa: bool

    @property
    def heading(self) -> str:
        """``"Pair 2: dress.png"``: pairs of one photo have one name, and are told apart by their number."""
        pair = f"Pair {self.number}"
        return self.name if self.is_aa or self.name == pair else f"{pair}: {self.name}"

    @property
    def labels(self) -> tuple[str, str]:
        """The captions of A and of B as they stand beside their colours: empty where they only repeat these."""
        a, b = (label(caption, colours) for caption, colours in zip(self.captions, self.colours, strict=True))
        return a, b


@dataclass(frozen=True)
class Ballot:
    """A ballot as it is stored.

    Attributes:
        id: unguessable; who has it can vote.
        title: what the voters are asked; as its maker wrote it, never trusted.
        planned_share: the weakest preference worth finding, as the share of the winner in (0.5, 1).
        created_at: in UTC.
        closed_at: in UTC, or None while it takes votes.
        pairs: by number.
    """

    id: str
    title: str
    planned_share: float
    created_at: datetime.datetime
    closed_at: datetime.datetime | None
    pairs: tuple[PairEntry, ...]

    @property
    def is_open(self) -> bool:
        """It takes votes."""
        return self.closed_at is None


@dataclass(frozen=True)
class Keys:
    """What only the maker of a ballot gets, once.

    Attributes:
        ballot_id: for the voters' link.
        owner: for the owner's link; the database knows its hash only.
        results: for the link to the results; follows from ``owner``, see :func:`results_token`.
    """

    ballot_id: str
    owner: str
    results: str


@dataclass(frozen=True)
class Answer:
    """What is stored of one voter and one pair: the whole receipt.

    Attributes:
        pair: its number.
        first: the option that this voter sees first (on the left, or on top), drawn once and kept.
        choice: None where the voter has not answered, or has taken the answer back.
        answered_at: when that was stored, in UTC.
    """

    pair: int
    first: Choice
    choice: Choice | None = None
    answered_at: datetime.datetime | None = None

    @property
    def said(self) -> Said | None:
        """The choice as the voter saw it."""
        if self.choice in (None, Choice.NONE, Choice.SKIP):
            return None if self.choice is None else Said(self.choice)
        return Said.FIRST if self.choice == self.first else Said.SECOND

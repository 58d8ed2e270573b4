"""From two pictures to a ballot: what any page calls to take a visitor to the A/B test page with pairs in hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import streamlit as st

from einstyle_core.ballots.model import MAX_PAIRS, MAX_TITLE, Option, Pair
from einstyle_core.ballots.pictures import prepare
from einstyle_core.errors import BallotError
from pages.shared import registry, travel

__all__ = ["Draft", "Option", "Pair", "add", "clear", "draft", "remove", "retitle", "start"]

_KEY = "ballot_draft"


@dataclass(frozen=True)
class Draft:
    """A ballot that nobody can see yet: it lives in the session."""

    pairs: tuple[Pair, ...] = ()
    title: str = ""


def start(pairs: Sequence[Pair], title: str = "") -> NoReturn:
    """Go to the A/B test page with these pairs: there one click starts the ballot. A draft begun before goes on.

    ``ballot_drafts.start([Pair(Option(png_a, "Red", ("#9a3b3b",)), Option(png_b, "Teal", ("#3c6e71",)), "Dress")])``.
    The pictures are files of any kind that we accept, of any size; they are reduced to 1280 pixels a side. Captions,
    colours and names are for the result: voters never see them. Call it when a button was clicked, not in a callback.

    Args:
        pairs: with those that the draft has, at most :data:`~einstyle_core.ballots.model.MAX_PAIRS`; what it has
            already is not added again.
        title: what the voters are asked, where the draft has no title yet; the visitor can still change it.

    Raises:
        ImageError: a picture that cannot be read. The draft stays as it was.
        BallotError: too many pairs.
    """
    before = draft()
    st.session_state[_KEY] = Draft(_with(before.pairs, pairs), before.title or title)
    page = registry.find("ab_test")
    assert page is not None
    travel.go(page)


def draft() -> Draft:
    """What the visitor has so far."""
    found: Draft = st.session_state.setdefault(_KEY, Draft())
    return found


def add(pair: Pair) -> bool:
    """One pair more; False where the draft has these two pictures as a pair already.

    Raises:
        ImageError: a picture that cannot be read.
        BallotError: too many pairs.
    """
    before = draft()
    st.session_state[_KEY] = replace(before, pairs=_with(before.pairs, [pair]))
    return len(draft().pairs) > len(before.pairs)


def remove(position: int) -> None:
    """Without the pair at this position, counted from 0."""
    pairs = draft().pairs
    st.session_state[_KEY] = replace(draft(), pairs=pairs[:position] + pairs[position + 1 :])


def retitle(title: str) -> None:
    """Ask the voters something else, in at most :data:`~einstyle_core.ballots.model.MAX_TITLE` letters."""
    st.session_state[_KEY] = replace(draft(), title=title[:MAX_TITLE])


def clear() -> None:
    """Begin again."""
    st.session_state[_KEY] = Draft()


def _with(pairs: tuple[Pair, ...], more: Sequence[Pair]) -> tuple[Pair, ...]:
    """The pairs and those of the others that are not among them; sides swapped, a pair asks the same."""
    asked = {_pictures(pair) for pair in pairs}
    for pair in more:
        sound = replace(pair, a=_prepared(pair.a, pair.name), b=_prepared(pair.b, pair.name))
        if _pictures(sound) not in asked:
            asked.add(_pictures(sound))
            pairs = (*pairs, sound)
    if len(pairs) > MAX_PAIRS:
        raise BallotError(f"A ballot has at most {MAX_PAIRS} pairs: people stop looking long before.")
    return pairs


def _pictures(pair: Pair) -> frozenset[bytes]:
    return frozenset((pair.a.picture, pair.b.picture))


def _prepared(option: Option, pair_name: str) -> Option:
    return replace(option, picture=prepare(option.picture, option.caption or pair_name).content)

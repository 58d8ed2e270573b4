"""What a voter sees: two pictures, three buttons, and in the end a receipt."""

import datetime
import zoneinfo
from collections.abc import Sequence

import streamlit as st

from einstyle_core.ballots.model import Answer, Ballot, Choice, Said
from einstyle_core.ballots.pictures import Picture
from einstyle_core.ballots.store import voter_key
from einstyle_core.errors import BallotError
from pages.ballots import focus, look, votes
from pages.components import voter_id
from pages.shared.text import plain

_PROBLEM = "vote_problem"
_AGAIN = "vote_again"  # pairs that were skipped and are asked once more
_PORTRAIT = 1.25  # height to width from which two pictures fit a phone better beside each other
_ORDINALS = ("first", "second")
_SPOKEN = {
    Said.FIRST: "picture 1",
    Said.SECOND: "picture 2",
    Said.NONE: "no preference",
    Said.SKIP: "skipped",
}


def show(ballot_id: str) -> None:
    """The voter's view of a ballot."""
    st.html(look.VOTING)
    with votes.told():
        votes.store().ballot(ballot_id)
        browser = voter_id.identify()
        if browser is None:
            st.caption("One moment …")
            return
        _ask(ballot_id, voter_key(browser, ballot_id))


@st.fragment
def _ask(ballot_id: str, voter: str) -> None:
    with votes.told():
        ballot = votes.store().ballot(ballot_id)
        answers = votes.store().deal(ballot_id, voter)
        problem = st.session_state.pop(_PROBLEM, None)
        if problem and ballot.is_open:  # that it is closed is said below, once
            st.warning(plain(problem), icon=":material/cloud_off:")
        pending = [answer for answer in answers if answer.choice is None or answer.pair in _again()]
        if ballot.is_open and pending:
            _show_pair(ballot, voter, pending[0], answers)
        else:
            _show_receipt(ballot, voter, answers)
        focus.keep()


def _show_pair(ballot: Ballot, voter: str, answer: Answer, answers: Sequence[Answer]) -> None:
    position = answers.index(answer) + 1
    with st.container(horizontal=True, vertical_alignment="center", key="question"):
        st.markdown(plain(ballot.title) or "Which one do you prefer?")
        if len(answers) > 1:
            st.caption(f"{position} of {len(answers)}", width="content")
    pictures = votes.pictures(ballot.id, answer.pair)
    first, second = pictures if answer.first is Choice.A else pictures[::-1]
    shape = "tall" if all(_aspect(picture) >= _PORTRAIT for picture in pictures) else "wide"
    with st.container(key=f"ballot-pair-{shape}"):
        for number, (column, picture) in enumerate(zip(st.columns(2), (first, second), strict=True)):
            with column, st.container(key=f"pixels-vote-{number}" if picture.is_pixel_art else f"vote-{number}"):
                st.image(picture.content, width="stretch", alt=f"{_ORDINALS[number]} picture")

    def button(label: str, said: Said, key: str) -> None:
        st.button(
            label,
            key=f"say-{said}-{answer.pair}",
            shortcut=key,
            width="stretch",
            wrap=True,
            on_click=_vote,
            args=(ballot.id, voter, answer.pair, said),
        )

    with st.container(key="ballot-buttons"), st.container(horizontal=True, gap="xsmall"):
        button("Picture 1", Said.FIRST, "1")
        button("No preference", Said.NONE, "0")
        button("Picture 2", Said.SECOND, "2")
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        _undo_button(ballot.id, voter, answers)
        st.button(
            "Skip",
            key=f"say-skip-{answer.pair}",
            type="tertiary",
            icon=":material/skip_next:",
            on_click=_vote,
            args=(ballot.id, voter, answer.pair, Said.SKIP),
        )


def _show_receipt(ballot: Ballot, voter: str, answers: Sequence[Answer]) -> None:
    given = [answer for answer in answers if answer.choice is not None]
    skipped = [answer.pair for answer in given if answer.choice is Choice.SKIP]
    if given:
        with st.container(key="question"):
            st.markdown("Thank you.")
    if not ballot.is_open:
        counts = " What you stored before counts." if given else ""
        st.info(f"This ballot is closed: it takes no more votes.{counts}", icon=":material/lock:")
    if not given:
        return
    st.markdown(f"This is what is stored of your {'answer' if len(given) == 1 else f'{len(given)} answers'}:")
    for position, answer in enumerate(given, start=1):
        assert answer.said is not None
        assert answer.answered_at is not None
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"receipt-{position}"):
            if answer.said in (Said.FIRST, Said.SECOND):
                a, b = votes.pictures(ballot.id, answer.pair)
                chosen = a if answer.choice is Choice.A else b
                with st.container(key=f"pixels-receipt-{position}", width="content"):
                    st.image(chosen.content, width=72, alt="the picture that you chose")
            st.markdown(f"**{position}.** {_SPOKEN[answer.said]}, stored {_clock(answer.answered_at)}", width="content")
    st.caption(
        "Nothing else is stored: no name, no address, only a number made for your browser, which is another one in "
        "every ballot. One vote a browser and pair counts: the latest."
    )
    if ballot.is_open:
        with st.container(horizontal=True):
            _undo_button(ballot.id, voter, answers)
            if skipped:
                label = "Answer the skipped pair" if len(skipped) == 1 else f"Answer the {len(skipped)} skipped pairs"
                st.button(label, type="tertiary", icon=":material/replay:", on_click=_again().extend, args=(skipped,))


def _undo_button(ballot_id: str, voter: str, answers: Sequence[Answer]) -> None:
    st.button(
        "Undo",
        type="tertiary",
        icon=":material/undo:",
        key="undo",
        disabled=all(answer.choice is None for answer in answers),
        help="Takes your latest answer back, here and in the store.",
        on_click=_take_back,
        args=(ballot_id, voter),
    )


def _vote(ballot_id: str, voter: str, pair: int, said: Said) -> None:
    try:
        votes.store().vote(ballot_id, voter, pair, said)
    except BallotError as error:
        st.session_state[_PROBLEM] = str(error)
    else:
        st.session_state[_AGAIN] = [other for other in _again() if other != pair]


def _take_back(ballot_id: str, voter: str) -> None:
    try:
        votes.store().take_back(ballot_id, voter)
    except BallotError as error:
        st.session_state[_PROBLEM] = str(error)


def _again() -> list[int]:
    pairs: list[int] = st.session_state.setdefault(_AGAIN, [])
    return pairs


def _aspect(picture: Picture) -> float:
    width, height = picture.size
    return height / width


def _clock(moment: datetime.datetime) -> str:
    """In the voter's own time zone, or in UTC where the browser tells none."""
    try:
        local = moment.astimezone(zoneinfo.ZoneInfo(st.context.timezone or "UTC"))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        local = moment
    return f"{local:%Y-%m-%d %H:%M:%S} ({local.tzname()})"
